"""Which names and codes stand in more than one line of a file: only those lines must be remembered.

Names and codes are kept as their hashes; two that clash only cost a little memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.text import fold, fold_company
from crm.enterprises.identifiers import clean_uscc, split_codes, stock_code
from crm.imports.cells import split
from crm.imports.rules import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm.imports.columns import Mapping
    from crm.imports.matching import Subject
    from crm.imports.reading import Row
    from crm.imports.rows import ImportRow

NAMES = (Column.FULL, Column.SHORT, Column.BRAND, Column.TICKER, Column.FORMER)


class Repeats:
    """Hashes of what lines may be known by, and which of them came more than once."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._seen: set[int] = set()
        self._twice: set[int] = set()

    def add(self, mapping: Mapping, row: Row) -> None:
        """Take in a line of the file."""
        keys = set(map(hash, _keys(mapping, row)))
        self._twice |= self._seen & keys
        self._seen |= keys

    def need(self, mapping: Mapping, row: Row) -> None:
        """Remember whatever has to do with this line."""
        self._twice.update(map(hash, _keys(mapping, row)))

    def wait_for(self, row: ImportRow) -> None:
        """Remember whoever a line in doubt might mean."""
        names = (fold(row.name), fold_company(row.name), fold(row.name_en or ""))
        self._twice.update(map(hash, (*names, row.uscc or "", *row.codes)))

    def concern(self, subject: Subject) -> bool:
        """Whether another line may speak of this enterprise."""
        known = (fold(subject.name), *subject.names, subject.uscc or "", *subject.codes)
        return any(hash(key) in self._twice for key in known if key)


def _keys(mapping: Mapping, row: Row) -> Iterator[str]:
    names = [mapping.value(row, Column.NAME), mapping.value(row, Column.NAME_EN)]
    for column in NAMES:
        names += split(mapping.values(row, column))
    yield from _folded(name for name in names if name)
    uscc = clean_uscc(mapping.value(row, Column.USCC))
    if uscc:
        yield uscc
    for part in split_codes(mapping.value(row, Column.STOCK)):
        yield stock_code(part) or part


def _folded(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield fold(name)
        yield fold_company(name)
