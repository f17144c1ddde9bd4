"""Every column of words is decided about: searched for a person who is erased, or left out with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import JSON, Enum, String, create_engine, event, text
from sqlalchemy.orm import Session

import crm.registry  # noqa: F401 (all tables)
from crm.core.db import Base
from crm.core.vault import Sealed
from crm.register import mentions
from crm.register.mention_labels import AT, LABELS
from crm.register.mention_places import PLACES
from crm.register.mention_reasons import SILENT
from crm.register.traces import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy import Column, Engine

    from crm.register.mention_places import Place

CODES = 40  # characters of a code, too few for a sentence
NAME = "欧阳若溪"
PERSON = Words(frozenset({NAME}), frozenset(), frozenset())
NUMBER, OTHER, STATEMENTS = 7, 9999, 6


def holds_words(column: Column[Any]) -> bool:
    """Whether somebody's sentence or name fits in."""
    kind = column.type
    if isinstance(kind, Enum) or column.foreign_keys:
        return False
    return isinstance(kind, JSON | Sealed) or (isinstance(kind, String) and (kind.length or CODES + 1) > CODES)


def test_every_column_of_words_is_searched_or_left_out_with_a_reason() -> None:
    worded = {str(one) for table in Base.metadata.tables.values() for one in table.c if holds_words(one)}
    searched = {f"{place.table}.{name}" for place in PLACES for name in place.words.split()}
    silent = [f"{table}.{name}" for kept in SILENT.values() for table, names in kept.items() for name in names.split()]
    assert sorted(worded - searched - set(silent)) == [], "decide: mention_places.py or mention_reasons.py"
    gone = {one for one in silent if one.split(".")[0] in Base.metadata.tables} | searched
    assert sorted(gone - worded) == [], "no such column of words"
    assert sorted(searched & set(silent)) == []
    assert len(silent) == len(set(silent))


def test_every_place_has_a_name_and_a_page_that_exists(app: Flask) -> None:
    assert {place.kind for place in PLACES} <= AT.keys()
    assert AT.keys() == LABELS.keys()
    routes = app.url_map.bind("localhost")
    assert [path for path in AT.values() if not routes.test(path.format(NUMBER), method="GET")] == []


@pytest.fixture
def engine() -> Iterator[Engine]:
    """All tables, without their rules: rows are made up from the types alone."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        Base.metadata.create_all(connection)
        connection.commit()
    yield engine
    engine.dispose()


def _fill(session: Session, table: str, number: int, **known: object) -> None:
    """Insert one row made up from the types: every number in it is ``number``."""
    row: dict[str, object] = {}
    for column in Base.metadata.tables[table].c:
        words = isinstance(column.type, String | JSON | Sealed) and not column.foreign_keys
        row[column.name] = f"[{number}]" if words else number
    names, values = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    session.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({values})'), row | known)  # noqa: S608 (our own names)


def test_a_name_in_any_column_leads_to_its_page_by_a_handful_of_statements(engine: Engine) -> None:
    wanted, asked = {}, []
    with Session(engine) as session:
        for number, (place, name) in enumerate(((one, name) for one in PLACES for name in one.words.split()), 1):
            _fill(session, place.table, number, **{name: f"与{NAME}谈", **_subject(place)})
            for table in place.via:
                _fill(session, table, number)
            wanted[place.kind, number] = f"{place.table}.{name}"
        _fill(session, "touch", OTHER)
        event.listen(engine, "before_cursor_execute", lambda *seen: asked.append(str(seen[2])))
        found = {(one.kind, one.ref) for one in mentions.find(session, [1], PERSON)}
    assert [column for at, column in wanted.items() if at not in found] == []
    assert OTHER not in {number for _kind, number in found}
    assert len(asked) <= STATEMENTS


def _subject(place: Place) -> dict[str, str]:
    return {"subject_type": place.only} if place.only else {}
