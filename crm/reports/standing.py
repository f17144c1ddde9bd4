"""Where projects stood at a cut-off, and since when nothing had happened; in the database, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, cast, func, literal, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from crm.core.types import UtcDateTime
from crm.fieldwork.models import Touch
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import IDLE_DAYS, STAGE_LABELS, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CTE, ColumnElement, Select
    from sqlalchemy.orm import Session

    Only = Sequence[int] | Select[Any] | None

IN_TALK = (Stage.VISITING, Stage.INSPECTING, Stage.REVIEWING, Stage.PRE_SIGNING)
ONE_DAY, SECONDS = timedelta(days=1), 86_400


@dataclass(frozen=True, slots=True)
class Talk:
    """A project as it stood at the cut-off."""

    project: Project
    stage: Stage
    since: datetime
    idle_days: int

    @property
    def stage_label(self) -> str:
        """Chinese name of the stage it stood at."""
        return STAGE_LABELS[self.stage]


def on_postgresql(session: Session) -> bool:
    """Whether the database speaks PostgreSQL's dialect."""
    return session.get_bind().dialect.name == "postgresql"


def standing(session: Session, cutoff: datetime, only: Only = None) -> CTE:
    """Projects on their road at the cut-off: stage, since when, and the last thing that happened; all or these."""
    entered = select(StageEntry.project_id, func.max(StageEntry.id).label("entry_id")).where(StageEntry.at <= cutoff)
    touched = select(Touch.project_id, func.max(Touch.occurred_at).label("at")).where(
        Touch.project_id.is_not(None),
        Touch.recorded_at <= cutoff,
        or_(Touch.voided_at.is_(None), Touch.voided_at > cutoff),
    )
    if only is not None:
        entered, touched = entered.where(StageEntry.project_id.in_(only)), touched.where(Touch.project_id.in_(only))
    latest, dealt = entered.group_by(StageEntry.project_id).subquery(), touched.group_by(Touch.project_id).subquery()
    since = func.coalesce(StageEntry.since, StageEntry.at)  # an undo gives the days before the mistake back
    later = func.greatest if on_postgresql(session) else func.max
    last = type_coerce(later(since, func.coalesce(dealt.c.at, since)), UtcDateTime())
    return (
        select(Project.id, StageEntry.to_stage.label("stage"), since.label("since"), last.label("last"))
        .join(latest, latest.c.project_id == Project.id)
        .join(StageEntry, StageEntry.id == latest.c.entry_id)
        .outerjoin(dealt, dealt.c.project_id == Project.id)
        .where(or_(Project.exited_at.is_(None), Project.exited_at > cutoff), Project.confidential.is_(False))
        .cte("standing")
    )


def idle_days(session: Session, stood: CTE, cutoff: datetime) -> ColumnElement[int]:
    """Whole days without progress at the cut-off."""
    end = literal(cutoff, UtcDateTime())
    if on_postgresql(session):
        return cast(func.floor(func.extract("epoch", end - stood.c.last) / SECONDS), Integer())
    start, stop = (cast(func.strftime("%s", one), Integer()) for one in (stood.c.last, end))
    return (stop - start) // SECONDS


def in_talks(stood: CTE) -> ColumnElement[bool]:
    """Condition: in talks (在谈)."""
    return stood.c.stage.in_([stage.value for stage in IN_TALK])


def stalls(stood: CTE, cutoff: datetime) -> ColumnElement[bool]:
    """Condition: without progress for more days than the stage allows (停滞)."""
    return or_(
        *(
            and_(
                stood.c.stage == stage.value, stood.c.last <= literal(cutoff - timedelta(days=days + 1), UtcDateTime())
            )
            for stage, days in IDLE_DAYS.items()
        )
    )


def talks(session: Session, cutoff: datetime, only: Only = None) -> list[Talk]:
    """Projects as they stood at the cut-off, longest in their stage first; all or these."""
    stood = standing(session, cutoff, only)
    statement = (
        select(Project, stood.c.stage, stood.c.since, idle_days(session, stood, cutoff))
        .join(stood, stood.c.id == Project.id)
        .options(joinedload(Project.unit), joinedload(Project.enterprise), joinedload(Project.owner))
        .order_by(stood.c.since, Project.id)
    )
    return [
        Talk(project, Stage(stage), since, days) for project, stage, since, days in session.execute(statement).all()
    ]


def in_talk(session: Session, cutoff: datetime, only: Only = None) -> list[Talk]:
    """Projects in talks at the cut-off, longest in their stage first; all or these."""
    return [talk for talk in talks(session, cutoff, only) if talk.stage in IN_TALK]
