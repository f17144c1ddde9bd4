from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.fieldwork import services as fieldwork
from crm.fieldwork.chains import services as chains
from crm.fieldwork.chains.rules import ChainDraft, Step, Trigger
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import TouchDraft, TouchKind, TouchTarget
from crm.imports.models import ImportRun
from crm.notices.models import Notice
from crm.pipeline.admission import services as admission
from crm.pipeline.instructions import services as instructions
from crm.pipeline.instructions.rules import InstructionDraft, Urgency
from crm.pipeline.intake import handovers
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.rules import Stage
from crm.register.models import ExportRun
from tests.support import admission as panels
from tests.support import builders
from workers import jobnotices

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

NOW, TODAY = builders.NOW, builders.TODAY


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def told(session: Session) -> set[tuple[int, str]]:
    session.flush()
    return {(row.user_id, row.kind.value) for row in session.scalars(select(Notice))}


def test_a_visit_starts_its_chain_in_the_same_transaction(session: Session, office: Office) -> None:
    draft = ChainDraft("寄材料", Trigger.TOUCH, (Step("寄园区材料", days=7),), TouchKind.VISIT)
    chains.save(session, office.actor(session, office.registrar), None, draft, now=NOW)
    firm, officer = builders.enterprise(session), office.actor(session, office.officer)
    visit = TouchDraft(TouchKind.VISIT, NOW - timedelta(hours=2), "谈了用地")
    for _ in range(2):
        fieldwork.log_touch(session, officer, visit, TouchTarget(firm.id, "c1"), now=NOW, today=TODAY)
    assert session.scalars(select(FollowUp.title)).all() == ["寄园区材料"]


def test_who_is_asked_to_take_a_project_over_is_told(session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)
    officer, to = office.actor(session, office.officer), Receiver(office.east.id, office.colleague.id)
    handovers.ask(session, officer, deal.id, to, "我调去珠三角组", now=NOW, today=TODAY)
    assert told(session) == {(office.colleague.id, "handover")}


def test_an_instruction_reaches_everybody_of_the_unit_it_was_given_to(session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)
    draft = InstructionDraft(
        "云岭扩产" * 14 + "13812345678，请抓紧对接。",
        TODAY + timedelta(days=7),
        Urgency.URGENT,
        office.leader.id,
        office.east.id,
        project_id=deal.id,
    )
    leader = office.actor(session, office.leader)
    instructions.give(session, leader, draft, now=NOW, today=TODAY)
    east = (office.officer, office.colleague, office.lead)
    assert told(session) == {(person.id, "instruction") for person in east}
    assert not any("1381" in row.params["text"] for row in session.scalars(select(Notice)))


def test_the_departments_are_told_that_their_opinions_are_wanted(session: Session, office: Office) -> None:
    panel = panels.panel(session, office)
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, stage=Stage.REVIEWING)
    registrar = office.actor(session, office.registrar)
    admission.open_case(session, registrar, deal.id, panel.asked, annual_tax=None, now=NOW, today=TODAY)
    assert told(session) == {(person.id, "opinion") for person in panel.reviewers.values()}


def test_who_asked_for_an_import_or_an_export_hears_of_its_end(session: Session, office: Office) -> None:
    me = office.registrar.id
    done = ImportRun(
        kind="enterprises", filename="名录.xlsx", sha256="0" * 64, options={}, state="done", counts={}, rejected=[],
        created_by=me, created_at=NOW,
    )  # fmt: skip
    file = ExportRun(page="enterprises", state={}, status="done", rows=12, created_by=me, created_at=NOW)
    session.add_all([done, file])
    session.flush()
    jobnotices.import_ended(session, done.id, now=NOW)
    jobnotices.export_ended(session, file.id, now=NOW)
    assert session.scalars(select(Notice.params).order_by(Notice.id)).all() == [{"name": "名录.xlsx"}, {"n": "12"}]
    assert told(session) == {(me, "job")}
