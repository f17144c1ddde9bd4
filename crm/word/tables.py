"""Tables in the Word file: as wide as the type area, the head on every page."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

from crm.word import norm, styles
from crm.word.blocks import Table
from crm.word.norm import Face
from crm.word.ooxml import Xml, join, w
from crm.word.text import paragraph, run, spacing
from crm.word.wording import full_width

CELL_PADDING = 57  # 1 mm at each side
SHORT_CELL = 8  # full characters that still look well centred
TALLEST_WHOLE_ROW = 18  # lines; a taller row may break over pages, else it is cut off
HAIRLINE = 20  # a point: Word wants a paragraph after a table, even where the paper ends
BARE = Table("", ("",), ())
DENSE_FACES = {9: (Face(norm.HEITI, 21), Face(norm.FANGSONG, 21)), 12: (Face(norm.HEITI, 18), Face(norm.FANGSONG, 18))}


def column_widths(table: Table) -> list[int]:
    """Return the columns in twips: by weight, adding up to the type area exactly."""
    weights = table.widths or (1,) * len(table.columns)
    total = sum(weights)
    edges = [norm.TEXT_WIDTH * sum(weights[:place]) // total for place in range(len(weights) + 1)]
    return [right - left for left, right in itertools.pairwise(edges)]


def _cell(content: Xml, width: int, span: int = 1) -> Xml:
    properties = [w("tcW", w=width, type="dxa")]
    if span > 1:
        properties.append(w("gridSpan", val=span))
    return w("tc", w("tcPr", *properties, w("vAlign", val="center")), content)


def _text(text: str, face: Face, *, centred: bool, kept: bool = False) -> Xml:
    """Return a text of a cell; ``kept`` holds the row together with what follows."""
    align = w("jc", val="center" if centred else "left")
    return paragraph(styles.TABLE_TEXT, run(text, face), properties=join(w("keepNext"), align) if kept else align)


def _lines(text: str, face: Face, width: int) -> int:
    """Return how many lines a text needs in a column of so many twips."""
    room = max(1.0, (width - 2 * CELL_PADDING) // face.character)
    return sum(max(1, math.ceil(full_width(line) / room)) for line in text.split("\n"))


def _row(cells: Sequence[Xml], *, whole: bool, head: bool = False) -> Xml:
    properties = [w("cantSplit")] if whole else []
    if head:
        properties.append(w("tblHeader"))
    properties.append(w("jc", val="center"))
    return w("tr", w("trPr", *properties), *cells)


def _faces(table: Table) -> tuple[Face, Face]:
    """Return the faces of head and body: 12 pt, 10.5 or 9 pt in a crowded table."""
    dense = [faces for columns, faces in DENSE_FACES.items() if len(table.columns) >= columns]
    return dense[-1] if dense else (norm.TABLE_HEAD, norm.TABLE_BODY)


def _rows(table: Table, widths: Sequence[int], face: Face, empty: str) -> list[Xml]:
    if not table.rows:
        said = _text(empty, face, centred=True, kept=bool(table.note))
        return [_row([_cell(said, sum(widths), len(widths))], whole=True)]
    centred = [all(full_width(text) <= SHORT_CELL for text in column) for column in zip(*table.rows, strict=True)]
    rows = []
    for number, texts in enumerate(table.rows, start=1):
        last = number == len(table.rows) and bool(table.note)
        tallest = max(_lines(text, face, width) for text, width in zip(texts, widths, strict=True))
        cells = [
            _cell(_text(text, face, centred=middle, kept=last), width)
            for text, width, middle in zip(texts, widths, centred, strict=True)
        ]
        rows.append(_row(cells, whole=tallest <= TALLEST_WHOLE_ROW))
    return rows


def _grid(widths: Sequence[int]) -> Xml:
    return w("tblGrid", *(w("gridCol", w=width) for width in widths))


def table_properties(style: str, *extra: Xml, padding: int = CELL_PADDING) -> Xml:
    """Return w:tblPr of a table as wide as the type area, columns as given."""
    margins = w(
        "tblCellMar",
        w("left", w=padding, type="dxa"),
        w("right", w=padding, type="dxa"),
    )
    return w(
        "tblPr",
        w("tblStyle", val=style),
        *extra,
        w("tblW", w=norm.TEXT_WIDTH, type="dxa"),
        w("jc", val="center"),
        w("tblLayout", type="fixed"),
        margins,
    )


def table_xml(table: Table, empty: str) -> Xml:
    """Return title, table and note; a table without rows says ``empty``."""
    widths = column_widths(table)
    head_face, face = _faces(table)
    head = [
        _cell(_text(name, head_face, centred=True, kept=True), width)
        for name, width in zip(table.columns, widths, strict=True)
    ]
    grid = w(
        "tbl",
        table_properties(styles.TABLE_STYLE),
        _grid(widths),
        _row(head, whole=True, head=True),
        *_rows(table, widths, face, empty),
    )
    return join(_title(table), grid, _note(table))


def _title(table: Table) -> Xml:
    if not table.title:
        return Xml("")
    return paragraph(
        styles.TABLE_TITLE,
        run(table.title, norm.TABLE_TITLE),
        properties=join(w("keepNext"), spacing(before=120)),
    )


def closing(pieces: Iterable[Xml]) -> Iterator[Xml]:
    """Yield a body whose end, when it is a table, is a line too small to begin a page of its own."""
    before = None
    for piece in pieces:
        if before is not None:
            yield before
        before = piece
    if before is not None:
        tall, small = _note(BARE), paragraph(styles.TABLE_NOTE, properties=spacing(HAIRLINE))
        yield Xml(f"{before.removesuffix(tall)}{small}") if before.endswith(tall) else before


def _note(table: Table) -> Xml:
    """Return the note, or the blank line that keeps two tables apart."""
    face = norm.TABLE_NOTE
    content = (run(f"注：{table.note}", face),) if table.note else ()
    return paragraph(
        styles.TABLE_NOTE,
        *content,
        properties=spacing(norm.TABLE_LINE, after=120 if table.note else 0),
    )
