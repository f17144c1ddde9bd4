"""A person who came in by a file and is erased is gone from what the import keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from crm.auth.models import OrgUnit, User
from crm.auth.rules import SYSTEM
from crm.core.changes import FieldChange
from crm.core.db import Base
from crm.enterprises.contact_privacy import NOBODY
from crm.enterprises.models import Contact
from crm.imports.matching import Subject
from crm.imports.people import UPDATE, People
from crm.imports.rows import Person
from crm.imports.write import Mark
from crm.register import contact_data, erasure
from tests.service.imports.importing import LEDGER
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from crm.core.db import Database
    from tests.service.imports.importing import Importer

NAME, OTHER, PHONE = "欧阳若溪", "钱进", "13987650021"
FIRM = "云岭电子有限公司"
FILE = LEDGER + f"{FIRM},,,{NAME},部长,{PHONE},ruoxi@rx.example\n{FIRM},,,{OTHER},科长,13600000000,\n"


def held(database: Database, word: str) -> set[tuple[str, str]]:
    """Tables and columns in which a word stands as it lies in the database."""
    found = set()
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')).mappings():  # noqa: S608 (our own name)
                found |= {(table.name, column) for column, value in row.items() if _in(str(value), word)}
    return found


def _in(value: str, word: str) -> bool:
    return word in value or word.encode("unicode_escape").decode() in value


@pytest.fixture
def person(importer: Importer) -> int:
    """Take the file in; return who came with it."""
    importer.take(FILE)
    with importer.write() as session:
        return session.scalars(select(Contact.id).where(Contact.name == NAME)).one()


def test_an_erased_person_is_gone_from_all_an_import_keeps(importer: Importer, database: Database, person: int) -> None:
    assert {("import_row", "cells"), ("import_run", "options")} <= held(database, NAME)
    with importer.write() as session:
        plan = erasure.erase_contact(session, SYSTEM, person, reason="本人要求", now=NOW)
        session.commit()
        assert [(one.kind, one.ref) for one in plan.mentions if one.kind == "import"] == [("import", 1)]
    assert (held(database, NAME), held(database, PHONE)) == (set(), set())
    assert ("import_row", "cells") in held(database, OTHER)


def test_a_first_line_taken_for_a_heading_keeps_nobody(importer: Importer, database: Database) -> None:
    importer.check(f"{FIRM},{NAME},{PHONE}\n云山机械有限公司,{OTHER},13600000000\n")
    assert ("import_mapping", "headings") in held(database, PHONE)
    with importer.write() as session:
        place = session.scalars(select(OrgUnit)).first()
        user = session.scalars(select(User)).first()
        assert place is not None
        assert user is not None
        person = builders.contact(session, builders.enterprise(session, FIRM), place, user, NAME, phone=PHONE)
        erasure.erase_contact(session, SYSTEM, person.id, reason="本人要求", now=NOW)
        session.commit()
    assert (held(database, NAME), held(database, PHONE)) == (set(), set())


def test_somebody_of_one_sign_without_number_is_erased_too(importer: Importer) -> None:
    importer.take(LEDGER + f"{FIRM},,,钱,部长,,\n")
    with importer.write() as session:
        person = session.scalars(select(Contact).where(Contact.name == "钱")).one()
        erasure.erase_contact(session, SYSTEM, person.id, reason="本人要求", now=NOW)
        session.commit()
        assert person.name == NOBODY


def test_only_the_name_itself_goes_from_lines_of_others(importer: Importer, database: Database) -> None:
    run_id, _counts = importer.take(
        LEDGER + f"云岭厂,,,{NAME},部长,,\n云山厂,,,{NAME}贤,部长,,{NAME}\n云水厂,,,{NAME}贤,部长,,\n"
    )
    with importer.write() as session:
        person = session.scalars(select(Contact.id).where(Contact.name == NAME)).one()
        erasure.erase_contact(session, SYSTEM, person, reason="本人要求", now=NOW)
        session.commit()
    cells = {line: row.cells[3:7] for line, row in importer.rows(run_id).items()}
    assert cells == {2: ["", "", "", ""], 3: [f"{NAME}贤", "", "", ""], 4: [f"{NAME}贤", "部长", "", ""]}


def test_the_lines_of_a_person_are_handed_out(importer: Importer, person: int) -> None:
    zone: ZoneInfo = NOW.tzinfo  # type: ignore[assignment]  # any zone will do
    with importer.write() as session:
        data = contact_data.export_contact(session, SYSTEM, person, now=NOW, zone=zone)
    lines = data["导入的原始行"]
    assert [(one["批次"], one["行"], one["单元格"][3]) for one in lines] == [(1, 2, NAME)]


def test_an_import_writes_nothing_into_a_person_erased_meanwhile(importer: Importer, person: int) -> None:
    with importer.write() as session:
        row = session.get_one(Contact, person)
        people, firm = People(row.unit_id, overwrite=True), Subject(FIRM, id=row.enterprise_id)
        people.load(session, [row.enterprise_id])
        assert people.take(firm, Person(NAME, "主任", "13711112222", None, None)) == UPDATE
        erasure.erase_contact(session, SYSTEM, person, reason="本人要求", now=NOW)
        people.save(session, "台账", Mark(99, importer.actor.user_id, NOW))
        session.commit()
        session.refresh(row)
        assert (row.post, row.phone, row.phone_tail) == (None, None, None)
    with importer.write() as session:
        assert session.scalars(select(FieldChange).where(FieldChange.run_id == 99)).all() == []
