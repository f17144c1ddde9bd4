"""Doubles are looked for by jobs: after each change, after an import, and in the whole register."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from sqlalchemy import func, select

from crm.core import clock, jobs
from crm.core.changes import Via
from crm.core.tasks import enqueue
from crm.enterprises import contacts, services
from crm.enterprises.rules import ContactDraft, EnterpriseDraft
from crm.register import duplicate_runs as runs
from crm.register.models import BulkRun, DuplicatePair
from tests.support.builders import NOW, Office, enterprise
from workers import inline

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database

NAMES = ("岚桥储能有限公司", "岚桥储能股份有限公司")


def pairs(session: Session, kind: str = "enterprise") -> list[tuple[int, int]]:
    rows = select(DuplicatePair.low_id, DuplicatePair.high_id).where(DuplicatePair.kind == kind)
    return [(low, high) for low, high in session.execute(rows)]


def test_a_change_by_any_door_is_compared_by_a_job(
    database: Database, session: Session, settings: Settings, office: Office
) -> None:
    actor = office.actor(session, office.officer)
    made = [services.create_enterprise(session, actor, EnterpriseDraft(name), now=NOW) for name in NAMES]
    people = [
        contacts.add_contact(session, actor, made[0].id, ContactDraft("顾青", phone="13800000001"), now=NOW)
        for _ in range(2)
    ]
    session.commit()
    with patch.object(clock, "now", lambda: NOW):
        inline.drain(database, settings)
    assert pairs(session) == [(made[0].id, made[1].id)]
    assert pairs(session, "contact") == [(people[0].id, people[1].id)]


def test_a_whole_run_tells_how_far_it_came_and_can_be_stopped(
    database: Database, session: Session, settings: Settings, office: Office
) -> None:
    actor = office.actor(session, office.registrar)
    for name in NAMES:
        enterprise(session, name, stem="岚桥储能")
    stopped = runs.start(session, actor, "enterprise", now=NOW)
    runs.stop(session, actor, stopped.id, now=NOW)
    run = runs.start(session, actor, "enterprise", now=NOW)
    session.commit()
    with patch.object(clock, "now", lambda: NOW):
        inline.drain(database, settings)
    session.refresh(run)
    assert (run.status, run.counts["percent"]) == (runs.DONE, 100)
    assert run.counts["kept"] == session.scalar(select(func.count(DuplicatePair.id)))
    assert session.get_one(BulkRun, stopped.id).counts["looked"] == 0


def test_an_import_is_followed_by_what_it_wrote(
    database: Database, session: Session, settings: Settings, office: Office
) -> None:
    origin = services.Origin(Via.IMPORT, NOW, 7)
    actor = office.actor(session, office.registrar)
    made = [services.create_row(session, actor, EnterpriseDraft(name), origin) for name in NAMES]
    enqueue(session, jobs.FIND_DUPLICATES, {"import_id": 7}, now=NOW)
    session.commit()
    with patch.object(clock, "now", lambda: NOW), patch("workers.duplicatejobs.CHANGES", 1):
        assert inline.drain(database, settings) >= 2
    assert pairs(session) == [(made[0].id, made[1].id)]
