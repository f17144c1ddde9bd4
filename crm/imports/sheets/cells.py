"""Cells of a sheet, read one by one; what cannot be read is said in one sentence beside the cell."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from crm.core.text import fold
from crm.imports import units
from crm.imports.cells import FAILED, FAILED_FORMULA
from crm.imports.rules import BAD, DOUBT, problem
from crm.imports.sheets.vocabulary import BRACKETS
from crm.resources.chains.rules import split_words
from crm.resources.chains.sheet import NO, YES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.core.errors import Problem
    from crm.imports.columns import Mapping as Columns
    from crm.imports.reading import Row

Choice = TypeVar("Choice", bound=StrEnum)
LONG = "最多%(most)s个字，请缩短。"
NO_NUMBER = "“%(value)s”不是数字，请只写数字。"
NO_DAY = "“%(value)s”不是日期，请写成 2026-01-31。"
NO_FLAG = "只能填 是 或 否。"
NO_CHOICE = "“%(value)s”认不出，请填：%(choices)s。"
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0?0:00(?::00)?)?")
PLAIN = re.compile(r"([-+]?\d{1,15}(?:\.\d{1,15})?)(?P<percent>[%％]?)")
MOST_WORDS, LONGEST_WORD, SHOWN = 40, 40, 40
LINE, SHORT, LONGEST = 200, 80, 4000


class Cells:
    """Reads the cells of one line by the key of their column and collects what is wrong with them."""

    def __init__(self, columns: Columns, row: Row) -> None:
        """Begin with the formulas that failed."""
        self.columns, self.row = columns, row
        self.problems: list[dict[str, Any]] = [
            problem(index, BAD, FAILED_FORMULA, value=row[index])
            for places in columns.places.values()
            for index in places
            if index < len(row) and row[index].upper() in FAILED
        ]

    def bad(self, key: str, message: str, **params: object) -> None:
        """Say what keeps the line out."""
        self.problems.append(problem(self.columns.first(key), BAD, message, **params))

    def missing(self, key: str, message: str) -> None:
        """Say that a cell has to be filled in; one that holds something unreadable is told of already."""
        if not self.columns.value(self.row, key).strip():
            self.bad(key, message)

    def has(self, key: str) -> bool:
        """Whether something is wrong with the cell of a column."""
        place = self.columns.first(key)
        return place is not None and any(one["index"] == place for one in self.problems)

    def doubt(self, key: str, message: str, **params: object) -> None:
        """Say what a person should know; the line goes in."""
        self.problems.append(problem(self.columns.first(key), DOUBT, message, **params))

    def against(self, found: list[Problem], heads: Mapping[str, str] | None = None) -> None:
        """Take in what the rules of the register say; ``heads`` are columns with another name than their field."""
        for one in found:
            key = (heads or {}).get(one.field or "", one.field or "")
            self.bad(key, one.message, **one.params)

    def text(self, key: str, most: int = LINE) -> str | None:
        """Read a text, None when blank."""
        found = self.columns.value(self.row, key).strip()
        if len(found) > most:
            self.bad(key, LONG, most=most)
            found = found[:most]
        return found or None

    def words(self, key: str) -> tuple[str, ...] | None:
        """Read words set apart by commas, None when blank."""
        found = split_words(self.columns.value(self.row, key))
        return tuple(word[:LONGEST_WORD] for word in found)[:MOST_WORDS] or None

    def number(self, key: str, *, percent: bool = False) -> Decimal | None:
        """Read a plain number, None when blank; ``percent``: it may be written with its sign."""
        found = re.sub(r"[,，\s]", "", self.columns.value(self.row, key))
        if not found:
            return None
        plain = PLAIN.fullmatch(found)
        if plain is None or (plain["percent"] and not percent):
            self.bad(key, NO_NUMBER, value=found[:SHOWN])
            return None
        return Decimal(plain[1])

    def money(self, key: str) -> Decimal | None:
        """Read an amount into 万元, with the unit of the cell or of its column; None when blank."""
        try:
            return units.wan(self.columns.value(self.row, key), self.columns.unit(key))
        except units.AmountError as error:
            self.bad(key, error.message, **error.params)
            return None

    def whole(self, key: str) -> int | None:
        """Read a whole number, None when blank."""
        found = self.number(key)
        if found is not None and found != found.to_integral_value():
            self.bad(key, NO_NUMBER, value=str(found)[:SHOWN])
            return None
        return None if found is None else int(found)

    def day(self, key: str) -> date | None:
        """Read a day, None when blank."""
        text = self.columns.value(self.row, key).strip()
        if not text:
            return None
        found = DAY.fullmatch(text)
        try:
            return date(*(int(part) for part in found.groups())) if found else date.fromisoformat(text)
        except ValueError:
            self.bad(key, NO_DAY, value=text[:SHOWN])
            return None

    def flag(self, key: str) -> bool | None:
        """Read yes or no, None when blank."""
        text = self.columns.value(self.row, key).strip().lower()
        if text and text not in YES | NO:
            self.bad(key, NO_FLAG)
        return text in YES if text in YES | NO else None

    def choice(self, key: str, labels: Mapping[Choice, str]) -> Choice | None:
        """Read one of some words, with or without what stands in their brackets; None when blank."""
        text = self.columns.value(self.row, key)
        if not text.strip():
            return None
        for one, label in labels.items():
            if _plain(text) in {_plain(label), _plain(BRACKETS.sub("", label)), fold(one.value)}:
                return one
        self.bad(key, NO_CHOICE, value=text[:SHOWN], choices="、".join(labels.values()))
        return None


def _plain(text: str) -> str:
    return "".join(fold(text).split())
