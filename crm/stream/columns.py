"""The columns that every line of a stream has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, cast, literal, null, select, type_coerce

from crm.core.types import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement, Select

    from crm.stream.subject import Subject

TEXTS = ("a", "b", "c", "d")


def line(kind: str, key: Any, at: Any, by: Any, *, firm: Any = None, project: Any = None) -> Callable[..., Select[Any]]:  # noqa: ANN401 (columns of any table)
    """Begin a select of lines; call the answer with the texts ``a`` to ``d`` and the id a link needs (``ref``)."""

    def texts(given: Mapping[str, Any], ref: Any = None) -> Select[Any]:  # noqa: ANN401 (a column or nothing)
        columns: list[Any] = [
            literal(kind).label("kind"),
            _number(key).label("id"),
            type_coerce(at, UtcDateTime()).label("at"),
            _number(by).label("by"),
            _number(firm).label("firm"),
            _number(project).label("project"),
            *(cast(given.get(name, null()), Text).label(name) for name in TEXTS),
            _number(ref).label("ref"),
        ]
        return select(*columns)

    return texts


def on_projects(column: Any, about: Subject) -> ColumnElement[bool]:  # noqa: ANN401 (an id column, NULL or not)
    """Condition: the row hangs on a project of the subject that the person may see."""
    found: ColumnElement[bool] = column.in_(tuple(about.projects))
    return found


def _number(column: Any) -> ColumnElement[int]:  # noqa: ANN401 (an id column, an aggregate or nothing)
    return cast(null() if column is None else column, BigInteger)
