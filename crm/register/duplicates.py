"""The page of doubles: pairs to decide on, those decided, and the decisions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, literal, select, union_all
from sqlalchemy.orm import aliased, joinedload

from crm.auth.queries import within
from crm.auth.rules import Actor, Permission
from crm.core import audit
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises import finding as finding_people
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.pipeline.models import Project
from crm.register import duplicate_finding as finding
from crm.register.duplicate_rules import certain
from crm.register.merge_fields import CONTACT, ENTERPRISE, MODELS, Record
from crm.register.models import DuplicatePair, MergeLog, PairState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

PAGE = 20
MOST_COUNTED = 1000
MISSING = Problem("duplicates.missing", "没有这一对重复候选，可能已经处理，或者不在您的查看范围内。")
HANGING = ("contact", "project", "touch")


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair with both records, the one that had better survive first; ``log_id`` is its merge."""

    pair: DuplicatePair
    first: Record
    second: Record
    log_id: int | None = None

    @property
    def certain(self) -> bool:
        """Whether an exact key is shared and nothing speaks against it."""
        return certain(self.pair.score, self.pair.reasons)


def kinds(actor: Actor) -> tuple[str, ...]:
    """Kinds of records whose doubles somebody may decide on."""
    allowed = [(ENTERPRISE, Permission.REGISTER_MERGE), (CONTACT, Permission.CONTACT_WRITE)]
    return tuple(kind for kind, right in allowed if actor.may(right) or actor.may(Permission.REGISTER_MERGE))


def page(session: Session, actor: Actor, kind: str, state: PairState, *, cursor: str | None) -> Page[Shown]:
    """Pairs of a kind: open ones by score, decided ones by when, the last first."""
    one, other = _sides(kind)
    statement = _visible(actor, kind, state, one, other).add_columns(one, other)
    if kind == CONTACT:
        statement = statement.options(joinedload(one.enterprise), joinedload(other.enterprise))
    if state is PairState.OPEN:
        order = [Key(DuplicatePair.score, descending=True), Key(DuplicatePair.id)]
        found = fetch_page(session, statement, order, lambda row: [row[0].score, row[0].id], cursor=cursor, size=PAGE)
    else:
        order = [Key(DuplicatePair.decided_at, descending=True), Key(DuplicatePair.id, descending=True)]
        values = lambda row: [row[0].decided_at, row[0].id]  # noqa: E731 (as the other order)
        found = fetch_page(session, statement, order, values, cursor=cursor, size=PAGE)
    logs = _logs(session, kind, [row[0] for row in found.rows]) if state is PairState.MERGED else {}
    return Page(tuple(_shown(row[0], row[1], row[2], logs) for row in found.rows), found.next, found.previous)


def counts(session: Session, actor: Actor) -> dict[tuple[str, str], int]:
    """How many pairs there are by kind and state, counted up to ``MOST_COUNTED`` each."""
    parts = []
    for kind in kinds(actor):
        for state in PairState:
            some = _visible(actor, kind, state, *_sides(kind)).with_only_columns(DuplicatePair.id).limit(MOST_COUNTED)
            parts.append(select(literal(kind), literal(state.value), func.count()).select_from(some.subquery()))
    return {(kind, state): number for kind, state, number in session.execute(union_all(*parts))} if parts else {}


def hanging(session: Session, firms: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many contacts, projects and visits hang on enterprises, in one query."""
    ids = sorted(set(firms))
    counted = {
        "contact": select(literal("contact"), Contact.enterprise_id, func.count()).where(Contact.archived_at.is_(None)),
        "project": select(literal("project"), Project.enterprise_id, func.count()).where(
            Project.confidential.is_(False)
        ),
        "touch": select(literal("touch"), Touch.enterprise_id, func.count()).where(
            Touch.voided_at.is_(None), not_secret(Touch.project_id)
        ),
    }
    columns = {"contact": Contact.enterprise_id, "project": Project.enterprise_id, "touch": Touch.enterprise_id}
    parts = [counted[name].where(columns[name].in_(ids)).group_by(columns[name]) for name in HANGING]
    found: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(HANGING, 0))
    for name, owner, number in session.execute(union_all(*parts)) if ids else ():
        found[owner][name] = number
    return {one: found[one] for one in ids}


def pair(session: Session, actor: Actor, pair_id: int, *, lock: bool = False) -> DuplicatePair:
    """Return a pair the actor may decide on; raise NotFoundError."""
    found = session.get(DuplicatePair, pair_id, with_for_update=lock)
    if found is None or found.kind not in kinds(actor):
        raise NotFoundError(MISSING)
    statement = _visible(actor, found.kind, found.state, *_sides(found.kind)).where(DuplicatePair.id == pair_id)
    if session.execute(statement).first() is None:
        raise NotFoundError(MISSING)
    return found


def shown(session: Session, actor: Actor, pair_id: int) -> Shown:
    """Return a pair with both records."""
    found = pair(session, actor, pair_id)
    model: Any = MODELS[found.kind]
    one, other = (session.get_one(model, side) for side in (found.low_id, found.high_id))
    return _shown(found, one, other, {})


def different(session: Session, actor: Actor, pair_id: int, *, now: datetime) -> DuplicatePair:
    """Say that a pair is two: it comes back only with an exact key the two do not share today."""
    found = pair(session, actor, pair_id, lock=True)
    if found.state is PairState.OPEN:
        found.state, found.decided_at, found.decided_by = PairState.DIFFERENT, now, actor.user_id or None
        _note(session, actor, found, "different", now)
    return found


def reopen(session: Session, actor: Actor, pair_id: int, *, now: datetime) -> DuplicatePair:
    """Take back that a pair is two."""
    found = pair(session, actor, pair_id, lock=True)
    if found.state is PairState.DIFFERENT:
        found.state, found.decided_at, found.decided_by = PairState.OPEN, None, None
        _note(session, actor, found, "reopened", now)
    return found


def candidates(session: Session, actor: Actor, kind: str, record_id: int) -> list[tuple[Record, Any]]:
    """Look at once for doubles of one record that the actor may see, as (record, verdict), the likeliest first."""
    side = finding.SIDES[kind]
    mine = side.load(session, [record_id])
    if not mine:
        return []
    others, crowded = side.candidates(session, mine[record_id])
    judged = {other: side.judge(mine[record_id], known, crowded) for other, known in side.load(session, others).items()}
    found = {other: verdict for other, verdict in judged.items() if verdict is not None}
    model: Any = MODELS[kind]
    statement = select(model).where(model.id.in_(found))
    if kind == CONTACT:
        statement = statement.where(_within(actor, model)).options(joinedload(Contact.enterprise))
    rows = session.scalars(statement).all() if found else ()
    ranked = sorted(((row, found[row.id]) for row in rows), key=lambda one: (-one[1].score, one[0].id))
    return ranked[:PAGE]


def open_pair(session: Session, kind: str, one: int, other: int) -> int | None:
    """Return the pair of two records that waits for a decision."""
    same = (
        DuplicatePair.kind == kind,
        DuplicatePair.low_id == min(one, other),
        DuplicatePair.high_id == max(one, other),
    )
    return session.scalar(select(DuplicatePair.id).where(*same, DuplicatePair.state == PairState.OPEN))


def people_called(session: Session, actor: Actor, query: str) -> list[Contact]:
    """Contacts that the actor may merge, found by name, post, enterprise or number."""
    ids = [hit.id for hit in finding_people.contacts(session, query, actor, PAGE, among=_mergeable)]
    statement = select(Contact).where(Contact.id.in_(ids)).options(joinedload(Contact.enterprise))
    return sorted(session.scalars(statement), key=lambda one: ids.index(one.id)) if ids else []


def _note(session: Session, actor: Actor, found: DuplicatePair, what: str, now: datetime) -> None:
    subject, detail = (found.kind, found.low_id), {"other": found.high_id}
    audit.record(session, actor.user_id or None, f"duplicates.{what}", subject, now=now, **detail)
    session.flush()


def _sides(kind: str) -> tuple[Any, Any]:
    model: Any = MODELS[kind]
    return aliased(model), aliased(model)


def _visible(actor: Actor, kind: str, state: PairState, one: Any, other: Any) -> Any:  # noqa: ANN401 (aliased models)
    """Select pairs of a kind and state that the actor may decide on; open and different ones between living records."""
    statement = (
        select(DuplicatePair)
        .join(one, one.id == DuplicatePair.low_id)
        .join(other, other.id == DuplicatePair.high_id)
        .where(DuplicatePair.kind == kind, DuplicatePair.state == state)
    )
    for side in (one, other):
        if kind == CONTACT:
            statement = statement.where(_within(actor, side), side.erased_at.is_(None))
            alive = side.archived_at.is_(None)
        else:
            statement = statement if actor.may(Permission.REGISTER_MERGE) else statement.where(false())
            alive = side.deleted_at.is_(None)
        if state is not PairState.MERGED:
            statement = statement.where(alive)
    return statement


def _mergeable(actor: Actor) -> ColumnElement[bool]:
    return _within(actor, Contact)


def _within(actor: Actor, side: Any) -> ColumnElement[bool]:  # noqa: ANN401 (an aliased model)
    """Condition: contacts that the actor may see and may change (who may merge all: those they may see)."""
    seen = within(side.unit_id, actor, Permission.CONTACT_READ)
    if actor.may(Permission.REGISTER_MERGE):
        return seen
    return and_(seen, within(side.unit_id, actor, Permission.CONTACT_WRITE))


def _shown(found: DuplicatePair, one: Any, other: Any, logs: dict[tuple[int, int], tuple[int, int]]) -> Shown:  # noqa: ANN401 (records)
    log = logs.get((found.low_id, found.high_id))
    first = one if _weight(one) >= _weight(other) else other
    if log is not None:
        first = one if one.id == log[1] else other
    return Shown(found, first, other if first is one else one, log[0] if log else None)


def _weight(row: Record) -> tuple[bool, bool, int, int]:
    """How much speaks for keeping a record: its code or number, that it is in use, how much is filled in, its age."""
    if isinstance(row, Enterprise):
        filled = (row.industry, row.region, row.website, row.stock_codes, row.registered_capital, row.profile)
        return bool(row.uscc), row.last_touch_at is not None, sum(bool(one) for one in filled), -row.id
    reach = (row.phone_key, row.email_key, row.post, row.note, row.source)
    return bool(row.phone_key), bool(row.email_key), sum(bool(one) for one in reach), -row.id


def _logs(session: Session, kind: str, pairs: Sequence[DuplicatePair]) -> dict[tuple[int, int], tuple[int, int]]:
    """Merges that stand, by pair: (log, winner)."""
    losers = [one for row in pairs for one in (row.low_id, row.high_id)]
    statement = select(MergeLog.id, MergeLog.winner_id, MergeLog.loser_id).where(MergeLog.kind == kind)
    rows = session.execute(statement.where(MergeLog.loser_id.in_(losers), MergeLog.undone_at.is_(None)))
    return {(min(row[1:]), max(row[1:])): (row.id, row.winner_id) for row in rows} if pairs else {}
