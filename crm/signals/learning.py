"""The learned second opinion in use: asked for signals, switched by the office."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from crm.core import options
from crm.core.errors import DomainError, Problem
from crm.core.text import fold
from crm.linking import answers_learned as learned
from crm.linking import answers_names as names
from crm.linking.answers_models import LearnedModel
from crm.signals import office_rules
from crm.signals.learning_score import Opinion, scorer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Pool
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.signals.models import Signal

LEAST, MOST = 50, 5000
Score = Callable[[str, str, Iterable[str]], Opinion]
_kept: WeakKeyDictionary[Pool, tuple[int, Score]] = WeakKeyDictionary()
FEW, MANY = 2, 20
WRONG_LEAST = Problem("learning.least", "至少要有的判断条数请填 50 到 5000 的整数。", "least")
WRONG_NEVER = Problem("learning.never", "判“不是”的次数请填 2 到 20 的整数。", "never_after")


def set_options(session: Session, actor: Actor, values: Mapping[str, int], *, now: datetime) -> None:
    """Keep what the office wants of learning: how many answers it takes, what is switched on."""
    office_rules.may_write(actor)
    wanted = {**names.settings(session), **values}
    problems = [] if LEAST <= wanted["least"] <= MOST else [WRONG_LEAST]
    if not FEW <= wanted["never_after"] <= MANY:
        problems.append(WRONG_NEVER)
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, names.OPTION, wanted, now=now)


def opinions(session: Session, signals: Iterable[Signal]) -> dict[int, Opinion]:
    """Give a second opinion on signals; empty while no model counts. One small query once the model is known."""
    number = learned.number_in_use(session, learned.SIGNALS)
    if not number:
        return {}
    score = _scorer(session, number)
    return {signal.id: score(fold(signal.quote), signal.kind, signal.reasons) for signal in signals}


def _scorer(session: Session, number: int) -> Score:
    """Read the numbers of a model once in a process; the last one asked for is kept for each database."""
    pool = session.get_bind().engine.pool
    kept = _kept.get(pool)
    if kept is None or kept[0] != number:
        kept = _kept[pool] = (number, scorer(session.get_one(LearnedModel, number).numbers))
    return kept[1]
