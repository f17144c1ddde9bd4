"""A live application for browser tests: a real server, a database of its own, a clock that stands still."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

from jinja2 import BytecodeCache
from werkzeug.serving import WSGIRequestHandler, make_server

from crm.app import create_app
from crm.core import clock
from workers import inline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from flask import Flask
    from jinja2.bccache import Bucket

    from config import Settings
    from crm.core.db import Database


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self, now: datetime) -> None:
        """Start at an aware instant."""
        self.at = now

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.at

    def move_to(self, instant: datetime) -> None:
        """Go on to a later instant."""
        assert instant >= self.at, "the clock never goes back"
        self.at = instant

    def pass_by(self, span: timedelta) -> None:
        """Let some time pass."""
        self.move_to(self.at + span)


@dataclass(frozen=True, slots=True)
class Live:
    """A running application: where it listens, and what it works with."""

    url: str
    settings: Settings
    database: Database
    clock: Clock
    app: Flask

    def drain(self) -> int:
        """Do all due background work the way the workers do it; return how many tasks ran."""
        with patch.object(clock, "now", self.clock):
            return inline.drain(self.database, self.settings)


class Compiled(BytecodeCache):
    """Templates compiled for one application, for the next one in this process and, in a folder, for all of them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.kept: dict[str, bytes] = {}
        self.folder: Path | None = None

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand out what is known, if it was made of the same text."""
        path = self._path(bucket)
        if bucket.key not in self.kept and path is not None and path.exists():
            self.kept[bucket.key] = path.read_bytes()
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled; nobody reads half a file."""
        self.kept[bucket.key] = bucket.bytecode_to_string()
        path = self._path(bucket)
        if path is not None:
            part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            part.write_bytes(self.kept[bucket.key])
            part.replace(path)

    def _path(self, bucket: Bucket) -> Path | None:
        return self.folder / f"{bucket.key}.template" if self.folder else None


COMPILED = Compiled()


class _Quiet(WSGIRequestHandler):
    """Answers without a line on stderr for every request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def serve(settings: Settings, database: Database, now: datetime) -> Iterator[Live]:
    """Run the application on a free loopback port until the block ends."""
    moment = Clock(now)
    app = create_app(settings, database, now=moment)
    app.jinja_env.bytecode_cache = COMPILED
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.server_port}", settings, database, moment, app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
