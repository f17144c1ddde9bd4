"""Work without Redis and workers: do all due tasks of all queues in this process, then end.

    python -m workers.inline

Uses the same claim and the same "effect and done in one transaction" as the workers, so it
may run beside them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import config
from crm import registry
from crm.core import clock, taskstore, vault
from crm.core.db import Database
from workers.handlers import HANDLERS
from workers.runner import execute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config import Settings
    from workers.contract import Handler

log = logging.getLogger("yinfeng.inline")


def drain(database: Database, settings: Settings, handlers: Mapping[str, Handler] = HANDLERS) -> int:
    """Run tasks until none is due; return how many were run."""
    done = 0
    while messages := _take(database):
        for message in messages:
            execute(database, settings, message.task_id, handlers)
        done += len(messages)
    return done


def _take(database: Database) -> list[taskstore.Message]:
    now = clock.now()
    with database.reading() as session:
        if not taskstore.waiting(session, now):
            return []
    with database.transaction() as session:
        taskstore.recover(session, now)
        return taskstore.mark_sent(session, taskstore.due(session, now, limit=1)[:1], now)


def main() -> None:
    """Drain the queues of the configured database."""
    settings = config.load()
    vault.use(settings.data_key)
    database = Database(settings.database_url, pool_size=3)
    log.info("%s tables known, %s tasks run", len(registry.metadata.tables), drain(database, settings))
    database.dispose()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s %(message)s")
    main()
