"""A plain paper after GB/T 9704: title, a line and a note below it, numbered sections."""

from collections.abc import Iterable

from crm.word import norm, styles
from crm.word.blocks import Section
from crm.word.body import Silence, page_setup, sections_xml
from crm.word.ooxml import Xml, join, root, w
from crm.word.package import Properties, word_file
from crm.word.tables import closing
from crm.word.text import paragraph, run


def _head(title: str, number: str, below: str, note: str) -> Xml:
    issue = paragraph(styles.SUBTITLE, run(number, norm.LEVEL_TWO)) if number else Xml("")
    under = paragraph(styles.SUBTITLE, run(below, norm.LEVEL_TWO)) if below else Xml("")
    small = paragraph(styles.TABLE_NOTE, run(note, norm.TABLE_NOTE)) if note else Xml("")
    return join(paragraph(styles.TITLE, run(title, norm.TITLE)), issue, under, small, paragraph(styles.HEAD))


def paper(
    properties: Properties, sections: Iterable[Section], *, number: str = "", below: str = "", note: str = ""
) -> bytes:
    """Return the paper as .docx; the same texts give the same bytes."""
    body = w(
        "body", _head(properties.title, number, below, note), *closing(sections_xml(sections, Silence())), page_setup()
    )
    return word_file(properties, root("document", body))
