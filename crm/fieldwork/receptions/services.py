"""Planning receptions: the reception, visitors and hosts, the itinerary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth import queries as people
from crm.auth.models import User
from crm.auth.services import one_at_a_time
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.enterprises import queries as register
from crm.fieldwork.receptions import queries, rules
from crm.fieldwork.receptions.models import Reception, ReceptionPerson, ReceptionSlot
from crm.fieldwork.receptions.rules import ReceptionState, Side
from crm.fieldwork.rules import may_correct, writing_units
from crm.fieldwork.trips.rules import highest

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.receptions.rules import PersonDraft, ReceptionDraft, SlotDraft

NOT_YOURS = Problem("reception.not_yours", "只有登记人、主陪和陪同人员、本组组长和招商办可以修改。")
CHANGED = Problem("reception.changed", "这次接待刚刚被别人改过，请核对后再保存；您填的内容还在下面。")
DONE = Problem("reception.done", "已接待或已取消的不能再改安排；反馈可以在走访记录里更正。")
PART_ABSENT = Problem("reception.part", "这一行已不在接待安排里，请刷新页面。")


def may_change(actor: Actor, row: Reception) -> bool:
    """Whether the person may work on a reception: who planned it, its hosts, the team lead, the registrar."""
    hosts = any(one.user_id == actor.user_id for one in row.people if one.side is Side.HOST)
    return bool(writing_units(actor)) and (hosts or may_correct(actor, row.created_by, row.unit_id))


def changeable(session: Session, actor: Actor, reception_id: int) -> Reception:
    """Return a reception the person may still change."""
    row = queries.reception(session, actor, reception_id)
    if not may_change(actor, row):
        raise ForbiddenError(NOT_YOURS)
    if row.state is not ReceptionState.PLANNED:
        raise DomainError(DONE)
    return row


def plan_reception(session: Session, actor: Actor, draft: ReceptionDraft, *, now: datetime) -> Reception:
    """Plan a reception, once however often the button is tapped; whether the project may be named is checked before."""
    units = writing_units(actor)
    if not units:
        raise ForbiddenError(Problem("reception.no_unit", "您没有可登记接待的单位，请联系系统管理员调整编组。"))
    problems = rules.reception_problems(draft)
    if draft.unit_id is not None and draft.unit_id not in units:
        problems.append(Problem("reception.unit", "只能以自己所在的单位登记接待。", "unit_id"))
    if problems or draft.enterprise_id is None or draft.starts_at is None or draft.ends_at is None:
        raise DomainError(*problems)
    register.enterprise(session, draft.enterprise_id)
    one_at_a_time(session, actor)
    known = queries.twin(session, actor, draft)
    if known is not None:
        return known
    row = Reception(
        enterprise_id=draft.enterprise_id,
        unit_id=draft.unit_id or units[0],
        state=ReceptionState.PLANNED,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    _fill(row, draft)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "reception.plan", ("reception", row.id), now=now, title=row.title)
    return row


def change_reception(
    session: Session, actor: Actor, reception_id: int, draft: ReceptionDraft, *, version: int, now: datetime
) -> Reception:
    """Change what and when; items outside the new times are refused."""
    row = changeable(session, actor, reception_id)
    if row.version != version:
        raise ConflictError(CHANGED)
    problems = rules.reception_problems(draft)
    if not problems and draft.starts_at and draft.ends_at:
        outside = [slot for slot in row.slots if slot.starts_at < draft.starts_at or slot.ends_at > draft.ends_at]
        if outside:
            message = "行程里的“%(name)s”不在新的起止时间之内，请先改这一项。"
            problems = [Problem("reception.slot_outside", message, "starts_at", {"name": outside[0].title})]
    if problems or draft.enterprise_id is None or draft.starts_at is None or draft.ends_at is None:
        raise DomainError(*problems)
    register.enterprise(session, draft.enterprise_id)
    row.enterprise_id, row.starts_at, row.ends_at = draft.enterprise_id, draft.starts_at, draft.ends_at
    _fill(row, draft)
    return _changed(session, actor, row, "reception.change", now)


def _fill(row: Reception, draft: ReceptionDraft) -> None:
    row.kind, row.title, row.place = draft.kind, draft.title.strip(), draft.place
    row.purpose, row.project_id = draft.purpose, draft.project_id


def add_person(
    session: Session, actor: Actor, reception_id: int, draft: PersonDraft, *, now: datetime, today: date
) -> Reception:
    """Put down a visitor or a host."""
    row = changeable(session, actor, reception_id)
    problems = rules.person_problems(draft)
    if draft.user_id is not None:
        if draft.user_id in {one.user_id for one in row.people}:
            problems.append(Problem("person.twice", "这位同事已在名单里。", "user_id"))
        elif draft.user_id not in {one.id for one in people.colleagues(session, None, today)}:
            problems.append(Problem("person.absent", "没有这位同事，请重新选择。", "user_id"))
    if draft.contact_id is not None:
        known = {one.id for one in register.contacts_of(session, actor, row.enterprise_id)}
        if draft.contact_id not in known:
            problems.append(Problem("person.contact", "所选联系人不属于这家企业，请重新选择。", "contact_id"))
        elif draft.contact_id in {one.contact_id for one in row.people}:
            problems.append(Problem("person.twice", "这位客人已在名单里。", "contact_id"))
    if len(row.people) >= rules.MOST_PEOPLE:
        problems.append(Problem("person.many", "名单最多60行；同一类人可以只写人数。"))
    if problems:
        raise DomainError(*problems)
    known_person = draft.user_id is not None or draft.contact_id is not None
    row.people.append(
        ReceptionPerson(
            side=draft.side,
            role=draft.role,
            user_id=draft.user_id,
            contact_id=draft.contact_id,
            name=None if known_person else draft.name.strip() or None,
            post=draft.post,
            level=draft.level,
            heads=draft.heads,
        )
    )
    return _changed(session, actor, row, "reception.person", now)


def remove_person(session: Session, actor: Actor, reception_id: int, person_id: int, *, now: datetime) -> Reception:
    """Take somebody off the list."""
    row = changeable(session, actor, reception_id)
    person = next((one for one in row.people if one.id == person_id), None)
    if person is None:
        raise NotFoundError(PART_ABSENT)
    row.people.remove(person)
    session.delete(person)
    return _changed(session, actor, row, "reception.person_out", now)


def save_slot(
    session: Session,
    actor: Actor,
    reception_id: int,
    slot_id: int | None,
    draft: SlotDraft,
    *,
    now: datetime,
) -> ReceptionSlot:
    """Add an item to the itinerary, or change one; two at the same time are refused."""
    row = changeable(session, actor, reception_id)
    problems = rules.slot_problems(draft, row.starts_at, row.ends_at)
    if not problems and draft.starts_at and draft.ends_at:
        span = (draft.starts_at, draft.ends_at)
        clash = [one for one in row.slots if one.id != slot_id and rules.overlaps(span, (one.starts_at, one.ends_at))]
        if clash:
            message = "这段时间已安排了“%(name)s”，请错开时间。"
            problems.append(Problem("slot.clash", message, "starts_at", {"name": clash[0].title}))
    if draft.user_id is not None and not _is_here(session, draft.user_id):
        problems.append(Problem("slot.keeper", "没有这位同事，请重新选择。", "user_id"))
    if slot_id is None and len(row.slots) >= rules.MOST_SLOTS:
        problems.append(Problem("slot.many", "一次接待最多80项行程。"))
    if problems or draft.starts_at is None or draft.ends_at is None:
        raise DomainError(*problems)
    slot = ReceptionSlot() if slot_id is None else slot_of(row, slot_id)
    slot.starts_at, slot.ends_at, slot.kind = draft.starts_at, draft.ends_at, draft.kind
    slot.title, slot.place, slot.user_id = draft.title.strip(), draft.place, draft.user_id
    slot.responsible = None if draft.user_id is not None else draft.responsible.strip() or None
    if slot_id is None:
        row.slots.append(slot)
    _changed(session, actor, row, "reception.slot", now)
    return slot


def _is_here(session: Session, user_id: int) -> bool:
    person = session.get(User, user_id)
    return person is not None and person.active


def remove_slot(session: Session, actor: Actor, reception_id: int, slot_id: int, *, now: datetime) -> Reception:
    """Take an item out of the itinerary."""
    row = changeable(session, actor, reception_id)
    slot = slot_of(row, slot_id)
    row.slots.remove(slot)
    session.delete(slot)
    return _changed(session, actor, row, "reception.slot_out", now)


def slot_of(row: Reception, slot_id: int) -> ReceptionSlot:
    """Return an item of the itinerary; raise NotFoundError."""
    slot = next((one for one in row.slots if one.id == slot_id), None)
    if slot is None:
        raise NotFoundError(PART_ABSENT)
    return slot


def cancel(session: Session, actor: Actor, reception_id: int, *, now: datetime) -> Reception:
    """Call a reception off; it can be planned again."""
    row = changeable(session, actor, reception_id)
    row.state = ReceptionState.CANCELLED
    return _changed(session, actor, row, "reception.cancel", now)


def resume(session: Session, actor: Actor, reception_id: int, *, now: datetime) -> Reception:
    """Plan a cancelled reception again."""
    row = queries.reception(session, actor, reception_id)
    if not may_change(actor, row):
        raise ForbiddenError(NOT_YOURS)
    if row.state is ReceptionState.CANCELLED:
        row.state = ReceptionState.PLANNED
        _changed(session, actor, row, "reception.resume", now)
    return row


def _changed(session: Session, actor: Actor, row: Reception, action: str, now: datetime) -> Reception:
    """Keep what follows from the hosts, and write down who changed the reception."""
    row.leader_level = highest(one.level for one in row.people if one.side is Side.HOST)
    row.updated_at = now
    audit.record(session, actor.user_id, action, ("reception", row.id), now=now)
    session.flush()
    return row
