"""The body of a Word file after GB/T 9704: numbered sections, page set-up, page numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crm.word import norm, styles
from crm.word.blocks import NewsItem, Paragraph, Section, SubHeading, Table
from crm.word.numbering import Line, numbered_lines, numbered_sections
from crm.word.ooxml import Xml, join, root, w
from crm.word.tables import table_xml
from crm.word.text import NOTHING, page_field, paragraph, run
from crm.word.wording import news_text


@dataclass(frozen=True, slots=True)
class Silence:
    """What a section and a table say when nothing stands in them."""

    section: str = "无。"
    table: str = "无记录"


def _line(label: str, line: Line, silence: Silence) -> Iterator[Xml]:
    if isinstance(line, Table):
        yield table_xml(line, silence.table)
    elif isinstance(line, SubHeading):
        heading = run(f"{label}{line.text}", norm.LEVEL_TWO)
        yield paragraph(styles.LEVEL_TWO, heading)
    else:
        text = news_text(line) if isinstance(line, NewsItem) else line.text
        pieces = [piece.strip() for piece in text.split("\n") if piece.strip()]
        for place, piece in enumerate(pieces):
            shown = f"{label}{piece}" if place == 0 else piece
            kept = isinstance(line, Paragraph) and line.kept
            yield paragraph(styles.NORMAL, run(shown, norm.BODY), properties=w("keepNext") if kept else NOTHING)


def _section(label: str, section: Section, silence: Silence) -> Iterator[Xml]:
    if section.heading:
        yield paragraph(styles.LEVEL_ONE, run(f"{label}{section.heading}", norm.LEVEL_ONE))
    yield from lines_xml(section, silence)


def lines_xml(section: Section, silence: Silence) -> Iterator[Xml]:
    """Yield what stands under the heading of a section."""
    empty = True
    for line_label, line in numbered_lines(section):
        empty = False
        yield from _line(line_label, line, silence)
    if empty:
        yield paragraph(styles.NORMAL, run(silence.section, norm.BODY))


def sections_xml(sections: Iterable[Section], silence: Silence) -> Iterator[Xml]:
    """Yield headings, paragraphs and tables, numbered by their place."""
    for label, section in numbered_sections(sections):
        yield from _section(label, section, silence)


def page_setup() -> Xml:
    """Return the page: A4, margins of the norm, numbers at the outer edges."""
    references = [
        Xml(f'<w:footerReference w:type="{kind}" r:id="{key}"/>')
        for kind, key in (("default", "rId3"), ("even", "rId4"))
    ]
    return w(
        "sectPr",
        *references,
        w("pgSz", w=norm.PAGE_WIDTH, h=norm.PAGE_HEIGHT),
        w(
            "pgMar",
            top=norm.MARGIN_TOP,
            right=norm.MARGIN_RIGHT,
            bottom=norm.MARGIN_BOTTOM,
            left=norm.MARGIN_LEFT,
            header=851,
            footer=norm.FOOTER_DISTANCE,
            gutter=0,
        ),
        w("cols", space=425),
        w("docGrid", type="lines", linePitch=norm.GRID_PITCH),
    )


def footer_part(*, odd: bool) -> str:
    """Return a footer: the number at the outer edge, one character in."""
    character = norm.PAGE_NUMBER.character
    side = "right" if odd else "left"
    ind = w("ind", **{f"{side}Chars": 100, side: character, "firstLine": 0})
    layout = join(ind, w("jc", val=side))
    number = page_field(norm.PAGE_NUMBER)
    return root("ftr", paragraph(styles.FOOTER, number, properties=layout))
