"""Forms of targets and campaigns; grids, items and phases are read by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.assessment import goals
from crm.assessment.items import MOST_ITEMS, MOST_PHASES, STANDARD, Item, Phase, narrowed_key
from crm.assessment.measures import MEASURES
from crm.assessment.rules import LARGEST_TARGET
from crm.assessment.window import Lens
from crm.core.errors import Problem
from crm.web.fields import PLAIN, DayField
from crm.web.forms import Form
from crm.web.inputs import day_or_none, number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crm.assessment.rules import Number

LONGEST, SHORT, DECIMALS, LONGEST_PLAN = 16, 80, 6, 2000
OFFICE = 0
SECTORS = ("BCD", "C", "BCDE", "A", "FGHIJKLMNOPQRST")
BAD_ITEM = Problem("item.bad", "投资规模请填数字（万元），例如 5000；任务名称最多 80 个字。", "items")
BAD_PHASE = Problem("phase.bad", "每个阶段要有名称、起止日期；累计进度填 1 到 100 的整数，不要求就留空。", "phases")


@dataclass(slots=True)
class GridInput:
    """What was typed into the grid: numbers where they are ones, the texts as typed, the bad names."""

    values: dict[tuple[int, str], Number] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)


@dataclass(slots=True)
class RowsInput:
    """What was typed into rows of items or phases: usable ones, the texts as typed, what is wrong."""

    items: list[Item] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    typed: list[dict[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def cell_name(unit_id: int, key: str) -> str:
    """Name of the input of one unit and key of an item; unit 0 is the whole office."""
    return f"task-{unit_id}-{key}"


def amount_or_none(typed: str, *, whole: bool) -> Number | None:
    """Read a positive number that fits, whole or with decimals; None for anything else."""
    plain = typed.replace(",", "").replace("，", "")
    if whole:
        number = number_or_none(plain)
        return number if number is not None and 0 < number <= LARGEST_TARGET else None
    if len(plain) > LONGEST or not PLAIN.fullmatch(plain):
        return None
    value = Decimal(plain)
    return value if 0 < value <= goals.LARGEST and value == round(value, DECIMALS) else None


def read_grid(data: Mapping[str, str], unit_ids: Iterable[int], items: Sequence[Item] = STANDARD) -> GridInput:
    """Read the grid; blanks are no task, anything but a usable positive number is kept as bad."""
    grid = GridInput()
    for unit_id in unit_ids:
        for item in items:
            name = cell_name(unit_id, item.key)
            typed = data.get(name, "").strip()
            grid.typed[name] = typed
            if not typed:
                continue
            goal = amount_or_none(typed, whole=not item.unit.startswith("万"))
            if goal is not None:
                grid.values[unit_id, item.key] = goal
            else:
                grid.bad.add(name)
    return grid


def shown_grid(values: Mapping[tuple[int, str], Number]) -> GridInput:
    """The grid as it is stored, for a form that was not submitted yet."""
    return GridInput(typed={cell_name(unit_id, key): _written(value) for (unit_id, key), value in values.items()})


def read_items(data: Mapping[str, str]) -> RowsInput:
    """Read the rows of items; a row without a measure is none."""
    found = RowsInput()
    for place in range(MOST_ITEMS):
        row = {name: data.get(f"{name}-{place}", "").strip() for name in ("metric", "named", "low", "high", "sector")}
        if row["metric"] not in MEASURES:
            continue
        found.typed.append(row)
        low, high = (amount_or_none(row[name], whole=False) if row[name] else None for name in ("low", "high"))
        bad = (row["low"] and low is None) or (row["high"] and high is None) or len(row["named"]) > SHORT
        if bad:
            found.problems = [BAD_ITEM]
            continue
        edges = [Decimal(one) if one is not None else None for one in (low, high)]
        lens = Lens(low=edges[0], high=edges[1], sector=row["sector"] if row["sector"] in SECTORS else "")
        key = narrowed_key(row["metric"], edges[0], edges[1], lens.sector)
        found.items.append(Item(key, MEASURES[row["metric"]], lens, row["named"]))
    return found


def shown_items(items: Sequence[Item]) -> RowsInput:
    """The items as they are stored."""
    rows = [
        {
            "metric": item.measure.key,
            "named": item.named,
            "low": _written(item.lens.low),
            "high": _written(item.lens.high),
            "sector": item.lens.sector,
        }
        for item in items
    ]
    return RowsInput(items=list(items), typed=rows)


def read_phases(data: Mapping[str, str]) -> RowsInput:
    """Read the rows of phases; a row with nothing in it is none."""
    found = RowsInput()
    names = ("name", "start", "end", "percent", "plan")
    for place in range(MOST_PHASES):
        row = {name: data.get(f"phase-{name}-{place}", "").strip() for name in names}
        if not any(row.values()):
            continue
        found.typed.append(row)
        start, end, percent = day_or_none(row["start"]), day_or_none(row["end"]), number_or_none(row["percent"])
        bad = not row["name"] or len(row["name"]) > SHORT or (row["percent"] and percent is None)
        if start is None or end is None or bad:
            found.problems = [BAD_PHASE]
            continue
        found.phases.append(Phase(row["name"], start, end, percent, row["plan"][:LONGEST_PLAN]))
    return found


def shown_phases(phases: Sequence[Phase]) -> RowsInput:
    """The phases as they are stored."""
    rows = [
        {
            "name": one.name,
            "start": one.start_on.isoformat(),
            "end": one.end_on.isoformat(),
            "percent": "" if one.percent is None else str(one.percent),
            "plan": one.plan,
        }
        for one in phases
    ]
    return RowsInput(phases=list(phases), typed=rows)


def _written(value: Number | None) -> str:
    return "" if value is None else f"{Decimal(value).normalize():f}"


class TargetsForm(Form):
    """Only the token and the messages; the numbers are in the grid."""


class ItemsForm(Form):
    """Only the token and the messages; the rows are read by hand."""


class CampaignForm(Form):
    """Name, dates and slogan of a campaign."""

    name = StringField(
        _("会战名称"), [InputRequired(_("请给会战起一个名称。")), Length(max=80, message=_("名称最多80个字。"))]
    )
    start_on = DayField(_("开始日期"), [InputRequired(_("请选择开始日期。"))])
    end_on = DayField(_("结束日期"), [InputRequired(_("请选择结束日期。"))])
    slogan = TextAreaField(_("动员口号"), [Length(max=400, message=_("口号最多400个字。"))])
