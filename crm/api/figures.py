"""Figures for programs: every measure with its basis, its value, and the rows behind it with the same total."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from pydantic import Field

from crm.api import windows
from crm.api.fields import Answer, Listed, Paged
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.api.windows import FigureAsked
from crm.assessment import queries
from crm.assessment.facts import READ
from crm.assessment.links import lens_arguments, row_href
from crm.assessment.measures import MEASURES
from crm.assessment.summing import Sum, counted
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.units import names_on
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.memo import remembered
from crm.web import db, timing
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.assessment.facts import Measure, Window
    from crm.assessment.queries import FactRow

bp = group("figures", "figures")
READ_FIGURES = Door(Scope.FIGURES_READ, Permission.REPORT_READ)
NO_MEASURE = Problem("measure.missing", "没有这个指标。")
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
UNKNOWN_KEY = Problem("measure.missing", "没有这个指标。", "keys")
MOST_KEYS = 4000


class Basis(Answer):
    """What a figure counts: its unit of measure, its basis (口径) in words, and what its rows are."""

    key: str
    label: str
    unit: str
    basis: str
    row_kind: str


class Period(Answer):
    """Days, both included, as known at an instant; of one unit, of several, or (null) of all."""

    start: date
    end: date
    as_of: datetime
    unit_ids: list[int] | None


class Figure(Basis):
    """A figure; ``rows`` is the address of its rows, null where this person does not see all of them."""

    value: Decimal
    row_count: int
    rows: str | None


class Part(Answer):
    """What a unit has of a figure."""

    unit_id: int
    unit_name: str
    value: Decimal
    row_count: int


class Figures(Period):
    """Figures of a period, all as of the same instant."""

    items: list[Figure]


class FigureByUnit(Figure, Period):
    """One figure with its parts by unit, which add up to it."""

    parts: list[Part]


class FigureRow(Answer):
    """A row behind a figure: ``amount`` is what it adds, ``page`` where people read it."""

    id: int
    unit_id: int
    unit_name: str
    enterprise_id: int | None
    enterprise: str
    project_id: int | None
    project: str | None
    at: datetime
    note: str | None
    amount: Decimal
    page: str


class FigureRows(Basis, Period, Listed):
    """A page of the rows behind a figure; ``total`` and ``row_count`` are of all pages."""

    total: Decimal
    row_count: int
    items: list[FigureRow]


class FigureList(FigureAsked):
    """Which figures, and when and whose."""

    keys: Annotated[str, Field(max_length=MOST_KEYS, description="Only these, with commas between")] = ""


class FigureRowsAsked(FigureAsked, Paged):
    """Whose rows, and where to go on; give ``as_of`` of the first page with every further one."""


@operation(bp, "GET", "/figures", READ_FIGURES, Figures, query=FigureList)
def index(query: FigureList) -> Figures:
    """List every measure with its basis and its value."""
    measures = _chosen(query.keys)
    window, sums = _sums(measures, windows.window(query, Permission.REPORT_READ), fresh=windows.fixed(query))
    items = [Figure.model_validate(_figure(one, window, list(sums[one.key].values()))) for one in measures]
    return Figures(**windows.told(window), items=items)


@operation(bp, "GET", "/figures/<key>", READ_FIGURES, FigureByUnit, query=FigureAsked)
def show(key: str, query: FigureAsked) -> FigureByUnit:
    """Give one figure with its parts by unit."""
    measure = _measure(key)
    window, sums = _sums([measure], windows.window(query, Permission.REPORT_READ), fresh=windows.fixed(query))
    found = sums[key]
    names = names_on(db.session(), window.end, sorted(found))
    parts = [
        Part(unit_id=unit_id, unit_name=name, value=found[unit_id].value, row_count=found[unit_id].rows)
        for unit_id, name in names.items()
    ]
    return FigureByUnit(**_figure(measure, window, list(found.values())), **windows.told(window), parts=parts)


@operation(bp, "GET", "/figures/<key>/rows", READ_FIGURES, FigureRows, query=FigureRowsAsked)
def rows(key: str, query: FigureRowsAsked) -> FigureRows:
    """List the rows behind a figure that this person sees, newest first; their total is the figure."""
    session, actor, measure = db.session(), current_actor(), _measure(key)
    if not actor.may(READ[measure.kind]):
        raise ForbiddenError(FORBIDDEN)
    window = windows.window(query, READ[measure.kind])
    page = queries.rows_page(session, measure, window, query.cursor, query.limit)
    whole = _whole(list(counted(session, [(key, measure, window)], "unit_id")[key].values()))
    return FigureRows(
        **_basis(measure),
        **windows.told(window),
        total=whole.value,
        row_count=whole.rows,
        items=[_row(measure, one) for one in page.rows],
        next_cursor=page.next,
    )


def _measure(key: str) -> Measure:
    found = MEASURES.get(key)
    if found is None:
        raise NotFoundError(NO_MEASURE)
    return found


def _chosen(keys: str) -> list[Measure]:
    asked = [one.strip() for one in keys.split(",") if one.strip()]
    if set(asked) - set(MEASURES):
        raise DomainError(UNKNOWN_KEY)
    return [MEASURES[key] for key in dict.fromkeys(asked or MEASURES)]


def _sums(measures: Sequence[Measure], window: Window, *, fresh: bool) -> tuple[Window, dict[str, dict[int, Sum]]]:
    """Count as of the cut-off; where none was named, a large office counts once for all who see the same."""
    session = db.session()

    def make() -> tuple[Window, dict[str, dict[int, Sum]]]:
        return window, counted(session, [(one.key, one, window) for one in measures], "unit_id")

    def size(found: tuple[Window, dict[str, dict[int, Sum]]]) -> int:
        return sum(one.rows for sums in found[1].values() for one in sums.values())

    if fresh:
        return make()
    keys = tuple(one.key for one in measures)
    key = ("api.figures", keys, window.start, window.end, window.units, window.lens)
    return remembered(session, key, make, rows=size, now=timing.now())


def _whole(parts: Sequence[Sum]) -> Sum:
    return reduce(add, parts, Sum())


def _basis(measure: Measure) -> dict[str, Any]:
    return {
        "key": measure.key,
        "label": tr(measure.label),
        "unit": tr(measure.unit),
        "basis": tr(measure.basis),
        "row_kind": measure.kind.value,
    }


def _figure(measure: Measure, window: Window, parts: Sequence[Sum]) -> dict[str, Any]:
    whole = _whole(parts)
    return {**_basis(measure), "value": whole.value, "row_count": whole.rows, "rows": _rows_of(measure, window)}


def _rows_of(measure: Measure, window: Window) -> str | None:
    """Return the address of the rows where the person sees all that the figure counts."""
    scope = current_actor().scope(READ[measure.kind])
    if not (scope is None or (window.units is not None and window.units <= scope)):
        return None
    asked = {"start": window.start.isoformat(), "end": window.end.isoformat(), "as_of": window.cutoff.isoformat()}
    asked |= lens_arguments(window.lens)
    if window.units is not None and window.units != scope:
        asked["units"] = ".".join(map(str, sorted(window.units)))
    return f"/api/v1/figures/{measure.key}/rows?{urlencode(asked)}"


def _row(measure: Measure, row: FactRow) -> FigureRow:
    kept = {name: getattr(row, name) for name in FigureRow.model_fields if name not in {"unit_name", "page"}}
    return FigureRow(**kept, unit_name=row.unit, page=row_href(measure.kind, row))
