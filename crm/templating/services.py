"""Writes of templates: a version is kept only when it passes the check; one is put to use, or the built-in is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.templating import kept
from crm.word.template import queries
from crm.word.template.models import OfficeTemplate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.templating.kinds import Kind
    from crm.word.template.faults import Fault

NAME_LENGTH = 200
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
MISSING = Problem("template.missing", "没有这一版模板。")
FAULTY = Problem("template.faulty", "模板没有采用，请按下面列出的问题改好后再上传。", "file")
OUTDATED = Problem("template.outdated", "这一版现在通不过检查，不能启用。请下载它，按列出的问题改好后另传一版。")
SAME = Problem("template.same", "这个文件和第%(number)s版一样，没有重复保存。", "file")


class FaultyError(DomainError):
    """A template that cannot be used; ``faults`` say why."""

    def __init__(self, problem: Problem, faults: Sequence[Fault]) -> None:
        """Keep what is wrong."""
        super().__init__(problem)
        self.faults = tuple(faults)


def upload(session: Session, actor: Actor, kind: Kind, name: str, data: bytes, *, now: datetime) -> OfficeTemplate:
    """Keep a new version that passes the check; it is not in use yet."""
    _demand(actor)
    if faults := kind.faults(data):
        raise FaultyError(FAULTY, faults)
    _hold(session, kind)
    number = queries.count(session, kind.key)
    if number:
        last = queries.version(session, kind.key, number)
        if last is not None and last.content == data:
            raise DomainError(Problem(SAME.key, SAME.message, SAME.field, {"number": number}))
    row = OfficeTemplate(
        kind=kind.key, number=number + 1, name=name[-NAME_LENGTH:], size=len(data), content=data, active=False,
        uploaded_by=actor.user_id, uploaded_at=now, checked=kept.put_down(kind, kind.departures(data)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, actor, "template.upload", kind, row, now)
    return row


def activate(session: Session, actor: Actor, kind: Kind, number: int, *, now: datetime) -> OfficeTemplate:
    """Put a version to use, a new one or one from before, once it passes the check of today."""
    _demand(actor)
    row = get(session, kind, number)
    if faults := kind.faults(row.content):
        raise FaultyError(OUTDATED, faults)
    _hold(session, kind)
    session.refresh(row, ["active"])
    if not row.active:
        _put_away(session, kind)
        row.active, row.checked = True, kept.put_down(kind, kind.departures(row.content))
        session.flush()
        _record(session, actor, "template.activate", kind, row, now)
    return row


def use_builtin(session: Session, actor: Actor, kind: Kind, *, now: datetime) -> None:
    """Go back to the built-in template."""
    _demand(actor)
    _hold(session, kind)
    if _put_away(session, kind):
        _record(session, actor, "template.builtin", kind, None, now)


def get(session: Session, kind: Kind, number: int) -> OfficeTemplate:
    """One version, or not found."""
    row = queries.version(session, kind.key, number)
    if row is None:
        raise NotFoundError(MISSING)
    return row


def _demand(actor: Actor) -> None:
    if not actor.may(Permission.REPORT_BUILD):
        raise ForbiddenError(FORBIDDEN)


def _hold(session: Session, kind: Kind) -> None:
    """Let nobody else change the templates of this kind until we are done."""
    session.execute(select(OfficeTemplate.id).where(OfficeTemplate.kind == kind.key).with_for_update())


def _put_away(session: Session, kind: Kind) -> bool:
    row = queries.active(session, kind.key)
    if row is not None:
        row.active = False
        session.flush()
    return row is not None


def _record(session: Session, actor: Actor, verb: str, kind: Kind, row: OfficeTemplate | None, now: datetime) -> None:
    subject = ("office_template", row.id if row else None)
    audit.record(session, actor.user_id, verb, subject, now=now, kind=kind.key, number=row.number if row else None)
