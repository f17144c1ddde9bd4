from __future__ import annotations

from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from workers import gunicorn_conf


@pytest.mark.parametrize(("workers", "kept_open"), [(1, True), (2, False), (4, False)])
def test_connections_are_kept_open_only_for_a_worker_that_is_alone(workers: int, *, kept_open: bool) -> None:
    settings = Config()
    settings.set("workers", workers)
    settings.set("keepalive", gunicorn_conf.keepalive)
    gunicorn_conf.on_starting(SimpleNamespace(cfg=settings))
    assert bool(settings.keepalive) is kept_open
