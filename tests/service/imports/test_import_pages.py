from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import jobs
from crm.core.tasks import Task
from crm.enterprises.models import Enterprise
from crm.imports.models import ImportRun
from crm.imports import runs
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from config import Settings
    from tests.conftest import Browser

CSV = "排名,企业名称,备注\n1,云岭电子有限公司,=1+1\n二,云山机械有限公司,x\n".encode("gb18030")


def _upload(browser: Browser, data: bytes, name: str = "名单.csv") -> TestResponse:
    return browser.post("/imports", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def test_a_list_is_uploaded_previewed_and_imported_in_the_background(
    as_registrar: Browser, session: Session, settings: Settings
) -> None:
    answer = _upload(as_registrar, CSV)
    assert answer.status_code == 303
    path = answer.headers["Location"]
    preview = as_registrar.get(path)
    assert "云岭电子有限公司" in preview.text
    assert session.scalars(select(Enterprise)).all() == []
    session.rollback()
    assert as_registrar.post(f"{path}/start", {"list_name": "世界500强", "year": "2025"}).status_code == 303
    task = session.scalars(select(Task).where(Task.kind == jobs.IMPORT_LIST)).one()
    run_id = task.payload["run_id"]
    session.rollback()
    assert "正在后台处理" in as_registrar.get(path).text
    runs.run_import(session, run_id, settings.files_dir, now=NOW)
    session.commit()
    result = as_registrar.get(path).text
    assert "名次“二”不是数字" in result
    assert "'x" not in as_registrar.get(f"{path}/left.csv").text
    assert as_registrar.get(f"{path}/left.xlsx").data.startswith(b"PK")
    runs.run_import(session, run_id, settings.files_dir, now=NOW)
    assert [row.name for row in session.scalars(select(Enterprise))] == ["云岭电子有限公司"]


def test_a_run_starts_only_once_and_only_with_a_list_and_a_year(as_registrar: Browser, session: Session) -> None:
    path = _upload(as_registrar, CSV).headers["Location"]
    answer = as_registrar.post(f"{path}/start", {"list_name": "", "year": ""})
    assert answer.status_code == 422
    assert "请填写榜单名称" in answer.text
    form = {"list_name": "世界500强", "year": "2025"}
    assert as_registrar.post(f"{path}/start", {**form, "year": "1066"}).status_code == 422
    assert as_registrar.post(f"{path}/start", form).status_code == 303
    assert as_registrar.post(f"{path}/start", form).status_code == 409
    assert len(session.scalars(select(Task).where(Task.kind == jobs.IMPORT_LIST)).all()) == 1


def test_what_is_not_a_list_is_refused_with_a_sentence_and_leaves_nothing(
    as_registrar: Browser, session: Session, settings: Settings
) -> None:
    for data, words in (
        (b"", "文件是空的"),
        (b"<html><body>404</body></html>", "网页文件"),
        (b"\x89PNG\x00\x00", "看不出这是什么文件"),
        (b"PK\x03\x04 renamed", "文件损坏"),
        (b"a,b\n1,2\n", "没有找到“企业名称”"),
    ):
        answer = _upload(as_registrar, data, "名单.xlsx")
        assert answer.status_code == 422
        assert words in answer.text
    assert session.scalars(select(ImportRun)).all() == []
    assert not settings.files_dir.exists()


def test_a_file_of_twenty_megabytes_is_refused(as_registrar: Browser) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = head + b"x" * 20 * 1024 * 1024 + b"\r\n--edge--\r\n"
    headers = {"X-CSRFToken": as_registrar.token(), "Content-Type": "multipart/form-data; boundary=edge"}
    answer = as_registrar.client.post("/imports", data=body, headers=headers)
    assert answer.status_code == 413
    assert "10 MB" in answer.text


def test_only_those_who_may_import_see_the_pages(as_officer: Browser, as_leader: Browser) -> None:
    assert as_officer.get("/imports").status_code == 403
    assert as_leader.get("/imports").status_code == 403
    assert _upload(as_officer, CSV).status_code == 403


def test_names_in_a_file_cannot_become_markup(as_registrar: Browser) -> None:
    data = "企业名称,简称\n云岭电子有限公司,<script>alert(1)</script>\n".encode()
    text = as_registrar.get(_upload(as_registrar, data, "<img src=x>.csv").headers["Location"]).text
    assert not re.search(r"<script>alert|<img src=x", text)
