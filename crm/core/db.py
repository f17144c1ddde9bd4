"""Engine, sessions and the declarative base: plain SQLAlchemy, no Flask."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, MetaData, bindparam, create_engine, event, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, sessionmaker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from sqlite3 import Connection as SqliteConnection

    from psycopg import Connection as PsycopgConnection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
READONLY = "yinfeng_readonly"
UNDO = "settings to undo"  # in the info of a connection whose settings a session without transaction changed
REST = 5.0  # seconds after which a connection is asked whether it still lives
Row = TypeVar("Row", bound="Base")


class Base(DeclarativeBase):
    """Base of every model; one metadata, one naming convention."""

    metadata = MetaData(naming_convention=NAMING)


class ReadOnlyError(RuntimeError):
    """A page that only reads tried to write."""


class ReadingSession(Session):
    """A session that refuses to write."""


class Database:
    """One engine and its two kinds of session: reading and writing."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Connect lazily to ``url`` (``sqlite:///…`` or ``postgresql+psycopg://…``)."""
        self.engine = make_engine(url, pool_size=pool_size)
        self._reading = self._glancing = self.engine.execution_options(**{READONLY: True})
        if self.engine.dialect.name == "postgresql":
            self._reading = self._reading.execution_options(postgresql_readonly=True)
            self._glancing = self._glancing.execution_options(isolation_level="AUTOCOMMIT")
        self._factory = sessionmaker(expire_on_commit=False)
        self._readers = sessionmaker(class_=ReadingSession, expire_on_commit=False)

    def session(self, *, readonly: bool = False) -> Session:
        """Open a session; a read-only one refuses to write."""
        return self._readers(bind=self._reading) if readonly else self._factory(bind=self.engine)

    def glance(self) -> Session:
        """Open a read-only session for a page: each query sees what is committed, none pays for a transaction.

        PostgreSQL shows a page the same rows inside a transaction too (READ COMMITTED), for two more trips.
        """
        return self._readers(bind=self._glancing)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit at the end of the block, roll back on any exception."""
        with self.session() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read without taking SQLite's write lock."""
        with self.session(readonly=True) as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection (call after a fork or at the end)."""
        self.engine.dispose()


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Create an engine with the house settings for either database; its errors never tell values, which logs keep."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 30}, pool_size=pool_size, hide_parameters=True)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        event.listen(engine, "checkin", _sqlite_checkin)
        return engine
    # Compiling a union of forty figures takes longer than answering it.
    connect = {"options": "-c jit=off"}
    engine = create_engine(url, connect_args=connect, pool_size=pool_size, pool_use_lifo=True, hide_parameters=True)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _ask_after_rest)
    return engine


def _note_rest(raw: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["rested"] = monotonic()
    if raw is not None and record.info.pop(UNDO, None):
        driver: PsycopgConnection[Any] = raw  # type: ignore[assignment]  # the event is only attached to PostgreSQL
        driver.autocommit = True
        driver.execute("RESET enable_seqscan")
        driver.autocommit = False


def _ask_after_rest(raw: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Ask a connection that has rested whether it still lives; one just used need not be asked before every page."""
    if monotonic() - record.info.get("rested", inf) < REST:
        return
    try:
        with raw.cursor() as cursor:  # type: ignore[attr-defined]  # psycopg's cursors close themselves
            cursor.execute("SELECT 1")
        raw.rollback()
    except Exception as error:  # whatever it is: the pool opens another connection instead
        raise DisconnectionError from error


def insert_ignore(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], index: Sequence[str]) -> int:
    """Insert rows, skipping those whose unique ``index`` columns exist; return how many were new."""
    if not rows:
        return 0
    if len(rows) == 1:
        return int(insert_new(session, model, rows[0], index) is not None)
    key = inspect(model).primary_key[0]
    statement = _maker(session.get_bind().dialect.name)(model).values(list(rows))
    return len(session.execute(statement.on_conflict_do_nothing(index_elements=list(index)).returning(key)).all())


def insert_once(session: Session, model: type[Row], row: Mapping[str, Any], index: Sequence[str]) -> Row | None:
    """Insert a row and return it, or None when a row with its unique ``index`` columns exists."""
    statement = _one(session, model, row, index, whole=True)
    found: Row | None = session.scalars(statement, _named(row)).one_or_none()
    return found


def insert_new(session: Session, model: type[Base], row: Mapping[str, Any], index: Sequence[str]) -> int | None:
    """Insert a row and return its key, or None when a row with its unique ``index`` columns exists; loads nothing."""
    found: int | None = session.execute(_one(session, model, row, index, whole=False), _named(row)).scalar_one_or_none()
    return found


def _one(session: Session, model: type[Base], row: Mapping[str, Any], index: Sequence[str], *, whole: bool) -> Any:  # noqa: ANN401 (either dialect's insert)
    return _insert_one(session.get_bind().dialect.name, model, tuple(row), tuple(index), whole=whole)


@cache
def _insert_one(dialect: str, model: type[Base], names: tuple[str, ...], index: tuple[str, ...], *, whole: bool) -> Any:  # noqa: ANN401 (either dialect's insert)
    """Keep the statement, returning the whole row or its key; written against the table, past the ORM's bulk insert."""
    table = inspect(model).local_table
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    statement = _maker(dialect)(table).values(values).on_conflict_do_nothing(index_elements=list(index))
    if not whole:
        return statement.returning(*table.primary_key)
    return select(model).from_statement(statement.returning(*table.c))


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in row.items()}


def _maker(dialect: str) -> Any:  # noqa: ANN401 (either dialect's insert)
    return postgresql.insert if dialect == "postgresql" else sqlite.insert


def _sqlite_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    raw: SqliteConnection = connection  # type: ignore[assignment]  # the event is only attached to SQLite engines
    raw.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        raw.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    readonly = connection.get_execution_options().get(READONLY, False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def _sqlite_checkin(connection: DBAPIConnection | None, _record: ConnectionPoolEntry) -> None:
    """End what a refused COMMIT leaves open: SQLite keeps the transaction, and with it the lock of all writers."""
    raw: SqliteConnection | None = connection  # type: ignore[assignment]  # the event is only attached to SQLite engines
    if raw is not None and raw.in_transaction:
        raw.rollback()


def _refuse_flush(_session: Session, _context: object, _instances: object) -> None:
    message = "this session only reads: open a writing one in a POST"
    raise ReadOnlyError(message)


def _look_on(state: ORMExecuteState) -> None:
    """Refuse what writes; read at once what asks to be streamed where no transaction keeps a cursor open."""
    options = state.session.get_bind().get_execution_options()
    if state.execution_options.get("yield_per") and options.get("isolation_level") == "AUTOCOMMIT":
        state.update_execution_options(yield_per=None)
    if state.is_insert or state.is_update or state.is_delete:
        _refuse_flush(state.session, None, None)


event.listen(ReadingSession, "before_flush", _refuse_flush)
event.listen(ReadingSession, "do_orm_execute", _look_on)
