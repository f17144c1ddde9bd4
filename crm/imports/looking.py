"""The checker of a run: enterprises are matched, every other kind is a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crm.imports import kinds
from crm.imports.check import Checker
from crm.imports.mapping import terms_of
from crm.imports.repeats import Repeats
from crm.imports.sheets.checking import SheetChecking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.imports.check import Terms
    from crm.imports.models import ImportRun
    from crm.imports.outcomes import Outcome
    from crm.imports.reading import Row


class Checking(Protocol):
    """Says what lines would do: meets the file first, then takes its lines in batches."""

    @property
    def doubtful(self) -> Mapping[int, str]:
        """Names of lines in doubt."""

    def add(self, cells: Row) -> None:
        """Meet a line of the file."""

    def need(self, cells: Row) -> None:
        """Meet a mended line."""

    def take(self, session: Session, lines: Sequence[tuple[int, Row]]) -> dict[int, Outcome]:
        """Say what each of these lines would do."""

    def finish(self, session: Session) -> dict[int, Outcome]:
        """Say what lines would do that had to wait for others."""


class FirmChecking:
    """The checker of enterprises; names that stand in one line alone need not be remembered."""

    def __init__(self, terms: Terms) -> None:
        """Begin with an empty file."""
        self._terms, self._repeats = terms, Repeats()
        self._checker: Checker | None = None

    @property
    def doubtful(self) -> Mapping[int, str]:
        """Names of lines in doubt."""
        return self._checker.doubtful if self._checker else {}

    def add(self, cells: Row) -> None:
        """Meet a line of the file."""
        self._repeats.add(self._terms.mapping, cells)

    def need(self, cells: Row) -> None:
        """Meet a mended line."""
        self._repeats.need(self._terms.mapping, cells)

    def take(self, session: Session, lines: Sequence[tuple[int, Row]]) -> dict[int, Outcome]:
        """Say what each of these lines would do."""
        self._checker = self._checker or Checker(session, self._terms, self._repeats)
        return self._checker.take(session, lines)

    def finish(self, session: Session) -> dict[int, Outcome]:
        """Say what lines would do that had to wait for others."""
        checker = self._checker or Checker(session, self._terms)
        return checker.finish()


def checking_of(session: Session, run: ImportRun, now: datetime) -> Checking:
    """Give the checker of a run."""
    sheet = kinds.kind_of(run).sheet
    if sheet is None:
        return FirmChecking(terms_of(run.options))
    return SheetChecking(kinds.taker_of(session, run, sheet, now)[0], run.id)


def outcome_of_line(session: Session, run: ImportRun, line: tuple[int, Row], now: datetime) -> Outcome:
    """Find out anew what one line would do; what it shares with other lines shows when enterprises are written."""
    sheet = kinds.kind_of(run).sheet
    if sheet is None:
        checker = Checker(session, terms_of(run.options))
        return (checker.take(session, [line]) | checker.finish())[line[0]]
    return checking_of(session, run, now).take(session, [line])[line[0]]
