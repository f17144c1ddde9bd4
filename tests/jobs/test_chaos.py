from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import chaos

if TYPE_CHECKING:
    from tests.support.stack import Yard

pytestmark = pytest.mark.jobs


def test_killing_workers_relay_and_queue_loses_doubles_and_invents_nothing(yard: Yard) -> None:
    yard.start_fleet("default", "default")
    outcome = chaos.run(yard, seconds=6, kill_every=0.7, patience=60, seed=20261121)
    assert outcome.worker_kills
    assert outcome.committed
    assert outcome.rolled_back
    assert (outcome.lost, outcome.twice, outcome.ghosts) == (set(), set(), set())
