"""The figures of a bulletin as they are frozen: each with its task, the standing of each unit and the rows counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crm.assessment import queries as assessment
from crm.core.scheduling import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.assessment.facts import Window
    from crm.assessment.items import Item
    from crm.assessment.queries import FactRow
    from crm.assessment.rules import Number
    from crm.assessment.standings import Standing


def counted(session: Session, window: Window, stands: Standing, items: Sequence[Item]) -> dict[str, Any]:
    """Return them as JSON."""
    spent = stands.elapsed
    return {
        "days": [spent.days, spent.total],
        "pace": [spent.worked, spent.workable, str(spent.percent)],
        "metrics": [
            {
                "key": item.key,
                "metric": item.measure.key,
                "label": item.label,
                "unit": item.unit,
                "done": _number(line.progress.done),
                "target": _number(line.progress.target),
                "units": [line.units_met, line.units],
                "rows": [_kept(one) for one in assessment.rows(session, item.measure, replace(window, lens=item.lens))],
            }
            for item, line in zip(items, stands.metrics, strict=True)
        ],
        "units": [
            {
                "id": line.unit_id,
                "name": line.name,
                "cells": [[_number(cell.done), _number(cell.target)] for cell in line.cells],
                "mean": str(line.mean) if line.mean is not None else None,
                "rank": line.rank,
            }
            for line in stands.units
        ],
    }


def _number(value: Number) -> int | float:
    """A figure as JSON keeps it: sums have at most six decimals, so that a float shows them as they are."""
    return value if isinstance(value, int) else float(value)


def _kept(one: FactRow) -> dict[str, Any]:
    return {
        "id": one.id,
        "unit_id": one.unit_id,
        "unit": one.unit,
        "enterprise_id": one.enterprise_id,
        "enterprise": one.enterprise,
        "project_id": one.project_id,
        "project": one.project,
        "day": one.at.astimezone(SHANGHAI).date().isoformat(),
    }
