"""Templates made for tests: the built-in ones with their body or their parts replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from crm.reports import filling
from crm.word.ooxml import pack_bytes
from crm.word.template.checking import check
from crm.word.template.opening import open_template

if TYPE_CHECKING:
    from crm.word.template.faults import Fault

WEEKLY = filling.builtin()
FULL, EMPTY = filling.sample(full=True), filling.sample(full=False)
VALUES = filling.values(FULL)
DOCUMENT = "word/document.xml"


def paragraph(*runs: str) -> str:
    """A paragraph of runs."""
    return f"<w:p>{''.join(f'<w:r><w:t>{escape(text)}</w:t></w:r>' for text in runs)}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A table of texts."""
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    grid = '<w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>'
    return f"<w:tbl><w:tblPr/>{grid}{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def with_parts(**parts: bytes) -> bytes:
    """The template of the weekly report with parts replaced or added (``__`` stands for a slash)."""
    return pack_bytes({**open_template(WEEKLY), **{name.replace("__", "/"): data for name, data in parts.items()}})


def with_body(*pieces: str) -> bytes:
    """The template of the weekly report with another body."""
    document = open_template(WEEKLY)[DOCUMENT].decode()
    start, end = document.index("<w:body>") + len("<w:body>"), document.rindex("<w:sectPr")
    text = document[:start] + "".join(pieces) + document[end:]
    return pack_bytes({**open_template(WEEKLY), DOCUMENT: text.encode()})


def faults_of(data: bytes) -> list[Fault]:
    """What is wrong with a template of the weekly report."""
    samples = (VALUES.found, filling.values(EMPTY).found)
    return check(data, VALUES.catalogue, samples, filling.properties_of(FULL))


def messages(data: bytes) -> list[str]:
    """The same in Chinese sentences."""
    return [one.message % one.params for one in faults_of(data)]
