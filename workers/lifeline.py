"""Children that die with their parent (PR_SET_PDEATHSIG), and loops that stop on a signal."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
ORPHANED = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies (Linux; elsewhere nothing happens).

    ``parent`` is the process id of the parent as seen before the fork: a parent that died
    before the call is noticed by its id being another one.
    """
    if _prctl is None:
        return
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(ORPHANED)


def tied() -> Callable[[], None]:
    """Return a ``preexec_fn`` that ties a child to the calling process."""
    return partial(die_with_parent, os.getpid())


def stop_event() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: event.set())
    return event


def repeat(step: Callable[[], object], pause: float, stop: threading.Event) -> None:
    """Call ``step`` every ``pause`` seconds until ``stop`` is set."""
    while not stop.is_set():
        step()
        stop.wait(pause)
