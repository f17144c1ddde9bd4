"""Facts that stand until they end: list places, industry, region, chain roles, 四高, relations, contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, and_, column, func, or_, select, table

from crm.auth.models import OrgUnit
from crm.core import options
from crm.core.changes import FieldChange
from crm.core.text import fold
from crm.core.types import Json, UtcDateTime, Wan
from crm.enterprises.codes import industry_name
from crm.enterprises.models import Contact, Enterprise, EnterpriseRelation, ListEdition, ListEntry, TargetList
from crm.enterprises.rules import KnownThrough, RelationKind
from crm.scoring.chainfacts import targeted
from crm.scoring.facts import Fact
from crm.scoring.sources import PROJECT
from crm.scoring.span import within
from crm.signals.areas import provinces_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

PLAN = "intake.industries"  # the industries the office plans with, set on the settings of the intake
THROUGH_PEOPLE = (KnownThrough.KIN, KnownThrough.CHAMBER, KnownThrough.INTRODUCER)
HELPFUL = tuple(kind for kind in RelationKind if kind is not RelationKind.COMPETITOR)
HIGHS = {
    "intensity": ("intensity", "scale"),
    "output": ("tax", "jobs"),
    "technology": ("technology",),
    "linkage": ("industry",),
}
# The four highs (四高) and the lines of the scorecard that speak of them.
HIGH_FROM = 0.6
CASE = table("review_case", column("id", Integer), column("project_id", Integer), column("terms", Json))
LINE = table(
    "score_line",
    *(column("id", Integer), column("case_id", Integer), column("criterion", String)),
    *(column("points", Wan()), column("at", UtcDateTime)),
)
Dated = tuple[int, Fact, datetime, datetime | None]
"""Enterprise, fact, recorded at, gone at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the office looks for: (role, words) of its industries, and the provinces of its squads."""

    industries: tuple[tuple[str, tuple[str, ...]], ...] = ()
    provinces: tuple[str, ...] = ()

    def role(self, text: str) -> str | None:
        """Role of the first industry of the plan that a text names; None when there is no plan or no text."""
        if not self.industries or not text:
            return None
        folded = fold(text)
        return next((role for role, words in self.industries if any(word in folded for word in words)), "outside")


def plan(session: Session) -> Plan:
    """Read what the office has set."""
    stored = options.read(session, PLAN).get(PLAN, {}).get("list", ())
    regions = session.scalars(select(OrgUnit.region).where(OrgUnit.region.is_not(None)).order_by(OrgUnit.id))
    provinces = tuple(dict.fromkeys(name for region in regions for name in provinces_in(region or "")))
    return Plan(tuple(_industry(one) for one in stored if one.get("name")), provinces)


def _industry(stored: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    words = [fold(str(word)) for word in (stored["name"], *stored.get("words", ())) if str(word).strip()]
    return str(stored.get("role") or "lead"), tuple(words)


def standing(session: Session, ids: Sequence[int], now: datetime, fresh: Collection[int] = ()) -> list[Dated]:
    """Everything that stands, or stood once, as far as its rows still tell; of ``fresh`` ones earlier fields too."""
    return [
        *_own(session, ids, fresh),
        *_lists(session, ids, now),
        *_contacts(session, ids, now),
        *_relations(session, ids, now),
        *_projects(session, ids),
        *targeted(session, ids),
        *_highs(session, ids),
    ]


def _own(session: Session, ids: Sequence[int], fresh: Collection[int]) -> Iterator[Dated]:
    """Industry and region against what the office has set."""
    wanted = plan(session)
    names = select(
        Enterprise.id, Enterprise.industry, Enterprise.industry_code, Enterprise.region, Enterprise.created_at
    )
    role = lru_cache(maxsize=None)(wanted.role)
    before = formerly(session, fresh) if fresh else {}
    for key, industry, code, region, created in session.execute(names.where(within(Enterprise.id, ids))):
        coded = industry_name(code)
        fields = {"industry": industry or coded, "region": region}
        for field, now_is in fields.items():
            start = created
            for end, was in before.get((key, field), ()):
                yield from _field(wanted, role, key, (field, was, created), (start, end))
                start = end
            yield from _field(wanted, role, key, (field, now_is, created), (start, None), coded)


def _field(
    wanted: Plan,
    role: Callable[[str], str | None],
    key: int,
    what: tuple[str, str | None, datetime],
    known: tuple[datetime, datetime | None],
    coded: str = "",
) -> Iterator[Dated]:
    """Give the fact of one value of a field, while it was known; an industry also counts by the name of its code."""
    field, value, created = what
    if field == "region":
        found = "assigned" if value and any(value.startswith(name) for name in wanted.provinces) else None
    else:
        found = role(f"{value or ''} {coded}".strip())
    if found and (known[1] is None or known[0] < known[1]):
        yield key, Fact(field, found, key, created, words=(value or "")[:200]), *known


def formerly(session: Session, ids: Collection[int]) -> dict[tuple[int, str], list[tuple[datetime, str | None]]]:
    """Give what fields of enterprises were before, and until when, from the history of fields."""
    changed = select(FieldChange.ref_id, FieldChange.field, FieldChange.at, FieldChange.before).where(
        FieldChange.kind == "enterprise", within(FieldChange.ref_id, ids), FieldChange.field.in_(("industry", "region"))
    )
    found: dict[tuple[int, str], list[tuple[datetime, str | None]]] = {}
    for key, field, at, before in session.execute(changed.order_by(FieldChange.id)):
        found.setdefault((key, field), []).append((at, before))
    return found


def _lists(session: Session, ids: Sequence[int], now: datetime) -> Iterator[Dated]:
    """Places in every edition; an edition ends when the next one of its list is taken in."""
    editions = select(ListEdition.id, ListEdition.list_id, TargetList.key, ListEdition.year, ListEdition.imported_at)
    known = session.execute(
        editions.join(TargetList, TargetList.id == ListEdition.list_id)
        .where(ListEdition.imported_at <= now)
        .order_by(ListEdition.list_id, ListEdition.year)
    ).all()
    ends: dict[int, tuple[str, datetime, datetime, datetime | None]] = {}
    for place, (edition, list_id, name, year, imported) in enumerate(known):
        later = [row.imported_at for row in known[place + 1 :] if row.list_id == list_id]
        gone = max(min(later), imported) if later else None
        ends[edition] = (name, min(datetime(year, 1, 1, tzinfo=UTC), imported), imported, gone)
    entries = select(ListEntry.enterprise_id, ListEntry.edition_id, ListEntry.rank)
    for key, edition, rank in session.execute(
        entries.where(within(ListEntry.enterprise_id, ids)).order_by(ListEntry.id)
    ):
        if edition in ends:
            name, at, recorded, gone = ends[edition]
            yield key, Fact("list", name, edition, at, level=rank or 0), recorded, gone


def _contacts(session: Session, ids: Sequence[int], now: datetime) -> Iterator[Dated]:
    """People we may reach, those who refused, and those known through kin, a chamber or an introducer."""
    gone = func.coalesce(Contact.archived_at, Contact.erased_at)
    people = select(
        Contact.enterprise_id, Contact.id, Contact.created_at, gone, Contact.do_not_contact, Contact.known_through
    ).where(within(Contact.enterprise_id, ids), Contact.created_at <= now, Contact.merged_into_id.is_(None))
    for key, row, created, ended, blocked, through in session.execute(people.order_by(Contact.id)):
        yield key, Fact("block" if blocked else "contact", "", row, created), created, ended
        if through in THROUGH_PEOPLE:
            yield key, Fact("relation", "contact", row, created), created, ended


def _relations(session: Session, ids: Sequence[int], now: datetime) -> Iterator[Dated]:
    """Relations of either end; competitors are no help."""
    rows = session.scalars(
        select(EnterpriseRelation)
        .where(
            or_(within(EnterpriseRelation.from_id, ids), within(EnterpriseRelation.to_id, ids)),
            and_(EnterpriseRelation.kind.in_(HELPFUL), EnterpriseRelation.created_at <= now),
        )
        .order_by(EnterpriseRelation.id)
    )
    wanted = frozenset(ids)
    for row in rows:
        at = _midnight(row.since) or row.created_at
        fact = Fact("relation", row.kind.value, row.id, at, until=_midnight(row.until))
        for end in {row.from_id, row.to_id} & wanted:
            yield end, fact, row.created_at, None


def _projects(session: Session, ids: Sequence[int]) -> Iterator[Dated]:
    """What projects do for a local chain, while they are under way; confidential ones never count."""
    roles = select(PROJECT).where(
        within(PROJECT.c.enterprise_id, ids), PROJECT.c.chain_role.is_not(None), ~PROJECT.c.confidential
    )
    for row in session.execute(roles.order_by(PROJECT.c.id)):
        fact = Fact("chain", str(row.chain_role), row.id, row.created_at)
        yield row.enterprise_id, fact, row.created_at, row.exited_at


def _highs(session: Session, ids: Sequence[int]) -> Iterator[Dated]:
    """Which of the four highs a project reached in its newest review."""
    lines = (
        select(
            PROJECT.c.enterprise_id, PROJECT.c.id, CASE.c.id, CASE.c.terms, LINE.c.criterion, LINE.c.points, LINE.c.at
        )
        .join_from(LINE, CASE, CASE.c.id == LINE.c.case_id)
        .join(PROJECT, PROJECT.c.id == CASE.c.project_id)
        .where(within(PROJECT.c.enterprise_id, ids), ~PROJECT.c.confidential)
        .order_by(CASE.c.id, LINE.c.id)
    )
    cards: dict[int, dict[str, Any]] = {}
    for firm, project, case, terms, criterion, points, at in session.execute(lines):
        card = cards.get(project)
        if card is None or card["case"] != case:
            card = cards[project] = {
                "case": case,
                "firm": firm,
                "weights": dict(terms.get("weights", {})),
                "points": {},
            }
        card["points"][criterion], card["at"] = float(points), at
    for project, card in cards.items():
        for name in reached(card["points"], card["weights"]):
            yield card["firm"], Fact("high", name, project, card["at"]), card["at"], None


def reached(points: Mapping[str, float], weights: Mapping[str, float]) -> list[str]:
    """Name the highs with at least 60 of 100; one with a line missing does not count."""
    found = []
    for name, lines in HIGHS.items():
        most = sum(float(weights.get(line, 0)) for line in lines)
        known = most > 0 and all(line in points for line in lines if weights.get(line, 0))
        if known and sum(points.get(line, 0.0) for line in lines) >= HIGH_FROM * most:
            found.append(name)
    return found


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
