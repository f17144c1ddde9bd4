"""Writes on posts: open, change and close one; send people there and call them back. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import OrgUnit, User
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.fieldwork.postings import queries, rules
from crm.fieldwork.postings.models import Absence, CheckIn, Posting, StationedPost

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.postings.rules import PostDraft, PostingDraft

NO_RIGHT = Problem("post.right", "您的角色不能管理驻点，请联系招商办。")
TAKEN = Problem("post.taken", "已有同名驻点，请换一个名称。", "name")
NO_UNIT = Problem("post.unit", "请选择在册的机构。", "unit_id")
CLOSED = Problem("post.closed", "这个驻点已经撤销。")
CLOSE_REASON = Problem("post.close_reason", "请写明为什么撤，例如 并入昆山驻点。", "reason")
CLOSE_EARLY = Problem("post.close_early", "撤销日期不能早于设立日期。", "day")
STAFFED = Problem("post.staffed", "撤销日期之后还有人员安排或签到，请先改那些安排，或把撤销日期后移。", "day")
NOBODY = Problem("posting.person", "请选择在册的人员。", "user_id")
END_EARLY = Problem("posting.end_early", "结束日期不能早于开始日期。", "day")
SIGNED_LATER = Problem("posting.signed_later", "这个日期之后此人还有签到，请选不早于最后一次签到的日期。", "day")
END_REASON = Problem("posting.end_reason", "请写明去向，例如 轮岗回局。", "reason")


def open_post(session: Session, actor: Actor, draft: PostDraft, *, now: datetime, today: date) -> StationedPost:
    """Open a post from a day on."""
    _demand(actor)
    _check(session, draft, today, but=None)
    row = StationedPost(created_by=actor.user_id, created_at=now)
    _fill(row, draft)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "post.open", ("post", row.id), now=now, name=row.name)
    return row


def change_post(
    session: Session, actor: Actor, post_id: int, draft: PostDraft, *, now: datetime, today: date
) -> StationedPost:
    """Change what is written of a post; the audit keeps what it was."""
    _demand(actor)
    row = queries.post(session, actor, post_id)
    _check(session, draft, today, but=row.id)
    first = session.scalar(select(Posting.valid_from).where(Posting.post_id == row.id).order_by(Posting.valid_from))
    if first is not None and draft.opened_on > first:
        text = "已有人员从更早的日期起在这个驻点，设立日期不能晚于它。"
        raise DomainError(Problem("post.opened_late", text, "opened_on"))
    before = {"name": row.name, "region": row.region, "unit": row.unit_id, "managing": row.managing_unit_id}
    _fill(row, draft)
    audit.record(session, actor.user_id, "post.change", ("post", row.id), now=now, before=before)
    return row


def close_post(session: Session, actor: Actor, post_id: int, day: date, reason: str, *, now: datetime) -> StationedPost:
    """Close a post: ``day`` is its last. Whoever is there without an end leaves with it."""
    _demand(actor)
    row = queries.post(session, actor, post_id)
    if row.closed_on is not None:
        raise DomainError(CLOSED)
    problems = [] if reason.strip() else [CLOSE_REASON]
    if day < row.opened_on:
        problems.append(CLOSE_EARLY)
    people = list(session.scalars(select(Posting).where(Posting.post_id == row.id)))
    later = any(one.valid_from > day or (one.valid_to is not None and one.valid_to > day) for one in people)
    signed = select(CheckIn.id).where(CheckIn.posting_id.in_([one.id for one in people]), CheckIn.day > day)
    if later or session.scalar(signed.limit(1)):
        problems.append(STAFFED)
    if problems:
        raise DomainError(*problems)
    for one in people:
        if one.valid_to is None:
            one.valid_to, one.end_reason = day, reason.strip()
    row.closed_on, row.close_reason = day, reason.strip()
    audit.record(session, actor.user_id, "post.close", ("post", row.id), now=now, day=day.isoformat(), reason=reason)
    return row


def send(session: Session, actor: Actor, post_id: int, draft: PostingDraft, *, now: datetime) -> Posting:
    """Put a person on the roster of a post; nobody is at two posts full time on one day."""
    _demand(actor)
    place = queries.post(session, actor, post_id)
    person = session.get(User, draft.user_id)
    if person is None or not person.active:
        raise DomainError(NOBODY)
    others = session.scalars(select(Posting).where(Posting.user_id == draft.user_id).with_for_update())
    stays = [queries.as_stay(row) for row in others]
    problems = rules.posting_problems(draft, opened_on=place.opened_on, closed_on=place.closed_on, others=stays)
    if any(one.post_id == place.id and rules.overlaps(one, draft.valid_from, draft.valid_to) for one in stays):
        problems.append(Problem("posting.twice", "此人这段时间已在这个驻点的花名册上。", "user_id"))
    if problems:
        raise DomainError(*problems)
    row = Posting(
        post_id=place.id,
        user_id=draft.user_id,
        role=draft.role,
        rank=draft.rank,
        full_time=draft.full_time,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        set_by=actor.user_id,
        set_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor.user_id, "posting.send", ("post", place.id), now=now, user=row.user_id, role=str(row.role)
    )
    return row


def call_back(session: Session, actor: Actor, posting_id: int, day: date, reason: str, *, now: datetime) -> Posting:
    """End a posting: ``day`` is its last; absences after it go, signed days stay and refuse it."""
    _demand(actor)
    row = queries.posting(session, actor, posting_id)
    problems = [] if reason.strip() else [END_REASON]
    if day < row.valid_from:
        problems.append(END_EARLY)
    if session.scalar(select(CheckIn.id).where(CheckIn.posting_id == row.id, CheckIn.day > day).limit(1)):
        problems.append(SIGNED_LATER)
    if problems:
        raise DomainError(*problems)
    before = row.valid_to.isoformat() if row.valid_to else None
    for away in session.scalars(select(Absence).where(Absence.posting_id == row.id, Absence.to_day > day)):
        if away.from_day > day:
            session.delete(away)
        else:
            away.to_day = day
    row.valid_to, row.end_reason = day, reason.strip()
    audit.record(session, actor.user_id, "posting.end", ("post", row.post_id), now=now, user=row.user_id, before=before)
    return row


def _demand(actor: Actor) -> None:
    if not actor.may(Permission.STAFF_MANAGE):
        raise ForbiddenError(NO_RIGHT)


def _check(session: Session, draft: PostDraft, today: date, *, but: int | None) -> None:
    problems = rules.post_problems(draft, today=today)
    twin = session.scalar(select(StationedPost.id).where(StationedPost.name == draft.name.strip()))
    if twin is not None and twin != but:
        problems.append(TAKEN)
    wanted = {draft.unit_id, *([draft.managing_unit_id] if draft.managing_unit_id else [])}
    if set(session.scalars(select(OrgUnit.id).where(OrgUnit.id.in_(wanted)))) != wanted:
        problems.append(NO_UNIT)
    if problems:
        raise DomainError(*problems)


def _fill(row: StationedPost, draft: PostDraft) -> None:
    row.name, row.region, row.address = draft.name.strip(), draft.region.strip(), draft.address
    row.unit_id, row.managing_unit_id = draft.unit_id, draft.managing_unit_id
    row.opened_on, row.note = draft.opened_on, draft.note
    row.target_people, row.target_rank = draft.target_people, draft.target_rank
