"""Which figure stands in which line of which cell of a paper's tables: what a click on a number opens. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.papers import tables
from crm.papers.rules import PeriodKind
from crm.papers.wording import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.papers.facts import Facts, Figures, Group

Ref = tuple[str, int | None]
"""A figure by its key (``year:leads``, ``part:reported``), of a unit or of all."""
Line = tuple[Ref, ...]
Refs = dict[str, list[list[Line]]]
"""By title of the table: its rows, their cells, in each cell the figure of each line."""


def refs(facts: Facts) -> Refs:
    """Say it for every table of figures; other tables have none."""
    if facts.figures is None:
        return {}
    whole_year = facts.period.kind is PeriodKind.YEAR
    part = "year" if whole_year else "part"
    found: Refs = {
        tables.PROGRESS_TITLE: [_row(8, {3: [(f"{part}:{key}", None)], 4: [(f"year:{key}", None)]}) for key in LABELS],
        tables.RECOGNITION_TITLE: [_recognition(unit_id) for unit_id in tables.recognition_units(facts.figures)],
    }
    for group in facts.figures.groups:
        found[tables.ranking_title(group)] = list(_ranking(group, facts.figures, part))
    return found


def _recognition(unit_id: int) -> list[Line]:
    cells: dict[int, list[Ref]] = {at: [(f"part:{key}", unit_id)] for at, key in enumerate(tables.MEASURES, start=1)}
    return _row(len(tables.RECOGNITION), cells)


def _ranking(group: Group, figures: Figures, part: str) -> Iterable[list[Line]]:
    for line in tables.ranking_order(group):
        cells: dict[int, list[Ref]] = {}
        for at, key in enumerate(LABELS, start=2):
            cells[at] = [(f"year:{key}", line.unit_id)]
            if figures.within.get((line.unit_id, key)):
                cells[at].append((f"{part}:{key}", line.unit_id))
        yield _row(len(tables.RANKING), cells)


def _row(width: int, cells: dict[int, list[Ref]]) -> list[Line]:
    return [tuple(cells.get(at, ())) for at in range(width)]


def packed(found: Refs) -> dict[str, list[list[list[list[object]]]]]:
    """Write it as JSON."""
    return {title: [[[list(ref) for ref in cell] for cell in row] for row in rows] for title, rows in found.items()}


def unpacked(kept: dict[str, Sequence[Sequence[Sequence[Sequence[object]]]]]) -> Refs:
    """Read it back."""
    return {
        title: [[tuple((str(key), _unit(unit)) for key, unit in cell) for cell in row] for row in rows]
        for title, rows in kept.items()
    }


def _unit(value: object) -> int | None:
    return value if isinstance(value, int) else None
