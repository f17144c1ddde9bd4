from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from xlsxwriter import Workbook

from crm.enterprises.models import Enterprise
from crm.imports.models import ImportRun
from crm.imports.reading import Book
from tests.service.imports.importing import LEDGER, upload, work, xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.conftest import Browser

CSV = "排名,企业名称,备注\n1,云岭电子有限公司,=1+1\n二,云山机械有限公司,x\n".encode("gb18030")
LIST = {"kind": "list", "list_name": "世界500强", "year": "2025", "mode": "both", "keys": ["uscc", "name"]}
LEDGER_FORM = {"kind": "ledger", "mode": "both", "keys": ["uscc", "stock", "name"]}
HX = {"HX-Request": "true"}


class Road:
    """One person's way through the pages of an import."""

    def __init__(self, browser: Browser, database: Database, settings: Settings) -> None:
        self.browser, self.database, self.settings = browser, database, settings

    def check(self, data: bytes, form: Mapping[str, object], columns: dict[int, str]) -> str:
        """Upload, say what the columns are, wait for the check; return the address of the run."""
        path = upload(self.browser, data).headers["Location"]
        sent = {**form, "then": "check", **{f"column-{index}": value for index, value in columns.items()}}
        answer = self.browser.post(f"{path}/mapping", sent)
        assert answer.status_code == 303, answer.text
        work(self.database, self.settings)
        return path

    def apply(self, path: str) -> str:
        """Import and wait; return the page."""
        assert self.browser.post(f"{path}/apply").status_code == 303
        work(self.database, self.settings)
        return self.browser.get(path).text


@pytest.fixture
def road(as_registrar: Browser, database: Database, settings: Settings, session: Session) -> Road:
    session.close()
    return Road(as_registrar, database, settings)


def names(session: Session) -> list[str]:
    found = list(
        session.scalars(select(Enterprise.name).where(Enterprise.deleted_at.is_(None)).order_by(Enterprise.id))
    )
    session.close()
    return found


def test_a_list_is_uploaded_checked_mended_and_imported_in_the_background(road: Road, session: Session) -> None:
    path = upload(road.browser, CSV).headers["Location"]
    page = road.browser.get(path).text
    assert "云岭电子有限公司" in page
    assert "这份文件怎么读" in page
    columns = {"column-0": "rank", "column-1": "name"}
    assert road.browser.post(f"{path}/mapping", {**LIST, "then": "check", **columns}).status_code == 303
    assert "正在核对" in road.browser.get(path).text
    work(road.database, road.settings)
    page = road.browser.get(path).text
    assert "名次“二”不是数字" in page
    assert "还没有写入任何数据" in page
    assert names(session) == []
    answer = road.browser.post(f"{path}/rows/3/cells/0?only=refuse", {"text": "2"}, headers=HX)
    assert "开始导入（新增 2 家、更新 0 家、跳过 0 行）" in answer.text
    page = road.apply(path)
    assert "已导入" in page
    edition = re.search(r'href="(/lists/\d+\?year=2025)"', page)
    assert edition
    assert "云岭电子有限公司" in road.browser.get(edition[1]).text
    assert names(session) == ["云岭电子有限公司", "云山机械有限公司"]


def test_a_check_starts_only_with_a_list_and_a_year(road: Road) -> None:
    path = upload(road.browser, CSV).headers["Location"]
    form = {**LIST, "then": "check", "column-0": "rank", "column-1": "name"}
    answer = road.browser.post(f"{path}/mapping", {**form, "list_name": "", "year": ""})
    assert answer.status_code == 422
    assert "请填写榜单名称" in answer.text
    assert road.browser.post(f"{path}/mapping", {**form, "year": "1066"}).status_code == 422
    kept = road.browser.post(f"{path}/mapping", {**form, "list_name": "", "column-2": "profile"})
    assert re.search(r'name="column-2".*?value="profile"\s+selected', kept.text, re.DOTALL)
    assert road.browser.post(f"{path}/mapping", form).status_code == 303
    assert road.browser.post(f"{path}/mapping", form).status_code == 409
    work(road.database, road.settings)
    assert road.browser.post(f"{path}/apply").status_code == 303
    assert road.browser.post(f"{path}/apply").status_code == 409


def two_sheets() -> bytes:
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    for name in ("一季度", "二季度"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ("企业名称", "注册资本"))
        sheet.write_row(1, 0, (f"云岭{name}有限公司", 100))
    book.close()
    return buffer.getvalue()


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (220 * 1024 * 1024))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的"),
        (xlsx(), "文件是空的"),
        (b"<html><body>404</body></html>", "网页文件"),
        (b"%PDF-1.7 x", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "旧版 Excel"),
        (b"\x89PNG\x00\x00", "看不出这是什么文件"),
        (b"PK\x03\x04 renamed", "文件损坏"),
        (xlsx(("企业名称",)), "没有数据行"),
        (xlsx(tuple(f"列{number}" for number in range(200)), ("x",) * 200), "100 列"),
        (("企业名称\n" + "云岭\n" * 50_001).encode(), "50,000 行"),
        (bomb(), "50,000 行"),
    ],
    ids=["empty", "empty-sheet", "html", "pdf", "xls", "png", "broken", "heading", "200-columns", "long", "bomb"],
)
def test_what_is_not_a_ledger_is_refused_with_a_sentence_and_leaves_nothing(
    as_registrar: Browser, session: Session, settings: Settings, data: bytes, words: str
) -> None:
    answer = upload(as_registrar, data, "名单.xlsx")
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalar(select(func.count()).select_from(ImportRun)) == 0
    assert not settings.files_dir.exists()


def test_a_file_without_known_headings_is_mapped_by_a_person(road: Road, session: Session) -> None:
    path = upload(road.browser, "甲,乙\n云岭电子有限公司,x\n".encode()).headers["Location"]
    answer = road.browser.post(f"{path}/mapping", {**LEDGER_FORM, "then": "check"})
    assert answer.status_code == 422
    assert "哪一列是企业名称" in answer.text
    assert road.browser.post(f"{path}/mapping", {**LEDGER_FORM, "then": "check", "column-0": "name"}).status_code == 303
    work(road.database, road.settings)
    road.apply(path)
    assert names(session) == ["云岭电子有限公司"]


def test_another_sheet_and_another_heading_line_are_read_anew(road: Road) -> None:
    path = upload(road.browser, two_sheets()).headers["Location"]
    assert "云岭一季度有限公司" in road.browser.get(path).text
    answer = road.browser.post(f"{path}/mapping", {"then": "read", "sheet": "二季度", "header_row": "1"})
    assert answer.status_code == 303
    assert "云岭二季度有限公司" in road.browser.get(f"{path}/mapping").text
    for sent in ({"sheet": "三季度"}, {"sheet": "二季度", "header_row": "9"}):
        assert road.browser.post(f"{path}/mapping", {"then": "read", "header_row": "1", **sent}).status_code == 422


@pytest.mark.parametrize(
    ("line", "index", "words"),
    [
        ("云岭电子有限公司,91350100M000100Y44,,,,,", 1, "校验位不对"),
        ("云岭电子有限公司,,1e9,,,,", 2, "不是金额"),
        ("云岭电子有限公司,,2025年3月1日,,,,", 2, "不是金额"),
        ("云岭电子有限公司,,900000000000万元,,,,", 2, "大得不像"),
        ("云岭电子有限公司,,-5,,,,", 2, "负数"),
        ("云岭电子有限公司,,#REF!,,,,", 2, "公式出错"),
        ("云岭电子有限公司,,,顾青,,138,", 5, "电话“138”只能有"),
        ("云岭电子有限公司,,,顾青,,,gu青", 6, "邮箱“gu青”写法不对"),
        ("云岭电子有限公司,,,,,13800000001,", 5, "没有联系人姓名"),
        (",,5,,,,", 0, "没有企业名称"),
        ("<b>云岭</b>,,,,,,", 0, "网页代码"),
    ],
)
def test_a_bad_cell_is_marked_where_it_stands_and_mended_there(road: Road, line: str, index: int, words: str) -> None:
    meanings = ("name", "uscc", "capital", "contact", "post", "phone", "email")
    path = road.check((LEDGER + line + "\n").encode(), {**LEDGER_FORM, "unit_id": "1"}, dict(enumerate(meanings)))
    page = road.browser.get(path).text
    assert words in page
    assert re.search(rf'i-cell-(?:bad|doubt)[^>]*id="cell-2-{index}"', page)
    good = ("云岭电子有限公司", "", "", "顾青", "", "", "")[index]
    cell = road.browser.get(f"{path}/rows/2/cells/{index}", headers=HX).text
    assert 'name="text"' in cell
    answer = road.browser.post(f"{path}/rows/2/cells/{index}", {"text": good}, headers=HX).text
    assert words not in answer


def test_the_downloaded_errors_hold_the_cells_the_reason_and_a_link(road: Road) -> None:
    meanings = {0: "name", 1: "capital", 2: "profile"}
    road.apply(road.check("企业名称\n云岭电子有限公司\n".encode(), LEDGER_FORM, {0: "name"}))
    data = "企业名称,注册资本,简介\n云岭电子集团有限公司,5,=1+1\n云山机械有限公司,无数,@x\n".encode()
    path = road.check(data, LEDGER_FORM, meanings)
    answer = road.browser.get(f"{path}/errors.xlsx")
    assert "import-2-errors.xlsx" in answer.headers["Content-Disposition"]
    book = Book(answer.data)
    head, queued, bad = (row for _line, row in book.rows(book.sheets[0].name))
    assert head == ("行号", "结果", "企业名称", "注册资本", "简介", "原因", "可能是", "企业链接")
    assert queued[:5] == ("2", "待核对", "云岭电子集团有限公司", "5", "=1+1")
    assert queued[6:] == ("云岭电子有限公司", "http://localhost/enterprises/1")
    assert bad[:5] == ("3", "没有导入", "云山机械有限公司", "无数", "@x")
    assert "不是金额" in bad[5]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    again = upload(road.browser, answer.data, "errors.xlsx").headers["Location"]
    assert "云山机械有限公司" in road.browser.get(again).text


def test_a_row_is_skipped_taken_back_in_and_mended_as_a_whole(road: Road) -> None:
    data = "企业名称,注册资本\n云岭电子有限公司,无数\n".encode()
    path = road.check(data, LEDGER_FORM, {0: "name", 1: "capital"})
    assert "不再跳过" in road.browser.post(f"{path}/rows/2/skip", headers=HX).text
    assert "没有要写入的行" in road.browser.get(path).text
    assert "跳过第 2 行" in road.browser.post(f"{path}/rows/2/unskip", headers=HX).text
    assert "不是金额" in road.browser.get(f"{path}/rows/2").text
    answer = road.browser.post(f"{path}/rows/2", {"cell-0": "云岭电子有限公司", "cell-1": "5"})
    assert answer.status_code == 303
    assert "将新增" in road.browser.get(f"{path}/rows/2").text


def test_the_one_in_doubt_is_chosen_on_the_page_also_after_the_import(road: Road, session: Session) -> None:
    road.apply(road.check("企业名称\n云岭电子有限公司\n".encode(), LEDGER_FORM, {0: "name"}))
    path = road.check("企业名称\n云岭电子集团有限公司\n".encode(), LEDGER_FORM, {0: "name"})
    assert "就是它" in road.browser.get(path).text
    page = road.apply(path)
    assert "都不是，新建一家" in page
    assert road.browser.post(f"{path}/rows/2/settle", {"choice": "x"}).status_code == 422
    assert road.browser.post(f"{path}/rows/2/settle", {"choice": "new"}).status_code == 303
    assert names(session) == ["云岭电子有限公司", "云岭电子集团有限公司"]


def test_an_import_is_cancelled_resumed_and_taken_back_from_its_page(road: Road, session: Session) -> None:
    path = road.check("企业名称\n云岭电子有限公司\n".encode(), LEDGER_FORM, {0: "name"})
    assert road.browser.post(f"{path}/apply").status_code == 303
    assert "正在导入" in road.browser.get(path).text
    assert road.browser.post(f"{path}/cancel").status_code == 303
    work(road.database, road.settings)
    assert "已取消" in road.browser.get(path).text
    assert names(session) == []
    assert road.browser.post(f"{path}/resume").status_code == 303
    work(road.database, road.settings)
    assert names(session) == ["云岭电子有限公司"]
    assert "撤销这次导入" in road.browser.get(f"{path}/undo").text
    assert road.browser.post(f"{path}/undo").status_code == 303
    work(road.database, road.settings)
    page = road.browser.get(path).text
    assert "撤销了什么" in page
    assert names(session) == []
    assert road.browser.post(f"{path}/undo").status_code == 409
