"""Rows of a form added and taken away by a button, so that a page without scripts can do it too. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.assessment.rulemaking.flat import KIND, ROW, rows_of

if TYPE_CHECKING:
    from crm.assessment.rulemaking.flat import Fields

ADD, DROP = "add", "drop"
MOST_ROWS = 60
NEW_KIND = ".kind"


def changed(fields: Fields, act: str) -> Fields:
    """Give the fields after ``add:<list>`` or ``drop:<row>``; nothing else that was typed is touched."""
    what, _colon, name = act.partition(":")
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
