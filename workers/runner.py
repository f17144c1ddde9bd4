"""The one function RQ calls: claim the task, do it, and commit effect and "done" together."""

from __future__ import annotations

import logging
import threading
import traceback
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from sqlalchemy.exc import OperationalError

import config
from crm.core import clock, taskstore, vault
from crm.core.db import Database
from crm.core.taskstore import Claimed, FencedError
from workers.contract import Context, Handler
from workers.handlers import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config import Settings

LEASE = taskstore.LEASE
log = logging.getLogger("yinfeng.runner")


class UnknownKindError(LookupError):
    """No handler is registered for this kind of task."""


@cache
def house() -> tuple[Settings, Database]:
    """Return settings and database; made before the fork, connected after it."""
    settings = config.load()
    vault.use(settings.data_key)
    return settings, Database(settings.database_url, pool_size=3)


def run_task(task_id: int) -> None:
    """Run one task; a message without work behind it does nothing."""
    settings, database = house()
    execute(database, settings, task_id, HANDLERS)


def execute(database: Database, settings: Settings, task_id: int, handlers: Mapping[str, Handler]) -> None:
    """Claim the task and see it through to done, to a later retry, or to dead."""
    with database.transaction() as session:
        claimed = taskstore.claim(session, task_id, clock.now(), LEASE)
    if claimed is None:
        return
    try:
        _perform(database, settings, claimed, handlers)
    except FencedError as error:
        log.warning("gave way: %s", error)
    except Exception as error:  # noqa: BLE001 (whatever a job raises becomes its row's last_error)
        log.warning("task %s (%s) failed: %s", claimed.id, claimed.kind, error)
        _fail(database, claimed, "".join(traceback.format_exception(error)))


def _perform(database: Database, settings: Settings, claimed: Claimed, handlers: Mapping[str, Handler]) -> None:
    handler = handlers.get(claimed.kind)
    if handler is None:
        raise UnknownKindError(claimed.kind)
    with (
        heartbeat(database, claimed, handler.timeout),
        UnixSignalDeathPenalty(handler.timeout, JobTimeoutException),  # type: ignore[no-untyped-call]  # RQ has no types here
    ):
        data = _prepare(handler, database, settings, claimed)
        with database.transaction() as session:
            context = _context(database, settings, claimed)
            if handler.run is not None:
                result = handler.run(session, claimed.payload, context)
            elif handler.apply is not None:
                result = handler.apply(session, claimed.payload, data, context)
            taskstore.finish(session, claimed, clock.now(), result)


def _prepare(handler: Handler, database: Database, settings: Settings, claimed: Claimed) -> Any:  # noqa: ANN401 (see Prepare)
    if handler.prepare is None:
        return None

    def show(percent: int, note: str) -> None:
        with database.transaction() as session:
            taskstore.progress(session, claimed, percent, note)

    return handler.prepare(claimed.payload, _context(database, settings, claimed, show))


def _silent(_percent: int, _note: str) -> None:
    """Progress written inside the job's own transaction would show only after its end."""


def _context(database: Database, settings: Settings, claimed: Claimed, show: Any = _silent) -> Context:  # noqa: ANN401 (Context.progress)
    return Context(settings, database, clock.now(), claimed.id, claimed.attempt, show)


def _fail(database: Database, claimed: Claimed, error: str) -> None:
    try:
        with database.transaction() as session:
            taskstore.fail(session, claimed, clock.now(), error)
    except FencedError as fenced:
        log.warning("gave way: %s", fenced)


@contextmanager
def heartbeat(database: Database, claimed: Claimed, timeout: float) -> Iterator[None]:
    """Extend the lease from a thread while the block runs, at most for ``timeout`` seconds."""
    stop = threading.Event()
    pause = LEASE.total_seconds() / 3
    beat = partial(_beat, database, claimed, stop, pause, int(timeout / pause) + 1)
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(database: Database, claimed: Claimed, stop: threading.Event, pause: float, beats: int) -> None:
    for _ in range(beats):
        if stop.wait(pause):
            return
        try:
            with database.transaction() as session:
                taskstore.extend(session, claimed, clock.now(), LEASE)
        except FencedError:
            return
        except OperationalError as error:
            # SQLite: our own transaction holds the write lock, so nobody can take the task either.
            log.info("no beat: %s", error)
