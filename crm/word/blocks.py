"""What a document says, not how Word shows it.

Texts carry no numbering: the writer numbers headings and points by their place, so an
editor may move a section without renumbering the rest.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Body text; a line feed starts a new paragraph. ``kept``: it stays on the page of what follows."""

    text: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class SubHeading:
    """Level 2, shown as （一）."""

    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """Level 3, shown as 1."""

    text: str


@dataclass(frozen=True, slots=True)
class SubPoint:
    """Level 4, shown as （1）."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of finished texts; `widths` are relative weights, one per column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse rows or widths that do not match the head (ValueError)."""
        expected = len(self.columns)
        if self.widths and (len(self.widths) != expected or min(self.widths) <= 0):
            msg = f"table {self.title!r} needs one positive width for each column"
            raise ValueError(msg)
        for number, row in enumerate(self.rows, start=1):
            if len(row) != expected:
                msg = f"row {number} of table {self.title!r} has {len(row)} cells, its head {expected}"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One line of company news (企业动态) with where and when it was published."""

    text: str
    source: str
    published_on: date


@dataclass(frozen=True, slots=True)
class NewsList:
    """News items, numbered as level 3 points."""

    items: tuple[NewsItem, ...]


Block = Paragraph | SubHeading | Point | SubPoint | Table | NewsList


@dataclass(frozen=True, slots=True)
class Section:
    """A level 1 heading, shown as 一、, and what stands under it."""

    heading: str
    blocks: tuple[Block, ...] = ()
