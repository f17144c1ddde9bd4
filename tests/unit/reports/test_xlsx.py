"""The annex as an independent reader sees it."""

import zipfile
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from crm.reports.document import Figure, WeeklyDocument
from crm.reports.xlsx import render_xlsx, sheet_name
from crm.word.blocks import Section, Table
from tests.unit.reports.samples import WEEK, only


def sheets(document: WeeklyDocument) -> dict[str, list[list[Any]]]:
    """Return the cells of every sheet by its name."""
    book = CalamineWorkbook.from_filelike(BytesIO(render_xlsx(document)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def part(document: WeeklyDocument, name: str) -> str:
    """Return one XML part of the file."""
    with zipfile.ZipFile(BytesIO(render_xlsx(document))) as archive:
        return archive.read(name).decode("utf-8")


def test_the_first_sheet_lists_every_figure_with_its_basis_and_row_count() -> None:
    index = sheets(WEEK)["指标汇总"]
    assert index[1] == ["序号", "指标编码", "指标", "单位", "数值", "明细行数", "口径"]
    assert index[2] == [1, "visits", "拜访企业", "家", 2, 2, "本周登记的走访，同一企业计一家"]


def test_a_figure_has_a_sheet_with_the_rows_behind_it_as_real_numbers_and_dates() -> None:
    rows = sheets(WEEK)["拜访企业"]
    assert [row[:2] for row in rows[:5]] == [
        ["拜访企业", ""],
        ["编码", "visits"],
        ["单位", "家"],
        ["口径", "本周登记的走访，同一企业计一家"],
        ["数值", 2],
    ]
    assert rows[5] == ["日期", "企业", "意向投资（万元）", "登记时间"]
    assert rows[6] == [date(2026, 11, 10), "晟澜精密传动", 1200.5, datetime(2026, 11, 10, 10, 30)]  # noqa: DTZ001  # Excel knows no zones
    assert rows[7][1:3] == ["𠮷野食品", ""]


def test_the_tables_of_the_report_follow_with_numbers_and_shares_that_can_be_reckoned_with() -> None:
    rows = sheets(WEEK)["招商任务完成进度表"]
    assert rows[1] == ["序号", "单位", "年度目标", "累计", "完成率"]
    assert rows[3] == [2, "驻昆山办事处", 192, 93, 0.484]


def test_printed_money_is_a_number_and_a_day_or_a_name_of_digits_stays_a_text() -> None:
    columns = ("企业名称", "合同额（万元）", "签约日期", "时序差", "认定率")
    table = Table("签约项目推进表", columns, (("360", "130,999.32", "11.10", "-3.1", "—"),), (1, 1, 1, 1, 1))
    week = replace(WEEK, sections=(Section("签约", (table,)),))
    assert sheets(week)["签约项目推进表"][2] == ["360", 130999.32, "11.10", -3.1, "—"]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://example.com")', "+1+1", "-2+3", "@SUM(A1)", "{=1}", "http://a.cn"]
)
def test_a_text_that_looks_like_a_formula_or_link_stays_a_text(text: str) -> None:
    figure = Figure("k", "企业", "家", "口径", 1, ("名称",), ((text,),))
    document = replace(WEEK, sections=(), figures=(figure,))
    sheet = part(document, "xl/worksheets/sheet2.xml")
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert sheets(document)["企业"][6] == [text, ""]


def test_a_formula_sign_is_kept_harmless_when_somebody_edits_the_cell() -> None:
    figure = Figure("k", "企业", "家", "口径", 1, ("名称",), (("=1+1",),))
    assert 'quotePrefix="1"' in part(replace(WEEK, figures=(figure,)), "xl/styles.xml")


def test_the_head_stays_in_view() -> None:
    assert 'ySplit="6"' in part(WEEK, "xl/worksheets/sheet2.xml")
    assert 'state="frozen"' in part(WEEK, "xl/worksheets/sheet2.xml")


def test_a_figure_without_rows_says_so() -> None:
    figure = Figure("k", "签约", "个", "口径", 0, ("项目",))
    assert sheets(replace(WEEK, figures=(figure,)))["签约"][6][0] == "无明细"


def test_a_week_without_figures_and_tables_is_still_a_workbook() -> None:
    assert list(sheets(replace(only(Section("走出去")), figures=()))) == ["指标汇总"]


def test_four_hundred_rows_are_all_there() -> None:
    table = Table("拜访客商周报表", ("序号", "企业"), tuple((str(number), "甲") for number in range(400)))
    rows = sheets(only(Section("走出去", (table,))))["拜访客商周报表"]
    assert len(rows) == 402


def test_figures_of_one_name_get_sheets_of_their_own() -> None:
    figures = (WEEK.figures[0], replace(WEEK.figures[0], key="other"))
    assert "拜访企业(2)" in sheets(replace(WEEK, figures=figures))


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("签约/落地[5亿元以上]:*?", "签约 落地 5亿元以上"),
        ("", "明细"),
        ("History", "History_"),
        ("长" * 40, "长" * 31),
        ("𠮷" * 20, "𠮷" * 15),
        ("'引号'", "引号"),
    ],
)
def test_sheet_names_are_made_legal(wanted: str, name: str) -> None:
    assert sheet_name(wanted, set()) == name


def test_a_control_character_or_half_a_character_does_not_spoil_the_file() -> None:
    figure = Figure("k\x01", "企业\x00", "家", "口径", 1, ("名\x02称",), (("a\ud800b",),))
    assert sheets(replace(WEEK, figures=(figure,)))["企业"][6][0] == "ab"


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_xlsx(WEEK) == render_xlsx(replace(WEEK))
    assert "2026-11-13T00:00:00Z" in part(WEEK, "docProps/core.xml")
