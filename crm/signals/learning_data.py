"""The answers of people as examples: a sentence claimed to be of a kind, and whether that was right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from crm.core.text import fold
from crm.news.models import Article
from crm.signals.learning_models import SignalAnswer
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

MOST = 20_000
NOT_OF_KINDS = ("known", "small", "old", "wrong_company", "other", "wrong_kind")


@dataclass(frozen=True, slots=True)
class Example:
    """A claim, that rules find a sentence to be of a kind, and whether it holds; ``story`` keeps reposts together."""

    text: str
    kind: str
    rules: tuple[str, ...]
    right: bool
    story: int


def examples(session: Session) -> list[Example]:
    """All answers that hold, the newest :data:`MOST`: decisions on signals, and answers on their kind."""
    answered = _answered(session)
    spoken = {row[0] for row in answered}
    decided = select(Signal.id, Signal.quote, Signal.kind, Signal.reasons, Signal.state, Signal.cluster_id).where(
        _teaches()
    )
    found = [
        Example(fold(row.quote), row.kind, tuple(row.reasons), row.state is SignalState.ACCEPTED, row.cluster_id)
        for row in session.execute(decided.order_by(Signal.decided_at.desc(), Signal.id.desc()).limit(MOST))
        if row.id not in spoken
    ]
    return [one for _signal_id, group in answered for one in group] + found


def number(session: Session) -> int:
    """How many answers there are, for the page: one query."""
    decided = select(func.count()).select_from(Signal).where(_teaches()).scalar_subquery()
    said = select(func.count()).select_from(SignalAnswer).where(SignalAnswer.undone_at.is_(None)).scalar_subquery()
    return int(session.scalar(select(decided + said)) or 0)


def _teaches() -> ColumnElement[bool]:
    refused = (Signal.state == SignalState.REJECTED) & or_(
        Signal.decision_reason.is_(None), Signal.decision_reason.not_in(NOT_OF_KINDS)
    )
    return or_(Signal.state == SignalState.ACCEPTED, refused)


def _answered(session: Session) -> list[tuple[int | None, list[Example]]]:
    statement = select(SignalAnswer, Article.cluster_id).join(
        Article, SignalAnswer.article_id == Article.id, isouter=True
    )
    holding = statement.where(SignalAnswer.undone_at.is_(None))
    rows = session.execute(holding.order_by(SignalAnswer.id.desc()).limit(MOST))
    return [(row.signal_id, list(of_answer(row, story or -row.id))) for row, story in rows]


def of_answer(row: SignalAnswer, story: int) -> Iterable[Example]:
    """One answer says of the kind claimed whether it is right, and of each other right kind that it is."""
    text, rules = fold(row.quote), tuple(row.reasons)
    yield Example(text, row.kind, rules, row.right, story)
    for kind in row.right_kinds:
        if kind != row.kind:
            yield Example(text, str(kind), (), right=True, story=story)
