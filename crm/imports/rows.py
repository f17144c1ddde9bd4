"""One row of a file: read it, or say in one sentence for each cell why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.enterprises.naming import Name, plain_ticker
from crm.enterprises.rules import LINE, AliasKind
from crm.imports import cells, units
from crm.imports.cells import BadValueError, ListTarget, Membership
from crm.imports.contacts import Person, read_people
from crm.imports.rules import BAD, DOUBT, Column, problem

if TYPE_CHECKING:
    from crm.imports.columns import Mapping, Table
    from crm.imports.reading import Row

__all__ = ["ImportRow", "ListTarget", "Membership", "Person", "Refusal", "read_cells", "read_row", "settle"]
OTHER_NAMES: tuple[tuple[Column, AliasKind], ...] = (
    (Column.FULL, AliasKind.FULL),
    (Column.TICKER, AliasKind.TICKER),
    (Column.BRAND, AliasKind.BRAND),
    (Column.FORMER, AliasKind.FORMER),
)
AMOUNTS = {
    Column.CAPITAL: "registered_capital",
    Column.REVENUE: "revenue",
    Column.PLAN: "investment_plan",
    Column.LAND: "land_plan",
}
TEXTS = {Column.SOURCE_ORG: "source_org", Column.PROFILE: "profile"}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row that can be taken in; ``more`` are further fields of the enterprise by name."""

    line: int
    name: str
    name_en: str | None
    uscc: str | None
    codes: tuple[str, ...]
    industry: str | None
    region: str | None
    revenue: str | None
    names: tuple[Name, ...]
    memberships: tuple[Membership, ...]
    named_only: bool = False
    more: dict[str, Any] = field(default_factory=dict)
    parent: str | None = None
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot: ``message`` is a Chinese msgid, ``params`` fill it."""

    line: int
    message: str
    values: Row
    params: dict[str, object] = field(default_factory=dict)


def settle(table: Table, target: ListTarget) -> ListTarget:
    """Let a column speak only where it says more than the person: when it names several lists or years."""
    said_lists = {table.mapping.value(row, Column.LIST) for _line, row in table.rows}
    said_years = {table.mapping.value(row, Column.YEAR) for _line, row in table.rows}
    several = len(said_lists) > 1
    return ListTarget(
        name=None if several else target.name,
        year=None if len(said_years) > 1 else target.year,
        source=target.source,
        ledger=target.ledger,
    )


def read_row(mapping: Mapping, line: int, row: Row, target: ListTarget) -> ImportRow | Refusal:
    """Read a row; ``target`` fills in the list and the year that the row does not say."""
    read, problems = read_cells(mapping, line, row, target)
    bad = next((one for one in problems if one["level"] == BAD), None)
    if read is None or bad:
        return Refusal(line, bad["message"] if bad else problems[0]["message"], row, bad["params"] if bad else {})
    return read


def read_cells(
    mapping: Mapping, line: int, row: Row, target: ListTarget
) -> tuple[ImportRow | None, list[dict[str, Any]]]:
    """Read a row as far as it can be read: the row (None when a cell is bad) and what is wrong, cell by cell."""
    reader = _Reader(mapping, row)
    reader.refuse_failed_formulas()
    read = reader.read(line, target)
    bad = any(one["level"] == BAD for one in reader.problems)
    return None if bad else read, reader.problems


class _Reader:
    """Reads one row and collects what is wrong with it."""

    def __init__(self, mapping: Mapping, row: Row) -> None:
        self.mapping, self.row = mapping, row
        self.problems: list[dict[str, Any]] = []

    def refuse_failed_formulas(self) -> None:
        """Say which cells hold what a spreadsheet writes where a formula failed."""
        for indexes in self.mapping.places.values():
            self.problems += [
                problem(index, BAD, cells.FAILED_FORMULA, value=self.row[index])
                for index in indexes
                if index < len(self.row) and self.row[index].upper() in cells.FAILED
            ]

    def read(self, line: int, target: ListTarget) -> ImportRow:
        """Read every cell that has a meaning."""
        mapping, row = self.mapping, self.row
        codes = self._try((), cells.read_codes, mapping, row)
        memberships, names_only = self._try(((), False), cells.read_memberships, mapping, row, target)
        name_en = mapping.value(row, Column.NAME_EN) or None
        shorts = cells.split(mapping.values(row, Column.SHORT))
        name = self._name(shorts, name_en)
        uscc = self._try(None, cells.read_uscc, mapping.value(row, Column.USCC))
        if name or not (uscc or codes):
            self._try(None, cells.check_name, name)
        return ImportRow(
            line=line,
            name=name,
            name_en=name_en[:LINE] if name_en else None,
            uscc=uscc,
            codes=codes,
            industry=cells.chosen(mapping, row, Column.INDUSTRY),
            region=cells.chosen(mapping, row, Column.REGION),
            revenue=cells.read_revenue(mapping, row) if memberships else None,
            names=self._names(shorts, codes, former=names_only),
            memberships=memberships,
            named_only=names_only,
            more={} if names_only else self._more(listed=bool(memberships)),
            parent=mapping.value(row, Column.PARENT)[:LINE] or None,
            people=self._people(),
        )

    def _name(self, shorts: list[str], name_en: str | None) -> str:
        fulls = cells.split(self.mapping.values(self.row, Column.FULL))
        short = plain_ticker(shorts) if shorts else ""
        return self.mapping.value(self.row, Column.NAME) or short or name_en or next(iter(fulls), "")

    def _names(self, shorts: list[str], codes: tuple[str, ...], *, former: bool) -> tuple[Name, ...]:
        kind = AliasKind.FORMER if former else AliasKind.TICKER if codes else AliasKind.BRAND
        names = [(text, kind) for text in shorts]
        for column, its_kind in OTHER_NAMES:
            names.extend((text, its_kind) for text in cells.split(self.mapping.values(self.row, column)))
        return tuple(names)

    def _try(self, fallback: Any, read: Any, *args: Any) -> Any:  # noqa: ANN401 (whatever the reader of a cell gives)
        try:
            return read(*args)
        except BadValueError as error:
            self._note(error.column, error.message, error.params, doubt=error.doubt)
            return fallback

    def _note(self, column: Column | None, message: str, params: dict[str, Any], *, doubt: bool = False) -> None:
        index = self.mapping.first(column) if column else None
        self.problems.append(problem(index, DOUBT if doubt else BAD, message, **params))

    def _more(self, *, listed: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for column, name in AMOUNTS.items():
            if column is Column.REVENUE and listed:
                continue
            self._amount(column, name, found)
        site = self.mapping.value(self.row, Column.WEBSITE)
        if site:
            found["website"] = self._try(None, cells.read_site, site)
        for column, name in TEXTS.items():
            found[name] = self.mapping.value(self.row, column)[: None if name == "profile" else LINE] or None
        return {key: value for key, value in found.items() if value is not None}

    def _amount(self, column: Column, name: str, found: dict[str, Any]) -> None:
        text = self.mapping.value(self.row, column)
        if not text:
            return
        read = units.mu if column is Column.LAND else units.wan
        try:
            found[name] = read(text, self.mapping.unit(column))
        except units.AmountError as error:
            self._note(column, error.message, error.params, doubt=error.doubt)

    def _people(self) -> tuple[Person, ...]:
        found, problems = read_people(self.mapping, self.row)
        self.problems += problems
        return found
