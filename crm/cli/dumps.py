"""Dump and load a database: SQLite by its online backup, PostgreSQL by pg_dump and pg_restore."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url

if TYPE_CHECKING:
    from collections.abc import Iterable

Digests: TypeAlias = "dict[str, dict[str, object]]"
SIDE_FILES = ("-wal", "-shm")
HIDDEN = "search_fts"


class DumpError(RuntimeError):
    """The database could not be dumped or loaded."""


def save(url: str, target: Path) -> Digests:
    """Write a consistent dump to ``target``; return rows and digest of every table in it."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        _copy_sqlite(_sqlite_path(address), target)
        return _digests_of(f"sqlite:///{target}")
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run("pg_dump", address, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        tables = digests(connection)
    engine.dispose()
    return tables


def restore(url: str, dump: Path, tables: Digests) -> None:
    """Load a dump and compare every table with its digest.

    SQLite is compared before the old file is replaced; PostgreSQL is loaded in one
    transaction and compared afterwards.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        _compare(_digests_of(f"sqlite:///{dump}"), tables)
        path = _sqlite_path(address)
        for suffix in SIDE_FILES:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        dump.replace(path)
        return
    options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    _run("pg_restore", address, *options, "--dbname", address.database or "", str(dump))
    _compare(_digests_of(url), tables)


def empty(url: str) -> bool:
    """Tell whether there is nothing to overwrite."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return not _sqlite_path(address).exists()
    engine = create_engine(url)
    names = inspect(engine).get_table_names()
    engine.dispose()
    return not names


def digests(connection: Connection) -> Digests:
    """Return rows and sha256 of every table, independent of the order rows lie in."""
    names = sorted(name for name in inspect(connection).get_table_names() if not name.startswith(HIDDEN))
    return {name: _digest(connection, name) for name in names}


def _digest(connection: Connection, name: str) -> dict[str, object]:
    quoted = connection.dialect.identifier_preparer.quote(name)
    rows = connection.execute(text(f"SELECT * FROM {quoted}"))  # noqa: S608 (a quoted name from the catalogue)
    lines = sorted(hashlib.sha256(repr(tuple(row)).encode()).digest() for row in rows)
    return {"rows": len(lines), "sha256": _hash(lines)}


def _hash(lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


def _digests_of(url: str) -> Digests:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = digests(connection)
    engine.dispose()
    return found


def _compare(found: Digests, expected: Digests) -> None:
    wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if wrong:
        message = f"these tables differ from the manifest: {', '.join(wrong)}"
        raise DumpError(message)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        message = f"there is no database at {source}"
        raise DumpError(message)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def _sqlite_path(address: URL) -> Path:
    return Path(address.database or "")


def _run(tool: str, address: URL, *options: str) -> None:
    """Run a PostgreSQL tool; the password travels in the environment, never in the arguments."""
    path = shutil.which(tool)
    if path is None:
        message = f"{tool} is missing: sudo apt-get install postgresql-client"
        raise DumpError(message)
    host = address.host or str(address.query.get("host", ""))
    given = {
        "PGHOST": host, "PGPORT": str(address.port or ""), "PGUSER": address.username or "",
        "PGPASSWORD": str(address.password or ""), "PGDATABASE": address.database or "",
    }  # fmt: skip
    env = os.environ | {key: value for key, value in given.items() if value}
    done = subprocess.run([path, *options], check=False, capture_output=True, text=True, env=env)  # noqa: S603 (a PostgreSQL tool)
    if done.returncode:
        raise DumpError(done.stderr.strip()[-500:])
