"""An RQ worker process for one queue: ``python -m workers.worker default``.

One queue per process keeps RQ on BLMOVE, which cannot lose a message between dequeue and
start. Handlers are imported here, before the fork, so a work-horse starts at once.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import configure_mappers

import config
from crm import registry
from workers import lifeline, queues, runner

if TYPE_CHECKING:
    from rq import Queue
    from rq.job import Job

WORKER_TTL = 30
MAINTENANCE_SECONDS = 30
log = logging.getLogger("yinfeng.worker")


class HouseWorker(Worker):
    """A worker whose work-horse dies with it."""

    max_connection_wait_time = 2.0

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run in the child, right after the fork."""
        lifeline.die_with_parent(self.pid or os.getppid())
        super().main_work_horse(job, queue)


def preload() -> None:
    """Import the driver and configure all models before any fork, so that no work-horse has to.

    The engine made here has no connection yet; each work-horse opens its own.
    """
    configure_mappers()
    runner.house()
    log.info("%s tables known", len(registry.metadata.tables))


def main(queue: str) -> None:
    """Work until SIGTERM; a job in hand is finished first."""
    connection = queues.connect(config.load().redis_url, answer_seconds=None)
    worker = HouseWorker(
        [queue],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING", with_scheduler=False)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s %(message)s")
    preload()
    main(sys.argv[1])
