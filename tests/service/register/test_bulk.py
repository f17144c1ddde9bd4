from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from sqlalchemy import func, select

from crm.core import clock
from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange, Via
from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.register import bulk
from crm.register.models import BulkRun
from tests.support import builders
from tests.support.builders import NOW
from workers import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with patch.object(clock, "now", lambda: NOW):
        yield


@pytest.fixture
def ids(session: Session, office: Office) -> list[int]:
    made = [
        builders.enterprise(session, f"云岭第{number}工厂", industry="电子" if number else "半导体", region="江苏").id
        for number in range(4)
    ]
    session.commit()
    assert office
    return made


def industries(session: Session) -> list[str | None]:
    found = list(session.scalars(select(Enterprise.industry).order_by(Enterprise.id)))
    session.rollback()
    return found


def test_the_preview_says_what_will_change_and_writes_nothing(
    as_registrar: Browser, ids: list[int], session: Session
) -> None:
    ticked = "&".join(f"id={one}" for one in ids)
    page = as_registrar.get(f"/enterprises/bulk?scope=ids&{ticked}&field=industry&value=半导体").text
    assert "将修改 3 家，1 家已是这个值。" in page
    assert "不变" in page
    assert industries(session) == ["半导体", "电子", "电子", "电子"]


def test_few_rows_are_written_at_once_and_kept_in_the_history(
    as_registrar: Browser, ids: list[int], session: Session
) -> None:
    form: dict[str, Any] = {"scope": "ids", "id": ids[:3], "field": "industry", "value": "半导体"}
    answer = as_registrar.post("/enterprises/bulk", form)
    assert answer.status_code == 303
    assert "修改完成" in as_registrar.get(answer.headers["Location"]).text
    assert industries(session) == ["半导体", "半导体", "半导体", "电子"]
    kept = session.scalars(select(FieldChange.via).where(FieldChange.field == "industry")).all()
    assert list(kept) == [Via.BULK, Via.BULK]
    started = session.scalars(select(AuditEvent).where(AuditEvent.action == "bulk.start")).one()
    assert started.detail["rows"] == 3


def test_all_of_a_filter_are_written_by_a_job_that_can_be_stopped(
    as_registrar: Browser, ids: list[int], session: Session, database: Database, settings: Settings
) -> None:
    form = {"scope": "all", "f": "industry:电子", "field": "industry", "value": "化工"}
    with patch.object(bulk, "AT_ONCE", 1), patch.object(bulk, "STEP", 2):
        first = as_registrar.post("/enterprises/bulk", form).headers["Location"]
        assert "0 / 3" in as_registrar.get(first, headers={"HX-Request": "true"}).text
        assert as_registrar.post(f"{first}/stop").status_code == 303
        inline.drain(database, settings)
        assert "化工" not in industries(session)
        assert "已停止" in as_registrar.get(first).text
        second = as_registrar.post("/enterprises/bulk", form).headers["Location"]
        inline.drain(database, settings)
    assert "修改完成" in as_registrar.get(second).text
    assert industries(session) == ["半导体", "化工", "化工", "化工"]
    assert ids


def test_a_row_that_cannot_be_changed_is_counted_with_its_reason(
    as_registrar: Browser, ids: list[int], session: Session
) -> None:
    session.get_one(Enterprise, ids[3]).deleted_at = NOW
    session.commit()
    form: dict[str, Any] = {"scope": "ids", "id": ids, "field": "region", "value": "浙江"}
    answer = as_registrar.post("/enterprises/bulk", form)
    assert "1 家没有改：企业已被删除或合并" in as_registrar.get(answer.headers["Location"]).text
    run = session.scalars(select(BulkRun)).one()
    assert (run.counts["changed"], run.counts["refused"]) == (3, 1)


def test_enterprises_join_a_list_of_ones_own_but_never_a_published_one(
    as_registrar: Browser, ids: list[int], session: Session
) -> None:
    form: dict[str, Any] = {"scope": "ids", "id": ids, "field": "list", "value": "长三角重点50家"}
    for _ in range(2):
        assert as_registrar.post("/enterprises/bulk", form).status_code == 303
    assert session.scalar(select(func.count()).select_from(ListEntry)) == 4
    assert session.scalars(select(ListEdition.year)).one() == 2026
    assert session.scalars(select(TargetList.key)).one().startswith("own_")
    session.rollback()
    refused = as_registrar.post("/enterprises/bulk", {**form, "value": "世界500强"})
    assert refused.status_code == 422
    assert "公开榜单" in refused.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"field": "industry", "value": "电子"}, "请先在列表里勾选企业"),
        ({"field": "name", "value": "x", "id": "1"}, "请选择要改的字段"),
        ({"field": "industry", "value": "", "id": "1"}, "请填写新值"),
        ({"field": "source_kind", "source": "nowhere", "id": "1"}, "请从来源渠道里选一个"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(as_registrar: Browser, form: dict[str, str], words: str) -> None:
    answer = as_registrar.post("/enterprises/bulk", form)
    assert answer.status_code == 422
    assert words in answer.text


def test_too_many_rows_and_no_right_and_anothers_run(
    as_registrar: Browser, as_officer: Browser, app: Any, office: Office, ids: list[int]
) -> None:
    assert as_officer.get("/enterprises/bulk").status_code == 403
    with patch.object(bulk, "MOST", 2):
        page = as_registrar.get("/enterprises/bulk?scope=all")
        assert "一次最多改" in page.text
        form = {"scope": "all", "field": "region", "value": "浙江"}
        assert as_registrar.post("/enterprises/bulk", form).status_code == 422
    form = {"id": str(ids[0]), "field": "region", "value": "浙江"}
    path = as_registrar.post("/enterprises/bulk", form).headers["Location"]
    lead = type(as_registrar)(app.test_client()).sign_in(office.lead.username)
    assert lead.get(path).status_code == 404
    assert lead.post(f"{path}/stop").status_code == 404
