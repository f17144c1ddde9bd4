"""Pages of blockers: raised, cleared and closed by three people; from a finding; before a meeting; as a file."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core import options
from crm.delivery.blockers import book, course, queries, services
from crm.delivery.blockers.models import Blocker, BlockerStep
from crm.delivery.blockers.rules import BlockerDraft, BlockerSource, BlockerState, StepKind
from crm.field import turning
from crm.fieldwork.supervision.rules import FindingDraft, InspectionDraft
from crm.fieldwork.supervision.services import record
from crm.meetings import decisions
from crm.meetings import services as meetings
from crm.meetings.models import AgendaItem, MeetingDecision
from crm.meetings.rules import DecisionDraft, MeetingDraft, MeetingKind
from crm.register import export_file
from crm.register.erasure import erase_contact
from crm.register.models import ExportRun
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

DUE = TODAY + timedelta(days=7)


@pytest.fixture
def deal(session: Session, office: Office) -> Project:
    return builders.project(session, builders.enterprise(session), office.east, office.officer, name="精密件项目")


def raised(session: Session, office: Office, deal: Project, **more: object) -> Blocker:
    to = {"unit_id": office.south.id, "responsible_id": office.outsider.id, "due_on": DUE, "project_id": deal.id}
    values: dict[str, object] = {
        "client_id": "tap-00000001",
        "title": "缺一条进场路",
        "category": "roads",
        **to,
        **more,
    }
    actor = office.actor(session, office.officer)
    return services.raise_one(session, actor, BlockerDraft(**values), now=NOW, today=TODAY)  # type: ignore[arg-type]  # fields by name


def test_three_people_bring_a_blocker_to_its_end(
    as_officer: Browser, as_outsider: Browser, session: Session, office: Office, deal: Project
) -> None:
    to, project_id = f"{office.south.id}:{office.outsider.id}", deal.id
    session.commit()
    typed = {"client_id": "tap-00000001", "project_id": project_id, "category": "permits", "source": "phone", "to": to}
    refused = as_officer.post("/blockers/new", typed)
    assert refused.status_code == 422
    assert "请用一句话写明是什么问题。" in refused.text
    assert as_officer.post("/blockers/new", {**typed, "title": "环评还没批"}).status_code == 303
    row = session.scalars(select(Blocker)).one()
    at = f"/blockers/{row.id}"
    assert row.due_on == book.Book().due("permits", TODAY)
    session.commit()
    assert "您或本单位承办" in as_outsider.get(at).text
    assert as_outsider.post(f"{at}/progress", {"text": "批文已取", "solved": "y"}).status_code == 303
    word = {"person": "李工", "confirmed_on": TODAY.isoformat(), "way": "phone"}
    assert as_outsider.post(f"{at}/close", word).status_code == 403
    assert as_officer.post(f"{at}/close", {**word, "person": ""}).status_code == 422
    assert as_officer.post(f"{at}/close", word).status_code == 303
    assert "李工 · 电话" in as_officer.get(at).text
    assert "环评还没批" in as_officer.get(f"/projects/{project_id}/blockers").text
    assert "环评还没批" not in as_officer.get("/blockers").text
    paper = as_officer.get(f"{at}/order.docx").data
    assert "环评还没批" in zipfile.ZipFile(io.BytesIO(paper)).read("word/document.xml").decode()
    assert as_officer.post(f"{at}/reopen", {"reason": "又退件", "due_on": DUE.isoformat()}).status_code == 303
    assert "又退件" in as_officer.get(at).text


def test_a_finding_becomes_a_blocker_once(session: Session, office: Office, deal: Project) -> None:
    inspector = office.actor(session, office.supervisor)
    draft = InspectionDraft(
        client_id="tap-00000009", unit_id=office.east.id, inspected_at=NOW, summary="停工", project_id=deal.id,
        enterprise_id=deal.enterprise_id, inspector_ids=(office.supervisor.id,),
    )  # fmt: skip
    visit = record(session, inspector, draft, [FindingDraft("等变压器", office.officer.id, DUE)], now=NOW, today=TODAY)
    found = visit.findings[0]
    made = turning.to_blocker(session, inspector, found.id, now=NOW, today=TODAY)
    assert turning.to_blocker(session, inspector, found.id, now=NOW, today=TODAY) == made
    row = session.get_one(Blocker, made)
    assert [row.title, row.responsible_id, row.due_on, row.source] == [
        "等变压器", office.officer.id, DUE, BlockerSource.INSPECTION,
    ]  # fmt: skip
    assert found.closed_at == NOW
    assert found.follow_up.done_note == f"已转入问题台账：{queries.number(row)}"


def test_a_meeting_takes_up_the_coordination_list_and_its_decision_links_back(
    as_registrar: Browser, session: Session, office: Office, deal: Project
) -> None:
    registrar = office.actor(session, office.registrar)
    row = raised(session, office, deal)
    course.coordinate(session, office.actor(session, office.outsider), row.id, "要县里定路线", now=NOW)
    draft = MeetingDraft(
        "协调会", MeetingKind.COORDINATION, TODAY, chair_id=office.leader.id, members=(office.outsider.id,)
    )
    meeting = meetings.call(session, registrar, draft, now=NOW)
    key, meeting_id = row.id, meeting.id
    session.commit()
    assert "缺一条进场路" in as_registrar.get("/meetings/coordination").text
    assert as_registrar.post("/meetings/coordination", {"meeting": meeting_id}).status_code == 422
    put = as_registrar.post("/meetings/coordination", {"meeting": meeting_id, "blocker": key})
    assert put.location == f"/meetings/{meeting_id}"
    assert "已列入：协调会" in as_registrar.get("/meetings/coordination").text
    meetings.hold(session, registrar, meeting_id, now=NOW, today=TODAY)
    item = session.scalars(select(AgendaItem)).one()
    made = DecisionDraft("走北线，月底通车", office.south.id, office.outsider.id, DUE, item_id=item.id)
    decisions.decide(session, registrar, meeting_id, made, now=NOW, today=TODAY)
    step = session.scalars(select(BlockerStep).where(BlockerStep.kind == StepKind.DECIDED)).one()
    decision_id = session.scalars(select(MeetingDecision.id)).one()
    assert [step.body, step.link] == ["〔2026〕1号-1 走北线，月底通车", f"/meetings/decisions/{decision_id}"]
    row = queries.get(session, registrar, key)
    assert [row.coordinate_at, queries.state(row, TODAY)] == [None, BlockerState.OPEN]


def test_the_list_leaves_the_house_without_what_is_secret(
    as_registrar: Browser, session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    raised(session, office, deal)
    firm = builders.enterprise(session)
    secret = builders.project(session, firm, office.east, office.registrar, confidential=True, code_name="甲号")
    row = raised(session, office, deal, client_id="tap-00000002")
    row.project_id, row.title = secret.id, "不能说的事"
    session.commit()
    assert "共2个问题" in as_registrar.get("/blockers/export?category=roads").text
    assert as_registrar.post("/blockers/export", {"category": "roads"}).status_code == 303
    with Session(session.get_bind()) as own:
        run = own.scalars(select(ExportRun)).one()
        export_file.write(
            own, run, tmp_path / "out.xlsx", ("招商局", ZoneInfo("Asia/Shanghai")), NOW, lambda _part, _note: None
        )
    lines = CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_name("问题台账").to_python()[2:]
    assert [line[1:3] for line in lines] == [["精密件项目", "缺一条进场路"], ["甲号", "（涉密）"]]


def test_the_office_sets_categories_and_who_hears_of_late_ones(as_registrar: Browser, session: Session) -> None:
    typed = {
        "category_0_key": "energy", "category_0_name": "用水用电", "category_0_days": "5", "category_0_active": "1",
        "category_1_key": "", "category_1_name": "用海", "rung_0_day": "2", "rung_0_told": ["head", "leader"],
    }  # fmt: skip
    assert as_registrar.post("/blockers/settings", {**typed, "category_0_days": "0"}).status_code == 422
    assert as_registrar.post("/blockers/settings", typed).status_code == 303
    kept = book.unpacked(options.read(session, book.KEY)[book.KEY])
    assert [(one.name, one.days) for one in kept.categories] == [("用水用电", 5), ("用海", 15)]
    assert [sorted(rung.told) for rung in kept.rungs] == [["head", "leader"]]
    assert "用海" in as_registrar.get("/blockers/settings").text


def test_a_blocker_that_names_an_erased_person_is_told(session: Session, office: Office, deal: Project) -> None:
    row = raised(session, office, deal, title="韩致远说路没通")
    person = builders.contact(session, deal.enterprise, office.east, office.officer, "韩致远")
    seen = erase_contact(session, office.actor(session, office.registrar), person.id, reason="本人要求", now=NOW)
    assert ("blocker", row.id) in [(one.kind, one.ref) for one in seen.mentions]
