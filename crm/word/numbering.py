"""The four levels of official numbering in GB/T 9704-2012: 一、 （一） 1. （1）."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crm.word.blocks import (
    Block,
    NewsItem,
    NewsList,
    Paragraph,
    Point,
    Section,
    SubHeading,
    SubPoint,
    Table,
)

DIGITS = "零一二三四五六七八九"
TEN = 10
HUNDRED = 100

Line = Paragraph | SubHeading | Point | SubPoint | Table | NewsItem


def chinese_number(number: int) -> str:
    """Return 1 to 99 in Chinese numerals: 1 -> 一, 10 -> 十, 21 -> 二十一."""
    if not 0 < number < HUNDRED:
        msg = f"only 1 to 99 can be numbered, not {number}"
        raise ValueError(msg)
    tens, ones = divmod(number, TEN)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{DIGITS[tens]}十")
    return head + (DIGITS[ones] if ones else "")


def level_one(number: int) -> str:
    """Return the label of a section, as 一、."""
    return f"{chinese_number(number)}、"


def level_two(number: int) -> str:
    """Return the label of a sub-heading, as （一）."""
    return f"（{chinese_number(number)}）"


def level_three(number: int) -> str:
    """Return the label of a point, as 1."""
    return f"{number}."


def level_four(number: int) -> str:
    """Return the label of a sub-point, as （1）."""
    return f"（{number}）"


@dataclass(slots=True)
class _Counter:
    """How many labels of each level were given since the level above moved on."""

    two: int = 0
    three: int = 0
    four: int = 0

    def label(self, line: Line) -> str:
        """Return the label of the next line and move on."""
        if isinstance(line, SubHeading):
            self.two, self.three, self.four = self.two + 1, 0, 0
            return level_two(self.two)
        if isinstance(line, Point | NewsItem):
            self.three, self.four = self.three + 1, 0
            return level_three(self.three)
        if isinstance(line, SubPoint):
            self.four += 1
            return level_four(self.four)
        return ""


def _lines(blocks: Iterable[Block]) -> Iterator[Line]:
    """Yield the blocks with each list of news opened into its items."""
    for block in blocks:
        if isinstance(block, NewsList):
            yield from block.items
        else:
            yield block


def numbered_lines(section: Section) -> Iterator[tuple[str, Line]]:
    """Yield every line of a section with its label; plain text and tables have ''."""
    counter = _Counter()
    for line in _lines(section.blocks):
        yield counter.label(line), line


def numbered_sections(sections: Iterable[Section]) -> Iterator[tuple[str, Section]]:
    """Yield the sections with their labels 一、 二、 …; one without a heading has none and is not counted."""
    number = 0
    for section in sections:
        number += bool(section.heading)
        yield level_one(number) if section.heading else "", section
