"""What the cards of the inbox show beside the signal itself: a fixed number of queries a page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as auth
from crm.core.scheduling import local_day
from crm.enterprises import queries as enterprises
from crm.linking.models import COUNTING, Mention
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project
from crm.scoring.badge import Own, scored
from crm.scoring.display import ShownReason, shown_reasons
from crm.signals import learning, relevance
from crm.signals.deciding import may_undo
from crm.signals.passages import Piece, occurrences, pieces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.queries import Place
    from crm.scoring.models import EnterpriseScore
    from crm.signals.learning_score import Opinion
    from crm.signals.models import Signal
    from crm.signals.queries import Line
    from crm.signals.relevance import Reason


@dataclass(frozen=True, slots=True)
class Card:
    """One signal with everything its card shows."""

    signal: Signal
    quote: list[Piece]
    named: bool
    score: EnterpriseScore | None
    reasons: list[ShownReason]
    own: Own | None
    decided_by: str
    project_id: int | None
    may_undo: bool
    points: int = 0
    worth: tuple[Reason, ...] = ()
    marks: frozenset[str] = frozenset()
    until: datetime | None = None
    places: tuple[Place, ...] = field(default=())
    opinion: Opinion | None = None


def cards(
    session: Session, actor: Actor, lines: Sequence[Line], today: date, *, now: datetime, second: bool = False
) -> list[Card]:
    """Build the cards of signals, in their order; ``second`` asks for the learned opinion as well."""
    signals = [line.signal for line in lines]
    firms = {row.enterprise_id for row in signals}
    surfaces = _surfaces(session, signals)
    scores = scored(session, firms, now)
    people = auth.names(session, [row.decided_by for row in signals if row.decided_by is not None])
    projects = _projects(session, actor, signals)
    places = enterprises.places(session, sorted(firms))
    said = learning.opinions(session, signals) if second else {}
    made = []
    for line, row in zip(lines, signals, strict=True):
        score, own = scores.get(row.enterprise_id, (None, None))
        named = occurrences(row.quote, surfaces[row.article_id, row.enterprise_id], row.enterprise_id)
        made.append(
            Card(
                signal=row,
                quote=pieces(row.quote, named),
                named=bool(named),
                score=score,
                reasons=shown_reasons(score.reasons) if score else [],
                own=own,
                decided_by=people.get(row.decided_by or 0, ""),
                project_id=projects.get(row.id),
                may_undo=may_undo(actor, row),
                points=line.points,
                worth=tuple(relevance.reasons(facts_of(line), today)),
                marks=line.marks,
                until=line.until,
                places=places.get(row.enterprise_id, ()),
                opinion=said.get(row.id),
            )
        )
    return made


def facts_of(line: Line) -> relevance.Facts:
    """What the order looked at, for one signal."""
    row = line.signal
    return relevance.Facts(
        kind=row.kind,
        confidence=row.confidence,
        amount=row.amount,
        happened_on=local_day(row.happened_at),
        followed="followed" in line.marks,
        listed="listed" in line.marks,
        planned="plan" in line.marks,
        nearby="nearby" in line.marks,
    )


def became_leads(session: Session, signal_ids: Sequence[int]) -> set[int]:
    """Which of these signals became projects, whoever owns them: their evidence stays."""
    statement = select(Project.source_signal_id).where(Project.source_signal_id.in_(signal_ids))
    return {one for one in session.scalars(statement) if one is not None}


def _surfaces(session: Session, signals: Sequence[Signal]) -> defaultdict[tuple[int, int], set[str]]:
    """How the articles name the enterprises of their signals."""
    statement = select(Mention.article_id, Mention.enterprise_id, Mention.surface).where(
        Mention.article_id.in_({row.article_id for row in signals}),
        Mention.enterprise_id.in_({row.enterprise_id for row in signals}),
        Mention.state.in_(COUNTING),
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
