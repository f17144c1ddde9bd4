"""The body of the weekly report: red head, title, sections and imprint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm.reports.wording import EMPTY_ROW, EMPTY_SECTION, issue_text
from crm.word import norm, styles
from crm.word.body import Silence, page_setup, sections_xml
from crm.word.norm import Face
from crm.word.ooxml import Xml, join, root, w
from crm.word.tables import table_properties
from crm.word.text import hanging, paragraph, run, spacing
from crm.word.wording import date_range, date_text, full_width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.reports.document import Imprint, WeeklyDocument

SILENCE = Silence(EMPTY_SECTION, EMPTY_ROW)
LAST_LINE = 20  # Word wants a paragraph after a table; 1 pt does not show
LARGEST_MARK = 120  # half-points: 60 pt
SMALLEST_MARK = 44
MARK_SPREAD = 20
LONGEST_MARK_LINE = 14
MARK_WORDS = re.compile("招商|动态|信息|工作|周报|简报|通报")


def _mark_lines(name: str) -> str:
    """Return the red name, broken into two lines before a word when it is long."""
    if "\n" in name or len(name) <= LONGEST_MARK_LINE:
        return name
    middle = len(name) // 2
    words = (match.start() for match in MARK_WORDS.finditer(name) if match.start())
    place = min(words, key=lambda start: abs(start - middle), default=middle)
    return f"{name[:place]}\n{name[place:]}"


def _mark_face(lines: str) -> Face:
    """Return the largest face in which no line of the red name wraps."""
    longest = max(len(line) for line in lines.split("\n"))
    room = norm.TEXT_WIDTH // max(1, longest) - MARK_SPREAD
    size = max(SMALLEST_MARK, min(LARGEST_MARK, room // 10))
    return Face(norm.XIAOBIAOSONG, size, MARK_SPREAD)


def mark_xml(name: str, *, like: str = "") -> Xml:
    """Return the red name; its letters begin 35 mm below the top of the type area.

    With ``like`` it is as large as that name would be, on one line: for a placeholder.
    """
    lines = name if like else _mark_lines(name)
    face = _mark_face(_mark_lines(like) if like else lines)
    line = face.size * 12
    above = norm.MARK_DISTANCE - (line - face.character) // 2
    return paragraph(
        styles.HEAD,
        run(lines, face, color=norm.RED),
        properties=spacing(line, before=above),
    )


def _issuer_line(document: WeeklyDocument) -> Xml:
    """Return issuer and date in one line, or in two when they are long."""
    issued = date_text(document.issued_on)
    room = norm.TEXT_WIDTH // norm.BODY.character - 3
    one_line = full_width(document.issuer + issued) <= room
    return issuer_xml(f"\t{document.issuer}" + ("\t" if one_line else "\n\t\t") + issued)


def issuer_xml(text: str) -> Xml:
    """Return issuer and date, each after a tab, one character in from each side, over the red rule."""
    character = norm.BODY.character
    rule = w(
        "pBdr",
        w(
            "bottom",
            val="single",
            sz=norm.RED_RULE,
            space=norm.RED_RULE_DISTANCE,
            color=norm.RED,
        ),
    )
    stops = w(
        "tabs",
        w("tab", val="left", pos=character),
        w("tab", val="right", pos=norm.TEXT_WIDTH - character),
    )
    layout = join(rule, stops, spacing(), w("jc", val="left"))
    return paragraph(styles.HEAD, run(text, norm.BODY), properties=layout)


def _head(document: WeeklyDocument) -> Xml:
    blank = paragraph(styles.HEAD)
    number = paragraph(styles.HEAD, run(issue_text(document), norm.BODY))
    return join(mark_xml(document.title_red), blank, number, blank, _issuer_line(document))


def _title(document: WeeklyDocument) -> Xml:
    """Return two blank lines, the headline and the period in brackets."""
    period = date_range(document.period_start, document.period_end, with_year=True)
    return join(
        paragraph(styles.HEAD),
        paragraph(styles.HEAD),
        paragraph(styles.TITLE, run(document.title, norm.TITLE)),
        paragraph(styles.SUBTITLE, run(f"（{period}）", norm.LEVEL_TWO)),
        paragraph(styles.HEAD),
    )


def imprint_row(content: Xml, top: int, bottom: int) -> Xml:
    """Return a row of the imprint between two rules."""
    rules = (
        w(side, val="single", sz=size, space=0, color="000000") for side, size in (("top", top), ("bottom", bottom))
    )
    borders = w("tcBorders", *rules)
    width = w("tcW", w=norm.TEXT_WIDTH, type="dxa")
    cell = w("tc", w("tcPr", width, borders), content)
    return w("tr", w("trPr", w("cantSplit")), cell)


def _recipients(imprint: Imprint) -> list[Xml]:
    """Return the lines 报, 送 and 发 which have somebody to name."""
    named = (
        ("报：", imprint.report_to),
        ("送：", imprint.send_to),
        ("发：", imprint.distribute),
    )
    return [recipient_xml(f"{label}{names}") for label, names in named if names.strip()]


def recipient_xml(text: str) -> Xml:
    """Return a line of the imprint, wrapped lines hanging under the names."""
    return paragraph(styles.IMPRINT, run(text, norm.IMPRINT), properties=hanging(norm.IMPRINT, 2, 1))


def copies_xml(text: str) -> Xml:
    """Return the last line of the imprint: issuer and copies, each after a tab."""
    character = norm.IMPRINT.character
    stops = w(
        "tabs",
        w("tab", val="left", pos=character),
        w("tab", val="right", pos=norm.TEXT_WIDTH - character),
    )
    return paragraph(styles.IMPRINT, run(text, norm.IMPRINT), properties=stops)


def _imprint(document: WeeklyDocument) -> Xml:
    """Return the imprint, standing at the foot of the last page; '' without data."""
    recipients = _recipients(document.imprint)
    if not recipients and not document.imprint.copies:
        return Xml("")
    outer, inner = norm.OUTER_RULE, norm.INNER_RULE
    rows = [imprint_row(join(*recipients), outer, inner)] if recipients else []
    above = inner if recipients else outer
    copies = document.imprint.copies
    printed = f"（共印{copies}份）" if copies else ""
    rows.append(imprint_row(copies_xml(f"\t{document.issuer}\t{printed}"), above, outer))
    return join(paragraph(styles.HEAD), imprint_table(rows))


def imprint_table(rows: Iterable[Xml]) -> Xml:
    """Return the table of the imprint, standing at the foot of its page."""
    place = w(
        "tblpPr",
        leftFromText=0,
        rightFromText=0,
        vertAnchor="margin",
        horzAnchor="margin",
        tblpXSpec="center",
        tblpYSpec="bottom",
    )
    grid = w("tblGrid", w("gridCol", w=norm.TEXT_WIDTH))
    properties = table_properties(styles.IMPRINT_TABLE, place, padding=0)
    return w("tbl", properties, grid, *rows)


def last_line() -> Xml:
    """Return the paragraph Word wants after a table, too low to be seen."""
    return paragraph(styles.IMPRINT, properties=spacing(LAST_LINE))


def document_part(document: WeeklyDocument) -> str:
    """Return word/document.xml."""
    body = w(
        "body",
        _head(document),
        _title(document),
        *sections_xml(document.outline, SILENCE),
        _imprint(document),
        last_line(),
        page_setup(),
    )
    return root("document", body)
