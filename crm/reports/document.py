"""A report as plain data: what it says, not how Word or Excel show it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from crm.word.blocks import Paragraph, Section, Table

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
