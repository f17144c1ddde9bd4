from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from python_calamine import CalamineWorkbook

from crm.papers import files
from crm.papers.facts import StalledProject
from crm.papers.rules import PAPERS
from crm.papers.writing import Paper, write
from crm.word.blocks import Paragraph, Point, Section
from crm.word.check.checking import check
from crm.word.tables import CELL_PADDING, column_widths
from tests.unit.papers import samples


def texts(section: Section) -> str:
    return "\n".join(block.text for block in section.blocks if isinstance(block, Paragraph | Point))


def section(paper: Paper, heading: str) -> Section:
    return next(one for one in paper.sections if one.heading == heading)


@pytest.mark.parametrize("key", PAPERS)
def test_every_paper_passes_the_check_of_papers(key: str) -> None:
    for facts in (samples.full(key), samples.empty(key)):
        report = check(files.word(write(facts), facts.issuer, facts.today))
        assert report.passed, report.findings
        assert report.title == facts.kind.title


def test_a_briefing_begins_with_what_is_to_be_decided() -> None:
    paper = write(samples.full("briefing"))
    first = paper.sections[0]
    assert first.heading == "需要决策的事项"
    assert texts(first) == "新材料项目（青石镇：容积率）。\n储能项目。"


def test_the_bulletin_ranks_units_among_their_kind_and_names_first_and_last() -> None:
    paper = write(samples.full("bulletin"))
    titles = [table.title for table in paper.tables]
    assert titles == ["招商任务完成进度表", "小分队排名表", "乡镇（街道）排名表", "上报认定对照表"]
    squads = paper.tables[1]
    assert squads.rows[0] == ("1", "长三角小分队", "8/10\n（3）", "5/10", "0", "0", "0", "65.0%", "1")
    assert squads.rows[1][1] == "珠三角小分队"
    told = texts(section(paper, "通报"))
    assert "小分队排在前列的是：长三角小分队。" in told
    assert "珠三角小分队（平均完成率20.0%）" in told
    assert "青石镇" not in told


def test_progress_shows_target_period_total_rate_and_points() -> None:
    rows = write(samples.full("bulletin")).tables[0].rows
    assert rows[0][:6] == ("1", "收集招商信息（条）", "24", "3", "11", "45.8%")
    assert rows[0][6].startswith("-")
    assert rows[0][7] == "0/3"
    assert rows[4] == ("5", "新开工项目（个）", "—", "0", "0", "—", "—", "—")


def test_reported_and_recognised_stand_side_by_side() -> None:
    paper = write(samples.full("dispatch"))
    assert "上报签约2个、3亿元，认定签约1个、1.2亿元。" in texts(section(paper, "上报和认定"))
    table = next(one for one in paper.tables if one.title == "上报认定对照表")
    assert table.rows == (("长三角小分队", "2", "30,000", "1", "12,000", "40.0%"),)


def test_without_targets_nobody_is_ranked_or_named() -> None:
    paper = write(replace(samples.full("bulletin"), figures=samples.figures({})))
    assert "本年度还没有下达任务，暂不排名。" in texts(paper.sections[0])
    assert section(paper, "通报").blocks == ()


def test_a_year_of_nothing_leaves_no_hole_in_a_sentence() -> None:
    for key in PAPERS:
        for one in write(samples.empty(key)).sections:
            assert "None" not in texts(one)
            assert "、、" not in texts(one)


def test_a_signed_project_tells_how_late_it_is_and_that_nobody_leads() -> None:
    paper = write(samples.full("signed"))
    row = paper.tables[0].rows[0]
    assert row[5] == row[6] == "—"
    assert (row[7], row[8], row[9]) == ("签约", "10", "土地预审")
    assert "节点超期的1个，还没有包保领导的1个。" in texts(paper.sections[0])


def test_the_workbook_holds_every_table_and_no_formula() -> None:
    odd = StalledProject("=1+1", "@示例", "青石镇", "陈晓", "考察", 45, 30)
    paper = write(replace(samples.full("dispatch"), stalled=(odd,)))
    data = files.workbook(paper, samples.TODAY)
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    assert len(book.sheet_names) == len(paper.tables)
    name = next(one for one in book.sheet_names if one.endswith("停滞项目"))
    cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    assert cells[3][:2] == [1.0, "=1+1"]
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert not any(b"<f>" in archive.read(part) for part in archive.namelist())


def test_amounts_and_shares_in_the_workbook_are_real_numbers() -> None:
    paper = write(samples.full("dispatch"))
    book = CalamineWorkbook.from_filelike(BytesIO(files.workbook(paper, samples.TODAY)))
    name = next(one for one in book.sheet_names if one.endswith("上报认定对照表"))
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    assert rows[2][2] == "上报额（万元）"
    assert rows[3] == ["长三角小分队", 2.0, 30000.0, 1.0, 12000.0, 0.4]


def test_a_long_name_and_a_rare_character_come_out_well() -> None:
    odd = StalledProject("𬭎材料" * 60, "示例", "青石镇", "陈晓", "考察", 45, 30)
    facts = replace(samples.full("dispatch"), stalled=(odd,) * 200)
    data = files.word(write(facts), facts.issuer, facts.today)
    assert check(data).passed
    tables = docx.Document(BytesIO(data)).tables
    table = next(one for one in tables if len(one.rows) > 200)
    assert table.rows[1].cells[1].text.startswith("𬭎材料")
    assert table.rows[1].cells[1].text.endswith("…")


def test_crowded_columns_hold_three_digits_and_a_note_stays_with_its_table() -> None:
    facts = samples.full("signed")
    deal = facts.signed[0]
    paper = write(replace(facts, signed=(deal,) * 120))
    widths = column_widths(paper.tables[0])
    room = (widths[0] - 2 * CELL_PADDING) / 20
    assert room >= 3 * 9 / 2, "three digits of 9 pt"
    bulletin = files.word(write(samples.full("bulletin")), "云溪县招商局", samples.TODAY)
    table = docx.Document(BytesIO(bulletin)).tables[0]
    kept = [all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in row.cells) for row in table.rows]
    assert kept == [True, False, False, False, False, True], "the head with the first row, the last with the note"
