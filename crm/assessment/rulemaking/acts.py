"""Rows of a form added and taken away by a button, so that a page without scripts can do it too. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm.assessment.rulemaking.flat import KIND, ROW, TEXT, rows_of
from crm.assessment.rulemaking.shapes import of_rule
from crm.assessment.rulemaking.trying import PREFIX

if TYPE_CHECKING:
    from crm.assessment.rulemaking.flat import Fields

ADD, DROP = "add", "drop"
FIRST = ("done", "value")  # the indicator a rule looks at first, as kinds call it
MOST_ROWS = 60
NEW_KIND = ".kind"


def changed(fields: Fields, act: str) -> Fields:
    """Give the fields after ``add:<list>``, ``drop:<row>`` or another ``kind``; what was typed else is not touched."""
    what, _colon, name = act.partition(":")
    if what == KIND:
        return {**_carried(fields), **fields}
    if what == DROP and name:
        return {key: text for key, text in fields.items() if not key.startswith(f"{name}-")}
    if what != ADD or not name:
        return fields
    held = rows_of(fields, name)
    if len(held) >= MOST_ROWS:
        return fields
    row = f"{name}-{int(held[-1]) + 1 if held else 0}-"
    kind = fields.get(name + NEW_KIND, "")
    return {**fields, row + ROW: "1", **({row + KIND: kind} if kind else {})}


def _carried(fields: Fields) -> Fields:
    """Give the first indicator to a kind that calls it otherwise."""
    one, other = FIRST
    known, blank = (one, other) if one in fields else (other, one)
    if blank in fields:
        return {}
    return {blank + end: fields[known + end] for end in ("", TEXT) if known + end in fields}


def unshown(fields: Fields, kind: str) -> Fields:
    """What was typed for another kind: kept out of sight, so that it is there when the kind is changed back."""
    shown = {shape.key for shape in of_rule(kind)} | {KIND}
    return {
        name: text
        for name, text in fields.items()
        if re.split(r"[-.]", name)[0] not in shown and not name.startswith(PREFIX)
    }
