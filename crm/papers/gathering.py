"""Gathers the facts of a paper: only what its kind says, as the person may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.assessment.books.queries import issuer
from crm.papers import figures, queries, signed
from crm.papers.facts import Facts
from crm.papers.rules import LISTED, PeriodKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.papers.rules import PaperKind, Period
    from crm.pipeline.cards import Clock


def gather(session: Session, actor: Actor, kind: PaperKind, period: Period, clock: Clock) -> Facts:
    """Return the facts of a paper."""
    today = clock.today
    found: dict[str, Any] = {}
    if kind.period is not PeriodKind.DAY:
        found["figures"] = figures.gather(session, period, today, clock.now)
    if kind.key in LISTED:
        found["stalled"] = queries.stalled(session, actor, clock)
        found["instructions"] = queries.late_instructions(session, actor, today)
        found["decisions"] = queries.late_decisions(session, actor, today)
    if kind.key in LISTED or kind.key == "slips":
        found["slips"] = queries.slips(session, actor, today)
    if kind.key == "briefing":
        found["matters"] = queries.matters(session, actor)
    if kind.key == "signed":
        found["signed"] = signed.projects(session, actor)
    return Facts(kind=kind, period=period, today=today, issuer=issuer(session), **found)
