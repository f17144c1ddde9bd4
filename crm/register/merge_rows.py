"""Rows that hang on a record: found from the foreign keys of all tables, moved to another one and back.

Whatever table refers to an enterprise or a contact is found by itself, so that a new table is never
forgotten; ``STAYS`` names what is left where it is. Each step is kept as plain data (an ``op``):

* ``move``: rows of a table whose column went from one id to another, by their keys;
* ``drop``: a row the winner has already, whole;
* ``edit``: columns of a row that had to change to move, before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Date,
    Text,
    UniqueConstraint,
    and_,
    delete,
    insert,
    literal,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError

from crm.core.db import Base
from crm.core.tables import references
from crm.core.text import fold
from crm.core.types import UtcDateTime, Wan
from crm.core.vault import Sealed
from crm.enterprises.rules import LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Table
    from sqlalchemy.orm import Session

Op = dict[str, Any]
CHUNK = 400
STAYS = frozenset(
    {
        "enterprise.merged_into_id",
        "contact.merged_into_id",
        "enterprise_score.enterprise_id",
        "score_event.enterprise_id",
        "score_fact.enterprise_id",
        "score_override.enterprise_id",
        "score_sum.enterprise_id",
    }
)
RENAMED = frozenset({"project"})  # rows that figures count are never dropped: they move under another name


@dataclass(frozen=True, slots=True)
class Merge:
    """Which record goes into which; ``label`` marks rows that must take another name on the way."""

    kind: str
    winner: int
    loser: int
    label: str = ""


def moving(kind: str) -> list[Column[Any]]:
    """Return the referring columns that follow a merge."""
    return [column for column in references(kind) if name_of(column) not in STAYS]


def move_all(session: Session, merge: Merge) -> list[Op]:
    """Move every row that refers to the loser to the winner; return the steps."""
    ops: list[Op] = []
    for column in moving(merge.kind):
        for key, twin in _doubled(session, column, merge):
            ops += _settle(session, column, merge, key, twin)
        own = _own_key(column)
        keys = [list(row) for row in session.execute(select(*own).where(_of_loser(column, merge)).order_by(*own))]
        if keys:
            ops.append(_move(session, column, keys, (merge.loser, merge.winner)))
    return ops


def take_back(session: Session, ops: Sequence[Op]) -> tuple[dict[str, int], dict[str, int]]:
    """Undo the steps, the last one first; return how many rows came back and how many did not, by table."""
    back: dict[str, int] = {}
    lost: dict[str, int] = {}
    fresh: dict[tuple[str, int], int] = {}
    for op in reversed(ops):
        table = Base.metadata.tables[op["table"]]
        if op["op"] == "move":
            wanted, done = len(op["keys"]), _return(session, table, op, fresh)
        elif op["op"] == "drop":
            wanted, done = 1, _reinsert(session, table, op["row"], fresh)
        else:
            wanted, done = 0, _unedit(session, table, op)
        back[table.name] = back.get(table.name, 0) + done
        lost[table.name] = lost.get(table.name, 0) + wanted - done if op["op"] != "edit" else lost.get(table.name, 0)
    return {name: n for name, n in back.items() if n}, {name: n for name, n in lost.items() if n > 0}


def packed(value: Any) -> Any:  # noqa: ANN401 (a value of any column)
    """Write a value of a column as plain JSON; sealed values must come sealed (:func:`raw_row`)."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, Enum) else value


def unpacked(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 (a value of any column)
    """Read a packed value; a sealed one becomes an expression that stays sealed."""
    if value is None:
        return None
    if isinstance(column.type, Sealed):
        return literal(value, Text())
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    if isinstance(column.type, Wan):
        return Decimal(value)
    kind = getattr(column.type, "enum_class", None)
    return kind(value) if kind else value


def raw_row(session: Session, table: Table, where: ColumnElement[bool]) -> dict[str, Any] | None:
    """Return a row as plain JSON by column name, sealed values as they lie in the database."""
    columns = [
        type_coerce(column, Text()).label(column.name) if isinstance(column.type, Sealed) else column
        for column in table.columns
    ]
    found = session.execute(select(*columns).where(where)).one_or_none()
    if found is None:
        return None
    return {column.name: packed(value) for column, value in zip(table.columns, found, strict=True)}


def name_of(column: Column[Any]) -> str:
    """Write a column as ``table.column``."""
    return f"{column.table.name}.{column.name}"


def _own_key(column: Column[Any]) -> list[Column[Any]]:
    return [one for one in column.table.primary_key.columns if one is not column]


def _of_loser(column: Column[Any], merge: Merge) -> ColumnElement[bool]:
    """Condition: rows of the loser; the two records themselves are settled by whoever merges them."""
    if column.table.name == merge.kind:
        return and_(column == merge.loser, column.table.c.id.not_in([merge.winner, merge.loser]))
    return column == merge.loser


def _match(columns: Sequence[Column[Any]], keys: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_([tuple(key) for key in keys])


def uniques(column: Column[Any]) -> Iterator[list[Column[Any]]]:
    """Other columns of each unique key that the column is part of; none where it alone is unique."""
    table = column.table
    sets = [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    sets += [list(index.columns) for index in table.indexes if index.unique]
    sets.append(list(table.primary_key.columns))
    for one in sets:
        if any(other is column for other in one):
            yield [other for other in one if other is not column]


def _doubled(session: Session, column: Column[Any], merge: Merge) -> list[tuple[list[Any], list[Any] | None]]:
    """Keys of the loser's rows that the winner has already, with the winner's own.

    A twin of None: the row ties the two records to each other and would refer to itself.
    """
    own, table = _own_key(column), column.table
    found: dict[tuple[Any, ...], list[Any] | None] = {}
    for others in uniques(column):
        pieces = select(*own, *others)
        mine = session.execute(pieces.where(column == merge.winner))
        taken = {tuple(row[len(own) :]): list(row[: len(own)]) for row in mine}
        for row in session.execute(pieces.where(column == merge.loser)) if taken else ():
            rest = tuple(row[len(own) :])
            if rest in taken and None not in rest:
                found[tuple(row[: len(own)])] = taken[rest]
    for other in moving(merge.kind):
        if other.table is table and other is not column and table.name != merge.kind:
            itself = select(*own).where(column == merge.loser, other.in_([merge.winner, merge.loser]))
            found |= {tuple(row): None for row in session.execute(itself)}
    return [(list(key), twin) for key, twin in sorted(found.items())]


def _settle(session: Session, column: Column[Any], merge: Merge, key: list[Any], twin: list[Any] | None) -> list[Op]:
    table, here = column.table, and_(_match(_own_key(column), [key]), column == merge.loser)
    if table.name in RENAMED:
        return [_rename(session, table, here, merge.label)]
    ops = _repoint(session, table, key[0], twin[0]) if twin and "id" in table.c else []
    row = raw_row(session, table, here)
    session.execute(delete(table).where(here))
    return [*ops, {"op": "drop", "table": table.name, "row": row}]


def _repoint(session: Session, table: Table, old: int, new: int) -> list[Op]:
    """Let whatever refers to a row that goes refer to its twin."""
    ops = []
    for column in references(table.name):
        own = _own_key(column)
        keys = [list(row) for row in session.execute(select(*own).where(column == old).order_by(*own))]
        if keys:
            ops.append(_move(session, column, keys, (old, new)))
    return ops


def _rename(session: Session, table: Table, here: ColumnElement[bool], label: str) -> Op:
    row_id, name, folded = session.execute(select(table.c.id, table.c.name, table.c.folded_name).where(here)).one()
    mark = f"（{label}·{row_id}）"
    fresh = name[: LINE - len(mark)] + mark
    after = {"name": fresh, "folded_name": fold(fresh)[:LINE]}
    session.execute(update(table).where(table.c.id == row_id).values(**after))
    return {
        "op": "edit", "table": table.name, "id": row_id, "before": {"name": name, "folded_name": folded}, "after": after
    }  # fmt: skip


def _move(session: Session, column: Column[Any], keys: list[list[Any]], ids: tuple[int, int]) -> Op:
    old, new = ids
    for start in range(0, len(keys), CHUNK):
        here = and_(_match(_own_key(column), keys[start : start + CHUNK]), column == old)
        session.execute(update(column.table).where(here).values({column.name: new}))
    return {"op": "move", "table": column.table.name, "column": column.name, "from": old, "to": new, "keys": keys}


def _return(session: Session, table: Table, op: Op, fresh: Mapping[tuple[str, int], int]) -> int:
    column, keys, done = table.c[op["column"]], op["keys"], 0
    target = next(iter(column.foreign_keys)).column.table.name
    old = fresh.get((target, op["from"]), op["from"])
    for start in range(0, len(keys), CHUNK):
        here = and_(_match(_own_key(column), keys[start : start + CHUNK]), column == op["to"])
        try:
            with session.begin_nested():
                result = session.execute(update(table).where(here).values({column.name: old}))
            done += result.rowcount  # type: ignore[attr-defined]  # CursorResult of an UPDATE
        except IntegrityError:
            continue
    return done


def _reinsert(session: Session, table: Table, row: Mapping[str, Any], fresh: dict[tuple[str, int], int]) -> int:
    """Put a dropped row back; under a new number when its own was given away meanwhile."""
    values = {name: unpacked(table.c[name], value) for name, value in row.items() if name in table.c}
    attempts = [values, {name: value for name, value in values.items() if name != "id"}] if "id" in values else [values]
    for number, attempt in enumerate(attempts):
        try:
            with session.begin_nested():
                made = session.execute(insert(table).values(**attempt))
        except IntegrityError:
            continue
        if number:
            fresh[table.name, row["id"]] = made.inserted_primary_key[0]  # type: ignore[attr-defined]  # CursorResult
        return 1
    return 0


def _unedit(session: Session, table: Table, op: Op) -> int:
    same = [table.c[name] == value for name, value in op["after"].items()]
    session.execute(update(table).where(table.c.id == op["id"], *same).values(**op["before"]))
    return 0
