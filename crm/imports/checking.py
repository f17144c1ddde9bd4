"""The check of a run: its file becomes lines, each line says what it would do. Nothing else is written.

Looking and keeping are two halves, so that the write lock is held for the second one alone.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from crm.core.text import fold
from crm.imports import files, memory, outcomes, rules, runs
from crm.imports.looking import checking_of
from crm.imports.models import ImportRow, RowAction
from crm.imports.outcomes import Outcome
from crm.imports.rules import CHOSEN, DOUBT, problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.imports.looking import Checking
    from crm.imports.models import ImportRun
    from crm.imports.reading import Row

BATCH = 500
SKIPPED_BEFORE = "上次导入这种表时，这个名称选了“跳过”。"
Lines = list[tuple[int, "Row"]]
Found = dict[int, Outcome]


class CheckWork:
    """One check from beginning to end: ``look`` reads, ``keep`` writes; again and again until it says False."""

    def __init__(self, session: Session, run: ImportRun, lines: Iterator[tuple[int, Row]], checker: Checking) -> None:
        """Begin anew: lines of an earlier try go, those a person changed stay."""
        self.run_id, self.total = run.id, int(run.counts["rows"])
        self.done = 0
        self._skipped = memory.skipped(session, run.options.get("signature") or "")
        self._anew = bool(run.options.get("anew"))
        self._lines: Iterator[tuple[int, Row]] | None = lines
        self._checker = checker
        self._decided: dict[int, tuple[list[dict[str, Any]], str]] = {}
        self._kept: set[int] = set()
        self._after: int | None = None

    def look(self, session: Session) -> Lines | Found:
        """Read the next lines of the file, or find out what the next kept lines would do."""
        if self._lines is not None:
            some = list(islice(self._lines, BATCH))
            if some:
                for _line, cells in some:
                    self._checker.add(cells)
                return some
            self._lines = None
            changed = select(ImportRow.cells).where(ImportRow.run_id == self.run_id, ImportRow.edited)
            for mended in session.scalars(changed):
                self._checker.need(tuple(mended))
        statement = (
            select(ImportRow.line, ImportRow.cells, ImportRow.edited, ImportRow.action, ImportRow.candidates)
            .where(ImportRow.run_id == self.run_id, ImportRow.line > (self._after or 0))
            .order_by(ImportRow.line)
            .limit(BATCH)
        )
        rows = session.execute(statement).all()
        if not rows:
            return {}
        self._after = int(rows[-1].line)
        for row in rows:
            if row.edited and any(one.get(CHOSEN) for one in row.candidates):
                self._decided[row.line] = (row.candidates, row.action)
        return self._checker.take(session, [(row.line, tuple(row.cells)) for row in rows])

    def keep(self, session: Session, found: Lines | Found, now: datetime) -> bool:
        """Write what was found; False when the check is over or was stopped."""
        run = runs.get_run(session, self.run_id, lock=True)
        if rules.state_of(run.state) != rules.CHECKING:
            return False
        if run.cancel:
            runs.end(run, rules.CANCELLED, now)
            return False
        if isinstance(found, list):
            self._keep_lines(session, run, found)
            return True
        if found:
            outcomes.change_lines(session, run.id, {line: self._settled(line, one) for line, one in found.items()})
            self.done += len(found)
            run.counts = {**run.counts, "done": self.done}
            return True
        self._finish(session, run, now)
        return False

    def _keep_lines(self, session: Session, run: ImportRun, lines: Lines) -> None:
        if self._after is None:
            self._after = 0
            edited = delete(ImportRow).where(ImportRow.run_id == run.id)
            session.execute(edited if self._anew else edited.where(ImportRow.edited.is_(False)))
            self._kept = set(session.scalars(select(ImportRow.line).where(ImportRow.run_id == run.id)))
            run.options = {**run.options, "checked": False, "anew": False}
        fresh = [(line, row) for line, row in lines if line not in self._kept]
        outcomes.keep_lines(session, run.id, fresh)

    def _settled(self, line: int, outcome: Outcome) -> Outcome:
        """What a person said of a line goes before what the check finds."""
        said, action = self._decided.get(line, ([], ""))
        if not said or outcome.action is RowAction.REFUSE:
            return outcome
        chosen = said[0][CHOSEN]
        known = chosen if type(chosen) is int else None
        return Outcome(RowAction(action), known, candidates=said, problems=outcome.problems)

    def _finish(self, session: Session, run: ImportRun, now: datetime) -> None:
        last = self._checker.finish(session)
        names = self._checker.doubtful
        for line, outcome in last.items():
            if outcome.action is RowAction.QUEUE and fold(names.get(line, "")) in self._skipped:
                outcome.action = RowAction.SKIP
                outcome.problems = [*outcome.problems, problem(None, DOUBT, SKIPPED_BEFORE)]
        found = {line: self._settled(line, one) for line, one in last.items()}
        lines = sorted(found)
        for start in range(0, len(lines), BATCH):
            outcomes.change_lines(session, run.id, {line: found[line] for line in lines[start : start + BATCH]})
        run.counts = count(session, run)
        run.options = {**run.options, "checked": True}
        runs.end(run, rules.CHECKED, now)


def count(session: Session, run: ImportRun) -> dict[str, int]:
    """Lines by what is to become of them, as they are kept with the run."""
    statement = select(ImportRow.action, func.count()).where(ImportRow.run_id == run.id).group_by(ImportRow.action)
    found = {action.value: number for action, number in session.execute(statement).all()}
    return {"rows": int(run.counts.get("rows") or 0)} | found


def open_check(session: Session, run: ImportRun, files_dir: Path, now: datetime) -> CheckWork:
    """Begin the check of a run with its stored file; raise DomainError when it cannot be read."""
    book = files.open_book(files_dir, run.sha256)
    options = run.options
    lines = files.data_lines(book, options["sheet"], options["header_row"])
    return CheckWork(session, run, lines, checking_of(session, run, now))
