"""What my day shows: a few bounded reads, each one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.rules import Permission
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.rules import DueState, due_state
from crm.fieldwork.secrecy import open_to
from crm.pipeline import cards
from crm.pipeline.models import Agreement, Project, Review
from crm.pipeline.queries import privy
from crm.pipeline.queries import visible_to as projects_visible_to
from crm.pipeline.rules import IDLE_DAYS, AgreementKind, ReviewResult, Stage
from crm.scoring.models import EnterpriseScore
from crm.signals.kinds import SignalKind
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import visible_to as signals_visible_to

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.cards import CardRow, Clock

DUE = 6
FEW = 5
FRESH = timedelta(days=30)
AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DueGroup:
    """Open follow-ups of one lateness."""

    state: DueState
    rows: tuple[FollowUp, ...]


@dataclass(frozen=True, slots=True)
class HotSignal:
    """A signal with the score of its enterprise."""

    signal: Signal
    points: int | None
    grade: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contract that waits to be recognised; ``amount`` in 万元."""

    project_id: int
    project: str
    enterprise: str
    amount: Decimal
    signed_on: date


def due_list(session: Session, actor: Actor, today: date, limit: int = DUE) -> dict[str, object]:
    """The person's open follow-ups by lateness, worst first, with whether there are more."""
    found = fieldwork.open_follow_ups(session, actor, limit=limit + 1)
    shown = found[:limit]
    by_state: dict[DueState, list[FollowUp]] = {state: [] for state in DueState}
    for row in shown:
        by_state[due_state(row.due_on, today)].append(row)
    groups = [DueGroup(state, tuple(rows)) for state, rows in by_state.items() if rows]
    return {"groups": groups, "due_count": len(shown), "due_more": len(found) > limit, "today": today.isoformat()}


def my_signals(session: Session, actor: Actor) -> list[HotSignal]:
    """New signals on enterprises the person touched or has projects with, newest first."""
    statement = _signals(actor).where(_followed_by(actor))
    return _hot(session, statement.order_by(Signal.happened_at.desc(), Signal.id.desc()))


def untouched_signals(session: Session, actor: Actor, now: datetime) -> list[HotSignal]:
    """New, good signals of the last month that nobody follows with a touch or a live project, best score first.

    What the person follows anyway is left out: it stands in :func:`my_signals`.
    """
    followed = exists().where(
        Touch.enterprise_id == Signal.enterprise_id,
        Touch.occurred_at >= Signal.happened_at,
        fieldwork.counted(),
        open_to(Touch.project_id, actor),
    )
    live = exists().where(Project.enterprise_id == Signal.enterprise_id, Project.exit_kind.is_(None), privy(actor))
    statement = _signals(actor).where(
        Signal.kind != SignalKind.NEG.value,
        Signal.happened_at >= now - FRESH,
        ~followed,
        ~live,
        ~_followed_by(actor),
    )
    best = func.coalesce(EnterpriseScore.points, 0).desc()
    return _hot(session, statement.order_by(best, Signal.happened_at.desc(), Signal.id.desc()))


def my_projects(session: Session, actor: Actor, clock: Clock) -> list[CardRow]:
    """The person's projects on the way to signing, those that stood longest first."""
    statement = (
        cards.select_rows()
        .where(
            projects_visible_to(actor),
            Project.owner_id == actor.user_id,
            Project.exit_kind.is_(None),
            Project.stage.in_(tuple(IDLE_DAYS)),
        )
        .order_by(Project.stage_since, Project.id)
        .limit(FEW + 1)
    )
    return [cards.card_from(row, clock) for row in session.execute(statement)]


def to_review(session: Session, actor: Actor, clock: Clock) -> list[CardRow]:
    """Projects that wait for their review (事前评估), longest waiting first."""
    passed = exists().where(Review.project_id == Project.id, Review.result == ReviewResult.PASSED)
    statement = (
        cards.select_rows()
        .where(projects_visible_to(actor), Project.stage == Stage.REVIEWING, Project.exit_kind.is_(None), ~passed)
        .order_by(Project.stage_since, Project.id)
        .limit(FEW)
    )
    return [cards.card_from(row, clock) for row in session.execute(statement)]


def to_recognize(session: Session, actor: Actor) -> list[Waiting]:
    """Reported contracts that wait to be recognised (认定) by somebody else than who reported them."""
    statement = (
        select(Project.id, Project.name, Enterprise.name, Agreement.amount, Agreement.signed_on)
        .join(Project, Project.id == Agreement.project_id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .where(
            projects_visible_to(actor),
            Agreement.kind == AgreementKind.CONTRACT,
            Agreement.recognized_at.is_(None),
            Agreement.reported_by != actor.user_id,
        )
        .order_by(Agreement.reported_at, Agreement.id)
        .limit(FEW)
    )
    return [Waiting(*row) for row in session.execute(statement)]


def may_see_papers(actor: Actor) -> bool:
    """Whether papers can wait for this person at all."""
    return actor.may(Permission.PROJECT_REVIEW) or actor.may(Permission.AGREEMENT_RECOGNIZE)


def _followed_by(actor: Actor) -> ColumnElement[bool]:
    touched = select(Touch.enterprise_id).where(Touch.created_by == actor.user_id, fieldwork.counted())
    owned = select(Project.enterprise_id).where(Project.owner_id == actor.user_id, Project.exit_kind.is_(None))
    return or_(Signal.enterprise_id.in_(touched), Signal.enterprise_id.in_(owned))


def _signals(actor: Actor) -> Select[Signal, int | None, str | None]:
    return (
        select(Signal, EnterpriseScore.points, EnterpriseScore.grade)
        .outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Signal.enterprise_id)
        .where(signals_visible_to(actor), Signal.state == SignalState.NEW)
        .options(joinedload(Signal.enterprise))
        .limit(FEW)
    )


def _hot(session: Session, statement: Select[Signal, int | None, str | None]) -> list[HotSignal]:
    return [HotSignal(*row) for row in session.execute(statement)]
