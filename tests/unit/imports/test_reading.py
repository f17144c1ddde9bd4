from __future__ import annotations

import io
import zipfile

import pytest
from xlsxwriter import Workbook

from crm.core.errors import DomainError
from crm.imports.columns import Column, read_table
from crm.imports.export import as_csv, as_xlsx, left_rows
from crm.imports.reading import MOST_ROWS, read_sheet

CSV = "排名,企业名称,营业收入（亿元）,总部\n1,云岭电子有限公司,120.5,江苏苏州\n"


def _xlsx(*rows: tuple[object, ...]) -> bytes:
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for index, row in enumerate(rows):
        sheet.write_row(index, 0, row)
    book.close()
    return buffer.getvalue()


def _zip(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_reads_alike_in_every_usual_encoding(encoding: str) -> None:
    table = read_table(read_sheet(CSV.encode(encoding)))
    assert table.rows == ((2, ("1", "云岭电子有限公司", "120.5", "江苏苏州")),)
    assert set(table.mapping.places) == {Column.RANK, Column.NAME, Column.REVENUE, Column.REGION}
    assert table.mapping.units == {2: "亿元"}


def test_a_workbook_reads_like_a_csv_and_whole_numbers_stay_whole() -> None:
    table = read_table(read_sheet(_xlsx(("2025年名单",), ("名次", "公司名称"), (1, "云岭电子有限公司"))))
    assert table.rows == ((3, ("1", "云岭电子有限公司")),)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file.empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "file.empty"),
        (b",,\n,,\n", "file.empty"),
        (b"<!DOCTYPE html><html><table><tr><td>x", "file.html"),
        (b"%PDF-1.7 x", "file.pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "file.xls"),
        (_zip("word/document.xml"), "file.zip"),
        (_zip("xl/workbook.xml"), "file.broken"),
        (b"PK\x03\x04garbage", "file.broken"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "file.binary"),
        (b"\xff\x80\xff\x80 name", "file.encoding"),
        (b"a,b\n1,2\n", "file.columns"),
        (b"name,rank\n", "file.no_rows"),
        (("企业名称\n" + "甲公司\n" * (MOST_ROWS + 1)).encode(), "file.rows"),
        (b"name," * 100 + b"\n", "file.rows"),
    ],
)
def test_what_is_not_a_list_is_answered_with_its_own_sentence(data: bytes, key: str) -> None:
    with pytest.raises(DomainError) as caught:
        read_table(read_sheet(data))
    assert caught.value.problems[0].key == key


def test_rows_that_go_back_cannot_act_as_formulas() -> None:
    left = [{"line": 2, "outcome": "rejected", "message": "没有企业名称。", "params": {}, "values": ["=1+1", "@x"]}]
    rows = left_rows(["企业名称", "备注"], left)
    assert rows[1] == ["2", "退回", "没有企业名称。", "=1+1", "@x"]
    assert "'=1+1" in as_csv(rows).decode("utf-8-sig")
    assert read_sheet(as_xlsx(rows)).rows[1][1][3] == "=1+1"
