"""Writes: targets of any measure, split into parts that always sum to them, with milestones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from crm.assessment import past
from crm.assessment.goals import (
    LARGEST,
    PERIODS,
    Milestone,
    Scope,
    SplitBy,
    milestone_problems,
    part,
    split_problems,
)
from crm.assessment.measures import MEASURES
from crm.assessment.models import Target, TargetMilestone
from crm.assessment.window import Size
from crm.auth.models import OrgUnit, Roster
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

KIND = "target"
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
ABSENT = Problem("target.missing", "没有这项任务，可能已被删除。")
TAKEN = Problem("target.taken", "同样口径的任务已经下达过，请改原来那一项。")
VALUE = Problem("target.value", "任务数要大于零、不超过十亿；小数最多六位。", "value")
METRIC = Problem("target.metric", "请选择一个指标。", "metric")
BAND = Problem("target.band", "投资规模的上限要高于下限。", "high")
PERSON = Problem("target.person", "只能给该单位的在编人员下达任务。", "person")
UNIT = Problem("target.unit", "没有这个单位，请重新选择。", "unit")
PART = Problem("target.part", "这项任务是别的任务分解出来的，请到总任务页一起改。", "value")
SPLIT = Problem("target.split", "这项任务已经分解，请先撤销分解或在分解页一起改。", "value")
CHANGED = Problem("target.changed", "您打开之后有人改过这项任务，请核对后再保存。")
CLASH = Problem("split.taken", "其中有一份已经是别的任务的分解，或者自己已分解成别的数，请先理清。")
YEAR = Problem("target.year", "年份要在 2000 到 2100 之间。", "year")
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_NOTE = 200
FINEST = 6


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """What a person asks for: the scope, how much, and why."""

    scope: Scope
    value: Decimal
    note: str = ""


def scope_of(row: Target) -> Scope:
    """The scope of a stored target."""
    names = ("metric", "year", "period", "level", "unit_id", "person_id", "low", "high", "currency", "sector", "site")
    return Scope(**{name: getattr(row, name) for name in names}, size=row.size.value)


def get(session: Session, target_id: int, *, lock: bool = False) -> Target:
    """Return a target; raise NotFoundError."""
    statement = select(Target).where(Target.id == target_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def create(session: Session, actor: Actor, draft: TargetDraft, *, now: datetime) -> Target:
    """Set a target that is part of no other."""
    demand(actor)
    problems = _problems(session, draft)
    if session.scalar(select(Target.id).where(Target.slot == draft.scope.slot)) is not None:
        problems.append(TAKEN)
    if problems:
        raise DomainError(*problems)
    row = put(session, actor, draft.scope, draft.value, None, now, note=draft.note)
    audit.record(
        session, actor.user_id, "target.create", (KIND, row.id), now=now, slot=row.slot, value=f"{row.value:f}"
    )
    return row


def change(
    session: Session, actor: Actor, target_id: int, value: Decimal, note: str, *, version: int, now: datetime
) -> Target:
    """Change how much a target asks for: neither of a part nor of one that is split, whose sums would break."""
    demand(actor)
    row = get(session, target_id, lock=True)
    if row.version != version:
        raise ConflictError(CHANGED)
    problems = [] if _usable(value) else [VALUE]
    if value != row.value:
        problems += [PART] if row.parent_id is not None else []
        problems += [SPLIT] if row.split_by is not None else []
    if problems:
        raise DomainError(*problems)
    if value != row.value:
        past.keep(session, [row.id], now=now)
    before, row.value, row.note = row.value, value, note.strip()[:LONGEST_NOTE] or None
    session.flush()
    audit.record(
        session, actor.user_id, "target.change", (KIND, row.id), now=now, before=f"{before:f}", value=f"{value:f}"
    )
    return row


def decompose(
    session: Session, actor: Actor, target_id: int, by: SplitBy, parts: Mapping[str, Decimal], *, now: datetime
) -> Target:
    """Split a target along one dimension; parts that stay keep what hangs on them, if their own sum allows it."""
    demand(actor)
    row = get(session, target_id, lock=True)
    whole = scope_of(row)
    problems = split_problems(row.value, whole, by, parts)
    wanted = {} if problems else {part(whole, by, key).slot: (part(whole, by, key), parts[key]) for key in parts}
    held = {one.slot: one for one in _parts(session, row.id)}
    problems += _hanging(held, wanted) or _foreign(session, row.id, wanted)
    problems += [] if problems else _people(session, whole, by, parts)
    if problems:
        raise DomainError(*problems)
    adopted = session.scalars(select(Target).where(Target.slot.in_(wanted.keys() - held.keys())))
    held |= {one.slot: one for one in adopted}
    moved = [one.id for slot, one in held.items() if slot not in wanted or wanted[slot][1] != one.value]
    past.keep(session, moved, now=now)
    _drop(session, [one.id for slot, one in held.items() if slot not in wanted])
    for slot, (scope, value) in wanted.items():
        if (found := held.get(slot)) is None:
            put(session, actor, scope, value, row.id, now)
        else:
            found.value, found.parent_id = value, row.id
    row.split_by = by
    session.flush()
    detail = {key: f"{value:f}" for key, value in parts.items()}
    audit.record(session, actor.user_id, "target.split", (KIND, row.id), now=now, by=by.value, parts=detail)
    return row


def undo_split(session: Session, actor: Actor, target_id: int, *, now: datetime) -> Target:
    """Take the parts of a target away, and theirs."""
    demand(actor)
    row = get(session, target_id, lock=True)
    gone = [one.id for one in _parts(session, row.id)]
    past.keep(session, gone, now=now)
    _drop(session, gone)
    row.split_by = None
    session.flush()
    audit.record(session, actor.user_id, "target.unsplit", (KIND, row.id), now=now, parts=len(gone))
    return row


def remove(session: Session, actor: Actor, target_id: int, *, now: datetime) -> None:
    """Take a target back, with its parts; a part goes only with its whole."""
    demand(actor)
    row = get(session, target_id, lock=True)
    if row.parent_id is not None:
        raise DomainError(PART)
    slot, value = row.slot, f"{row.value:f}"
    past.keep(session, [row.id, *(one.id for one in _parts(session, row.id))], now=now)
    _drop(session, [row.id])
    audit.record(session, actor.user_id, "target.remove", (KIND, target_id), now=now, slot=slot, value=value)


def set_milestones(
    session: Session, actor: Actor, target_id: int, milestones: Sequence[Milestone], *, now: datetime
) -> Target:
    """Replace the milestones of a target."""
    demand(actor)
    row = get(session, target_id, lock=True)
    problems = milestone_problems(scope_of(row), milestones)
    if problems:
        raise DomainError(*problems)
    session.execute(delete(TargetMilestone).where(TargetMilestone.target_id == row.id))
    session.add_all(TargetMilestone(target_id=row.id, on=one.on, percent=one.percent) for one in milestones)
    session.flush()
    session.refresh(row)
    detail = {one.on.isoformat(): f"{one.percent:f}" for one in milestones}
    audit.record(session, actor.user_id, "target.milestones", (KIND, row.id), now=now, milestones=detail)
    return row


def put(
    session: Session,
    actor: Actor,
    scope: Scope,
    value: Decimal,
    parent_id: int | None,
    now: datetime,
    *,
    note: str = "",
) -> Target:
    """Add a target as it is; the caller has checked it and writes the audit."""
    names = ("metric", "year", "period", "level", "unit_id", "person_id", "low", "high", "currency", "sector", "site")
    row = Target(
        slot=scope.slot,
        parent_id=parent_id,
        size=Size(scope.size),
        value=value,
        note=note.strip()[:LONGEST_NOTE] or None,
        created_by=actor.user_id,
        created_at=now,
        **{name: getattr(scope, name) for name in names},
    )
    session.add(row)
    session.flush()
    return row


def demand(actor: Actor) -> None:
    """Refuse who may not set targets."""
    if not actor.may(Permission.TARGET_MANAGE):
        raise ForbiddenError(FORBIDDEN)


def _usable(value: Decimal) -> bool:
    return 0 < value <= LARGEST and value == round(value, FINEST)


def _problems(session: Session, draft: TargetDraft) -> list[Problem]:
    scope = draft.scope
    problems = [] if scope.metric in MEASURES else [METRIC]
    if not FIRST_YEAR <= scope.year <= LAST_YEAR or scope.period not in PERIODS:
        problems.append(YEAR)
    if not _usable(draft.value):
        problems.append(VALUE)
    if scope.low is not None and scope.high is not None and scope.high <= scope.low:
        problems.append(BAND)
    if scope.unit_id is not None and session.get(OrgUnit, scope.unit_id) is None:
        problems.append(UNIT)
    if scope.person_id is not None:
        problems += _strangers(session, scope, {scope.person_id})
    return problems


def _people(session: Session, whole: Scope, by: SplitBy, parts: Mapping[str, Decimal]) -> list[Problem]:
    if by is SplitBy.PERSON:
        return _strangers(session, whole, {int(key) for key in parts})
    if by is SplitBy.UNIT:
        ids = {int(key) for key in parts}
        known = session.scalar(select(func.count(OrgUnit.id)).where(OrgUnit.id.in_(ids)))
        return [] if known == len(ids) else [UNIT]
    return []


def _strangers(session: Session, scope: Scope, people: set[int]) -> list[Problem]:
    """A person's target needs the person in that unit on a day of the period."""
    start, end = scope.days
    there = Roster.unit_id == scope.unit_id, Roster.user_id.in_(people), Roster.valid_from <= end
    stays = Roster.valid_to.is_(None) | (Roster.valid_to >= start)
    known = session.scalar(select(func.count(func.distinct(Roster.user_id))).where(*there, stays))
    return [] if known == len(people) else [PERSON]


def _parts(session: Session, target_id: int) -> list[Target]:
    return list(session.scalars(select(Target).where(Target.parent_id == target_id).order_by(Target.id)))


def _hanging(held: Mapping[str, Target], wanted: Mapping[str, tuple[Scope, Decimal]]) -> list[Problem]:
    """Parts that are split themselves must keep their value."""
    broken = [one for slot, one in held.items() if one.split_by and slot in wanted and wanted[slot][1] != one.value]
    return [Problem("split.deeper", "其中有一份已经往下分解，改它的数之前请先撤销那一份的分解。")] if broken else []


def _foreign(session: Session, target_id: int, wanted: Mapping[str, tuple[Scope, Decimal]]) -> list[Problem]:
    """A part may stand already as a target of its own; not as a part of another, nor split over another sum."""
    rows = session.scalars(select(Target).where(Target.slot.in_(wanted)))
    clash = any(
        one.parent_id not in {None, target_id} or (one.split_by and wanted[one.slot][1] != one.value) for one in rows
    )
    return (
        [Problem("split.taken", "其中有一份已经是别的任务的分解，或者自己已分解成别的数，请先理清。")] if clash else []
    )


def _drop(session: Session, ids: Sequence[int]) -> None:
    """Delete targets with all their parts, the deepest first on every database."""
    level = list(ids)
    order: list[list[int]] = []
    while level:
        order.append(level)
        level = list(session.scalars(select(Target.id).where(Target.parent_id.in_(level))))
    for some in reversed(order):
        session.execute(delete(TargetMilestone).where(TargetMilestone.target_id.in_(some)))
        session.execute(delete(Target).where(Target.id.in_(some)))
    session.expire_all()
