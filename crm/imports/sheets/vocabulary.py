"""Headings of a sheet: its own and other usual ones, without brackets, stars and blanks; units in brackets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm.core.text import fold
from crm.imports.units import unit_in
from crm.imports.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.imports.sheets.contract import Field

BRACKETS = re.compile(r"[(\[（【](.*?)[)\]）】]")
MONEY, LAND = "money", "land"


def words_of(fields: Iterable[Field], called: Iterable[str]) -> Vocabulary:
    """Give the words of a sheet."""
    fields = tuple(fields)
    known = {plain(name): one.key for one in fields for name in (one.label, *one.others.split())}
    measured = {one.key for one in fields if one.measure}

    def unit(cell: str, key: str) -> str:
        bracket = BRACKETS.search(cell) if key in measured else None
        return unit_in(bracket[1]) if bracket else ""

    return Vocabulary(lambda cell: known.get(plain(cell)), unit, frozenset(called))


def plain(cell: str) -> str:
    """Give a heading without what is only written beside it."""
    return "".join(fold(BRACKETS.sub("", cell)[:200]).split()).strip("*#:：")
