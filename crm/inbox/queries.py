"""What the cards of the inbox show beside the signal itself: a fixed number of queries a page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as auth
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project
from crm.scoring import queries as scoring
from crm.scoring.display import ShownReason, shown_reasons
from crm.signals.models import Mention, Signal
from crm.signals.passages import Piece, occurrences, pieces
from crm.signals.services import may_undo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.scoring.models import EnterpriseScore


@dataclass(frozen=True, slots=True)
class Card:
    """One signal with everything its card shows."""

    signal: Signal
    quote: list[Piece]
    named: bool
    score: EnterpriseScore | None
    reasons: list[ShownReason]
    decided_by: str
    project_id: int | None
    may_undo: bool


def cards(session: Session, actor: Actor, signals: Sequence[Signal]) -> list[Card]:
    """Build the cards of signals, in their order."""
    surfaces = _surfaces(session, signals)
    scores = scoring.scores(session, {row.enterprise_id for row in signals})
    people = auth.names(session, [row.decided_by for row in signals if row.decided_by is not None])
    projects = _projects(session, actor, signals)
    made = []
    for row in signals:
        score = scores.get(row.enterprise_id)
        named = occurrences(row.quote, surfaces[row.article_id, row.enterprise_id], row.enterprise_id)
        made.append(
            Card(
                signal=row,
                quote=pieces(row.quote, named),
                named=bool(named),
                score=score,
                reasons=shown_reasons(score.reasons) if score else [],
                decided_by=people.get(row.decided_by or 0, ""),
                project_id=projects.get(row.id),
                may_undo=may_undo(actor, row),
            )
        )
    return made


def _surfaces(session: Session, signals: Sequence[Signal]) -> defaultdict[tuple[int, int], set[str]]:
    """How the articles name the enterprises of their signals."""
    statement = select(Mention.article_id, Mention.enterprise_id, Mention.surface).where(
        Mention.article_id.in_({row.article_id for row in signals}),
        Mention.enterprise_id.in_({row.enterprise_id for row in signals}),
    )
    found: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for article_id, enterprise_id, surface in session.execute(statement.distinct()):
        found[article_id, enterprise_id].add(surface)
    return found


def _projects(session: Session, actor: Actor, signals: Sequence[Signal]) -> dict[int, int]:
    """Projects that signals became, as far as the person may see them."""
    ids = [row.id for row in signals]
    statement = select(Project.source_signal_id, Project.id).where(
        Project.source_signal_id.in_(ids), pipeline.visible_to(actor)
    )
    return {signal_id: project_id for signal_id, project_id in session.execute(statement) if signal_id}
