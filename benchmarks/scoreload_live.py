"""News that arrive at a steady rate, each in a transaction of its own, and when each shows in a committed score."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from crm.core import clock, jobs
from crm.core.tasks import Task, TaskState
from crm.enterprises.models import Enterprise
from crm.scoring.models import ScoreFact
from crm.signals.deciding import have_scored
from crm.signals.models import Signal, SignalState
from tests.support.stack import children, kill
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.stack import Yard

HOT_SHARE = 0.2
TOGETHER = 5
KINDS = ("RELO", "CAPX", "SUPP", "COOP")
PATIENCE = 180
LOOK_EVERY = 0.03


@dataclass
class Flood:
    """What came of it; ``waits`` in seconds from commit to the visible score."""

    sent: int = 0
    rate: float = 0.0
    lost: int = 0
    hot_signals: int = 0
    hot_scores: int = 0
    committed: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)

    @property
    def waits(self) -> list[float]:
        """Seconds each signal took."""
        return [self.seen[key] - at for key, at in self.committed.items() if key in self.seen]


def flood(yard: Yard, *, seconds: float, rate: float, kill: bool) -> Flood:
    """Send signals for some seconds, a few in each transaction, as a page of news brings them.

    The worker is killed half-way if asked; at the end everything has to be done.
    """
    found, stop = Flood(), threading.Event()
    wait_until(yard.fleet_children, PATIENCE)
    wait_until(lambda: not yard.open_tasks(), PATIENCE)
    watcher = threading.Thread(target=_watch, args=(yard, found, stop))
    watcher.start()
    _send(yard, found, seconds, rate, kill=kill)
    wait_until(lambda: not yard.open_tasks(), PATIENCE)
    stop.wait(1.0)
    stop.set()
    watcher.join()
    found.lost = len(found.committed.keys() - found.seen.keys())
    with yard.database.reading() as session:
        hot = session.scalar(select(func.min(Enterprise.id)))
        done = select(Task.payload).where(Task.kind == jobs.RESCORE, Task.state == TaskState.DONE)
        found.hot_scores = sum(payload["enterprise_id"] == hot for payload in session.scalars(done))
    return found


def _send(yard: Yard, found: Flood, seconds: float, rate: float, *, kill: bool) -> None:
    dice = Random(11)  # noqa: S311 (a repeatable load)
    with yard.database.reading() as session:
        firms = list(session.scalars(select(Enterprise.id).order_by(Enterprise.id)))
    begun, killed = time.monotonic(), not kill
    while (passed := time.monotonic() - begun) < seconds:
        if passed * rate < found.sent:
            time.sleep(0.002)
            continue
        chosen = [firms[0] if dice.random() < HOT_SHARE else dice.choice(firms) for _ in range(TOGETHER)]
        found.hot_signals += chosen.count(firms[0])
        _page(yard, found, chosen, dice)
        found.sent += TOGETHER
        if not killed and passed > seconds / 2:
            killed = _kill_worker(yard)
    found.rate = found.sent / (time.monotonic() - begun)


def _page(yard: Yard, found: Flood, firms: list[int], dice: Random) -> None:
    now = clock.now()
    rows = [
        {
            "enterprise_id": firm, "article_id": 1, "cluster_id": found.sent + place + 1, "kind": dice.choice(KINDS),
            "quote": "…", "weight": 0.7, "reasons": [], "happened_at": now, "recorded_at": now,
            "state": SignalState.NEW,
        }
        for place, firm in enumerate(firms)
    ]  # fmt: skip
    with yard.database.transaction() as session:
        keys = list(session.scalars(insert(Signal).returning(Signal.id), rows))
        for firm in sorted(set(firms)):
            have_scored(session, firm, now)
    at = time.monotonic()
    found.committed.update(dict.fromkeys(keys, at))


def _watch(yard: Yard, found: Flood, stop: threading.Event) -> None:
    """Look again and again at what the committed scores rest on."""
    last = 0
    while not stop.wait(LOOK_EVERY):
        with yard.database.glance() as session:
            wanted = select(ScoreFact.id, ScoreFact.source_id).where(ScoreFact.kind == "signal", ScoreFact.id > last)
            rows = session.execute(wanted.order_by(ScoreFact.id)).all()
        at = time.monotonic()
        for key, signal in rows:
            found.seen.setdefault(signal, at)
            last = max(last, key)


def _kill_worker(yard: Yard) -> bool:
    """Kill a worker in the middle of its work, with the process that does it."""
    for pid in yard.busy_workers():
        for child in children(pid):
            kill(child)
        kill(pid)
        return True
    return False
