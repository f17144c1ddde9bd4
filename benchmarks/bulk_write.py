"""Write many rows of the service's tables at once: COPY on PostgreSQL, ``executemany`` on SQLite.

For empty databases that are measured, never for an office's own: constraints of PostgreSQL's triggers
are not checked, and the search index is built after its rows.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, text

from crm.registry import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Table

    from crm.core.db import Base, Database

AT_ONCE = 20_000
SEARCH_INDEXES = text(
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_document' AND indexdef LIKE '%USING gin%'"
)


class Writer:
    """Gathers rows and writes them in the order of the foreign keys."""

    def __init__(self, connection: Connection) -> None:
        """Write over an open transaction."""
        self._connection = connection
        self._rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._held = 0
        self._last: list[str] = []

    def put(self, model: type[Base], **values: Any) -> None:  # noqa: ANN401 (values of any column)
        """Take one row; columns that are not given get their default, ids their number."""
        self._rows[model.__tablename__].append(values)
        self._held += 1
        if self._held >= AT_ONCE:
            self.flush()

    def then(self, statement: str) -> None:
        """Run a statement once every row is written."""
        self._last.append(statement)

    def finish(self) -> None:
        """Write the rest, and do what was to be done then."""
        self.flush()
        for statement in self._last:
            self._connection.execute(text(statement))

    def flush(self) -> None:
        """Write what was gathered."""
        write = _copy if self._connection.dialect.name == "postgresql" else _insert
        for table in metadata.sorted_tables:
            rows = self._rows.pop(table.name, [])
            if rows:
                write(self._connection, table, rows)
        self._held = 0


@contextmanager
def writing(database: Database) -> Iterator[Writer]:
    """Fill a database in one transaction; afterwards its numbering, indexes and statistics are in order."""
    postgresql = database.engine.dialect.name == "postgresql"
    with database.engine.begin() as connection:
        indexes = connection.execute(SEARCH_INDEXES).all() if postgresql else []
        if postgresql:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        for name, _definition in indexes:
            connection.execute(text(f'DROP INDEX "{name}"'))
        writer = Writer(connection)
        yield writer
        writer.finish()
        for _name, definition in indexes:
            connection.execute(text(definition))
        if postgresql:
            _number(connection)
    with database.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT") if postgresql else connection
        plain.exec_driver_sql("VACUUM ANALYZE" if postgresql else "ANALYZE")
        if not postgresql:
            plain.commit()


def _number(connection: Connection) -> None:
    """Let every sequence go on after the largest id."""
    for table in metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        if len(keys) != 1 or not keys[0].autoincrement or keys[0].foreign_keys or keys[0].type.python_type is not int:
            continue
        last = connection.scalar(select(func.max(keys[0])))
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, keys[0].name)))
        if last and sequence:
            connection.execute(select(func.setval(sequence, last)))


def _filled(table: Table, rows: list[dict[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    """Names of the columns to write, and the rows with their defaults."""
    given = rows[0].keys()
    names, defaults = [], {}
    for column in table.columns:
        if column.name in given or column.key in given:
            names.append(column.key)
        elif not column.primary_key:
            names.append(column.key)
            scalar = column.default is not None and column.default.is_scalar
            defaults[column.key] = column.default.arg if scalar else None  # type: ignore[union-attr]  # a scalar default
    return names, [{**defaults, **row} for row in rows]


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    _names, filled = _filled(table, rows)
    connection.execute(insert(table), filled)


def _copy(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    names, filled = _filled(table, rows)
    columns = [table.columns[name] for name in names]
    makers: list[Callable[[Any], Any] | None] = [
        column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns
    ]
    quoted = ", ".join(f'"{column.name}"' for column in columns)
    raw = connection.connection.cursor()
    with raw.copy(f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy:
        for row in filled:
            copy.write_row(
                [maker(row[name]) if maker else row[name] for name, maker in zip(names, makers, strict=True)]
            )
    raw.close()
