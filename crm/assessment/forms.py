"""Forms of targets and campaigns; the grid of units by metrics is read by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from crm.assessment.rules import LARGEST_TARGET, Metric
from crm.web.fields import DayField
from crm.web.forms import Form
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(slots=True)
class GridInput:
    """What was typed into the grid: numbers where they are ones, the texts as typed, the bad names."""

    values: dict[tuple[int, Metric], int] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)


def cell_name(unit_id: int, metric: Metric) -> str:
    """Name of the input of one unit and metric."""
    return f"task-{unit_id}-{metric.value}"


def read_grid(data: Mapping[str, str], unit_ids: Iterable[int]) -> GridInput:
    """Read the grid; blanks are no task, anything but a positive whole number is kept as bad."""
    grid = GridInput()
    for unit_id in unit_ids:
        for metric in Metric:
            name = cell_name(unit_id, metric)
            typed = data.get(name, "").strip()
            grid.typed[name] = typed
            if not typed:
                continue
            goal = number_or_none(typed)
            if goal is not None and 0 < goal <= LARGEST_TARGET:
                grid.values[unit_id, metric] = goal
            else:
                grid.bad.add(name)
    return grid


def shown_grid(values: Mapping[tuple[int, Metric], int]) -> GridInput:
    """The grid as it is stored, for a form that was not submitted yet."""
    return GridInput(typed={cell_name(unit_id, metric): str(value) for (unit_id, metric), value in values.items()})


class TargetsForm(Form):
    """Only the token and the messages; the numbers are in the grid."""


class CampaignForm(Form):
    """Name, dates and slogan of a campaign."""

    name = StringField(
        _("会战名称"), [InputRequired(_("请给会战起一个名称。")), Length(max=80, message=_("名称最多80个字。"))]
    )
    start_on = DayField(_("开始日期"), [InputRequired(_("请选择开始日期。"))])
    end_on = DayField(_("结束日期"), [InputRequired(_("请选择结束日期。"))])
    slogan = TextAreaField(_("动员口号"), [Length(max=400, message=_("口号最多400个字。"))])
