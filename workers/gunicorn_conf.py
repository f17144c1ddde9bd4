"""Gunicorn settings of ``make run``; the listening socket is inherited from the supervisor."""

from __future__ import annotations

import os

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


def post_fork(_server: object, _worker: object) -> None:
    """Tie the worker to its master."""
    lifeline.die_with_parent(_master)
