from __future__ import annotations

import io
import zipfile

import pytest
from xlsxwriter import Workbook

from crm.core.errors import DomainError
from crm.imports.columns import Column, read_table
from crm.imports.export import as_csv, errors_book
from crm.imports.files import FORMULAS, data_lines, describe
from crm.imports.reading import MOST_ROWS, Book, read_sheet

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
    rows = [["行号", "结果", "企业名称", "备注", "原因", "可能是", "企业链接"]]
    rows.append(["2", "没有导入", "=1+1", "@x", "没有企业名称。", "", "http://127.0.0.1/enterprises/7"])
    assert "'=1+1" in as_csv(rows).decode("utf-8-sig")
    book = errors_book(rows)
    assert read_sheet(book).rows[1][1] == tuple(rows[1])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_the_sheet_with_the_most_known_headings_is_taken_and_merged_headings_are_joined() -> None:
    buffer = io.BytesIO()
    workbook = Workbook(buffer, {"in_memory": True})
    workbook.add_worksheet("说明").write(0, 0, "请勿修改格式")
    sheet = workbook.add_worksheet("台账")
    sheet.merge_range(0, 0, 0, 3, "2025年招商线索台账")
    sheet.merge_range(1, 0, 2, 0, "企业名称")
    sheet.merge_range(1, 1, 1, 2, "联系人")
    sheet.write_row(2, 1, ("姓名", "电话"))
    sheet.merge_range(1, 3, 2, 3, "用地需求（平方米）")
    sheet.merge_range(3, 0, 4, 0, "云岭电子有限公司")
    sheet.write_row(3, 1, ("顾青", "13800000001", "2000"))
    sheet.write_row(4, 1, ("宋砚", "13800000002"))
    sheet.write_row(5, 0, ("合计", "", "", "2000"))
    workbook.close()
    book = Book(buffer.getvalue())
    read = describe(book)
    assert (read.options["sheet"], read.options["header_row"], read.rows) == ("台账", 3, 2)
    assert read.options["columns"] == {"0": "name", "1": "contact", "2": "phone", "3": "land"}
    assert read.options["units"] == {"3": "平方米"}
    names = [row[0] for _line, row in data_lines(book, "台账", 3)]
    assert names == ["云岭电子有限公司", "云岭电子有限公司"]


def test_a_formula_saved_without_its_result_is_told() -> None:
    buffer = io.BytesIO()
    workbook = Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, ("企业名称", "注册资本"))
    sheet.write_string(1, 0, "云岭电子有限公司")
    sheet.write_formula(1, 1, "=1+1", None, "")
    workbook.close()
    data = _without_results(buffer.getvalue())
    assert describe(Book(data)).options["warnings"] == [FORMULAS]
    assert describe(Book(_xlsx(("企业名称",), ("云岭电子有限公司",)))).options["warnings"] == []


def _without_results(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b"<v></v>", b""))
    return buffer.getvalue()


def test_a_column_with_an_unknown_heading_is_read_by_its_values() -> None:
    text = "甲,乙,丙,丁\n云岭电子有限公司,13800000001,a@b.example,91350100M000100Y43\n"
    options = describe(Book(text.encode()), header_row=1).options
    assert options["columns"] == {"0": "name", "1": "phone", "2": "email", "3": "uscc"}


def test_tall_merges_far_to_the_right_of_the_table_cost_nothing() -> None:
    ranges = "".join(f'<mergeCell ref="{column}2:{column}40000"/>' for column in ("B", "CV", "CW", "XFD"))
    merged = io.BytesIO()
    cells = f"</sheetData><mergeCells>{ranges}</mergeCells>".encode()
    plain = zipfile.ZipFile(io.BytesIO(_xlsx(("企业名称",), ("云岭电子有限公司",))))
    with plain, zipfile.ZipFile(merged, "w") as book:
        for name in plain.namelist():
            book.writestr(name, plain.read(name).replace(b"</sheetData>", cells))
    assert [left for (_first, left), _last in Book(merged.getvalue()).merges("Sheet1")] == [1, 99]


def test_signs_that_no_workbook_may_hold_are_left_out() -> None:
    book = Book("企业名称\n云岭\uffff电\ufffe子\x0b有限公司\n".encode())
    assert [row for _line, row in book.rows("")] == [("企业名称",), ("云岭电子有限公司",)]
