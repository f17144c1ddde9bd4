from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import select, text

from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.enterprises.models import Enterprise
from crm.fieldwork import followups
from crm.fieldwork.models import FollowUp
from crm.fieldwork.supervision import pictures, queries, services
from crm.fieldwork.supervision.models import SiteFinding, SiteInspection
from crm.fieldwork.supervision.rules import FindingDraft, FindingState, InspectionDraft, RecheckDraft
from crm.register.erasure import erase_contact
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.support.builders import Office

LATER = TODAY + timedelta(days=7)


def read(session: Session, statement: Select[Any]) -> Any:
    """Read and let the database go, so that the next request may write."""
    found = session.scalars(statement).one()
    session.commit()
    return found


def recorded(session: Session, office: Office, project: Project | None = None) -> SiteInspection:
    firm = builders.enterprise(session)
    draft = InspectionDraft(
        client_id="tap-00000001",
        unit_id=office.east.id,
        inspected_at=NOW,
        summary="围挡不全，裸土未覆盖。",
        enterprise_id=project.enterprise_id if project else firm.id,
        project_id=project.id if project else None,
        inspector_ids=(office.supervisor.id,),
    )
    found = [FindingDraft("裸土未覆盖", office.officer.id, LATER)]
    actor = office.actor(session, office.supervisor)
    return services.record(session, actor, draft, found, now=NOW, today=TODAY)


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "olive").save(out, "PNG")
    out.seek(0)
    return out


def test_a_finding_goes_from_task_to_mended_to_closed(session: Session, office: Office) -> None:
    row = recorded(session, office)
    inspector, officer = office.actor(session, office.supervisor), office.actor(session, office.officer)
    found = row.findings[0]
    task = session.scalars(select(FollowUp)).one()
    assert (task.owner_id, task.due_on, task.title) == (office.officer.id, LATER, "整改：裸土未覆盖")
    late = LATER + timedelta(days=1)
    assert queries.counts(session, inspector, late, mine=False)[FindingState.OVERDUE] == 1
    followups.complete_follow_up(session, officer, task.id, now=NOW, note="已覆盖")
    assert queries.counts(session, officer, late, mine=True)[FindingState.MENDED] == 1
    again = RecheckDraft(passed=False, note="北侧还有一片", new_due_on=LATER)
    services.recheck(session, inspector, found.id, again, now=NOW, today=TODAY)
    assert queries.counts(session, inspector, TODAY, mine=False)[FindingState.OPEN] == 1
    with pytest.raises(ForbiddenError):
        services.recheck(session, officer, found.id, RecheckDraft(passed=True, note="好了"), now=NOW, today=TODAY)
    services.mended(session, officer, found.id, "北侧也覆盖了", now=NOW)
    services.recheck(session, inspector, found.id, RecheckDraft(passed=True, note="到位"), now=NOW, today=TODAY)
    session.commit()
    assert queries.counts(session, inspector, late, mine=False)[FindingState.CLOSED] == 1
    assert session.scalars(select(FollowUp.done_note).order_by(FollowUp.id)).all() == ["已覆盖", "北侧也覆盖了"]
    with pytest.raises(NotFoundError):
        queries.inspection(session, office.actor(session, office.outsider), row.id)


def test_a_confidential_project_keeps_its_inspections_to_those_who_know(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    project = builders.project(session, firm, office.east, office.officer)
    row = recorded(session, office, project)
    project.confidential, project.code_name = True, "青松"
    session.flush()
    inspector = office.actor(session, office.supervisor)
    with pytest.raises(NotFoundError):
        queries.inspection(session, inspector, row.id)
    assert queries.counts(session, inspector, TODAY, mine=False)[FindingState.OPEN] == 0
    assert queries.inspection(session, office.actor(session, office.officer), row.id).id == row.id


def test_a_person_who_must_not_know_is_no_responsible_person(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    project = builders.project(session, firm, office.east, office.supervisor, confidential=True, code_name="青松")
    with pytest.raises(DomainError) as refused:
        recorded(session, office, project)
    assert [problem.key for problem in refused.value.problems] == ["finding.privy"]


def test_an_inspection_that_names_an_erased_person_is_told(session: Session, office: Office) -> None:
    row, registrar = recorded(session, office), office.actor(session, office.registrar)
    firm = session.get_one(Enterprise, row.enterprise_id)
    person = builders.contact(session, firm, office.east, office.officer, "韩致远")
    row.findings[0].body = "韩致远没有戴安全帽"
    session.flush()
    seen = erase_contact(session, registrar, person.id, reason="本人要求", now=NOW)
    assert [(one.kind, one.ref) for one in seen.mentions] == [("inspection", row.id)]


def test_more_photos_than_an_inspection_takes_are_refused_before_one_is_unpacked(
    session: Session, office: Office, tmp_path: Path
) -> None:
    row, inspector = recorded(session, office), office.actor(session, office.supervisor)
    with pytest.raises(DomainError) as refused:
        pictures.add(session, inspector, row, [b"no photo"] * 21, folder=tmp_path, now=NOW)
    assert refused.value.problems == (pictures.TOO_MANY,)


def test_whoever_judges_a_finding_second_sees_what_the_first_said(
    session: Session, office: Office, database: Database
) -> None:
    row, inspector = recorded(session, office), office.actor(session, office.supervisor)
    found, passed = row.findings[0].id, RecheckDraft(passed=True, note="到位")
    session.commit()
    if database.engine.dialect.name != "postgresql":
        return  # SQLite lets one writer in at a time
    services.recheck(session, inspector, found, passed, now=NOW, today=TODAY)
    with ThreadPoolExecutor(1) as pool:

        def again() -> list[str]:
            later = RecheckDraft(passed=False, note="北侧还有", new_due_on=LATER)
            with database.transaction() as own, pytest.raises(DomainError) as refused:
                services.recheck(own, inspector, found, later, now=NOW, today=TODAY)
            return [problem.key for problem in refused.value.problems]

        second = pool.submit(again)
        wait_until(lambda: second.done() or blocked(database), 10)
        session.commit()
        assert second.result(10) == ["finding.closed"]


def blocked(database: Database) -> bool:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with database.reading() as own:
        return bool(own.scalar(waiting))


def test_an_inspection_is_recorded_on_one_page_with_photo_and_finding(
    app: Flask, session: Session, office: Office, as_officer: Browser, as_outsider: Browser
) -> None:
    inspector = Browser(app.test_client()).sign_in(office.supervisor.username)
    assert as_officer.get("/inspections/new").status_code == 403
    form = {
        "client_id": "tap-00000002",
        "place": "东区标准厂房3号",
        "unit_id": office.east.id,
        "inspected_at": "2026-11-20T09:30",
        "inspector_ids": office.supervisor.id,
        "summary": "消防通道堆料。",
        "body_0": "消防通道堆料",
        "responsible_0": office.officer.id,
        "due_0": "",
    }
    bad = inspector.post("/inspections/new", form)
    assert bad.status_code == 422
    assert "请定一个整改期限" in bad.text
    assert "消防通道堆料" in bad.text
    sent = {**form, "due_0": "2026-11-25", "photos": (picture(), "site.png")}
    assert inspector.post("/inspections/new", sent).status_code == 303
    assert inspector.post("/inspections/new", {**form, "due_0": "2026-11-25"}).status_code == 303
    row = read(session, select(SiteInspection))
    found = read(session, select(SiteFinding))
    page = inspector.get(f"/inspections/{row.id}").text
    assert "整改中" in page
    shown = page.split(f'href="/inspections/{row.id}/photos/')[1].split('"')[0]
    photo = as_officer.get(f"/inspections/{row.id}/photos/{shown}?small=1")
    assert photo.content_type == "image/jpeg"
    assert as_outsider.get(f"/inspections/{row.id}/photos/{shown}").status_code == 404
    assert as_officer.post(f"/inspections/{row.id}/photos/{shown}/remove").status_code == 403
    step = f"/inspections/findings/{found.id}"
    assert as_officer.post(f"{step}/mended", {"note": "已清走"}).status_code == 303
    assert "待复查" in inspector.get("/inspections/findings?state=mended").text
    assert "看全部" in inspector.get("/inspections/findings?state=overdue").text
    assert inspector.post(f"{step}/recheck", {"passed": "yes", "note": "通道畅通"}).status_code == 303
    assert "已销号" in as_officer.get(f"/inspections/{row.id}").text
