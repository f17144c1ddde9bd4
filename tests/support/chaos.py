"""Chaos: business transactions while workers, relay and queue are killed at random.

Each committed transaction must have exactly one effect, each rolled-back one none.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.core import clock
from crm.core.tasks import enqueue
from tests.support.stack import kill
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.stack import Yard

ROLLED_BACK = 0.1
QUEUE_KILLS = 0.2
PAUSE = 0.02


@dataclass(slots=True)
class Outcome:
    """What a chaos run counted."""

    committed: set[int] = field(default_factory=set)
    rolled_back: set[int] = field(default_factory=set)
    effects: Counter[int] = field(default_factory=Counter)
    worker_kills: int = 0
    queue_kills: int = 0
    settle_seconds: float = 0.0

    @property
    def lost(self) -> set[int]:
        """Committed, but without effect."""
        return self.committed - set(self.effects)

    @property
    def twice(self) -> set[int]:
        """With more than one effect."""
        return {number for number, times in self.effects.items() if times > 1}

    @property
    def ghosts(self) -> set[int]:
        """With an effect, but never committed."""
        return set(self.effects) - self.committed


def run(yard: Yard, *, seconds: float, kill_every: float, patience: float, seed: int) -> Outcome:
    """Make transactions for ``seconds``, killing something about every ``kill_every`` seconds; then let it settle."""
    dice = random.Random(seed)  # noqa: S311 (a seeded experiment)
    outcome = Outcome()
    wait_until(yard.fleet_children, patience)
    pause = threading.Event()
    end = time.monotonic() + seconds
    next_kill = time.monotonic() + kill_every
    number = 0
    while time.monotonic() < end:
        number += 1
        _transact(yard, number, dice, outcome)
        if time.monotonic() > next_kill:
            next_kill += dice.uniform(0.5, 1.5) * kill_every
            _strike(yard, dice, outcome)
        pause.wait(PAUSE)
    began = time.monotonic()
    wait_until(lambda: not yard.open_tasks(), patience)
    outcome.settle_seconds = time.monotonic() - began
    outcome.effects = Counter(yard.effects())
    return outcome


def _transact(yard: Yard, number: int, dice: random.Random, outcome: Outcome) -> None:
    kind = dice.choice(("test_write", "test_slow"))
    with yard.database.session() as session:
        enqueue(session, kind, {"number": number}, now=clock.now(), max_attempts=50)
        if dice.random() < ROLLED_BACK:
            session.rollback()
            outcome.rolled_back.add(number)
        else:
            session.commit()
            outcome.committed.add(number)


def _strike(yard: Yard, dice: random.Random, outcome: Outcome) -> None:
    """Kill the queue with all it holds, or one of relay, scheduler and workers."""
    if dice.random() < QUEUE_KILLS:
        yard.kill_queue()
        yard.start_queue()
        outcome.queue_kills += 1
        return
    victims = yard.fleet_children()
    if victims:
        kill(dice.choice(victims))
        outcome.worker_kills += 1
