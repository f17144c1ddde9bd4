"""The checker: our own papers pass, and each departure from the norm is found and named."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from crm.reports.docx import render_docx
from crm.word.check import package
from crm.word.check.checking import check
from crm.word.check.package import UnreadableError, open_package
from tests.unit.reports.samples import WEEK, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from docx.document import Document
    from docx.text.paragraph import Paragraph


def saved(document: Document) -> bytes:
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def keys(document: Document) -> set[str]:
    return {one.key for one in check(saved(document)).findings}


def paragraph(document: Document, text: str) -> Paragraph:
    return next(one for one in document.paragraphs if text in one.text)


def test_our_own_weekly_report_departs_in_nothing() -> None:
    report = check(render_docx(WEEK))
    assert report.findings == ()
    assert report.title == "全区招商引资工作本周情况"


def test_a_paper_saved_by_another_program_reads_the_same() -> None:
    assert keys(opened(WEEK)) == set()


def _margin(document: Document) -> None:
    document.sections[0].left_margin = Mm(31.8)


def _paper(document: Document) -> None:
    document.sections[0].page_width = Mm(216)


def _font(document: Document) -> None:
    run = paragraph(document, "召开招商例会").runs[0]
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001 (python-docx offers no other way)
    fonts.set(qn("w:eastAsia"), "宋体")


def _size(document: Document) -> None:
    paragraph(document, "召开招商例会").runs[0].font.size = Pt(14)


def _bold(document: Document) -> None:
    paragraph(document, "一、").runs[0].bold = True


def _colour(document: Document) -> None:
    paragraph(document, "召开招商例会").runs[0].font.color.rgb = RGBColor(0, 0, 0xFF)


def _pitch(document: Document) -> None:
    paragraph(document, "召开招商例会").paragraph_format.line_spacing = Pt(29)


def _indent(document: Document) -> None:
    ind = paragraph(document, "召开招商例会")._element.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001 (as above)
    ind.set(qn("w:firstLineChars"), "0")


def _brackets(document: Document) -> None:
    run = paragraph(document, "（一）").runs[0]
    run.text = run.text.replace("（一）", "(一)")


def _dot(document: Document) -> None:
    run = paragraph(document, "1.").runs[0]
    run.text = run.text.replace("1.", "1、")


def _order(document: Document) -> None:
    run = paragraph(document, "三、").runs[0]
    run.text = run.text.replace("三、", "五、")


def _zero(document: Document) -> None:
    paragraph(document, "召开招商例会").runs[0].text = "2026年09月05日召开招商例会。"


def _number(document: Document) -> None:
    one = paragraph(document, "第46期")
    one.runs[0].text = "银招发[2026]8号"


def _virtual(document: Document) -> None:
    one = paragraph(document, "第46期")
    one.runs[0].text = "银招发〔2026〕08号"


def _no_dash(document: Document) -> None:
    for run in document.sections[0].footer.paragraphs[0].runs:
        if "—" in run.text:
            run.text = run.text.replace("—", "-")


def _no_numbers(document: Document) -> None:
    for footer in (document.sections[0].footer, document.sections[0].even_page_footer):
        for run in footer.paragraphs[0].runs:
            run._element.getparent().remove(run._element)  # noqa: SLF001 (as above)


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (_margin, "margin_left"), (_paper, "paper"), (_font, "font_body"), (_size, "size_body"), (_bold, "bold"),
        (_colour, "colour"), (_pitch, "pitch"), (_indent, "indent"), (_brackets, "form_two"), (_dot, "form_three"),
        (_order, "order"), (_zero, "date_zero"), (_number, "number_brackets"), (_virtual, "number_form"),
        (_no_dash, "number_dash"), (_no_numbers, "number"),
    ],
)  # fmt: skip
def test_each_departure_is_found(spoil: Callable[[Document], None], key: str) -> None:
    document = opened(WEEK)
    spoil(document)
    assert key in keys(document)


def test_a_finding_says_where_and_how_often() -> None:
    document = opened(WEEK)
    _size(document)
    (found,) = check(saved(document)).findings
    assert found.text == "正文的字号是14磅，应为16磅（3号）。"
    assert (found.times, found.excerpt, found.clause) == (1, "召开招商例会。", "5.2.2")


def test_a_letter_typed_without_any_norm_is_told_what_to_change() -> None:
    document = docx.Document()
    document.add_heading("关于开展招商活动的通知", 0)
    document.add_paragraph("一、总体要求")
    document.add_paragraph("各单位要高度重视。")
    found = keys(document)
    assert {"paper", "margin_top", "font_body", "size_body", "pitch", "indent", "number", "title_centre"} <= found


def test_automatic_numbers_are_read_as_they_are_shown() -> None:
    document = docx.Document()
    for text in ("总体要求", "工作安排"):
        document.add_paragraph(text, style="List Number")
    found = check(saved(document)).findings
    assert any(one.excerpt.startswith("1.") for one in found)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "打不开"),
        (b"PK\x03\x04broken", "打不开"),
        (b"\xd0\xcf\x11\xe0old", "另存为"),
        (b"x" * (21 * 1024 * 1024), "20 MB"),
    ],
)
def test_what_is_no_word_file_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        open_package(data)


def _zip(parts: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "parts",
    [
        {"xl/workbook.xml": b"<a/>"},
        {"word/document.xml": b"<a/>"},
        {"word/document.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'},
        {"word/document.xml": b" " * (41 * 1024 * 1024)},
        {"word/document.xml": b"<a>" * 3000},
    ],
)
def test_harmful_and_foreign_packages_are_refused(parts: dict[str, bytes]) -> None:
    with pytest.raises(UnreadableError):
        open_package(_zip(parts))


def _rewritten(data: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return _zip(dict(change(name, archive.read(name)) for name in archive.namelist()))


@pytest.mark.parametrize("bound", ["LARGEST_WHOLE", "MOST_TAGS"])
def test_parts_that_unfold_beyond_all_bounds_are_refused(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(package, bound, 200)
    with pytest.raises(UnreadableError, match="展开后太大"):
        open_package(render_docx(WEEK))


def test_a_body_of_another_name_is_found() -> None:
    def renamed(name: str, content: bytes) -> tuple[str, bytes]:
        return name.replace("document.xml", "document2.xml"), content.replace(
            b"word/document.xml", b"word/document2.xml"
        )

    assert check(_rewritten(render_docx(WEEK), renamed)).findings == ()


def test_broken_numbers_and_measures_with_units_are_read_as_they_are() -> None:
    def strict(name: str, content: bytes) -> tuple[str, bytes]:
        return name, content.replace(b'w:linePitch="', b'w:linePitch="x').replace(b'w:w="11906"', b'w:w="210mm"')

    assert "paper" not in {one.key for one in check(_rewritten(render_docx(WEEK), strict)).findings}


def test_a_part_whose_packing_is_broken_is_told() -> None:
    data = bytearray(_zip({"word/document.xml": b"<a>" + bytes(range(33, 60)) * 900 + b"</a>"}))
    data[60:90] = b"\xff" * 30
    with pytest.raises(UnreadableError, match="打不开"):
        open_package(bytes(data))
