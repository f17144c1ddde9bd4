"""Gathering what the counting decision rests on, and keeping the marks it leaves.

No query per project: whatever the number of projects looked at, each kind of fact is read in one query. A rule
decides by its edition of the day a project first stood as signed, so a later edition moves nothing of before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, union_all, update

from crm.core.scheduling import SHANGHAI, local_day
from crm.core.text import fold
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import Touch
from crm.pipeline.counting.book import DEFAULTS, from_json
from crm.pipeline.counting.models import CountingEdition, CountingMark, CountingRuling
from crm.pipeline.counting.rules import ENDS, Bar, Contract, Facts, Ruling, longest_gap, verdict
from crm.pipeline.counting.words import Rule
from crm.pipeline.models import Agreement, Project, ProjectNote, StageEntry
from crm.pipeline.rules import ORDER, AgreementKind, Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.pipeline.counting.book import Book

Key = tuple[Rule, bool, int | None, datetime | None, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """The decision on one project: its reasons, the rules it was decided by, what was ruled by hand."""

    bars: tuple[Bar, ...]
    book: Book
    rulings: Mapping[Rule, Ruling]
    signed: bool


def notice(session: Session, project: Project, *, now: datetime) -> None:
    """Decide anew on one project that was changed."""
    if ORDER.index(project.stage) >= ORDER.index(Stage.PRE_SIGNING):  # no contract before, nothing is signed
        session.flush()
        look(session, [project.id], now=now)


def look(session: Session, ids: Collection[int], *, now: datetime) -> int:
    """Decide anew on projects and renew their marks; return how many changed. Before signing nothing is marked."""
    found = decide(session, ids, today=local_day(now))
    standing = select(CountingMark).where(CountingMark.project_id.in_(ids), CountingMark.lifted_at.is_(None))
    kept: dict[tuple[int, Key], CountingMark] = {
        (mark.project_id, _key_of(mark)): mark for mark in session.scalars(standing)
    }
    wanted = {(project_id, _key(bar)): bar for project_id, one in found.items() if one.signed for bar in one.bars}
    gone = [mark.id for key, mark in kept.items() if key not in wanted]
    if gone:
        session.execute(update(CountingMark).where(CountingMark.id.in_(gone)).values(lifted_at=now))
    fresh = [_row(project_id, bar, now) for (project_id, key), bar in wanted.items() if (project_id, key) not in kept]
    if fresh:
        session.execute(insert(CountingMark), fresh)
    return len({row["project_id"] for row in fresh} | {key[0] for key in kept if key not in wanted})


def decide(session: Session, ids: Collection[int], *, today: date) -> dict[int, Found]:
    """Decide on projects; one not signed yet by the rules of today, as if it were signed now."""
    editions = _editions(session)
    facts = _facts(session, ids, {word for _day, book in editions for word in book[Rule.PHASE].words})
    rulings = _rulings(session, ids)
    books = {project_id: book_on(editions, one.signed_on or today) for project_id, one in facts.items()}
    if any(book[Rule.UNREPORTED].on for book in books.values()):
        facts = _with_gaps(session, facts, today)
    return {
        project_id: Found(
            verdict(one, books[project_id], rulings.get(project_id, {})),
            books[project_id],
            rulings.get(project_id, {}),
            one.signed_on is not None,
        )
        for project_id, one in facts.items()
    }


def book_on(editions: Sequence[tuple[date, Book]], day: date) -> Book:
    """Return the rules in force on a day; ``editions`` in the order they were made, the last one begun holds."""
    begun = [(start, place) for place, (start, _book) in enumerate(editions) if start <= day]
    return editions[max(begun)[1]][1] if begun else DEFAULTS


def book_of(session: Session, day: date) -> Book:
    """Return the rules in force on a day."""
    return book_on(_editions(session), day)


def _editions(session: Session) -> list[tuple[date, Book]]:
    rows = session.execute(select(CountingEdition.effective_on, CountingEdition.rules).order_by(CountingEdition.id))
    return [(row.effective_on, from_json(row.rules)) for row in rows]


def _rulings(session: Session, ids: Collection[int]) -> dict[int, dict[Rule, Ruling]]:
    rows = select(CountingRuling).where(CountingRuling.project_id.in_(ids)).order_by(CountingRuling.id)
    found: dict[int, dict[Rule, Ruling]] = {}
    for row in session.scalars(rows):
        found.setdefault(row.project_id, {})[row.rule] = Ruling(row.counts, row.reason)
    return found


def _facts(session: Session, ids: Collection[int], phases: Collection[str]) -> dict[int, Facts]:
    contracts = _contracts(session, ids)
    rows = session.execute(
        select(
            Project.id,
            _signing().label("signed_at"),
            Project.enterprise_id,
            Project.created_at,
            Project.name,
            Project.industry,
            Project.product_line,
            Project.total_investment,
            Project.cooperation,
            Project.exit_kind,
            Project.exited_at,
            Enterprise.name.label("investor"),
            Enterprise.region_code,
        )
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .where(Project.id.in_(ids))
    ).all()
    named = {fold(word) for word in (*phases, *DEFAULTS[Rule.PHASE].words)}
    firms = {row.enterprise_id for row in rows if any(word in fold(" ".join(_texts(row))) for word in named)}
    earlier = _earlier(session, firms) if firms else {}
    found = {}
    for row in rows:
        first = min((at for at in (row.signed_at, _reported(contracts.get(row.id, ()))) if at), default=None)
        found[row.id] = Facts(
            created_on=local_day(row.created_at),
            texts=_texts(row),
            investor=row.investor,
            region_code=row.region_code or "",
            total=row.total_investment,
            cooperation=row.cooperation,
            contracts=tuple(contract for contract, _at in contracts.get(row.id, ())),
            signed_on=local_day(first) if first else None,
            earlier=_before(earlier.get(row.enterprise_id, ()), row.id, first),
            ended=(local_day(row.exited_at), row.exit_kind) if row.exit_kind in ENDS else None,
        )
    return found


def _contracts(session: Session, ids: Collection[int]) -> dict[int, list[tuple[Contract, datetime]]]:
    statement = select(Agreement).where(Agreement.project_id.in_(ids), Agreement.kind == AgreementKind.CONTRACT)
    found: dict[int, list[tuple[Contract, datetime]]] = {}
    for row in session.scalars(statement.order_by(Agreement.id)):
        contract = Contract(row.id, row.signed_on, row.amount, row.source_area)
        found.setdefault(row.project_id, []).append((contract, row.reported_at))
    return found


def _reported(contracts: Iterable[tuple[Contract, datetime]]) -> datetime | None:
    return min((at for _contract, at in contracts), default=None)


def _texts(row: Any) -> tuple[str, ...]:  # noqa: ANN401 (a row of chosen columns)
    return tuple(text for text in (row.name, row.industry, row.product_line) if text)


def _signing() -> Any:  # noqa: ANN401 (a column: when a project first stood as signed)
    return (
        select(func.min(StageEntry.at))
        .where(
            StageEntry.project_id == Project.id,
            StageEntry.to_stage == Stage.SIGNED.value,
            StageEntry.first,
            StageEntry.undone_at.is_(None),
        )
        .correlate(Project)
        .scalar_subquery()
    )


def _earlier(session: Session, firms: Collection[int]) -> dict[int, list[tuple[datetime, int, str]]]:
    """Projects of these investors with a contract, earliest first; confidential ones are not told of."""
    statement = (
        select(Project.enterprise_id, Agreement.reported_at, Project.id, Project.name)
        .join(Project, Project.id == Agreement.project_id)
        .where(
            Project.enterprise_id.in_(firms),
            Agreement.kind == AgreementKind.CONTRACT,
            Project.confidential.is_(False),
        )
        .order_by(Agreement.reported_at, Agreement.id)
    )
    found: dict[int, list[tuple[datetime, int, str]]] = {}
    for firm, at, project_id, name in session.execute(statement):
        found.setdefault(firm, []).append((at, project_id, name))
    return found


def _before(rows: Iterable[tuple[datetime, int, str]], project_id: int, first: datetime | None) -> str:
    others = (name for at, other, name in rows if other != project_id and (first is None or at < first))
    return next(others, "")


def _with_gaps(session: Session, facts: Mapping[int, Facts], today: date) -> dict[int, Facts]:
    """Add the longest time without progress between registration and signing, or today."""
    sources = (
        (Touch.project_id, Touch.occurred_at, Touch.voided_at.is_(None)),
        (ProjectNote.project_id, ProjectNote.at, ProjectNote.id.is_not(None)),
        (StageEntry.project_id, StageEntry.at, StageEntry.undone_at.is_(None)),
    )
    rows = union_all(
        *(
            select(project.label("project_id"), at.label("at")).where(project.in_(facts), holds)
            for project, at, holds in sources
        )
    )
    days: dict[int, set[date]] = {}
    for project_id, at in session.execute(rows):
        days.setdefault(project_id or 0, set()).add(local_day(at))
    found = {}
    for project_id, one in facts.items():
        end = one.signed_on or today
        inside = {day for day in days.get(project_id, ()) if one.created_on <= day <= end}
        found[project_id] = replace(one, gap=longest_gap({*inside, one.created_on, end}))
    return found


def _key(bar: Bar) -> Key:
    return bar.rule, bar.ruled, bar.agreement_id, _instant(bar.from_on), tuple(sorted(bar.params.items()))


def _key_of(mark: CountingMark) -> Key:
    return mark.rule, mark.ruled, mark.agreement_id, mark.from_at, tuple(sorted(mark.params.items()))


def _instant(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=SHANGHAI) if day else None


def _row(project_id: int, bar: Bar, now: datetime) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "agreement_id": bar.agreement_id,
        "rule": bar.rule,
        "ruled": bar.ruled,
        "params": dict(bar.params),
        "from_at": _instant(bar.from_on),
        "noted_at": now,
    }
