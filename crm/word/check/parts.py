"""Which part of an official paper a paragraph is: red head, title, headings of four levels, body, table, annex."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.word.check.reading import Line

RED = re.compile(r"^[c-fC-F][0-9a-fA-F][0-3][0-9a-fA-F][0-3][0-9a-fA-F]$")
LARGE = 36
LONGEST_HEADING = 40
SIGNS = (
    ("one", re.compile(r"^[一二三四五六七八九十]{1,3}[、，．.]")),
    ("two", re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]")),
    ("four", re.compile(r"^[（(]\d{1,2}[）)]")),
    ("three", re.compile(r"^\d{1,2}[.．、](?!\d)")),
)
NOTE = re.compile(r"^(注|说明|来源|单位)\s*\d?\s*[:：]")  # under and over tables
ANNEX = re.compile(r"^附\s*件\s*\d*\s*[:：]?$")


class Part(StrEnum):
    """Parts that the norm knows."""

    MARK = "mark"
    HEAD = "head"
    TITLE = "title"
    ONE = "one"
    TWO = "two"
    THREE = "three"
    FOUR = "four"
    BODY = "body"
    ANNEX = "annex"
    TABLE = "table"
    OTHER = "other"


@dataclass(slots=True)
class Parted:
    """The paragraphs that hold text, by part, in order."""

    lines: list[tuple[Part, Line]] = field(default_factory=list)

    def of(self, *parts: Part) -> list[Line]:
        """Give the paragraphs of some parts."""
        return [line for part, line in self.lines if part in parts]


def part(lines: Iterable[Line]) -> Parted:
    """Sort paragraphs; what stands before the title is the head, what stands centred later is let alone."""
    parted = Parted()
    shown = [line for line in lines if line.text.strip()]
    title = _title(shown)
    title_over = title is None
    for line in shown:
        begun = title_over and bool(parted.of(Part.BODY, Part.ONE))
        if line is title or (title is not None and title_over and not begun and _like(line, title)):
            found, title_over = Part.TITLE, True
        elif line.in_table:
            found = Part.TABLE
        elif _red(line):
            found = Part.MARK
        elif not title_over:
            found = Part.HEAD
        else:
            found = _of_text(line)
        parted.lines.append((found, line))
    return parted


def _title(lines: list[Line]) -> Line | None:
    """Give the title: the first large centred paragraph, a centred one before any heading, or a large first one."""
    plain = [line for line in lines if not line.in_table and not _red(line) and line.layout.align == "center"]
    large = next((line for line in plain if (line.face.size or 0) >= LARGE), None)
    if large is not None:
        return large
    heading = next((line.number for line in lines if _sign(line.text.strip()) == "one"), None)
    centred = next((line for line in plain if heading is None or line.number < heading), None)
    if centred is not None or not lines:
        return centred
    first = lines[0]
    return first if (first.face.size or 0) >= LARGE and not first.in_table and not _red(first) else None


def _like(line: Line, title: Line) -> bool:
    return not line.in_table and line.layout.align == "center" and line.face.size == title.face.size and not _red(line)


def _red(line: Line) -> bool:
    return bool(line.face.color and RED.match(line.face.color))


def _sign(text: str) -> str:
    return next((name for name, sign in SIGNS if sign.match(text)), "")


def _of_text(line: Line) -> Part:
    text = line.text.strip()
    if ANNEX.match(text):
        return Part.ANNEX
    if NOTE.match(text):
        return Part.OTHER
    sign = _sign(text)
    if sign == "one" and len(text) > LONGEST_HEADING and "。" not in text:
        return Part.BODY
    if sign:
        return Part(sign)
    return Part.OTHER if line.layout.align in {"center", "right", "end"} else Part.BODY
