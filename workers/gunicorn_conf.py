"""Gunicorn settings of ``make run``; the listening socket is inherited from the supervisor."""

from __future__ import annotations

import gc
import os
from typing import Any

from workers import lifeline

wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = 1
preload_app = True
timeout = 60
graceful_timeout = 4
keepalive = 5
control_socket_disable = True
loglevel = "warning"
proc_name = "yinfeng-web"
_master = os.getpid()
RARELY = (20_000, 20, 20)


def on_starting(server: Any) -> None:  # noqa: ANN401 (gunicorn ships no types)
    """Keep connections open only for a worker that is alone: else the next request goes to whoever is idle."""
    if server.cfg.workers > 1:
        server.cfg.set("keepalive", 0)


def when_ready(_server: object) -> None:
    """Import at once, but serve only when the supervisor has closed the gate's other end: the schema is ready then."""
    gc.collect()
    gc.freeze()
    gate = os.environ.get("YINFENG_GATE")
    if gate:
        os.read(int(gate), 1)


def post_fork(_server: object, _worker: object) -> None:
    """Tie the worker to its master; look for cycles rarely, since a page makes thousands of objects and few cycles."""
    gc.set_threshold(*RARELY)
    lifeline.die_with_parent(_master)
