"""Relay, scheduler and workers of one machine: ``python -m workers.fleet default crawl``.

One process imports everything once, then forks one child for each; they share that memory,
and a child that died is forked again in a moment. Nothing here opens a connection.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING

from workers import lifeline, relay, scheduler, worker
from workers.supervisor import SIGNALS, Program, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable

    from workers.supervisor import Child

STOP_SECONDS = 5.0
log = logging.getLogger("yinfeng.fleet")


class Forked:
    """A forked child with the few methods a supervisor needs."""

    def __init__(self, pid: int) -> None:
        """Remember the process id."""
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._reap(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait for the end."""
        return self._reap(0)

    def send_signal(self, sig: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def _reap(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def forker(entry: Callable[[], None]) -> Callable[[], Child]:
    """Return what forks a child that runs ``entry`` and nothing of the parent's."""

    def launch() -> Child:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return Forked(pid)
        lifeline.die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        for number in (*SIGNALS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        code = 1
        try:
            entry()
            code = 0
        except Exception:
            log.exception("a forked program failed")
        finally:
            logging.shutdown()
            os._exit(code)

    return launch


def main(queues: list[str]) -> None:
    """Fork everything and keep it running until SIGTERM."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s %(message)s")
    worker.preload()
    gc.collect()
    gc.freeze()
    supervisor = Supervisor()
    supervisor.start(Program("relay", forker(relay.main)))
    supervisor.start(Program("scheduler", forker(scheduler.main)))
    for queue in queues:
        supervisor.start(Program(f"worker-{queue}", forker(partial(worker.main, queue))))
    supervisor.run()
    supervisor.shut_down(STOP_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1:])
