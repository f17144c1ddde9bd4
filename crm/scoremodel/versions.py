"""Reads of the versions of the table: the one in force, the experts' last one, the fitted one, all of them in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from crm.core.audit import AuditEvent
from crm.core.errors import NotFoundError
from crm.enterprises.models import Enterprise
from crm.scoremodel.services import DECIDED, MISSING, SUBJECT
from crm.scoring.models import ModelKind, ModelState, ScoreModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

PAGE = 20
MOST_EVENTS = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of versions and how many there are."""

    rows: Sequence[ScoreModel]
    number: int
    total: int

    @property
    def more(self) -> bool:
        """Whether there are further pages."""
        return self.number * PAGE < self.total


def in_force(session: Session) -> ScoreModel | None:
    """The version in force; None in an office that never scored."""
    return session.scalar(select(ScoreModel).where(ScoreModel.state == ModelState.LIVE))


def last_expert(session: Session) -> ScoreModel:
    """The experts' table to compare with: the one in force, or the last one that was."""
    found = last_expert_or_none(session)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def last_expert_or_none(session: Session) -> ScoreModel | None:
    """The same; None in an office that never scored."""
    wanted = select(ScoreModel).where(ScoreModel.kind == ModelKind.EXPERT, ScoreModel.state != ModelState.DRAFT)
    return session.scalar(wanted.order_by(ScoreModel.published_at.desc(), ScoreModel.id.desc()).limit(1))


def fitted(session: Session) -> ScoreModel | None:
    """The newest fitted version, published or not."""
    wanted = select(ScoreModel).where(ScoreModel.kind == ModelKind.FITTED)
    return session.scalar(wanted.order_by(ScoreModel.id.desc()).limit(1))


def page(session: Session, number: int) -> Page:
    """Versions: those not published first, then the one in force, then the newest."""
    total = session.scalar(select(func.count()).select_from(ScoreModel)) or 0
    rank = case((ScoreModel.state == ModelState.LIVE, 0), (ScoreModel.state == ModelState.DRAFT, 1), else_=2)
    rows = select(ScoreModel).order_by(rank, ScoreModel.published_at.desc(), ScoreModel.id.desc())
    number = max(1, min(number, -(-total // PAGE) or 1))
    return Page(session.scalars(rows.limit(PAGE).offset((number - 1) * PAGE)).all(), number, total)


def decisions(session: Session, model_id: int | None = None) -> Sequence[AuditEvent]:
    """Who put which version in force when and why, the newest first."""
    wanted = select(AuditEvent).where(AuditEvent.action == DECIDED, AuditEvent.subject_type == SUBJECT)
    if model_id is not None:
        wanted = wanted.where(AuditEvent.subject_id == model_id)
    return session.scalars(wanted.order_by(AuditEvent.id.desc()).limit(MOST_EVENTS)).all()


def firm_names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Names of enterprises, which are open to all who may read them."""
    rows = session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(ids)))
    return {row.id: row.name for row in rows}
