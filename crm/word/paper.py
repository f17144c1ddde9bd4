"""A plain paper after GB/T 9704: title, a line and a note below it, numbered sections."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm.word import norm, styles
from crm.word.blocks import Section
from crm.word.body import Silence, page_setup, sections_xml
from crm.word.ooxml import Xml, join, root, w
from crm.word.package import Properties, word_file
from crm.word.tables import closing
from crm.word.text import indent, paragraph, run


def _head(title: str, number: str, below: str, note: str) -> Xml:
    issue = paragraph(styles.SUBTITLE, run(number, norm.LEVEL_TWO)) if number else Xml("")
    under = paragraph(styles.SUBTITLE, run(below, norm.LEVEL_TWO)) if below else Xml("")
    small = paragraph(styles.TABLE_NOTE, run(note, norm.TABLE_NOTE)) if note else Xml("")
    return join(paragraph(styles.TITLE, run(title, norm.TITLE)), issue, under, small, paragraph(styles.HEAD))


def _addressee(to: str) -> Xml:
    """Return the line a letter begins with, at the edge of the text (主送机关顶格)."""
    return paragraph(styles.NORMAL, run(f"{to}：", norm.BODY), properties=indent(norm.BODY, 0))


def _signature(signed: tuple[str, ...]) -> Xml:
    """Return who signs and the day, four characters from the right edge (成文日期右空四字), on one page."""
    edge = 4 * norm.BODY.character
    layout = join(w("ind", rightChars=400, right=edge, firstLineChars=0, firstLine=0), w("jc", val="right"))
    kept = w("keepNext")
    above = [paragraph(styles.NORMAL, run(line, norm.BODY), properties=join(kept, layout)) for line in signed[:-1]]
    last = paragraph(styles.NORMAL, run(signed[-1], norm.BODY), properties=layout)
    return join(paragraph(styles.NORMAL, properties=kept), *above, last)


@dataclass(frozen=True, slots=True)
class Letter:
    """What makes a paper a letter: whom it goes to, and the lines it is signed with."""

    to: str = ""
    signed: tuple[str, ...] = ()


def paper(
    properties: Properties,
    sections: Iterable[Section],
    *,
    number: str = "",
    below: str = "",
    note: str = "",
    letter: Letter = Letter(),
) -> bytes:
    """Return the paper as .docx; the same texts give the same bytes."""
    parts = [_head(properties.title, number, below, note)]
    parts += [_addressee(letter.to)] if letter.to else []
    parts += closing(sections_xml(sections, Silence()))
    parts += [_signature(letter.signed)] if letter.signed else []
    return word_file(properties, root("document", w("body", *parts, page_setup())))
