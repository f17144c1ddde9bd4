"""Writes on meetings: series, one meeting from planning to issued minutes, who came. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from crm.auth.models import OrgUnit, User
from crm.auth.rules import Permission
from crm.auth.services import one_at_a_time
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.fieldwork.rules import may_correct, writing_units
from crm.meetings import queries
from crm.meetings.models import Meeting, MeetingPerson
from crm.meetings.rules import MeetingDraft, MeetingState, Presence, meeting_problems
from crm.notices import services as notices
from crm.notices.rules import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "meeting"
NO_UNIT = Problem("meeting.no_unit", "您没有可开会的单位，请联系系统管理员调整编组。")
NOT_YOURS = Problem("meeting.not_yours", "会议由召集人、主持人、本组组长和招商办办理。")
STALE = Problem("meeting.version", "您打开页面之后，有人改过这次会议。您填的内容还在，请核对后再保存。")
TWICE = Problem("meeting.twice", "本单位同一天已有同名会议，请直接打开它。", "title")
EARLY = Problem("meeting.early", "还没到会议日期，不能登记已开会；提前开的请先改日期。")
CALLED = "请参加%(title)s：%(day)s %(clock)s"
OFF = "%(title)s（%(day)s %(clock)s）取消了"
NOBODY = Problem("meeting.nobody", "请至少选择一位参会人。", "members")
NO_CHAIR = Problem("meeting.chair", "没有这位同事，请重新选择。", "chair_id")
NO_ATTENDANCE = Problem(
    "meeting.attendance",
    "还没有登记谁到会；印发后没登记的都算缺席。请先在参会人里逐个登记，或者点“其余都记为到会”。",
)
NO_MINUTES = Problem("meeting.minutes", "请先写会议纪要，或者先登记议定事项，再印发。", "minutes")


def may_manage(actor: Actor, meeting: Meeting) -> bool:
    """Whether the person may prepare and record a meeting: chair, who called it, team lead, 招商办."""
    if actor.user_id in {meeting.chair_id, meeting.created_by}:
        return True
    return actor.may(Permission.TOUCH_WRITE) and may_correct(actor, meeting.created_by, meeting.unit_id)


def may_call(actor: Actor) -> bool:
    """Whether the person may call a meeting for a unit of theirs."""
    return bool(writing_units(actor))


def unit_for(actor: Actor, wanted: int | None) -> int:
    """Return the unit in whose name the person calls a meeting."""
    units = writing_units(actor)
    if not units:
        raise ForbiddenError(NO_UNIT)
    return wanted if wanted in units else units[0]


def call(session: Session, actor: Actor, draft: MeetingDraft, *, now: datetime) -> Meeting:
    """Call one meeting."""
    unit_id = unit_for(actor, draft.unit_id)
    one_at_a_time(session, actor)
    problems = meeting_problems(draft) + people_problems(session, draft.chair_id, draft.members)
    same = select(Meeting.id).where(
        Meeting.unit_id == unit_id, Meeting.title == draft.title.strip(), Meeting.held_on == draft.held_on
    )
    if session.scalar(same.limit(1)) is not None:
        problems.append(TWICE)
    if problems:
        raise DomainError(*problems)
    row = Meeting(unit_id=unit_id, state=MeetingState.PLANNED, created_by=actor.user_id, created_at=now)
    _take(row, draft)
    session.add(row)
    session.flush()
    put_people(session, row.id, draft.members)
    audit.record(session, actor.user_id, "meeting.call", (SUBJECT, row.id), now=now, title=row.title)
    _tell(session, actor, row, CALLED, now)
    return row


def change(
    session: Session, actor: Actor, meeting_id: int, draft: MeetingDraft, *, version: int, now: datetime
) -> Meeting:
    """Change a planned meeting; people taken off are struck, others keep their state."""
    row = managed(session, actor, meeting_id, MeetingState.PLANNED)
    if row.version != version:
        raise ConflictError(STALE)
    problems = meeting_problems(draft) + people_problems(session, draft.chair_id, draft.members)
    if problems:
        raise DomainError(*problems)
    before = {"title": row.title, "held_on": str(row.held_on)}
    _take(row, draft)
    gone = (MeetingPerson.meeting_id == row.id, MeetingPerson.user_id.not_in(draft.members))
    session.execute(delete(MeetingPerson).where(*gone))
    put_people(session, row.id, draft.members)
    session.flush()
    audit.record(session, actor.user_id, "meeting.change", (SUBJECT, row.id), now=now, before=before)
    return row


def cancel(session: Session, actor: Actor, meeting_id: int, reason: str, *, now: datetime) -> Meeting:
    """Cancel a planned meeting with the reason."""
    row = managed(session, actor, meeting_id, MeetingState.PLANNED)
    if not reason.strip():
        raise DomainError(Problem("meeting.cancel_reason", "请写明取消的原因，例如并入下次会议。", "reason"))
    row.state, row.cancel_reason = MeetingState.CANCELLED, reason.strip()
    session.flush()
    audit.record(session, actor.user_id, "meeting.cancel", (SUBJECT, row.id), now=now, reason=row.cancel_reason)
    _tell(session, actor, row, OFF, now)
    return row


def hold(session: Session, actor: Actor, meeting_id: int, *, now: datetime, today: date) -> Meeting:
    """Begin a meeting: it gets its number within the year, and decisions may be written down."""
    row = managed(session, actor, meeting_id, MeetingState.PLANNED)
    if row.held_on > today:
        raise DomainError(EARLY)
    session.execute(select(OrgUnit.id).where(OrgUnit.id == row.unit_id).with_for_update())
    counted = (Meeting.unit_id == row.unit_id, Meeting.kind == row.kind, Meeting.year == row.held_on.year)
    last = session.scalar(select(func.max(Meeting.number)).where(*counted)) or 0
    row.state, row.year, row.number = MeetingState.HELD, row.held_on.year, last + 1
    session.flush()
    audit.record(session, actor.user_id, "meeting.hold", (SUBJECT, row.id), now=now, number=row.number)
    return row


def write_minutes(
    session: Session, actor: Actor, meeting_id: int, minutes: str, guests: str, *, version: int, now: datetime
) -> Meeting:
    """Keep the minutes of a held meeting, and who came besides colleagues."""
    row = managed(session, actor, meeting_id, MeetingState.HELD)
    if row.version != version:
        raise ConflictError(STALE)
    row.minutes, row.guests = minutes.strip() or None, guests.strip() or None
    session.flush()
    audit.record(session, actor.user_id, "meeting.minutes", (SUBJECT, row.id), now=now)
    return row


def issue(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Issue the minutes: their text no longer changes; decisions are followed on."""
    row = managed(session, actor, meeting_id, MeetingState.HELD)
    if not row.minutes and not queries.decided(session, actor, row.id):
        raise DomainError(NO_MINUTES)
    if not _attendance_known(session, row.id):
        raise DomainError(NO_ATTENDANCE)
    row.state, row.issued_by, row.issued_at = MeetingState.ISSUED, actor.user_id, now
    absent = (MeetingPerson.meeting_id == row.id, MeetingPerson.presence == Presence.EXPECTED)
    session.execute(
        update(MeetingPerson)
        .where(*absent)
        .values(presence=Presence.ABSENT, changed_by=actor.user_id, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    audit.record(session, actor.user_id, "meeting.issue", (SUBJECT, row.id), now=now, number=row.number)
    return row


def _attendance_known(session: Session, meeting_id: int) -> bool:
    """Tell whether anybody was written down as present, or nobody is left to be."""
    states = set(session.scalars(select(MeetingPerson.presence).where(MeetingPerson.meeting_id == meeting_id)))
    return Presence.PRESENT in states or Presence.EXPECTED not in states


def set_presence(
    session: Session, actor: Actor, meeting_id: int, user_id: int, presence: Presence, *, now: datetime, today: date
) -> Presence:
    """Write down whether somebody came, with one tap; people may ask for leave themselves. Return the state before."""
    meeting = queries.get(session, actor, meeting_id, lock=True)
    own_leave = user_id == actor.user_id and presence in {Presence.LEAVE, Presence.EXPECTED}
    if not (may_manage(actor, meeting) or own_leave):
        raise ForbiddenError(NOT_YOURS)
    problems = _presence_problems(meeting, presence, today)
    if problems:
        raise DomainError(*problems)
    mine = (MeetingPerson.meeting_id == meeting.id, MeetingPerson.user_id == user_id)
    row = session.scalar(select(MeetingPerson).where(*mine))
    if row is None:
        raise NotFoundError(Problem("meeting.person", "参会名单里没有这个人，请刷新后再看。"))
    before = row.presence
    row.presence, row.changed_by, row.changed_at = presence, actor.user_id, now
    session.flush()
    return before


def all_present(session: Session, actor: Actor, meeting_id: int, *, now: datetime, today: date) -> int:
    """Mark everybody who was expected and is not yet written down as present; return how many."""
    meeting = managed(session, actor, meeting_id)
    problems = _presence_problems(meeting, Presence.PRESENT, today)
    if problems:
        raise DomainError(*problems)
    rest = (MeetingPerson.meeting_id == meeting.id, MeetingPerson.presence == Presence.EXPECTED)
    found = session.scalars(select(MeetingPerson).where(*rest)).all()
    for row in found:
        row.presence, row.changed_by, row.changed_at = Presence.PRESENT, actor.user_id, now
    session.flush()
    return len(found)


def _presence_problems(meeting: Meeting, presence: Presence, today: date) -> list[Problem]:
    if meeting.state in {MeetingState.ISSUED, MeetingState.CANCELLED}:
        return [Problem("meeting.closed", "会议已取消或纪要已印发，不能再改到会情况。")]
    if presence in {Presence.PRESENT, Presence.ABSENT} and meeting.held_on > today:
        return [Problem("meeting.presence_early", "会议还没开，只能登记请假。")]
    return []


def managed(session: Session, actor: Actor, meeting_id: int, *states: MeetingState, lock: bool = True) -> Meeting:
    """Return a meeting the person may manage in one of these states; locked until the transaction ends, to write."""
    row = queries.get(session, actor, meeting_id, lock=lock)
    if not may_manage(actor, row):
        raise ForbiddenError(NOT_YOURS)
    if states and row.state not in states:
        raise ConflictError(Problem("meeting.state", "会议的状态已经变了，请刷新后再看。"))
    return row


def people_problems(session: Session, chair_id: int | None, members: Sequence[int]) -> list[Problem]:
    """Reasons why these people cannot meet: nobody comes, or the chair is no colleague."""
    problems = [] if members else [NOBODY]
    if chair_id is not None and session.get(User, chair_id) is None:
        problems.append(NO_CHAIR)
    return problems


def put_people(session: Session, meeting_id: int, user_ids: Iterable[int]) -> None:
    """Add people who are not on the list yet; only accounts that are in use."""
    known = select(MeetingPerson.user_id).where(MeetingPerson.meeting_id == meeting_id)
    fresh = select(User.id).where(User.id.in_(set(user_ids)), User.active, User.id.not_in(known)).order_by(User.id)
    rows = [{"meeting_id": meeting_id, "user_id": one, "presence": Presence.EXPECTED} for one in session.scalars(fresh)]
    if rows:
        session.execute(insert(MeetingPerson), rows)


def _tell(session: Session, actor: Actor, row: Meeting, words: str, now: datetime) -> None:
    """Tell those who are to come, but not whoever did it."""
    coming = session.scalars(select(MeetingPerson.user_id).where(MeetingPerson.meeting_id == row.id))
    params = {"title": row.title, "day": row.held_on.isoformat(), "clock": row.starts_at}
    to = set(coming) - {actor.user_id}
    notices.tell(
        session, to, NoticeKind.MEETING, words, f"/meetings/{row.id}", (SUBJECT, row.id), now, params=params
    )  # fmt: skip


def _take(row: Meeting, draft: MeetingDraft) -> None:
    row.kind, row.title, row.held_on = draft.kind, draft.title.strip(), draft.held_on
    row.starts_at, row.place, row.chair_id = draft.starts_at, draft.place.strip() or None, draft.chair_id
