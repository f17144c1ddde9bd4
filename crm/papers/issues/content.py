"""What a paper said, as JSON and back: an issue is made again from its own row alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.papers.own import with_own
from crm.papers.rules import PAPERS, Period, PeriodKind
from crm.papers.writing import Paper
from crm.word.blocks import Paragraph, Point, Section, SubHeading, SubPoint, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.word.blocks import Block

TEXTS: dict[str, type[Paragraph | SubHeading | Point | SubPoint]] = {
    one.__name__: one for one in (Paragraph, SubHeading, Point, SubPoint)
}


@dataclass(frozen=True, slots=True)
class KeptFigure:
    """A figure of an issue: its key (whole year or the period), label, unit, value and how many rows made it."""

    key: str
    label: str
    unit: str
    value: str
    rows: int

    @property
    def amount(self) -> Decimal:
        """Its value as a number."""
        return Decimal(self.value)


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything an issue says."""

    kind: str
    period: Period
    paper: Paper
    figures: tuple[KeptFigure, ...]

    @property
    def label(self) -> str:
        """Name of its files, without number or ending."""
        return f"{PAPERS[self.kind].label}（{self.period.label}）"


def pack(period: Period, paper: Paper, figures: Sequence[KeptFigure]) -> dict[str, Any]:
    """Write it as JSON."""
    return {
        "period": [period.kind.value, period.start.isoformat(), period.end.isoformat()],
        "title": paper.title,
        "below": paper.below,
        "sections": [[one.heading, [_block(block) for block in one.blocks]] for one in paper.sections],
        "figures": [[one.key, one.label, one.unit, one.value, one.rows] for one in figures],
    }


def unpack(kind: str, content: dict[str, Any]) -> Kept:
    """Read it back, with the sentences a person put otherwise."""
    kept = generated(kind, content)
    return replace(kept, paper=with_own(kept.paper, content.get("own", {})))


def generated(kind: str, content: dict[str, Any]) -> Kept:
    """Read back what the program wrote."""
    name, start, end = content["period"]
    period = Period(PeriodKind(name), date.fromisoformat(start), date.fromisoformat(end))
    sections = tuple(
        Section(heading, tuple(_read(block) for block in blocks)) for heading, blocks in content["sections"]
    )
    figures = tuple(KeptFigure(*one) for one in content["figures"])
    return Kept(kind, period, Paper(content["title"], content["below"], sections), figures)


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Table):
        return {
            "table": block.title,
            "columns": list(block.columns),
            "rows": [list(row) for row in block.rows],
            "widths": list(block.widths),
            "note": block.note,
        }
    if isinstance(block, Paragraph | SubHeading | Point | SubPoint):
        return {"text": block.text, "as": type(block).__name__}
    message = f"a paper holds no {type(block).__name__}"
    raise TypeError(message)


def _read(block: dict[str, Any]) -> Block:
    if "table" in block:
        rows = tuple(tuple(row) for row in block["rows"])
        return Table(block["table"], tuple(block["columns"]), rows, tuple(block["widths"]), block["note"])
    return TEXTS[block["as"]](block["text"])
