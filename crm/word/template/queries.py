"""Which template holds for a kind of paper, and its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.word.template.models import OfficeTemplate

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def active(session: Session, kind: str) -> OfficeTemplate | None:
    """The office's own template that is in use; none while the built-in holds."""
    return session.scalar(select(OfficeTemplate).where(OfficeTemplate.kind == kind, OfficeTemplate.active))


def actives(session: Session) -> dict[str, OfficeTemplate]:
    """The templates in use by kind."""
    return {row.kind: row for row in session.scalars(select(OfficeTemplate).where(OfficeTemplate.active))}


def version(session: Session, kind: str, number: int) -> OfficeTemplate | None:
    """One version of a kind."""
    return session.scalar(select(OfficeTemplate).where(OfficeTemplate.kind == kind, OfficeTemplate.number == number))


def count(session: Session, kind: str) -> int:
    """How many versions a kind has, which is the last number given."""
    statement = select(func.max(OfficeTemplate.number)).where(OfficeTemplate.kind == kind)
    return session.scalar(statement) or 0


def content(session: Session, template_id: int | None) -> bytes | None:
    """The file of a version; none for the built-in."""
    if template_id is None:
        return None
    return session.scalar(select(OfficeTemplate.content).where(OfficeTemplate.id == template_id))
