"""Units over time: renamed, moved or closed on a day; what was before stays written and figures keep their unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from crm.auth import queries
from crm.auth.models import OrgUnit, Roster
from crm.auth.rules import UnitKind
from crm.auth.unit_models import UnitVersion
from crm.core import audit
from crm.core.errors import DomainError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ONE_DAY = timedelta(days=1)
ABSENT = Problem("unit.absent", "没有这个机构，或已经撤销。")
NAMELESS = Problem("unit.name", "请填写名称。", "name")
TAKEN = Problem("unit.taken", "已有同名机构，请换一个名称。", "name")
REASON = Problem("unit.reason", "请写明依据或原因，例如文号。", "reason")
CLOSE_REASON = Problem("unit.reason", "请写明依据或原因，例如文号。", "close_reason")
FUTURE = Problem("unit.future", "改名和划转从今天或以前的日期起生效；以后的请到那天再办。", "day")
EARLY = Problem("unit.early", "生效日期不能早于上一次变更或成立日期。", "day")
RING = Problem("unit.ring", "上级或管理单位不能是它自己或它下面的机构。", "parent")
CLOSED_EARLY = Problem("unit.closed_early", "最后一天不能早于成立或上一次变更的日期。", "last_day")
STAFFED = Problem("unit.in_use", "这一天以后还有在编人员。请选一个接收机构一并划转，或先调整编组。", "successor")
BELOW = Problem("unit.below", "下面还有没撤销的机构，请先撤销或划转它们。")
SUCCESSOR = Problem("unit.successor", "接收机构要在撤销之后还在，请重新选择。", "successor")
NOT_CLOSED = Problem("unit.not_closed", "这个机构没有撤销，不用恢复。")


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What a unit is called and where it belongs from a day on."""

    name: str
    parent_id: int | None
    managing_unit_id: int | None
    region: str | None
    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Closing:
    """The last day of a unit, why, and who takes over its people and its rows."""

    last_day: date
    reason: str
    successor_id: int | None = None


def versions(session: Session, unit_id: int) -> list[UnitVersion]:
    """What a unit was before, newest first."""
    statement = select(UnitVersion).where(UnitVersion.unit_id == unit_id).order_by(UnitVersion.valid_from.desc())
    return list(session.scalars(statement.limit(100)))


def names_on(session: Session, day: date, unit_ids: Sequence[int] | None = None) -> dict[int, str]:
    """Return what units were called on a day, closed ones too, in the office's order."""
    former = select(UnitVersion.unit_id, UnitVersion.name).where(
        UnitVersion.valid_from <= day, UnitVersion.valid_to >= day
    )
    now = select(OrgUnit.id, OrgUnit.name).order_by(OrgUnit.position, OrgUnit.id)
    if unit_ids is not None:
        former = former.where(UnitVersion.unit_id.in_(unit_ids))
        now = now.where(OrgUnit.id.in_(unit_ids))
    before = {row.unit_id: row.name for row in session.execute(former)}
    return {row.id: before.get(row.id, row.name) for row in session.execute(now)}


def office_name(session: Session, told: str = "") -> str:
    """Return what the office calls itself: what it is told to, else the name of its bureau."""
    order = (OrgUnit.kind != UnitKind.BUREAU, OrgUnit.position, OrgUnit.id)
    return told or session.scalar(select(OrgUnit.name).order_by(*order).limit(1)) or "招商局"


def unit(session: Session, unit_id: int) -> OrgUnit:
    """Return a unit, closed or not; raise NotFoundError."""
    found = session.get(OrgUnit, unit_id)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def since(session: Session, row: OrgUnit) -> date:
    """From which day on a unit is what it is now."""
    last = session.scalar(select(func.max(UnitVersion.valid_to)).where(UnitVersion.unit_id == row.id))
    return row.valid_from if last is None else last + ONE_DAY


def change(session: Session, actor: Actor, unit_id: int, wanted: UnitChange, *, now: datetime, today: date) -> OrgUnit:
    """Rename or move a unit from a day on; on the very day of its last change this corrects that change."""
    row = unit(session, unit_id)
    start = since(session, row)
    problems = _change_problems(session, row, wanted, start, today)
    if problems:
        raise DomainError(*problems)
    before = {"name": row.name, "parent": row.parent_id, "managing": row.managing_unit_id, "region": row.region}
    if wanted.day > start:
        _remember(session, actor, row, (start, wanted.day - ONE_DAY), wanted.reason, now)
    row.name, row.region = wanted.name.strip(), wanted.region
    row.parent_id, row.managing_unit_id = wanted.parent_id, wanted.managing_unit_id
    detail = {"before": before, "day": wanted.day.isoformat(), "reason": wanted.reason}
    audit.record(session, actor.user_id, "unit.change", ("unit", row.id), now=now, **detail)
    return row


def close(session: Session, actor: Actor, unit_id: int, closing: Closing, *, now: datetime) -> OrgUnit:
    """Close a unit after its last day. A successor takes its people, and reads its rows; figures keep the unit."""
    row = unit(session, unit_id)
    if row.valid_to is not None:
        raise NotFoundError(ABSENT)
    start = since(session, row)
    problems = _closing_problems(session, row, closing, start)
    if problems:
        raise DomainError(*problems)
    moved = 0
    if closing.successor_id is not None:
        moved = _hand_over(session, row.id, closing.successor_id, closing.last_day)
        _remember(session, actor, row, (start, closing.last_day), closing.reason, now)
        row.managing_unit_id = closing.successor_id
    row.valid_to = closing.last_day
    detail = {"day": closing.last_day.isoformat(), "reason": closing.reason, "successor": closing.successor_id}
    audit.record(session, actor.user_id, "unit.close", ("unit", row.id), now=now, name=row.name, people=moved, **detail)
    return row


def reopen(session: Session, actor: Actor, unit_id: int, *, now: datetime) -> OrgUnit:
    """Take a closing back: the unit goes on as if it had not been closed; its people are assigned anew by hand."""
    row = unit(session, unit_id)
    if row.valid_to is None:
        raise DomainError(NOT_CLOSED)
    before, row.valid_to = row.valid_to.isoformat(), None
    audit.record(session, actor.user_id, "unit.reopen", ("unit", row.id), now=now, before=before)
    return row


def _change_problems(session: Session, row: OrgUnit, wanted: UnitChange, start: date, today: date) -> list[Problem]:
    problems = [] if wanted.name.strip() else [NAMELESS]
    if session.scalar(select(OrgUnit.id).where(OrgUnit.name == wanted.name.strip(), OrgUnit.id != row.id)):
        problems.append(TAKEN)
    if not wanted.reason.strip():
        problems.append(REASON)
    if wanted.day > today:
        problems.append(FUTURE)
    elif wanted.day < start:
        problems.append(EARLY)
    below = queries.subtree(session).get(row.id, frozenset())
    if below & {wanted.parent_id, wanted.managing_unit_id}:
        problems.append(RING)
    return problems


def _closing_problems(session: Session, row: OrgUnit, closing: Closing, start: date) -> list[Problem]:
    problems = [] if closing.reason.strip() else [CLOSE_REASON]
    if closing.last_day < start:
        problems.append(CLOSED_EARLY)
    after = closing.last_day + ONE_DAY
    lasting = or_(OrgUnit.valid_to.is_(None), OrgUnit.valid_to > closing.last_day)
    if session.scalar(select(OrgUnit.id).where(OrgUnit.parent_id == row.id, lasting).limit(1)):
        problems.append(BELOW)
    stays = or_(Roster.valid_to.is_(None), Roster.valid_to >= after)
    staffed = session.scalar(select(Roster.id).where(Roster.unit_id == row.id, stays).limit(1))
    if closing.successor_id is None:
        return [*problems, STAFFED] if staffed else problems
    heir = session.get(OrgUnit, closing.successor_id)
    below = queries.subtree(session).get(row.id, frozenset())
    if heir is None or heir.id in below or heir.valid_from > after or (heir.valid_to and heir.valid_to < after):
        problems.append(SUCCESSOR)
    return problems


def _hand_over(session: Session, unit_id: int, successor_id: int, last_day: date) -> int:
    """Move the people of a unit to its successor from the day after on; return how many."""
    stays = or_(Roster.valid_to.is_(None), Roster.valid_to > last_day)
    rows = list(session.scalars(select(Roster).where(Roster.unit_id == unit_id, stays)))
    held = {
        (one.user_id, one.role) for one in session.scalars(select(Roster).where(Roster.unit_id == successor_id, stays))
    }
    for row in rows:
        start = max(row.valid_from, last_day + ONE_DAY)
        if (row.user_id, row.role) not in held:
            session.add(
                Roster(
                    user_id=row.user_id, unit_id=successor_id, role=row.role, valid_from=start, valid_to=row.valid_to
                )
            )
        if row.valid_from > last_day:
            session.delete(row)
        else:
            row.valid_to = last_day
    return len(rows)


def _remember(
    session: Session, actor: Actor, row: OrgUnit, days: tuple[date, date], reason: str, now: datetime
) -> None:
    session.add(
        UnitVersion(
            unit_id=row.id,
            name=row.name,
            parent_id=row.parent_id,
            managing_unit_id=row.managing_unit_id,
            region=row.region,
            valid_from=days[0],
            valid_to=days[1],
            reason=reason.strip(),
            changed_by=actor.user_id,
            changed_at=now,
        )
    )
