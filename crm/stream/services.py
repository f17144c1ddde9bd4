"""Say something in a stream, change or take back one's own words, pin a line to the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project
from crm.stream import queries
from crm.stream.models import StreamComment, StreamMention, StreamPin
from crm.stream.rules import MOST_PINS, body_problems, called, labels
from crm.stream.subject import everybody, hearers

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.stream.subject import Subject

SUBJECT = "stream_comment"
NOT_YOURS = Problem("comment.author", "只有写评论的人能修改或删除它。")
NO_PIN = Problem("pin.forbidden", "您的角色不能在这里置顶。")
FULL = Problem("pin.full", "最多置顶5条，请先取消一条。")
TOLD = "%(who)s在“%(where)s”的动态里提到了您。"


def say(
    session: Session,
    actor: Actor,
    about: Subject,
    body: str,
    *,
    quotes: tuple[str, int] | None = None,
    now: datetime,
    today: date,
) -> StreamComment:
    """Add a comment on a subject the person may see; those it calls are told.

    Raises:
        DomainError: the text is empty or too long, or calls somebody who may not see the subject.

    """
    body = body.strip()
    heard = _heard(session, about, body, today)
    if quotes is not None:
        queries.find(session, actor, about, quotes)
    enterprise_id, project_id = about.key
    row = StreamComment(
        enterprise_id=enterprise_id,
        project_id=project_id,
        by=actor.user_id,
        at=now,
        body=body,
        quotes_kind=quotes[0] if quotes else None,
        quotes_id=quotes[1] if quotes else None,
    )
    session.add(row)
    session.flush()
    _call(session, actor, about, row, heard, now)
    audit.record(session, actor.user_id, "comment.add", (SUBJECT, row.id), now=now)
    return row


def rewrite(session: Session, actor: Actor, comment_id: int, body: str, *, now: datetime, today: date) -> StreamComment:
    """Change one's own comment; it is marked, and those newly called are told."""
    row, about = own(session, actor, comment_id)
    body = body.strip()
    heard = _heard(session, about, body, today)
    if body == row.body:
        return row
    audit.record(session, actor.user_id, "comment.edit", (SUBJECT, row.id), now=now, before=row.body)
    row.body, row.edited_at = body, now
    _call(session, actor, about, row, heard, now)
    return row


def own(session: Session, actor: Actor, comment_id: int) -> tuple[StreamComment, Subject]:
    """Return one's own comment, to be changed; a deleted one is not found."""
    row, about = _own(session, actor, comment_id)
    if row.deleted_at is not None:
        raise NotFoundError(queries.ABSENT)
    return row, about


def take_back(session: Session, actor: Actor, comment_id: int, *, now: datetime) -> tuple[StreamComment, Subject]:
    """Delete one's own comment; it is kept, unseen, and can be put back."""
    row, about = _own(session, actor, comment_id)
    row.deleted_at = row.deleted_at or now
    audit.record(session, actor.user_id, "comment.delete", (SUBJECT, row.id), now=now)
    return row, about


def put_back(session: Session, actor: Actor, comment_id: int, *, now: datetime) -> tuple[StreamComment, Subject]:
    """Take a deletion back."""
    row, about = _own(session, actor, comment_id)
    row.deleted_at = None
    audit.record(session, actor.user_id, "comment.restore", (SUBJECT, row.id), now=now)
    return row, about


def may_pin(actor: Actor, about: Subject) -> bool:
    """Whether the person may pin lines: who may change the record."""
    if about.project is not None:
        return actor.reaches(Permission.PROJECT_WRITE, about.project.unit_id)
    return actor.may(Permission.ENTERPRISE_WRITE)


def pin(session: Session, actor: Actor, about: Subject, ref: tuple[str, int], *, now: datetime) -> None:
    """Put a line on top of the stream."""
    if not may_pin(actor, about):
        raise ForbiddenError(NO_PIN)
    queries.find(session, actor, about, ref)
    if queries.pin_of(session, about, ref):
        return
    if queries.count_pins(session, about) >= MOST_PINS:
        raise DomainError(FULL)
    enterprise_id, project_id = about.key
    session.add(
        StreamPin(
            enterprise_id=enterprise_id, project_id=project_id, kind=ref[0], item_id=ref[1], by=actor.user_id, at=now
        )
    )


def unpin(session: Session, actor: Actor, about: Subject, ref: tuple[str, int]) -> None:
    """Take a line from the top."""
    if not may_pin(actor, about):
        raise ForbiddenError(NO_PIN)
    found = queries.pin_of(session, about, ref)
    if found is not None:
        session.delete(found)


def _own(session: Session, actor: Actor, comment_id: int) -> tuple[StreamComment, Subject]:
    row, about = queries.comment(session, actor, comment_id)
    if row.by != actor.user_id:
        raise ForbiddenError(NOT_YOURS)
    return row, about


def _heard(session: Session, about: Subject, body: str, today: date) -> frozenset[int]:
    """Check a text; return whom it calls."""
    problems = body_problems(body)
    if problems:
        raise DomainError(*problems)
    if "@" not in body and "＠" not in body:
        return frozenset()
    heard = called(body, labels(hearers(session, about, today)), everybody(session, today))
    blind = [] if about.project is None else _blind(session, about.project, heard.ids, today)
    if heard.problems or blind:
        raise DomainError(*heard.problems, *blind)
    return heard.ids


def _blind(session: Session, project: Project, ids: frozenset[int], today: date) -> list[Problem]:
    """Ask the conditions of the rows themselves once more: nobody is told of a project they may not see."""
    problems = []
    for user in session.scalars(select(User).where(User.id.in_(ids))):
        sees = pipeline.visible_to(people.actor_for(session, user, today))
        if session.scalar(select(Project.id).where(Project.id == project.id, sees)) is None:
            text = "“%(name)s”看不到这里的内容，不能提醒；请去掉“@”，或先请负责人给查看权限。"
            problems.append(Problem("mention.blind", text, "body", {"name": user.name}))
    return problems


def _call(
    session: Session, actor: Actor, about: Subject, row: StreamComment, heard: frozenset[int], now: datetime
) -> None:
    """Keep whom a comment calls; tell those who were not called before."""
    before = set(session.scalars(select(StreamMention.user_id).where(StreamMention.comment_id == row.id)))
    new = heard - before
    session.add_all(StreamMention(comment_id=row.id, user_id=user_id) for user_id in sorted(new))
    others = new - {actor.user_id}
    if not others:
        return
    where = about.project.name if about.project else about.enterprise.name if about.enterprise else ""
    tell(
        session,
        others,
        NoticeKind.MENTION,
        TOLD,
        f"{about.href}#comment-{row.id}",
        (SUBJECT, row.id),
        now,
        params={"who": actor.name, "where": where},
        project_id=about.project.id if about.project else None,
    )
