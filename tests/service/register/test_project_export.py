from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.audit import AuditEvent
from crm.register import export, export_file
from crm.register.models import ExportRun
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def secret(session: Session, office: Office) -> Project:
    """A confidential project of the registrar beside one that is not, and one of somebody else."""
    builders.project(session, builders.enterprise(session, "岚桥储能"), office.east, office.officer, name="公开项目")
    others = builders.enterprise(session, "海川化学")
    builders.project(
        session, others, office.east, office.lead, name="不知道的项目", confidential=True, code_name="乙号"
    )
    firm = builders.enterprise(session, "示例材料")
    row = builders.project(
        session, firm, office.east, office.registrar, name="正极材料项目", confidential=True, code_name="甲号"
    )
    session.commit()
    return row


def made(session: Session, folder: Path) -> dict[str, list[object]]:
    """Rows of the newest export by the name they bear."""
    path = folder / "out.xlsx"
    with Session(session.get_bind()) as own:
        run = own.scalars(select(ExportRun).order_by(ExportRun.id.desc()).limit(1)).one()
        file = export_file.write(own, run, path, ("招商局", ZoneInfo("Asia/Shanghai")), NOW, lambda _part, _note: None)
        export.finish(own, run.id, file, "", now=NOW)
        own.commit()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("项目").to_python()
    return {str(row[0]): list(row) for row in rows[2:]}


@pytest.mark.usefixtures("secret")
def test_a_confidential_project_leaves_the_house_under_its_code_name(
    as_registrar: Browser, session: Session, tmp_path: Path
) -> None:
    assert as_registrar.post("/projects/export", {"sort": "since"}).status_code == 303
    rows = made(session, tmp_path)
    assert set(rows) == {"公开项目", "甲号"}
    assert rows["甲号"][1] == "（涉密）"
    assert rows["甲号"][3:9] == [""] * 6
    assert rows["公开项目"][1] == "岚桥储能"
    assert not session.scalars(select(AuditEvent).where(AuditEvent.action == "project.reveal")).all()


def test_its_name_wants_a_reason_and_is_a_look_on_record(
    as_registrar: Browser, session: Session, office: Office, secret: Project, tmp_path: Path
) -> None:
    key, firm = secret.id, secret.enterprise_id
    session.commit()
    refused = as_registrar.post("/projects/export", {"full": "1", "reason": "会", "sort": "since"})
    assert refused.status_code == 422
    assert "须写明用途" in refused.text
    assert 'name="sort" value="since"' in refused.text
    assert as_registrar.post("/projects/export", {"full": "1", "reason": "专题会材料"}).status_code == 303
    assert set(made(session, tmp_path)) == {"公开项目", "正极材料项目"}
    assert "项目（含涉密）" in as_registrar.get("/exports").text
    look = session.scalars(select(AuditEvent).where(AuditEvent.action == "project.reveal")).one()
    assert (look.actor_id, look.subject_type, look.subject_id) == (office.registrar.id, "project", key)
    assert (look.detail["enterprise_id"], look.detail["reason"]) == (firm, "专题会材料")
