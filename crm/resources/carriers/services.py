"""Writes of carriers: keep one, hold a part of it, end a hold, take it off and put it back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit
from crm.core.changes import FORM
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.money import digits
from crm.core.text import fold
from crm.resources.carriers import history, queries
from crm.resources.carriers.geometry import outline_of, stamp
from crm.resources.carriers.models import Carrier, CarrierHold, CarrierReoffer
from crm.resources.carriers.rules import (
    SHORTEST_REASON,
    CarrierDraft,
    CarrierKind,
    Held,
    HoldKind,
    carrier_problems,
    hold_problems,
)

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.changes import Door

SUBJECT = "carrier"
FORBIDDEN = Problem("carrier.forbidden", "只有载体所属单位的负责人和招商办可以修改载体。")
PARK = Problem("carrier.park_of", "这个园区由别的单位管理，请联系园区所属单位或招商办放入。", "parent_id")
TAKEN = Problem("carrier.taken", "这个编号已经用过，请换一个编号。", "code")
STALE = Problem("carrier.stale", "这处载体刚刚被别人改过，请刷新后再改。")
WITHDRAWN = Problem("carrier.withdrawn", "载体已下架，不能再占用；请先恢复上架。")
IN_PARK = Problem("hold.park", "园区按地块和厂房登记占用，请到园区内的载体登记。")
NO_HOLDER = Problem("hold.holder", "请写明由谁占用：选项目、选企业，或填写名称。", "holder")
REASON = Problem("carrier.reason", "请写明原因，至少四个字。", "reason")
ENDED = Problem("hold.ended", "这条占用已经结束。")
SMALLER = "面积不能小于已占用的%(held)s，请先结束占用。"
BACKWARDS = Problem("hold.backwards", "结束日期不能早于占用开始日期。", "until_on")
TYPED = tuple(field.name for field in fields(CarrierDraft) if field.name != "outline")


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """What a person types of a hold; one of project, enterprise and name at least."""

    kind: HoldKind
    area: Decimal
    from_on: date
    until_on: date | None = None
    project_id: int | None = None
    enterprise_id: int | None = None
    holder: str = ""
    document_no: str = ""
    start_due: date | None = None


def save(  # noqa: PLR0913 (the door is one more)
    session: Session,
    actor: Actor,
    draft: CarrierDraft,
    *,
    now: datetime,
    today: date,
    carrier_id: int | None = None,
    seen: int | None = None,
    door: Door = FORM,
) -> Carrier:
    """Add a carrier or change it; ``seen`` is the version the person looked at."""
    row = _to_change(session, actor, carrier_id, seen) if carrier_id is not None else None
    if not queries.may_manage(actor, draft.unit_id):
        raise ForbiddenError(FORBIDDEN)
    parent = session.get(Carrier, draft.parent_id) if draft.parent_id is not None else None
    moved = row is None or row.parent_id != draft.parent_id
    if parent is not None and moved and not queries.may_manage(actor, parent.unit_id):
        raise ForbiddenError(PARK)
    problems = carrier_problems(draft, parent.kind if parent is not None else None)
    same = select(Carrier.id).where(Carrier.code == draft.code, Carrier.id != (carrier_id or 0))
    if draft.code and session.scalar(same) is not None:
        problems.append(TAKEN)
    if row is not None:
        problems += _still_holds(session, row, draft, today)
    if problems:
        raise DomainError(*problems)
    before, earlier = ({}, {}) if row is None else (_values(row), history.kept(row))
    if row is None:
        row = Carrier(created_by=actor.user_id, created_at=now)
    for name in TYPED:
        value = getattr(draft, name)
        setattr(row, name, list(value) if isinstance(value, tuple) else value or None if value == "" else value)
    row.listed_from = draft.listed_from or today
    if draft.outline is not None:
        row.outline = outline_of(draft.outline)
    row.folded_name, row.updated_at = fold(draft.name)[:200], now
    session.add(row)
    session.flush()
    after = _values(row)
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    history.remember(session, row, earlier, by=actor.user_id, now=now, door=door)
    event = "carrier.change" if before else "carrier.add"
    audit.record(session, actor.user_id, event, (SUBJECT, row.id), now=now, changed=changed)
    return row


def discard(session: Session, actor: Actor, row: Carrier, *, now: datetime) -> None:
    """Delete a carrier an import made and nobody used; the caller has made sure of that, and locked it."""
    if not queries.may_manage(actor, row.unit_id):
        raise ForbiddenError(FORBIDDEN)
    said = {"code": row.code, "name": row.name}
    audit.record(session, actor.user_id, "carrier.discard", (SUBJECT, row.id), now=now, **said)
    session.delete(row)
    session.flush()


def _values(row: Carrier) -> dict[str, str | None]:
    found = {name: getattr(row, name) for name in TYPED}
    found["outline"] = stamp(row.outline)
    return {name: None if value is None else str(value) for name, value in found.items()}


def _still_holds(session: Session, row: Carrier, draft: CarrierDraft, today: date) -> list[Problem]:
    """A carrier with holds keeps its kind of area, and is never smaller than what is held now or later."""
    most = queries.fullest(session, row.id, today).area
    if draft.area < most:
        return [Problem("carrier.smaller", SMALLER, "area", {"held": digits(most)})]
    if draft.kind != row.kind and queries.touching(session, row.id, date.min):
        return [Problem("carrier.kind", "已有占用记录的载体不能改类别。", "kind")]
    return []


def _to_change(session: Session, actor: Actor, carrier_id: int, seen: int | None = None) -> Carrier:
    row = queries.get(session, carrier_id, lock=True)
    if not queries.may_manage(actor, row.unit_id):
        raise ForbiddenError(FORBIDDEN)
    if seen is not None and seen != row.version:
        raise ConflictError(STALE)
    return row


def take(session: Session, actor: Actor, carrier_id: int, draft: HoldDraft, *, now: datetime) -> CarrierHold:
    """Hold a part of a carrier; what is free on every day of the hold bounds it."""
    row = _to_change(session, actor, carrier_id)
    if row.kind is CarrierKind.PARK:
        raise DomainError(IN_PARK)
    if row.withdrawn_on is not None:
        raise DomainError(WITHDRAWN)
    fullest = queries.fullest(session, row.id, draft.from_on, draft.until_on)
    problems = hold_problems(Held(draft.area, draft.from_on, draft.until_on), row.area, [fullest])
    if not (draft.project_id or draft.enterprise_id or draft.holder.strip()):
        problems.append(NO_HOLDER)
    if problems:
        raise DomainError(*problems)
    held = CarrierHold(
        carrier_id=row.id,
        kind=draft.kind,
        area=draft.area,
        from_on=draft.from_on,
        until_on=draft.until_on,
        project_id=draft.project_id,
        enterprise_id=draft.enterprise_id,
        holder=draft.holder.strip() or None,
        document_no=draft.document_no.strip() or None,
        start_due=draft.start_due,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(held)
    row.updated_at = now  # a new version: two who take the last part at once cannot both be right
    _taken_again(session, row, row.area - fullest.area - draft.area, draft.from_on)
    session.flush()
    detail = {"hold": held.id, "area": str(draft.area), "from": draft.from_on.isoformat(), "project": draft.project_id}
    audit.record(session, actor.user_id, "carrier.take", (SUBJECT, row.id), now=now, **detail)
    return held


def give_back(
    session: Session, actor: Actor, hold_id: int, *, until_on: date, reason: str, now: datetime
) -> CarrierHold:
    """End a hold on a day with the reason: the part goes back to the pool the day after."""
    held = queries.hold(session, hold_id)
    row = _to_change(session, actor, held.carrier_id)
    if held.ended_at is not None:
        raise ConflictError(ENDED)
    if len(reason.strip()) < SHORTEST_REASON:
        raise DomainError(REASON)
    if until_on < held.from_on:
        raise DomainError(BACKWARDS)
    if held.until_on is not None and until_on > held.until_on:
        raise DomainError(Problem("hold.longer", "只能提前结束；要延长请另登记一条占用。", "until_on"))
    return _end(session, row, held, Ending(until_on, reason.strip(), actor.user_id), now=now)


@dataclass(frozen=True, slots=True)
class Ending:
    """On which day a hold ends, why, and by whom."""

    on: date
    reason: str
    by: int


def _end(session: Session, row: Carrier, held: CarrierHold, how: Ending, *, now: datetime) -> CarrierHold:
    held.until_on, held.ended_at, held.ended_by, held.end_reason = how.on, now, how.by, how.reason
    row.updated_at = now
    session.flush()
    detail = {"hold": held.id, "until": how.on.isoformat(), "reason": how.reason}
    audit.record(session, how.by, "carrier.give_back", (SUBJECT, row.id), now=now, **detail)
    return held


def reoffer(session: Session, project_id: int, how: Ending, *, now: datetime) -> list[CarrierHold]:
    """End what a project holds, for a caller that has checked the right, and offer it again (二次招商).

    Free from the day after; a hold that begins later ends on its first day.
    """
    found = []
    for held in queries.running(session, project_id, how.on):
        row = queries.get(session, held.carrier_id, lock=True)
        last = max(how.on, held.from_on)
        found.append(_end(session, row, held, Ending(last, how.reason, how.by), now=now))
        again = CarrierReoffer(carrier_id=row.id, hold_id=held.id, area=held.area, on=last, by=how.by, at=now)
        session.add(again)
    session.flush()
    return found


def _taken_again(session: Session, row: Carrier, free: Decimal, day: date) -> None:
    """What is offered again is so until less than it is free."""
    again = select(CarrierReoffer).where(CarrierReoffer.carrier_id == row.id, CarrierReoffer.taken_on.is_(None))
    for one in session.scalars(again):
        if free < one.area:
            one.taken_on = day


def withdraw(session: Session, actor: Actor, carrier_id: int, *, reason: str, today: date, now: datetime) -> Carrier:
    """Take a carrier off the list; it must be free by then."""
    row = _to_change(session, actor, carrier_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise DomainError(REASON)
    if row.withdrawn_on is None:
        if queries.touching(session, row.id, today):
            raise DomainError(Problem("carrier.held", "还有占用没有结束，不能下架。"))
        row.withdrawn_on, row.withdrawn_reason, row.updated_at = today, reason.strip(), now
        session.flush()
        audit.record(session, actor.user_id, "carrier.withdraw", (SUBJECT, row.id), now=now, reason=reason.strip())
    return row


def put_back(session: Session, actor: Actor, carrier_id: int, *, now: datetime) -> Carrier:
    """Offer a carrier again."""
    row = _to_change(session, actor, carrier_id)
    if row.withdrawn_on is not None:
        row.withdrawn_on, row.withdrawn_reason, row.updated_at = None, None, now
        session.flush()
        audit.record(session, actor.user_id, "carrier.put_back", (SUBJECT, row.id), now=now)
    return row
