"""The fleet with shorter patience, for the chaos of a crawl: ``python -m benchmarks.chaosfleet QUEUE…``."""

from __future__ import annotations

import sys
from datetime import timedelta

from crm.core import taskstore
from workers import fleet, relay, runner, supervisor


def main() -> None:
    """Run relay, scheduler and workers; a killed worker's task is free after twelve seconds instead of thirty."""
    runner.LEASE = timedelta(seconds=12)
    relay.VISIBILITY = timedelta(seconds=3)
    taskstore.BACKOFF = timedelta(seconds=1)
    supervisor.FIRST_PAUSE = supervisor.LONGEST_PAUSE = 0.3
    fleet.main(sys.argv[1:])


if __name__ == "__main__":
    main()
