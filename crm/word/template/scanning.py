"""The lines of a template's parts as a person sees them, with where each stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.word.template import faults
from crm.word.template.faults import Spot
from crm.word.template.grammar import Line
from crm.word.template.opening import MAIN, W, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

BRACES = re.compile(r"\{\s*[{%#]|[%}#]\s*\}")
ROLES = (
    (re.compile(re.escape(MAIN)), ""),
    (re.compile(r"word/header\d*\.xml"), faults.HEADER),
    (re.compile(r"word/footer\d*\.xml"), faults.FOOTER),
    (re.compile(r"word/footnotes\.xml"), faults.FOOTNOTE),
)


def rendered_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Name the parts in which placeholders are filled in, with what they are ('' for the body)."""
    return {name: role for name in parts for pattern, role in ROLES if pattern.fullmatch(name)}


def lines(data: bytes, role: str) -> Iterator[Line]:
    """Yield the paragraphs of a part in their order."""
    root = parse(data)
    numbers: dict[etree._Element, int] = {}
    rows: dict[etree._Element, str] = {}
    places = _Places()
    tables = {table: place for place, table in enumerate(root.iter(f"{W}tbl"), start=1)}
    counted = 0
    for paragraph in root.iter(f"{W}p"):
        holder = paragraph.getparent()
        row, cell, boxed = _nearest(paragraph, "tr"), _nearest(paragraph, "tc"), _nearest(paragraph, "txbxContent")
        if row is None and boxed is None:
            counted += 1
        if row is not None and row not in rows:
            rows[row] = _text(row)
        table = row.getparent() if row is not None else None
        within = None
        if table is not None and row is not None and cell is not None:
            within = tables.get(table, 0), places.of(row), places.of(cell)
        yield Line(
            spot=_spot(role, counted, within, boxed=boxed is not None),
            text=_text(paragraph),
            container=numbers.setdefault(holder, len(numbers)),
            row=rows[row] if row is not None else None,
            table=tables.get(table) if table is not None else None,
            body=role == "" and row is None and boxed is None,
            breaks=paragraph.find(f"{W}pPr/{W}sectPr") is not None,
        )


@dataclass(slots=True)
class _Places:
    """Counts elements among those of their parent, in the order they come."""

    _known: dict[etree._Element, int] = field(default_factory=dict)
    _counts: dict[etree._Element, int] = field(default_factory=dict)

    def of(self, element: etree._Element) -> int:
        """The place of an element, 1 for the first."""
        if element not in self._known:
            parent = element.getparent()
            self._known[element] = self._counts[parent] = self._counts.get(parent, 0) + 1
        return self._known[element]


def _spot(role: str, counted: int, cell: tuple[int, int, int] | None, *, boxed: bool) -> Spot:
    if boxed:
        return Spot(faults.TEXT_BOX)
    if role:
        return Spot(role)
    if cell is None:
        return Spot(faults.PARAGRAPH, {"n": counted})
    return Spot(faults.CELL, dict(zip(("table", "row", "cell"), cell, strict=True)))


def hidden(data: bytes) -> bool:
    """Whether braces of placeholders stand where no line shows them: attributes, comments, field codes."""
    for node in parse(data).iter():
        texts = [node.tail, *(node.attrib.values() if isinstance(node.tag, str) else ())]
        if node.tag != f"{W}t" or _nearest(node, "p") is None:
            texts.append(node.text)
        if any(text and BRACES.search(text) for text in texts):
            return True
    return False


def _nearest(element: etree._Element, tag: str) -> etree._Element | None:
    return next(element.iterancestors(f"{W}{tag}"), None)


def _text(element: etree._Element) -> str:
    """The text of a paragraph or a row; of a paragraph without what stands in boxes anchored in it."""
    if element.tag == f"{W}tr":
        return "".join(one.text or "" for one in element.iter(f"{W}t"))
    return "".join(one.text or "" for one in element.iter(f"{W}t") if _nearest(one, "p") is element)
