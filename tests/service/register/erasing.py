"""A contact who left traces everywhere, and a search through all tables for what is left of a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from crm.core import audit, jobs
from crm.core.changes import FieldChange
from crm.core.db import Base
from crm.core.tasks import Task, enqueue
from crm.enterprises.indexing import index_contacts
from crm.fieldwork.models import TouchContact
from crm.imports.models import ImportRow, ImportRun, RowAction
from crm.register import merging
from crm.register.models import DuplicatePair, ExportRun, SavedView
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.enterprises.models import Contact, Enterprise
    from tests.support.builders import Office

NAME, EARLIER_NAME = "欧阳若溪", "欧阳小溪"

PHONE, OLD_PHONE, MAIL = "13987650021", "13711112222", "ruoxi@rx.example"

FACTS = ("战略投资部首席顾问", "云溪后山村", "钱会长", "爱喝岩茶")

SECRETS = (NAME, EARLIER_NAME, PHONE, OLD_PHONE, MAIL, *FACTS)

SENTENCE = f"与{NAME}谈了厂房，回电 139-8765-0021。"


def double(session: Session, office: Office, row: Contact, firm: Enterprise) -> None:
    other = builders.contact(session, firm, office.east, office.officer, NAME, phone=PHONE, note=FACTS[3])
    index_contacts(session, [other.id])
    session.flush()
    actor = office.actor(session, office.registrar)
    choice = merging.Choice(confirmed=True, reason=f"{NAME}登记了两次")
    merging.merge(session, actor, "contact", row.id, other.id, choice, now=NOW)
    third = builders.contact(session, firm, office.east, office.officer, "钱进", phone=PHONE)
    low, high = sorted((row.id, third.id))
    reasons = [{"key": "phone", "value": PHONE}]
    session.add(DuplicatePair(kind="contact", low_id=low, high_id=high, score=90, reasons=reasons, found_at=NOW))


def traces(session: Session, office: Office, row: Contact, firm: Enterprise) -> None:
    run = ImportRun(
        kind="list", filename="客商.xlsx", sha256="0", options={}, state="done", counts={}, created_at=NOW,
        rejected=[{"line": 9, "cells": [NAME, "+86 139 8765 0021"]}],
    )  # fmt: skip
    session.add(run)
    session.flush()
    blank: dict[str, Any] = {"problems": [], "candidates": [], "run_id": run.id}
    linked = [firm.name, NAME, FACTS[0], PHONE, MAIL, FACTS[3]]
    session.add(ImportRow(line=2, cells=linked, action=RowAction.CREATE, contact_id=row.id, **blank))
    session.add(ImportRow(line=3, cells=[firm.name, NAME, "", "139 8765 0021"], action=RowAction.REFUSE, **blank))
    session.add(ImportRow(line=4, cells=["别家公司", "钱进", "部长", "13600000000"], action=RowAction.CREATE, **blank))
    enqueue(session, jobs.RESCORE, {"people": [NAME], "phone": PHONE}, now=NOW)
    session.flush()
    task = session.scalars(select(Task).where(Task.payload["phone"].is_not(None))).first()
    assert task is not None
    task.last_error, task.result = f"refused {NAME} {PHONE}", {"mail": MAIL}
    session.add(ExportRun(page="contacts", state={"q": NAME}, status="done", created_by=office.lead.id, created_at=NOW))
    times = {"created_at": NOW, "updated_at": NOW}
    session.add(SavedView(page="contacts", name="我的", owner_id=office.lead.id, state={"q": PHONE}, **times))
    detail = {"reason": f"{NAME}要求回电{PHONE}"}
    audit.record(session, office.officer.id, "contact.reveal", ("contact", row.id), now=NOW, **detail)
    touch = builders.touch(session, firm, office.east, office.officer, summary="谈了厂房")
    session.add(TouchContact(touch_id=touch.id, contact_id=row.id))


def found(database: Database, words: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Search every column of every table as it lies in the database, also as JSON writes it."""
    hits = []
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')).mappings():  # noqa: S608 (our own name)
                hits += [
                    (table.name, column, word) for column, value in row.items() for word in words if _in(value, word)
                ]
    return hits


def _in(value: object, word: str) -> bool:
    return word in str(value) or json.dumps(word)[1:-1] in str(value)


def kept(session: Session, row: Contact) -> list[Any]:
    mine = (FieldChange.kind == "contact", FieldChange.ref_id == row.id)
    return [
        value for pair in session.execute(select(FieldChange.before, FieldChange.after).where(*mine)) for value in pair
    ]
