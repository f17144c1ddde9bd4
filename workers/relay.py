"""The relay: hands the ids of due tasks to RQ. Any number of relays may run.

Redis is disposable. A task whose message got lost is sent again once its visibility time
is over and its message no longer stands in the queue.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

import config
from crm.core import clock, taskstore
from crm.core.db import Database
from workers import lifeline, queues

if TYPE_CHECKING:
    from datetime import datetime

    from redis import Redis

    from crm.core.taskstore import Message

POLL_SECONDS = 0.3
VISIBILITY = taskstore.VISIBILITY
log = logging.getLogger("yinfeng.relay")


def pass_on(database: Database, connection: Redis, now: datetime) -> int:
    """Recover abandoned tasks, then send what is due; return how many messages were sent."""
    with database.reading() as session:
        if not taskstore.waiting(session, now):
            return 0
    connection.ping()
    with database.transaction() as session:
        taskstore.recover(session, now)
        messages = taskstore.due(session, now)
        sent_before = {message.queue for message in messages if message.sends}
        queued = queues.standing(connection, sent_before)
        fresh = taskstore.mark_sent(session, messages, now, queued=queued, visibility=VISIBILITY)
    return _send_all(database, connection, fresh)


def _send_all(database: Database, connection: Redis, messages: list[Message]) -> int:
    for index, message in enumerate(messages):
        try:
            queues.send(connection, message)
        except RedisError:
            with database.transaction() as session:
                taskstore.unsend(session, messages[index:])
            raise
    return len(messages)


def attempt(database: Database, connection: Redis) -> None:
    """Do one round; an absent queue or a busy database is tried again next time."""
    try:
        pass_on(database, connection, clock.now())
    except (RedisError, OperationalError) as error:
        log.warning("relay waits: %s", error)


def main() -> None:
    """Run until SIGTERM."""
    settings = config.load()
    stop = lifeline.stop_event()
    database = Database(settings.database_url, pool_size=1)
    connection = queues.connect(settings.redis_url)
    lifeline.repeat(partial(attempt, database, connection), POLL_SECONDS, stop)
    database.dispose()


if __name__ == "__main__":
    main()
