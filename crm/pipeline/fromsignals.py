"""Leads made of signals: one click accepts the signal, and a lead keeps its evidence. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.enterprises.models import Enterprise
from crm.pipeline import limits, queries
from crm.pipeline.leadnames import suggested_name
from crm.pipeline.rules import Channel
from crm.pipeline.services import register_lead
from crm.signals.deciding import accept
from crm.signals.models import Signal, SignalState
from crm.signals.triage import undo

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

SIGNAL_KEPT = Problem("signal.kept", "这条动态暂时不能这样处理，请联系招商办。")


def register_from_signal(
    session: Session, actor: Actor, signal_id: int, *, name: str = "", now: datetime
) -> tuple[Project, bool]:
    """Turn a signal into a lead and accept it; a second click returns the project made first and False."""
    signal = session.scalar(select(Signal).where(Signal.id == signal_id).with_for_update())
    if signal is None:
        raise NotFoundError(Problem("signal.absent", "没有这条动态。"))
    existing = queries.from_signal(session, signal.id)
    if existing is not None:
        if not queries.is_privy(session, actor, existing):
            raise DomainError(SIGNAL_KEPT)
        if not actor.reaches(Permission.PROJECT_READ, existing.unit_id):
            raise DomainError(
                Problem("signal.taken", "这条动态已由%(unit)s转为线索。", params={"unit": existing.unit.name})
            )
        return existing, False
    if signal.state is SignalState.REJECTED:
        raise DomainError(Problem("signal.rejected", "这条动态已被忽略，请先恢复再转线索。"))
    firm = session.get_one(Enterprise, signal.enterprise_id)
    draft = limits.ProjectDraft(
        name=name.strip() or suggested_name(signal, firm),
        content=signal.quote,
        channel=Channel.NEWS,
        total_investment=None if limits.money_problems(signal.amount, "") else signal.amount,
        industry=firm.industry,
    )
    project = register_lead(session, actor, firm.id, draft, now=now, source_signal_id=signal.id)
    if signal.state is SignalState.NEW:
        accept(session, actor, signal.id, now=now)
    return project, True


def undo_signal(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> Signal:
    """Take the decision on a signal back, unless it became a lead: a lead keeps its evidence."""
    project = queries.from_signal(session, signal_id)
    if project is not None and not queries.is_privy(session, actor, project):
        raise ConflictError(SIGNAL_KEPT)
    if project is not None:
        text = "这条动态已由%(unit)s转为线索，不能撤销采用。"
        raise ConflictError(Problem("signal.lead", text, params={"unit": project.unit.name}))
    return undo(session, actor, signal_id, now=now)
