"""Reads of letters: those of a project, one with its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import undefer

from crm.auth.models import User
from crm.core.errors import ConflictError, NotFoundError, Problem
from crm.delivery.letters.models import DeliveryLetter
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MISSING = Problem("letter.missing", "没有这份函件。")
BROKEN = Problem("letter.broken", "这份函件与存档时不一致，请联系系统管理员从备份恢复。")
MOST = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter and who sent it."""

    letter: DeliveryLetter
    by: str


def of_project(session: Session, project_id: int) -> list[Sent]:
    """Give the letters of a project the actor was found to see, the latest first."""
    statement = (
        select(DeliveryLetter, User.name)
        .join(User, User.id == DeliveryLetter.by)
        .where(DeliveryLetter.project_id == project_id)
        .order_by(DeliveryLetter.id.desc())
        .limit(MOST)
    )
    return [Sent(*row) for row in session.execute(statement)]


def whole(session: Session, actor: Actor, letter_id: int) -> DeliveryLetter:
    """Give a letter of a visible project with its bytes; one that is not what was filed is not given."""
    statement = (
        select(DeliveryLetter)
        .join(Project, Project.id == DeliveryLetter.project_id)
        .where(DeliveryLetter.id == letter_id, visible_to(actor))
        .options(undefer(DeliveryLetter.document))
    )
    row = session.scalar(statement)
    if row is None:
        raise NotFoundError(MISSING)
    if hashlib.sha256(row.document).hexdigest() != row.digest:
        raise ConflictError(BROKEN)
    return row
