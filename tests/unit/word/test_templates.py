"""What a template may say, and how it is told what it may not."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest

from crm.papers import filling as papers
from crm.papers.rules import PAPERS
from crm.reports import filling
from crm.reports.docx import render_docx
from crm.word.check.checking import check as check_norm
from crm.word.template import opening
from crm.word.template.checking import check as check_template
from crm.word.template.opening import open_template
from crm.word.template.rendering import fill
from tests.support.templates import (
    EMPTY,
    FULL,
    VALUES,
    WEEKLY,
    faults_of,
    messages,
    paragraph,
    table,
    with_body,
    with_parts,
)

if TYPE_CHECKING:
    from crm.reports.document import WeeklyDocument

VISITS = "拜访客商周报明细"


def texts(data: bytes) -> list[str]:
    document = docx.Document(BytesIO(data))
    cells = [cell.text for one in document.tables for row in one.rows for cell in row.cells]
    return [one.text for one in document.paragraphs] + cells


def filled(*pieces: str) -> list[str]:
    data = with_body(*pieces)
    assert messages(data) == []
    return texts(fill(data, VALUES.found, filling.properties_of(FULL)))


@pytest.mark.parametrize("document", [FULL, EMPTY], ids=["full", "empty"])
def test_the_built_in_weekly_says_what_the_report_says_without_a_template(document: WeeklyDocument) -> None:
    made = fill(WEEKLY, filling.values(document).found, filling.properties_of(document))
    assert texts(made) == texts(render_docx(document))


def test_the_built_in_weekly_keeps_the_norm() -> None:
    made = fill(WEEKLY, VALUES.found, filling.properties_of(FULL))
    assert check_norm(made).findings == ()


@pytest.mark.parametrize("kind", PAPERS)
def test_every_built_in_template_passes_its_own_check(kind: str) -> None:
    full, empty = papers.sample_values(kind, full=True), papers.sample_values(kind, full=False)
    assert full.catalogue == empty.catalogue
    data = papers.builtin(kind)
    assert check_template(data, full.catalogue, [full.found, empty.found], papers.SAMPLE) == []
    assert check_norm(fill(data, full.found, papers.SAMPLE)).findings == ()


def test_the_same_values_give_the_same_bytes() -> None:
    assert len({fill(WEEKLY, VALUES.found, filling.properties_of(FULL)) for _ in range(2)}) == 1


def test_a_placeholder_split_into_runs_by_word_is_read_whole() -> None:
    assert filled(paragraph("本期 {", "{ 标", "题", " }", "}。"))[0] == "本期 示例地区招商引资工作\n本周情况。"


def test_a_template_saved_by_libreoffice_is_filled_without_a_second_core_part() -> None:
    relations = open_template(WEEKLY)[opening.RELATIONS].replace(opening.CORE, opening.CORE_OF_LIBREOFFICE)
    data = with_parts(**{"_rels__.rels": relations})
    assert messages(data) == []
    with zipfile.ZipFile(BytesIO(fill(data, VALUES.found, filling.properties_of(FULL)))) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())


def test_rows_are_listed_in_a_table() -> None:
    rows = table((f"{{%tr for 行 in {VISITS} %}}",), ("{{ loop.index }}.{{ 行.企业名称 }}",), ("{%tr endfor %}",))
    assert filled(rows) == ["1.示例", "2.示例", "3.示例"]


def test_a_condition_leaves_a_paragraph_out() -> None:
    body = (paragraph("{%p if 份数 == '0' %}"), paragraph("甲"), paragraph("{%p else %}"), paragraph("乙"))
    assert filled(*body, paragraph("{%p endif %}")) == ["乙"]


def test_texts_with_signs_of_xml_and_rare_characters_come_out_as_they_are() -> None:
    values = {**VALUES.found, "标题": "<w:t>&𠮷{{ 期号 }}"}
    made = fill(with_body(paragraph("{{ 标题 }}")), values, filling.properties_of(FULL))
    assert texts(made) == ["<w:t>&𠮷{{ 期号 }}"]


def test_an_unknown_name_is_told_with_the_nearest_one_the_place_and_the_text_around_it() -> None:
    (fault,) = faults_of(with_body(paragraph("第一段"), paragraph("由{{ 编印单 }}编印。")))
    assert fault.message % fault.params == "没有“编印单”这个占位符，您是不是想写“编印单位”？"
    assert (fault.tag, fault.near) == ("{{ 编印单 }}", "由{{ 编印单 }}编印。")
    assert fault.spot.words % fault.spot.params == "正文第2段"


def test_a_fault_in_a_table_is_told_with_row_and_cell() -> None:
    (fault,) = faults_of(with_body(paragraph("前"), table(("甲", "乙"), ("丙", "{{ 无此名称 }}"))))
    assert fault.spot.words % fault.spot.params == "第1个表格第2行第2格"
    assert fault.message % fault.params == "没有“无此名称”这个占位符，请从占位符表里挑选。"


def test_an_unknown_column_is_told_with_the_nearest_one() -> None:
    rows = table((f"{{%tr for 行 in {VISITS} %}}",), ("{{ 行.企业名 }}",), ("{%tr endfor %}",))
    assert messages(with_body(rows)) == ["“行”里没有“企业名”这一项，您是不是想写“行.企业名称”？"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ 标题 }", "花括号没有成对"),
        ("{ 标题 }", "花括号没有成对"),
        ("｛｛标题｝｝", "不要用全角"),
        ("{# 注释 #}", "不能用 {# #} 注释"),
        ("{%- if 标题 %}x{% endif %}", "不要写成"),
        ("{% if 标题 %}x", "请补上 endif"),
        ("x{% endif %}", "前面没有与它成对的语句"),
        ("{{ 正文 }}", "要单独占一段"),
        ("前{{p 正文 }}", "这一句要单独占一段"),
        (f"{{{{ {VISITS} }}}}", "放进表格逐行列出"),
        ("{{ 数字 }}", "要写成“数字.名称”"),
        ("{{ 标题.长度 }}", "下面不能再加点号"),
        ("{%tr for 行 in 标题 %}", "tr 只能写在表格里"),
        ("{% for 行 in 标题 %}x{% endfor %}", "不是可以逐行列出的内容"),
        ("{% for 标题 in 无 %}x{% endfor %}", "已经是占位符的名称"),
        ("{{ 标题|upper }}", "看不懂这一句"),
    ],
)
def test_each_mistake_is_told_in_a_sentence(text: str, words: str) -> None:
    found = messages(with_body(paragraph(text)))
    assert any(words in one for one in found), found


def test_placeholders_in_a_header_are_filled_and_told_apart() -> None:
    def with_header(text: str) -> bytes:
        document = docx.Document(BytesIO(WEEKLY))
        document.sections[0].header.paragraphs[0].text = text
        target = BytesIO()
        document.save(target)
        return target.getvalue()

    made = fill(with_header("{{ 编印单位 }}{{ 期号 }}"), VALUES.found, filling.properties_of(FULL))
    assert docx.Document(BytesIO(made)).sections[0].header.paragraphs[0].text == "示例局第1期（总第12期）"
    (fault,) = faults_of(with_header("{{ 标 题 }}"))
    assert (fault.spot.words, fault.near) == ("页眉", "{{ 标 题 }}")


def test_a_block_may_not_stand_in_a_table() -> None:
    assert messages(with_body(table(("{{p 正文 }}",)))) == [
        "整段内容只能放在正文里，不能放进表格、文本框、页眉或页脚。"
    ]


def test_a_loop_opened_in_one_paragraph_is_not_closed_in_another() -> None:
    found = messages(with_body(paragraph(f"{{% for 行 in {VISITS} %}}"), paragraph("{% endfor %}")))
    assert found == ["开始和结束要在同一处：都在正文里单独成段，都在同一个表格里，或者都在同一段里。"]


def test_the_built_in_edited_as_an_office_would_comes_out_with_its_own_name_and_table() -> None:
    document = docx.Document(BytesIO(WEEKLY))
    (name,) = (one for one in document.paragraphs if one.text == "动态信息周报")
    name.runs[0].text = "云溪招商动态"
    (body,) = (one for one in document.paragraphs if one.text == "{{p 正文 }}")
    body.insert_paragraph_before("本周走访{{ 数字.外出走访企业 }}家。")
    rows = document.add_table(3, 2)
    for row, cells in zip(
        rows.rows,
        ((f"{{%tr for 行 in {VISITS} %}}", ""), ("{{ 行.企业名称 }}", "甲"), ("{%tr endfor %}", "")),
        strict=True,
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    target = BytesIO()
    document.save(target)
    assert messages(target.getvalue()) == []
    made = texts(fill(target.getvalue(), VALUES.found, filling.properties_of(FULL)))
    assert made[0] == "云溪招商动态"
    assert "本周走访12家。" in made
    assert made[-6:] == ["示例", "甲"] * 3
