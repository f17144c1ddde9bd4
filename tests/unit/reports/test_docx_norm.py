"""The Word file beside the figures of GB/T 9704-2012."""

from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from crm.word import norm
from tests.unit.reports.samples import WEEK, opened

TYPE_AREA_POINTS = (norm.PAGE_HEIGHT - norm.MARGIN_TOP - norm.MARGIN_BOTTOM) / 20


@pytest.fixture(scope="module")
def written() -> Document:
    return opened(WEEK)


def parts(document: Document) -> list[BaseOxmlElement]:
    """Return body, styles and both footers."""
    section = document.sections[0]
    return [
        document.element,
        document.styles.element,
        section.footer._element,  # noqa: SLF001  # python-docx offers no public way to the XML
        section.even_page_footer._element,  # noqa: SLF001  # the same
    ]


def first(element: Element | BaseOxmlElement, path: str) -> str:
    """Return the first value an XPath finds."""
    return str(element.xpath(path)[0])  # type: ignore[union-attr]  # lxml's own XPath


def run_of(document: Document, text: str) -> BaseOxmlElement:
    """Return the only run that holds a text."""
    found = document.element.xpath(f"//w:r[contains(., '{text}')]")
    assert len(found) == 1
    run: BaseOxmlElement = found[0]
    return run


def test_paper_and_margins_are_those_of_the_norm(written: Document) -> None:
    section = written.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert (section.page_width.twips, section.page_height.twips) == (11906, 16838)
    margin = written.element.xpath("//w:pgMar")[0]
    sides = [margin.get(qn(f"w:{side}")) for side in ("top", "left", "right", "bottom")]
    assert sides == ["2098", "1588", "1474", "1984"]


def test_twenty_two_lines_fit_the_type_area_and_a_twenty_third_does_not(written: Document) -> None:
    normal = written.styles.element.xpath("//w:style[@w:default='1']")[0]
    line = int(first(normal, "./w:pPr/w:spacing/@w:line")) / 20
    assert first(normal, "./w:pPr/w:spacing/@w:lineRule") == "exact"
    assert 28 <= line <= 28.95
    assert 22 * line <= TYPE_AREA_POINTS < 23 * line


def test_twenty_eight_body_characters_fit_one_line(written: Document) -> None:
    normal = written.styles.element.xpath("//w:style[@w:default='1']")[0]
    size = int(first(normal, "./w:rPr/w:sz/@w:val")) * 10
    spread = int(first(normal, "./w:rPr/w:spacing/@w:val"))
    assert 28 * (size + spread) <= norm.TEXT_WIDTH < 29 * (size + spread)


def test_every_run_and_style_names_its_chinese_font_and_is_never_bold(written: Document) -> None:
    for part in parts(written):
        for properties in part.xpath(".//w:rPr"):
            assert first(properties, "./w:rFonts/@w:eastAsia")
            assert first(properties, "./w:b/@w:val") == "0"
        assert all(run.xpath("./w:rPr/w:rFonts") for run in part.xpath(".//w:r"))


@pytest.mark.parametrize(
    ("text", "font", "size"),
    [
        ("全区招商引资工作本周情况", "方正小标宋简体", "44"),
        ("一、本周概况", "黑体", "32"),
        ("（一）新增线索", "楷体_GB2312", "32"),
        ("1.晟澜精密传动", "仿宋_GB2312", "32"),
        ("（1）首报单位", "仿宋_GB2312", "32"),
        ("召开招商例会", "仿宋_GB2312", "32"),
        ("第46期（总第312期）", "仿宋_GB2312", "32"),
        ("驻昆山办事处", "仿宋_GB2312", "24"),
        ("共印60份", "仿宋_GB2312", "28"),
    ],
)
def test_each_role_has_its_face(written: Document, text: str, font: str, size: str) -> None:
    runs = written.element.xpath(f"//w:r[contains(., '{text}')]")
    for run in runs[-1:]:
        assert first(run, "./w:rPr/w:rFonts/@w:eastAsia") == font
        assert first(run, "./w:rPr/w:sz/@w:val") == size
    assert runs


def test_body_text_is_indented_by_two_characters(written: Document) -> None:
    normal = written.styles.element.xpath("//w:style[@w:default='1']")[0]
    assert first(normal, "./w:pPr/w:ind/@w:firstLineChars") == "200"
    paragraph = run_of(written, "召开招商例会").getparent()
    assert paragraph is not None
    assert first(paragraph, "./w:pPr/w:pStyle/@w:val") == "Normal"


def test_the_head_is_red_and_its_rule_as_wide_as_the_type_area(written: Document) -> None:
    mark = run_of(written, "动态信息周报")
    assert first(mark, "./w:rPr/w:color/@w:val") == "FF0000"
    assert first(mark, "./w:rPr/w:rFonts/@w:eastAsia") == "方正小标宋简体"
    rule = written.element.xpath("//w:pBdr/w:bottom")[0]
    assert rule.get(qn("w:color")) == "FF0000"
    millimetres = int(rule.get(qn("w:sz"))) / 8 * 25.4 / 72
    assert 0.35 <= millimetres <= 0.5
    assert not written.element.xpath("//w:pPr[w:pBdr]/w:ind")
    assert norm.TEXT_WIDTH == 8844


def test_issuer_stands_left_and_date_right_on_the_line_over_the_rule(written: Document) -> None:
    line = written.element.xpath("//w:p[w:pPr/w:pBdr]")[0]
    stops = [(tab.get(qn("w:val")), int(tab.get(qn("w:pos")))) for tab in line.xpath(".//w:tabs/w:tab")]
    assert stops == [("left", 320), ("right", 8844 - 320)]
    assert "".join(line.xpath(".//w:t/text()")) == "银湖区投资促进局2026年11月13日"


def test_an_issuer_too_long_for_one_line_sends_the_date_to_the_next() -> None:
    document = opened(replace(WEEK, issuer="银湖区招商引资和重点项目建设工作领导小组办公室综合科"))
    line = document.element.xpath("//w:p[w:pPr/w:pBdr]")[0]
    assert len(line.xpath(".//w:br")) == 1


def test_page_numbers_stand_between_em_dashes_at_the_outer_edge(written: Document) -> None:
    section = written.sections[0]
    assert written.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]
        assert paragraph.text == "\N{EM DASH} 1 \N{EM DASH}"
        element = paragraph._p  # noqa: SLF001  # python-docx offers no public way to the XML
        assert first(element, ".//w:instrText/text()").strip() == "PAGE"
        assert first(element, "./w:pPr/w:jc/@w:val") == side
        assert first(element, f"./w:pPr/w:ind/@w:{side}Chars") == "100"
        assert set(element.xpath(".//w:sz/@w:val")) == {"28"}
        assert set(element.xpath(".//w:rFonts/@w:eastAsia")) == {"宋体"}


def test_the_language_of_chinese_text_is_that_of_the_mainland(written: Document) -> None:
    assert written.styles.element.xpath("//w:docDefaults//w:lang/@w:eastAsia") == ["zh-CN"]


def test_tables_are_as_wide_as_the_type_area_and_repeat_their_head(written: Document) -> None:
    table = written.element.xpath("//w:tbl[.//w:tblHeader]")[0]
    assert sum(int(width) for width in table.xpath("./w:tblGrid/w:gridCol/@w:w")) == 8844
    rows = table.xpath("./w:tr")
    assert [bool(row.xpath("./w:trPr/w:tblHeader")) for row in rows] == [True, False, False]
    assert all(row.xpath("./w:trPr/w:cantSplit") for row in rows)


def test_the_imprint_names_whom_it_goes_to_between_rules(written: Document) -> None:
    table = written.element.xpath("//w:tbl[w:tblPr/w:tblpPr]")[0]
    lines = ["".join(line.xpath(".//w:t/text()")) for line in table.xpath(".//w:p")]
    assert lines == [
        "报：区委书记、区长。",
        "送：市投资促进局。",
        "发：各镇（街道）。",
        "银湖区投资促进局（共印60份）",
    ]
    assert table.xpath(".//w:tcBorders/w:top/@w:sz") == ["8", "6"]
    assert table.xpath(".//w:tcBorders/w:bottom/@w:sz") == ["6", "8"]
