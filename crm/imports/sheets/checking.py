"""What the lines of a sheet would do, found out in batches; the whole file is met before any line is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.imports.models import ImportRow
from crm.imports.outcomes import RECORD, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from crm.imports.reading import Row
    from crm.imports.sheets.contract import Plan, Taker

FETCH = 500


class SheetChecking:
    """The checker of a sheet."""

    doubtful: Mapping[int, str] = {}

    def __init__(self, taker: Taker, run_id: int) -> None:
        """Begin with an empty file."""
        self._taker, self._run_id, self._met = taker, run_id, False

    def add(self, cells: Row) -> None:
        """Meet a line of the file; the kept lines are met instead, as they were mended."""

    def need(self, cells: Row) -> None:
        """Meet a mended line."""

    def take(self, session: Session, lines: Sequence[tuple[int, Row]]) -> dict[int, Outcome]:
        """Say what each of these lines would do."""
        if not self._met:
            self._meet(session)
        self._taker.load(session, [cells for _line, cells in lines])
        return {line: outcome_of(self._taker.plan(session, line, cells)) for line, cells in lines}

    def _meet(self, session: Session) -> None:
        statement = select(ImportRow.line, ImportRow.cells).where(ImportRow.run_id == self._run_id)
        for line, cells in session.execute(statement.order_by(ImportRow.line).execution_options(yield_per=FETCH)):
            self._taker.note(line, tuple(cells))
        self._met = True

    def finish(self, session: Session) -> dict[int, Outcome]:  # noqa: ARG002 (shape of a checker)
        """Nothing is asked twice."""
        return {}


def outcome_of(plan: Plan) -> Outcome:
    """Give a plan as its line keeps it."""
    return Outcome(
        plan.action, problems=plan.problems, candidates=[{RECORD: plan.page}] if plan.page is not None else []
    )
