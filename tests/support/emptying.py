"""One database for all tests of a process: between two tests its rows go; tables, connections and statements stay.

Making a database anew, or connecting anew, costs more than most tests. Deleting the rows of a hundred tables in one
round trip does not, and only tables somebody wrote to have any: statements are overheard. A test that changed a table,
left a connection open or started processes costs a new database or a thorough emptying.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event, text

from crm.core import memo
from crm.registry import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from sqlite3 import Connection as SqliteConnection

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from crm.core.db import Database

Shape = tuple[object, ...]
OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND (:all OR state IS DISTINCT FROM 'idle')
"""
POSTGRES_SHAPE = """
    SELECT count(*), max(oid), sum(relnatts) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')
"""
NUMBERS_ANEW = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
WORDS_ANEW = "INSERT INTO search_fts(search_fts) VALUES ('delete-all')"
TABLES = frozenset(metadata.tables)
COPIED = frozenset(name for name in TABLES if "score" in name)  # scores are copied in without a statement to overhear
WRITTEN = re.compile(r'\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?"?(\w+)', re.IGNORECASE)
TOUCHED: list[set[str]] = []


class Place:
    """The address of a database that one test after the other uses."""

    def __init__(self, database: Database, build: Callable[[], None]) -> None:
        """Remember how to build the migrated, empty database at this address."""
        self.database = database
        self._build = build
        self._shape: Shape | None = None
        self._alone = True
        self._touched = set(TABLES)
        TOUCHED.append(self._touched)
        event.listen(database.engine, "connect", _planned_once if self._postgres else _careless)

    @property
    def _postgres(self) -> bool:
        return self.database.engine.dialect.name == "postgresql"

    def ready(self) -> Database:
        """Return the database without rows."""
        if self._shape is None or self._left_open() or not self._emptied():
            self.database.dispose()
            self._build()
            with self.database.engine.connect() as connection:
                self._shape = _shape(connection)
            self._touched.clear()
        self._alone = True
        memo.SHELVES.clear()
        return self.database

    def shared(self) -> None:
        """Say that other processes worked here: they may not have ended yet."""
        self.database.dispose()
        self._alone = False

    def _left_open(self) -> bool:
        """Tell whether somebody may still write; PostgreSQL can send them away, for SQLite take another file."""
        if not self._postgres:
            return bool(self.database.engine.pool.checkedout()) or not self._alone  # type: ignore[attr-defined]  # a pool that queues
        with self.database.engine.connect() as connection:
            connection.execute(text(OTHERS), {"all": not self._alone})
        return False

    def _emptied(self) -> bool:
        with self.database.engine.connect() as connection:
            if _shape(connection) != self._shape:
                return False
            gone = _rows_go(TABLES if not self._alone else self._touched | COPIED)
            (_empty_postgres if self._postgres else _empty_sqlite)(connection, gone)
        self._touched.clear()
        return True

    def close(self) -> None:
        """Let go of it; rows that nobody overheard would make one test depend on another."""
        if self._shape is not None and not self._left_open() and self._emptied():
            with self.database.engine.connect() as connection:
                left = [name for name in sorted(TABLES) if connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1"))]  # noqa: S608 (names of our own tables)
                assert not left, f"rows were written past the statements that are overheard: {left}"
        TOUCHED.remove(self._touched)
        self.database.dispose()


def _shape(connection: Connection) -> Shape:
    statement = "PRAGMA schema_version" if connection.dialect.name == "sqlite" else POSTGRES_SHAPE
    return tuple(connection.execute(text(statement)).one())


@lru_cache(maxsize=4096)
def _written(statement: str) -> frozenset[str]:
    return frozenset(WRITTEN.findall(statement)) & TABLES


@event.listens_for(Engine, "before_cursor_execute")
def _overhear(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    for touched in TOUCHED:
        touched.update(_written(statement))


def _rows_go(tables: Iterable[str]) -> str:
    return "; ".join(f"DELETE FROM {name}" for name in sorted(tables))  # noqa: S608 (names of our own tables)


def _empty_postgres(connection: Connection, gone: str) -> None:
    raw: Any = connection.connection.driver_connection
    raw.execute(f"SET LOCAL session_replication_role = replica; {gone}; {NUMBERS_ANEW}", prepare=False)
    connection.commit()
    raw.commit()


def _empty_sqlite(connection: Connection, gone: str) -> None:
    connection.rollback()
    raw: SqliteConnection = connection.connection.driver_connection  # type: ignore[assignment]  # only for SQLite
    raw.executescript(f"PRAGMA foreign_keys=OFF; BEGIN; {gone}; {WORDS_ANEW}; COMMIT; PRAGMA foreign_keys=ON")


def _planned_once(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Plan a statement once: on tables without rows planning costs more than anything else."""
    raw: Any = connection
    raw.prepare_threshold, raw.prepared_max = 0, 1000


def _careless(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Let the disk be: a test database need not outlive the power."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
