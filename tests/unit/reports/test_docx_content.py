"""What the Word file says, for plain weeks and for awkward ones."""

import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest

from crm.reports.document import Imprint
from crm.reports.docx import render_docx
from crm.word.blocks import NewsItem, NewsList, Paragraph, Section, Table
from tests.unit.reports.samples import WEEK, only, opened, texts


def test_headings_and_points_are_numbered_by_their_place() -> None:
    said = texts(WEEK)
    assert said[5:] == [
        "一、本周概况",
        "本周（11月9日—15日），全区拜访企业2家。",
        "二、线索与在谈项目",
        "（一）新增线索",
        "1.晟澜精密传动设备扩产项目。",
        "（1）首报单位：驻昆山办事处。",
        "（2）下步打算：提供地块资料。",
        "2.华启新材料华东基地项目。",
        "（二）停滞项目",
        "1.澄光光学镜片项目。",
        "三、签约与落地",
        "招商任务完成进度表",
        "注：完成率四舍五入保留一位小数。",
        "四、企业动态",
        "1.晟澜精密拟新建华东工厂。（银湖日报，2026年11月10日）",
        "五、下周安排",
        "召开招商例会。",
    ]


def test_the_head_tells_issue_issuer_date_title_and_period() -> None:
    assert texts(WEEK)[:5] == [
        "动态信息周报",
        "第46期（总第312期）",
        "\t银湖区投资促进局\t2026年11月13日",
        "全区招商引资工作本周情况",
        "（2026年11月9日—15日）",
    ]


def test_a_report_without_a_number_calls_itself_a_draft() -> None:
    assert texts(replace(WEEK, issue_no=None, total_no=None))[1] == "（草稿）"


def test_a_week_without_anything_says_so_and_has_no_gaps() -> None:
    empty = Table("签约项目推进表", ("序号", "项目", "投资方"), ())
    document = only(Section("走出去"), Section("签约与落地", (empty,)))
    assert "本周无此类情况。" in texts(document)
    assert opened(document).tables[0].rows[1].cells[0].text == "本周无记录"


def test_a_report_without_imprint_data_has_no_imprint() -> None:
    assert opened(replace(only(Section("走出去")), imprint=Imprint())).tables == []


def test_four_hundred_items_are_all_there_and_numbered_to_the_end() -> None:
    items = tuple(NewsItem(f"第{number}家企业扩产", "银湖日报", date(2026, 11, 10)) for number in range(1, 401))
    said = texts(only(Section("企业动态", (NewsList(items),))))
    assert said[-1] == "400.第400家企业扩产。（银湖日报，2026年11月10日）"
    assert sum("家企业扩产" in line for line in said) == 400


@pytest.mark.parametrize("name", ["𠮷野家", "㛃", "䶮", "𪚥𡿨㐂"])
def test_rare_characters_arrive_whole(name: str) -> None:
    table = Table("表", ("企业",), ((name,),))
    document = only(Section(name, (Paragraph(name), table)))
    assert texts(document)[5:7] == [f"一、{name}", name]
    assert opened(document).tables[0].rows[1].cells[0].text == name


def test_markup_and_control_characters_in_a_name_do_no_harm() -> None:
    name = "A&B<w:p>“引号”\x00\x0b\ud800公司"
    assert texts(only(Section("走出去", (Paragraph(name),))))[-1] == "A&B<w:p>“引号”公司"


def test_a_row_taller_than_a_page_may_break_and_others_stay_whole() -> None:
    names = ("甲公司", "很长的名称" * 80)
    table = Table("表", ("序号", "企业", "进展"), tuple(("1", name, "洽谈中") for name in names))
    written = opened(only(Section("签约", (table,)))).tables[0]
    whole = [bool(row._tr.xpath("./w:trPr/w:cantSplit")) for row in written.rows]  # noqa: SLF001  # no public way to the XML
    assert whole == [True, True, False]
    assert written.rows[2].cells[1].text == names[1]


@pytest.mark.parametrize(
    ("name", "shown", "longest"),
    [
        ("动态信息周报", "动态信息周报", 6),
        ("银湖区招商引资动态信息周报", "银湖区招商引资动态信息周报", 13),
        ("银湖高新技术产业开发区招商引资动态信息周报", "银湖高新技术产业开发区\n招商引资动态信息周报", 11),
        ("长" * 16, "长" * 8 + "\n" + "长" * 8, 8),
    ],
)
def test_a_long_red_name_breaks_before_a_word_and_its_lines_fit(name: str, shown: str, longest: int) -> None:
    document = opened(replace(WEEK, title_red=name))
    size = int(document.element.xpath("//w:color[@w:val='FF0000']/../w:sz/@w:val")[0])
    assert document.paragraphs[0].text == shown
    assert 44 <= size <= 120
    assert longest * (size * 10 + 20) <= 8844


def test_a_line_feed_starts_a_new_paragraph_and_blank_lines_are_dropped() -> None:
    document = only(Section("走出去", (Paragraph("第一段。\n\n 第二段。"),)))
    assert texts(document)[-2:] == ["第一段。", "第二段。"]


@pytest.mark.parametrize("widths", [(1,), (1, 0)])
def test_a_table_with_the_wrong_widths_is_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="width"):
        Table("表", ("序号", "企业"), (), widths)


def test_a_row_of_another_length_than_the_head_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1"):
        Table("表", ("序号", "企业"), (("1",),))


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_docx(WEEK) == render_docx(replace(WEEK))


def test_no_part_carries_the_time_of_writing() -> None:
    with zipfile.ZipFile(BytesIO(render_docx(WEEK))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_properties_are_those_of_the_report() -> None:
    properties = opened(WEEK).core_properties
    assert properties.title == "动态信息周报 第46期（总第312期）"
    assert properties.author == "银湖区投资促进局"
    assert properties.created == datetime(2026, 11, 13, tzinfo=UTC)
