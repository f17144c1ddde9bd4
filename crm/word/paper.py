"""A plain paper after GB/T 9704: title, a line below it, numbered sections and a closing note."""

from collections.abc import Iterable

from crm.word import norm, styles
from crm.word.blocks import Section
from crm.word.body import Silence, page_setup, sections_xml
from crm.word.ooxml import Xml, join, root, w
from crm.word.package import Properties, word_file
from crm.word.text import paragraph, run


def _head(title: str, below: str) -> Xml:
    under = paragraph(styles.SUBTITLE, run(below, norm.LEVEL_TWO)) if below else Xml("")
    return join(paragraph(styles.TITLE, run(title, norm.TITLE)), under, paragraph(styles.HEAD))


def paper(properties: Properties, sections: Iterable[Section], *, below: str = "", note: str = "") -> bytes:
    """Return the paper as .docx; the same texts give the same bytes."""
    closing = paragraph(styles.TABLE_NOTE, run(note, norm.TABLE_NOTE)) if note else Xml("")
    body = w("body", _head(properties.title, below), *sections_xml(sections, Silence()), closing, page_setup())
    return word_file(properties, root("document", body))
