"""What still has to be said of a file before its lines can be checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.auth.rules import SYSTEM, Permission
from crm.core.errors import Problem
from crm.imports import rules
from crm.imports.mapping import mapping_of
from crm.imports.rules import Column
from crm.imports.sheets.units import UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.auth.rules import Actor
    from crm.imports.kinds import Kind
    from crm.imports.sheets.contract import Sheet

PEOPLE = (Column.CONTACT, Column.PHONE, Column.EMAIL)
NEEDS_COLUMN = "请指定哪一列是“%(label)s”，没有这一列不能导入。"
NEEDS_OWNER = Problem("import.owner", "请选择新增的记录归哪个单位，或者指定写着单位的那一列。", "unit_id")
NOT_YOURS = Problem("import.owner", "这个单位的记录不归您维护，请另选单位。", "unit_id")


def missing(kind: Kind, actor: Actor, options: Mapping[str, Any]) -> list[Problem]:
    """Say what is missing."""
    if kind.sheet is not None:
        return _of_sheet(kind, kind.sheet, actor, options)
    return _of_firms(actor, options)


def _of_firms(actor: Actor, options: Mapping[str, Any]) -> list[Problem]:
    columns = {Column(value) for value in options["columns"].values()}
    said = options["said"]
    problems = [] if mapping_of(options).named else [rules.NEEDS_NAME]
    if options.get("listed") and not options.get("list") and not said["lists"]:
        problems.append(rules.NEEDS_LIST)
    if options.get("listed") and not options.get("year") and not said["years"]:
        problems.append(rules.NEEDS_YEAR)
    if options.get("mode") not in rules.MODES:
        problems.append(rules.NO_MODE)
    if not set(options.get("keys") or ()) & rules.KEYS.keys():
        problems.append(rules.NO_KEYS)
    if actor is not SYSTEM and not columns.isdisjoint(PEOPLE):
        unit_id = options.get("unit_id")
        if unit_id is None or not actor.reaches(Permission.CONTACT_WRITE, unit_id):
            problems.append(rules.NEEDS_UNIT)
    return problems


def _of_sheet(kind: Kind, sheet: Sheet, actor: Actor, options: Mapping[str, Any]) -> list[Problem]:
    columns, unit_id = set(options["columns"].values()), options.get("unit_id")
    problems = [
        Problem("import.column", NEEDS_COLUMN, "columns", {"label": one.label})
        for one in sheet.fields
        if one.key in sheet.called and one.key not in columns
    ]
    if options.get("mode") not in rules.MODES:
        problems.append(rules.NO_MODE)
    if unit_id is None and sheet.unit_needed and UNIT not in columns:
        problems.append(NEEDS_OWNER)
    if unit_id is not None and actor is not SYSTEM and not actor.reaches(kind.permission, unit_id):
        problems.append(NOT_YOURS)
    return problems
