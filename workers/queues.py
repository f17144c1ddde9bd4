"""RQ as transport: one connection setting, one serializer, one job function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

if TYPE_CHECKING:
    from crm.core.taskstore import Message

RUN_TASK = "workers.runner.run_task"
JOB_SECONDS = 3600
FAILED_SECONDS = 600
ANSWER_SECONDS = 3


def connect(url: str, *, answer_seconds: float | None = ANSWER_SECONDS) -> Redis:
    """Open a connection pool to the Redis-compatible server at ``url``."""
    return Redis.from_url(url, socket_timeout=answer_seconds, socket_connect_timeout=ANSWER_SECONDS)


def queue(connection: Redis, name: str) -> Queue:
    """Return the RQ queue ``name``, JSON only: a message can never run code of its own."""
    return Queue(name, connection=connection, serializer=JSONSerializer)


def standing(connection: Redis, names: set[str]) -> set[str]:
    """Return the ids of all messages that still wait in the queues ``names``."""
    return {job_id for name in names for job_id in queue(connection, name).get_job_ids()}


def send(connection: Redis, message: Message) -> None:
    """Put one wake-up call into its queue; a second call with the same id changes nothing."""
    try:
        queue(connection, message.queue).enqueue_call(
            RUN_TASK,
            args=(message.task_id,),
            job_id=message.name,
            unique=True,
            result_ttl=0,
            failure_ttl=FAILED_SECONDS,
            timeout=JOB_SECONDS,
        )
    except DuplicateJobError:
        return
