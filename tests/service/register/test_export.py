from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.core import clock
from crm.core.audit import AuditEvent
from crm.register import export
from crm.register.models import ExportRun
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW
from workers import inline

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.support.builders import Office

EVIL = "=cmd|'/C calc'!A0"


@pytest.fixture(autouse=True)
def _still() -> Any:
    with patch.object(clock, "now", lambda: NOW):
        yield


@pytest.fixture
def firms(session: Session, office: Office) -> None:
    one = builders.enterprise(session, "云岭电子有限公司", industry="电子", website=EVIL)
    two = builders.enterprise(session, "安平化学有限公司", industry="化工")
    person = builders.contact(session, one, office.east, office.officer, "赵敏", phone="13812345678", email="zm@x.cn")
    builders.contact(session, two, office.south, office.outsider, "孙远", phone="13987654321")
    builders.contact(session, two, office.south, office.outsider, "+孙", archived_at=NOW)
    assert person.id
    session.commit()


def made(browser: Browser, database: Database, settings: Settings, session: Session, **form: str) -> dict[str, Any]:
    answer = browser.post("/enterprises/export", form)
    assert answer.status_code == 303, answer.text[:500]
    inline.drain(database, settings)
    run_id = session.scalars(select(ExportRun.id).order_by(ExportRun.id.desc())).first()
    session.rollback()
    file = browser.get(f"/exports/{run_id}/file")
    assert file.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        inside = {name: archive.read(name).decode() for name in archive.namelist()}
    return {"id": run_id, **sheets, "inside": inside}


@pytest.mark.usefixtures("firms")
def test_the_file_holds_the_filtered_rows_with_a_watermark_first(
    as_registrar: Browser, database: Database, settings: Settings, session: Session
) -> None:
    file = made(as_registrar, database, settings, session, f="industry:电子", cols="website,industry")
    rows = file["企业"]
    assert rows[0][0].startswith("导出人 许静（xu） 2026-11-20 10:00")
    assert rows[0][0].endswith("仅限内部使用")
    assert rows[1][:3] == ["企业", "行业", "网址"]
    assert [row[0] for row in rows[2:]] == ["云岭电子有限公司"]
    assert rows[2][2] == EVIL
    sheet = file["inside"]["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert 'quotePrefix="1"' in file["inside"]["xl/styles.xml"]
    assert "<oddHeader>&amp;C导出人 许静" in sheet
    assert "联系人" not in file
    done = session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("export."))).all()
    assert [event.action for event in done] == ["export.start", "export.done", "export.download"]
    assert done[0].detail["f"] == ["industry:电子"]
    assert done[1].detail["rows"] == 1


@pytest.mark.usefixtures("firms")
def test_contacts_are_masked_and_only_those_one_may_see(
    app: Any, office: Office, database: Database, settings: Settings, session: Session
) -> None:
    lead = Browser(app.test_client()).sign_in(office.lead.username)
    people = made(lead, database, settings, session, contacts="1")["联系人"][2:]
    assert [row[1] for row in people] == ["赵敏"]
    assert people[0][4] == "138****5678"
    assert not session.scalars(select(AuditEvent).where(AuditEvent.action == "contact.reveal")).all()


@pytest.mark.usefixtures("firms")
def test_full_numbers_want_a_right_and_a_reason_and_every_look_is_on_record(
    as_registrar: Browser, as_leader: Browser, database: Database, settings: Settings, session: Session
) -> None:
    assert (
        as_leader.post("/enterprises/export", {"contacts": "1", "full": "1", "reason": "座谈会发函"}).status_code == 403
    )
    assert as_registrar.post("/enterprises/export", {"contacts": "1", "full": "1"}).status_code == 422
    file = made(as_registrar, database, settings, session, contacts="1", full="1", reason="座谈会发函")
    assert sorted(row[4] for row in file["联系人"][2:]) == ["13812345678", "13987654321"]
    looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "contact.reveal")).all()
    assert len(looks) == 2
    assert {look.detail["reason"] for look in looks} == {"座谈会发函"}


@pytest.mark.usefixtures("firms")
def test_only_those_with_the_right_export_and_only_the_maker_downloads(
    as_officer: Browser, as_registrar: Browser, as_leader: Browser, database: Database, settings: Settings,
    session: Session,
) -> None:  # fmt: skip
    assert as_officer.get("/enterprises/export").status_code == 403
    assert as_officer.post("/enterprises/export").status_code == 403
    assert "/enterprises/export" not in as_officer.get("/enterprises").text
    file = made(as_registrar, database, settings, session)
    assert as_leader.get(f"/exports/{file['id']}/file").status_code == 404
    assert f"/exports/{file['id']}/file" in as_registrar.get("/exports").text
    assert "还没有导出过" in as_leader.get("/exports").text


@pytest.mark.usefixtures("firms")
def test_files_go_after_a_week_and_what_never_ended_is_given_up(
    as_registrar: Browser, database: Database, settings: Settings, session: Session
) -> None:
    file = made(as_registrar, database, settings, session)
    path = export.path_of(settings.files_dir, file["id"])
    assert path.exists()
    as_registrar.post("/enterprises/export", {})
    assert "排队中" in as_registrar.get("/exports", headers={"HX-Request": "true"}).text
    assert export.sweep(session, settings.files_dir, now=NOW + timedelta(days=8)) == 1
    session.commit()
    assert not path.exists()
    page = as_registrar.get("/exports").text
    assert "已过期" in page
    assert "没有完成" in page
    assert as_registrar.get(f"/exports/{file['id']}/file").status_code == 404


@pytest.mark.usefixtures("firms")
def test_an_export_of_someone_who_lost_the_right_is_refused(
    as_registrar: Browser, database: Database, settings: Settings, session: Session, office: Office
) -> None:
    as_registrar.post("/enterprises/export", {})
    user = session.merge(office.registrar)
    user.active = False
    session.commit()
    inline.drain(database, settings)
    run = session.scalars(select(ExportRun)).one()
    assert run.status == export.FAILED
    assert not export.path_of(settings.files_dir, run.id).exists()
