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
from crm.imports import guessing, kinds, rules, runs, shown
from crm.imports.forms import KINDS, LEDGER, LIST, MODES, MappingForm
from crm.imports.rules import LAND_UNITS, MONEY_UNITS, Column
from crm.imports.sheets.vocabulary import LAND, MONEY
from crm.web import db, timing
from crm.web.forms import choices as labelled
from crm.web.forms import optional
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from crm.auth.models import OrgUnit
    from crm.imports.kinds import Kind
    from crm.imports.models import ImportRun

HEAD_ROWS = 20
NAMED_BY = frozenset({Column.NAME, Column.SHORT, Column.TICKER, Column.NAME_EN, Column.FULL})
NAMELESS = "还没有指定哪一列是企业名称：请在下面选好；不选的话，只能更新按代码找到的企业，不能新增。"
OWNERLESS = 0
FIRMS_ALONE = ("kind", "list_name", "year", "keys", "overwrite")


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
    options, kind = found.options, kinds.kind_of(found)
    listed, name, year = _what(found) if kind.sheet is None else (False, "", 0)
    data = {
        "kind": LIST if listed else LEDGER,
        "list_name": name,
        "year": year,
        "source": options.get("source") or "",
        "mode": options.get("mode") or rules.BOTH,
        "keys": list(options.get("keys") or rules.KEYS),
        "overwrite": bool(options.get("overwrite")),
        "unit_id": options.get("unit_id") or _own_unit(kind, options),
    }
    form = MappingForm(data=data)
    form.kind.choices, form.mode.choices = labelled(KINDS), labelled(MODES)
    form.keys.choices = labelled(tuple(rules.KEYS.items()))
    form.unit_id.choices = [SelectChoice(unit.id, unit.name) for unit in _units(kind)]
    if kind.sheet is not None and not kind.sheet.unit_needed:
        form.unit_id.choices.insert(0, SelectChoice(OWNERLESS, tr("不归哪个单位，由招商办管")))
    for name in FIRMS_ALONE if kind.sheet is not None else ():
        del form[name]
    return form


def _own_unit(kind: Kind, options: Mapping[str, Any]) -> int:
    """The unit proposed: the person's own; what was said before stands, also that there is none."""
    return OWNERLESS if kind.sheet is not None and "unit_id" in options else next(iter(current_actor().unit_ids), 0)


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


def _units(kind: Kind) -> list[OrgUnit]:
    """Units the person may keep contacts, or records of the kind, for."""
    actor = current_actor()
    needed = Permission.CONTACT_WRITE if kind.sheet is None else kind.permission
    units = people.units(db.session(), timing.today())
    return [unit for unit in units if actor.reaches(needed, unit.id)]


def choices(found: ImportRun, form: MappingForm, sent: Mapping[str, str]) -> rules.MappingChoices:
    """What the person said of the file, out of the form and its columns."""
    columns, units = {}, {}
    meanings = kinds.kind_of(found).meanings
    for index in range(len(found.options.get("headings") or ())):
        meaning = sent.get(f"column-{index}", "")
        if meaning in meanings:
            columns[index] = meaning
        unit = sent.get(f"unit-{index}", "")
        if unit in MONEY_UNITS or unit in LAND_UNITS:
            units[index] = unit
    told: dict[str, Any] = {
        "sheet": sent.get("sheet", ""),
        "header_row": number_or_none(sent.get("header_row", "")) or 0,
    }
    told |= {"columns": columns, "units": units, "source": optional(form.source)}
    told |= {"mode": str(form.mode.data), "unit_id": form.unit_id.data or None}
    if kinds.kind_of(found).sheet is not None:
        return rules.MappingChoices(**told)
    listed = form.kind.data == LIST
    return rules.MappingChoices(
        **told,
        list_name=optional(form.list_name) if listed else None,
        year=form.year.data if listed else None,
        keys=tuple(form.keys.data or ()),
        listed=listed,
        overwrite=bool(form.overwrite.data),
    )


def page(found: ImportRun, status: int, form: MappingForm | None = None) -> ResponseReturnValue:
    """The page of this step; what was just sent is kept when it was refused."""
    options, kind = found.options, kinds.kind_of(found)
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
        kind=kind,
        warnings=_warnings(options) if kind.sheet is None else options.get("warnings") or [],
        remembered=bool(options.get("remembered")),
        meanings=[("", tr("不导入这一列")), *((key, tr(label)) for key, label in kind.meanings.items())],
        measured=kind.measured(MONEY) | kind.measured(LAND),
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
