"""What members of the review board do: declare a conflict, vote; and who is on the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import User
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.pipeline.admission import queries
from crm.pipeline.admission.models import BoardMember, BoardRecusal, BoardVote
from crm.pipeline.admission.rules import Ballot
from crm.pipeline.admission.services import KIND, NO_CASE

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.admission.models import ReviewCase
    from crm.pipeline.models import Project


def recuse(session: Session, actor: Actor, project_id: int, reason: str, *, now: datetime, today: date) -> BoardRecusal:
    """Declare a conflict of interest in the running case; a member who voted cannot undo the vote this way."""
    project, case, seat = _seated(session, actor, project_id, today)
    if not reason.strip():
        raise DomainError(Problem("recuse.reason", "请写明回避的理由。", "recuse_reason"))
    if seat.conflict == "declared":
        raise ConflictError(Problem("recuse.again", "您已经申请回避。"))
    if any(vote.user_id == actor.user_id and vote.sitting == case.sitting for vote in queries.votes(session, case.id)):
        raise ConflictError(Problem("recuse.voted", "您已经表决，不能再申请回避。"))
    row = BoardRecusal(case_id=case.id, user_id=actor.user_id, reason=reason.strip(), at=now)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "case.recuse", (KIND, case.id), now=now, project=project.id)
    return row


def vote(
    session: Session,
    actor: Actor,
    project_id: int,
    ballot: Ballot | None,
    reason: str,
    *,
    now: datetime,
    today: date,
) -> BoardVote:
    """Vote as a member of the board, once a sitting, without any conflict of interest."""
    project, case, seat = _seated(session, actor, project_id, today)
    if seat.conflict:
        raise ForbiddenError(Problem("vote.conflict", "您与本项目有利害关系，须回避，不能表决。"))
    if ballot is None:
        raise DomainError(Problem("vote.ballot", "请选择同意、不同意或弃权。", "ballot"))
    if ballot is not Ballot.AGREE and not reason.strip():
        raise DomainError(Problem("vote.reason", "不同意或弃权须写明理由。", "reason"))
    if any(row.user_id == actor.user_id and row.sitting == case.sitting for row in queries.votes(session, case.id)):
        raise ConflictError(Problem("vote.again", "您已经表决，一人一票，不能更改。"))
    facts = {"case_id": case.id, "sitting": case.sitting, "user_id": actor.user_id}
    row = BoardVote(**facts, ballot=ballot, reason=reason.strip() or None, at=now)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "case.vote", (KIND, case.id), now=now, project=project.id, ballot=str(ballot))
    return row


def appoint(
    session: Session, actor: Actor, user_id: int, *, chair: bool, valid_from: date, now: datetime
) -> BoardMember:
    """Put a person on the board from a day on."""
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise DomainError(Problem("member.user", "请选择一位在用的人员。", "user_id"))
    seated = select(BoardMember.id).where(
        BoardMember.user_id == user_id, (BoardMember.valid_to.is_(None)) | (BoardMember.valid_to >= valid_from)
    )
    if session.scalar(seated.limit(1)) is not None:
        raise ConflictError(Problem("member.seated", "这位已经是委员。"))
    row = BoardMember(user_id=user_id, chair=chair, valid_from=valid_from, added_by=actor.user_id, added_at=now)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "board.appoint", ("board_member", row.id), now=now, user=user_id, chair=chair)
    return row


def dismiss(session: Session, actor: Actor, member_id: int, *, now: datetime, today: date) -> BoardMember:
    """End a membership today; votes already given stay."""
    row = session.scalar(select(BoardMember).where(BoardMember.id == member_id).with_for_update())
    if row is None:
        raise NotFoundError(Problem("member.absent", "没有这位委员。"))
    row.valid_to = max(row.valid_from, today)
    session.flush()
    audit.record(session, actor.user_id, "board.dismiss", ("board_member", row.id), now=now, user=row.user_id)
    return row


def _seated(session: Session, actor: Actor, project_id: int, today: date) -> tuple[Project, ReviewCase, queries.Seat]:
    project = queries.get_project(session, actor, project_id)
    case = queries.open_case(session, project.id, lock=True)
    if case is None:
        raise ConflictError(NO_CASE)
    for seat in queries.seats(session, project, case.id, today):
        if seat.user_id == actor.user_id:
            return project, case, seat
    raise ForbiddenError(Problem("vote.member", "只有评估委员会委员能表决。"))
