from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.audit import AuditEvent
from crm.enterprises.rules import KnownThrough
from crm.register import export, export_file
from crm.register.models import ExportRun
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from tests.support.builders import Office

PLACE = ("招商局", ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def people(session: Session, office: Office) -> None:
    firm = builders.enterprise(session, "云岭电子有限公司")
    kin = {"known_through": KnownThrough.KIN, "phone": "13812345678"}
    builders.contact(session, firm, office.east, office.officer, "赵敏", do_not_contact=True, **kin)
    builders.contact(session, firm, office.east, office.officer, "=钱进", phone="13700000000")
    builders.contact(session, firm, office.south, office.outsider, "孙远", phone="13987654321", email="sy@x.example")
    session.commit()


def made(session: Session, tmp_path: Path) -> list[list[Any]]:
    """Write the newest export the way the job does, and read it back."""
    path = tmp_path / "out.xlsx"
    with Session(session.get_bind()) as own:
        run = own.scalars(select(ExportRun).order_by(ExportRun.id.desc())).first()
        assert run is not None
        result = export_file.write(own, run, path, PLACE, NOW, lambda _percent, _note: None)
        export.finish(own, run.id, result, "", now=NOW)
        own.commit()
    with zipfile.ZipFile(path) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()
    return CalamineWorkbook.from_path(path).get_sheet_by_name("联系人").to_python()


@pytest.mark.usefixtures("people")
def test_the_narrowed_list_is_exported_masked_and_on_record(
    app: Flask, office: Office, session: Session, tmp_path: Path
) -> None:
    lead = Browser(app.test_client()).sign_in(office.lead.username)
    assert "共 1 位" in lead.get("/contacts/export?known=kin").text
    assert lead.post("/contacts/export", {"known": "kin"}).status_code == 303
    rows = made(session, tmp_path)
    assert rows[0][0].startswith("导出人 林涛（lin） 2026-11-20 10:00")
    assert [row[0] for row in rows[2:]] == ["赵敏"]
    assert rows[2][3] == "138****5678"
    assert rows[2][6] == "是"
    assert "亲情乡贤" in rows[2]
    page = lead.get("/exports").text
    assert "联系人（打码）" in page
    with Session(session.get_bind()) as own:
        told = select(AuditEvent.action).where(AuditEvent.action.startswith("export.")).order_by(AuditEvent.id)
        actions = own.scalars(told).all()
    assert actions == ["export.start", "export.done"]


@pytest.mark.usefixtures("people")
def test_whole_numbers_want_a_reason_and_each_is_a_look(
    as_registrar: Browser, session: Session, tmp_path: Path
) -> None:
    refused = as_registrar.post("/contacts/export", {"full": "1", "known": "kin"})
    assert refused.status_code == 422
    assert 'value="kin"' in refused.text
    assert as_registrar.post("/contacts/export", {"full": "1", "reason": "座谈会发函"}).status_code == 303
    rows = made(session, tmp_path)
    assert {row[3] for row in rows[2:]} == {"13812345678", "13700000000", "13987654321"}
    with Session(session.get_bind()) as own:
        looks = own.scalars(select(AuditEvent.detail).where(AuditEvent.action == "contact.reveal")).all()
    assert [look["reason"] for look in looks] == ["座谈会发函"] * 3


@pytest.mark.usefixtures("people")
def test_who_may_not_export_is_refused(as_officer: Browser, as_leader: Browser) -> None:
    assert as_officer.get("/contacts/export").status_code == 403
    assert as_officer.post("/contacts/export").status_code == 403
    assert "/contacts/export" not in as_officer.get("/contacts").text
    assert as_leader.post("/contacts/export", {"full": "1", "reason": "座谈会发函"}).status_code == 403
