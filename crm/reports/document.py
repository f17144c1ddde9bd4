"""A report as plain data: what it says, not how Word or Excel show it.

Texts carry no numbering: writers number headings and points by their place, so an
editor may move a section without renumbering the rest.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Cell = str | int | Decimal | date | datetime | None

SUMMARY_HEADING = "本周概况"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the report with its counting basis (口径) and the rows behind it.

    `rows` are the facts that were counted, one tuple per fact, headed by `columns`.
    """

    key: str
    label: str
    unit: str
    basis: str
    value: Cell
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Body text; a line feed starts a new paragraph."""

    text: str


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


@dataclass(frozen=True, slots=True)
class Imprint:
    """The foot of a bulletin (版记): 报, 送, 发 and the number of copies printed."""

    report_to: str = ""
    send_to: str = ""
    distribute: str = ""
    copies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyDocument:
    """A weekly report (动态信息周报) ready to be written.

    `title_red` is the name in the red head, `title` the headline under the red rule
    (a line feed breaks it). Without `issue_no` the head says that this is a draft.
    """

    title_red: str
    title: str
    issue_no: int | None
    total_no: int | None
    issuer: str
    issued_on: date
    period_start: date
    period_end: date
    summary: str
    sections: tuple[Section, ...]
    imprint: Imprint = Imprint()
    figures: tuple[Figure, ...] = ()

    @property
    def outline(self) -> tuple[Section, ...]:
        """Return all sections in order, a summary (本周概况) first if there is one."""
        if not self.summary.strip():
            return self.sections
        summary = Section(SUMMARY_HEADING, (Paragraph(self.summary),))
        return (summary, *self.sections)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return every table of every section in reading order."""
        return tuple(block for section in self.outline for block in section.blocks if isinstance(block, Table))
