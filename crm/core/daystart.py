"""The first instant of a day of the calendar in SQL, so that a date can stand in a column of instants."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm.core.types import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


class DayStart(FunctionElement[datetime]):
    """Midnight in Shanghai of a column that holds dates."""

    name = "day_start"
    type = UtcDateTime()
    inherit_cache = True


@compiles(DayStart, "sqlite")
def _sqlite(element: DayStart, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 (what the compiler passes on)
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {compiler.process(element.clauses, **options)}, '-8 hours')"


@compiles(DayStart, "postgresql")
def _postgresql(element: DayStart, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 (what the compiler passes on)
    return f"timezone('Asia/Shanghai', CAST({compiler.process(element.clauses, **options)} AS TIMESTAMP))"
