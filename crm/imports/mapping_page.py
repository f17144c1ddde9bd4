"""The step at which a person says what a file is and what its columns hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import render_template, request
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # older stubs

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.enterprises import queries as enterprises
from crm.enterprises.lists import KNOWN
from crm.imports import guessing, rules, runs, shown
from crm.imports.forms import KINDS, LEDGER, LIST, MODES, MappingForm
from crm.imports.rules import COLUMN_LABELS, LAND_COLUMNS, LAND_UNITS, MONEY_COLUMNS, MONEY_UNITS, Column
from crm.web import db, timing
from crm.web.forms import choices as labelled
from crm.web.forms import optional
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from crm.auth.models import OrgUnit
    from crm.imports.models import ImportRun

HEAD_ROWS = 20
NAMED_BY = frozenset({Column.NAME, Column.SHORT, Column.TICKER, Column.NAME_EN, Column.FULL})
NAMELESS = "还没有指定哪一列是企业名称：请在下面选好；不选的话，只能更新按代码找到的企业，不能新增。"
MEASURED = MONEY_COLUMNS | LAND_COLUMNS
UNITS = frozenset((*MONEY_UNITS, *LAND_UNITS))


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column of the file: its heading, what it means, in which unit, and a few of its values."""

    index: int
    heading: str
    chosen: str
    unit: str
    samples: list[str]


def form_of(found: ImportRun) -> MappingForm:
    """The form of a run's columns, filled with what is known of it."""
    options = found.options
    listed, name, year = _what(found)
    data = {
        "kind": LIST if listed else LEDGER,
        "list_name": name,
        "year": year,
        "source": options.get("source") or "",
        "mode": options.get("mode") or rules.BOTH,
        "keys": list(options.get("keys") or rules.KEYS),
        "overwrite": bool(options.get("overwrite")),
        "unit_id": options.get("unit_id") or next(iter(current_actor().unit_ids), 0),
    }
    form = MappingForm(data=data)
    form.kind.choices, form.mode.choices = labelled(KINDS), labelled(MODES)
    form.keys.choices = labelled(tuple(rules.KEYS.items()))
    form.unit_id.choices = [SelectChoice(unit.id, unit.name) for unit in _units()]
    return form


def _what(found: ImportRun) -> tuple[bool, str, int]:
    """Whether a file is a list, which one and of which year: as a person said, else as the file seems to say."""
    options = found.options
    said = options.get("said") or {}
    lists = said.get("lists") or []
    name = options.get("list") or (lists[0] if len(lists) == 1 else "")
    listed = options["listed"] if options.get("listed") is not None else bool(lists)
    year = options.get("year")
    if "year" not in options and not lists:  # nobody spoke of this very file yet
        seems = guessing.guess(found.filename, _titles(options), _meanings(options), _own_lists())
        listed, name, year = listed or seems.listed, seems.name or name, None if said.get("years") else seems.year
    return listed, name, year or runs.default_year(found, timing.today())


def _titles(options: Mapping[str, Any]) -> list[list[str]]:
    """The lines above the heading."""
    return [cells for line, cells in options.get("top") or () if line < (options.get("header_row") or 1)]


def _meanings(options: Mapping[str, Any]) -> frozenset[str]:
    return frozenset((options.get("columns") or {}).values())


def _own_lists() -> list[str]:
    """Names of the lists that are in the register already."""
    return [one.name for one in enterprises.lists(db.session())]


def _warnings(options: Mapping[str, Any]) -> list[str]:
    meant = _meanings(options)
    nameless = bool(meant) and meant.isdisjoint(kind.value for kind in NAMED_BY)
    return [*(options.get("warnings") or ()), *([NAMELESS] if nameless else ())]


def _units() -> list[OrgUnit]:
    """Units the person may keep contacts for."""
    actor = current_actor()
    units = people.units(db.session(), timing.today())
    return [unit for unit in units if actor.reaches(Permission.CONTACT_WRITE, unit.id)]


def choices(found: ImportRun, form: MappingForm, sent: Mapping[str, str]) -> rules.MappingChoices:
    """What the person said of the file, out of the form and its columns."""
    columns, units = {}, {}
    for index in range(len(found.options.get("headings") or ())):
        meaning = sent.get(f"column-{index}", "")
        if meaning in COLUMN_LABELS:
            columns[index] = Column(meaning)
        unit = sent.get(f"unit-{index}", "")
        if unit in MONEY_UNITS or unit in LAND_UNITS:
            units[index] = unit
    listed = form.kind.data == LIST
    return rules.MappingChoices(
        sheet=sent.get("sheet", ""),
        header_row=number_or_none(sent.get("header_row", "")) or 0,
        columns=columns,
        units=units,
        list_name=optional(form.list_name) if listed else None,
        year=form.year.data if listed else None,
        source=optional(form.source),
        mode=str(form.mode.data),
        keys=tuple(form.keys.data or ()),
        unit_id=form.unit_id.data or None,
        listed=listed,
        overwrite=bool(form.overwrite.data),
    )


def page(found: ImportRun, status: int, form: MappingForm | None = None) -> ResponseReturnValue:
    """The page of this step; what was just sent is kept when it was refused."""
    options = found.options
    answer = render_template(
        "imports/mapping.html",
        run=found,
        form=form or form_of(found),
        columns=_columns(options, request.form),
        sheets=[(name, name) for name in options.get("sheets") or ()],
        sheet=options.get("sheet") or "",
        header_row=options.get("header_row") or 1,
        header_rows=[(number, number) for number in range(1, HEAD_ROWS + 1)],
        top=options.get("top") or [],
        warnings=_warnings(options),
        remembered=bool(options.get("remembered")),
        meanings=[("", tr("不导入这一列")), *((kind.value, tr(label)) for kind, label in COLUMN_LABELS.items())],
        measured=MEASURED,
        money=[(unit, tr(unit)) for unit in MONEY_UNITS],
        land=[(unit, tr(unit)) for unit in LAND_UNITS],
        known=list(dict.fromkeys([*_own_lists(), *(one.name for one in KNOWN if not one.names_only)])),
        state_labels=shown.STATE_LABELS,
    )
    return answer, status


def _columns(options: Mapping[str, Any], sent: Mapping[str, str]) -> list[ColumnChoice]:
    headings = options.get("headings") or []
    chosen = {int(index): str(value) for index, value in (options.get("columns") or {}).items()}
    units = {int(index): str(value) for index, value in (options.get("units") or {}).items()}
    samples = options.get("samples") or []
    return [
        ColumnChoice(
            index,
            heading,
            sent.get(f"column-{index}", chosen.get(index, "")),
            sent.get(f"unit-{index}", units.get(index, "")),
            list(samples[index]) if index < len(samples) else [],
        )
        for index, heading in enumerate(headings)
    ]
