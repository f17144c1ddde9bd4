"""Forms of one target; parts and milestones are rows read by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from crm.assessment import queries
from crm.assessment.forms import SECTORS, amount_or_none
from crm.assessment.goals import MOST_MILESTONES, PERIOD_LABELS, PERIODS, Milestone, Scope, SplitBy, part, parts_of
from crm.assessment.measures import CHOOSABLE
from crm.assessment.models import Target
from crm.assessment.rules import LEVEL_LABELS, TargetLevel
from crm.assessment.targets import TargetDraft, scope_of
from crm.assessment.window import SIZE_LABELS, Size
from crm.assessment.words import CURRENCY_LABELS, SECTOR_LABELS
from crm.auth.models import Roster, User
from crm.core.errors import Problem
from crm.pipeline.intake import setup
from crm.web.fields import WanField, WholeField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

BAD_PART = Problem("split.bad", "每一份请填大于零的数；不下达的请留空。标红的格子请改。")
BAD_MILESTONE = Problem("milestone.bad", "里程碑请填日期和累计进度，例如 6月30日、50。")
SPARE, MOST_SITES, LONGEST_SITE = 3, 20, 80


class AmountForm(Form):
    """How much is asked for, and a note."""

    version = WholeField()
    value = WanField(_("任务数"), [InputRequired(_("请填任务数。"))])
    note = StringField(_("备注"), [Length(max=200, message=_("最多200字。"))])


class TargetForm(AmountForm):
    """What is asked of whom, of which projects, in which part of a year."""

    metric = SelectField(_("指标"))
    year = WholeField(_("年份"))
    period = SelectField(_("时段"))
    level = SelectField(_("目标档次"))
    unit = SelectField(_("单位"), default="")
    low = WanField(_("总投资不低于（万元）"))
    high = WanField(_("总投资低于（万元）"))
    size = SelectField(_("规模按"))
    sector = SelectField(_("投资方产业"), default="")
    currency = SelectField(_("币种"), default="")
    site = StringField(_("载体（园区）"), [Length(max=80, message=_("最多80个字。"))])


@dataclass(slots=True)
class SplitInput:
    """What was typed into a split: usable parts, rows as typed, what is wrong."""

    by: SplitBy
    rows: list[dict[str, str]] = field(default_factory=list)
    parts: dict[str, Decimal] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    cut: int = 0


def new_form(session: Session, today: date, *, year: int = 0, level: TargetLevel = TargetLevel.ENSURE) -> TargetForm:
    """Return the form of a new target with its choices."""
    form = TargetForm(year=year or today.year, level=level.value, period=PERIODS[0], size=Size.TOTAL.value)
    units = [(str(unit.id), unit.name) for unit in queries.target_units(session, today.year, today)]
    form.metric.choices = choices([(one.key, one.label) for one in CHOOSABLE])
    form.period.choices = choices([(one, PERIOD_LABELS[one]) for one in PERIODS])
    form.level.choices = choices([(one.value, label) for one, label in LEVEL_LABELS.items()])
    form.unit.choices = [*choices([("", "全局")]), *choices(units)]
    form.size.choices = choices([(one.value, label) for one, label in SIZE_LABELS.items()])
    form.sector.choices = choices([("", "全部"), *((one, SECTOR_LABELS[one]) for one in SECTORS)])
    form.currency.choices = choices([("", "不限"), *CURRENCY_LABELS.items()])
    return form


def draft_of(form: TargetForm) -> TargetDraft:
    """Return what was typed; only after validation."""
    unit = text(form.unit)
    scope = Scope(
        text(form.metric),
        int(form.year.data or 0),
        text(form.period),
        TargetLevel(text(form.level)),
        int(unit) if unit else None,
        low=form.low.data or None,
        high=form.high.data or None,
        size=text(form.size) if form.low.data or form.high.data else Size.TOTAL.value,
        currency=text(form.currency),
        sector=text(form.sector),
        site=text(form.site),
    )
    return TargetDraft(scope, form.value.data or Decimal(0), text(form.note))


def people_of(session: Session, scope: Scope) -> list[tuple[int, str]]:
    """Who is in the unit of a target during its period."""
    start, end = scope.days
    there = (Roster.unit_id == scope.unit_id, Roster.valid_from <= end)
    stays = or_(Roster.valid_to.is_(None), Roster.valid_to >= start)
    statement = select(User.id, User.name).join(Roster, Roster.user_id == User.id).where(*there, stays, User.active)
    return [(row.id, row.name) for row in session.execute(statement.distinct().order_by(User.name, User.id).limit(100))]


def shown_split(session: Session, row: Target, by: SplitBy, arguments: Mapping[str, str], today: date) -> SplitInput:
    """The split as it stands, or its empty rows."""
    scope = scope_of(row)
    typed = SplitInput(by, cut=_cut(scope, arguments))
    held = {one.slot: one for one in session.scalars(select(Target).where(Target.parent_id == row.id))}
    if by in {SplitBy.BAND, SplitBy.SITE}:
        typed.rows = _free_rows(session, scope, by, list(held.values()))
        return typed
    for key, label in _keys(session, scope, typed, today):
        found = held.get(part(scope, by, key).slot)
        typed.rows.append({"key": key, "label": label, "value": _written(found.value) if found else ""})
    return typed


def read_split(
    session: Session,
    row: Target,
    by: SplitBy,
    data: Mapping[str, str],
    arguments: Mapping[str, str],
    today: date,
) -> SplitInput:
    """Read the rows of a split."""
    scope = scope_of(row)
    typed = SplitInput(by, cut=_cut(scope, arguments))
    if by in {SplitBy.BAND, SplitBy.SITE}:
        _read_free(typed, data)
    else:
        for key, label in _keys(session, scope, typed, today):
            _read_value(typed, {"key": key, "label": label}, data.get(f"part-{key}", "").strip(), key)
    if typed.bad:
        typed.problems = [BAD_PART]
    return typed


def read_milestones(data: Mapping[str, str]) -> tuple[list[Milestone], list[dict[str, str]], list[Problem]]:
    """Read the rows of milestones: usable ones, as typed, what is wrong."""
    found, typed, problems = [], [], []
    for place in range(MOST_MILESTONES):
        row = {name: data.get(f"{name}-{place}", "").strip() for name in ("on", "percent")}
        if not any(row.values()):
            continue
        typed.append(row)
        day, percent = day_or_none(row["on"]), amount_or_none(row["percent"], whole=False)
        if day is None or percent is None:
            problems = [BAD_MILESTONE]
        else:
            found.append(Milestone(day, Decimal(percent)))
    return found, [*typed, *_blank(typed)], problems


def shown_milestones(row: Target) -> list[dict[str, str]]:
    """The milestones as they are stored, with empty rows behind."""
    rows = [{"on": one.on.isoformat(), "percent": _written(one.percent)} for one in row.milestones]
    return [*rows, *_blank(rows)]


def _blank(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{} for _one in range(min(SPARE, MOST_MILESTONES - len(rows)))]


def _cut(scope: Scope, arguments: Mapping[str, str]) -> int:
    asked = arguments.get("cut", "0")
    return int(asked) if asked in {"0", "1", "2"} and int(asked) < len(parts_of(scope.period)) else 0


def _keys(session: Session, scope: Scope, typed: SplitInput, today: date) -> list[tuple[str, str]]:
    if typed.by is SplitBy.PERIOD:
        return [(one, tr(PERIOD_LABELS[one])) for one in parts_of(scope.period)[typed.cut]]
    if typed.by is SplitBy.PERSON:
        return [(str(one), name) for one, name in people_of(session, scope)]
    units = queries.target_units(session, scope.year, today)
    return [(str(unit.id), unit.name) for unit in units if unit.id != scope.unit_id]


def _free_rows(session: Session, scope: Scope, by: SplitBy, held: list[Target]) -> list[dict[str, str]]:
    held.sort(key=lambda one: (one.low or Decimal(0), one.site))
    if by is SplitBy.SITE:
        rows = [{"site": one.site, "value": _written(one.value)} for one in held if one.site != scope.site]
        return [*rows, *({} for _one in range(SPARE))]
    if held and any((one.low, one.high) != (scope.low, scope.high) for one in held):
        return [{"low": _written(one.low), "high": _written(one.high), "value": _written(one.value)} for one in held]
    edges = [
        edge
        for edge in setup.load(session).dimensions.bands
        if edge > (scope.low or 0) and (scope.high is None or edge < scope.high)
    ]
    borders = [scope.low, *edges, scope.high]
    return [{"low": _written(low), "high": _written(high)} for low, high in pairwise(borders)]


def _read_free(typed: SplitInput, data: Mapping[str, str]) -> None:
    for place in range(MOST_SITES):
        row = {name: data.get(f"{name}-{place}", "").strip() for name in ("low", "high", "site")}
        value = data.get(f"value-{place}", "").strip()
        if not value and not row["site"]:
            if any(row.values()):
                typed.rows.append({**row, "value": ""})
            continue
        edges = [amount_or_none(row[name], whole=False) if row[name] else None for name in ("low", "high")]
        if any(row[name] and edge is None for name, edge in zip(("low", "high"), edges, strict=True)):
            typed.bad.add(str(place))
        bounds = ["" if edge is None else _written(Decimal(edge)) for edge in edges]
        key = row["site"][:LONGEST_SITE] if typed.by is SplitBy.SITE else "-".join(bounds)
        _read_value(typed, row, value, key)


def _read_value(typed: SplitInput, row: dict[str, str], value: str, key: str) -> None:
    typed.rows.append({**row, "value": value})
    if not value and typed.by is not SplitBy.SITE:
        return
    amount = amount_or_none(value, whole=False)
    if amount is None or not key or key in typed.parts:
        typed.bad.add(key)
        typed.bad.add(str(len(typed.rows) - 1))
    else:
        typed.parts[key] = Decimal(amount)


def _written(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
