"""Marks of a card: secret, key project, contested, on an exception."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.pipeline.claims.gate import disputes
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import ExceptionState
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class Flag:
    """A mark on a card: its words, tone and symbol."""

    label: str
    tone: str
    icon: str


FLAGS: dict[str, Flag] = {
    "secret": Flag("涉密", "seal", "lock"),
    "key_project": Flag("重点", "blue", "star"),
    "contested": Flag("首报争议", "amber", "gavel"),
    "exception": Flag("特事特办", "amber", "rubber-stamp"),
}


def shown(row: Any, today: date) -> tuple[Flag, ...]:  # noqa: ANN401 (a row of named columns)
    """Marks of a selected row."""
    return tuple(flag for key, flag in FLAGS.items() if _shows(getattr(row, f"flag_{key}"), today))


def _shows(value: date | int | None, today: date) -> bool:
    """Whether a mark is shown: what it counts is there, or its day has not passed."""
    return value >= today if isinstance(value, date) else bool(value)


def columns() -> list[ColumnElement[Any]]:
    """Return one column for each mark of a card."""
    exception = select(func.max(GateException.valid_until)).where(
        GateException.project_id == Project.id, GateException.state == ExceptionState.GRANTED
    )
    return [
        Project.confidential.label("flag_secret"),
        Project.key_project.label("flag_key_project"),
        disputes(Project.id).correlate(Project).scalar_subquery().label("flag_contested"),
        exception.correlate(Project).scalar_subquery().label("flag_exception"),
    ]
