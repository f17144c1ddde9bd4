"""Which firms with like names are surely not the same: by codes and by complete legal names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from crm.core.text import fold
from crm.enterprises.rules import AliasKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm.imports.matching import Subject
    from crm.imports.rows import ImportRow

FORM = re.compile(r"(股份有限公司|有限责任公司|有限公司)$")
GROUP = re.compile(r"(集团|控股)$")
BRACKETS = str.maketrans("", "", "()")
MAINLAND_SHARE = re.compile(r"6\d{5}\.SH|[03]\d{5}\.SZ")  # not B shares, nor Beijing, where codes were renumbered
STOCK_FORM = "股份有限公司"


class LegalName(NamedTuple):
    """A complete registered name in parts: 云岭控股集团有限公司 is 云岭, {控股, 集团}, 有限公司."""

    core: str
    group: frozenset[str]
    form: str


def legal_name(folded: str) -> LegalName | None:
    """Cut a folded name into its parts; None when it names no legal form (云岭集团, 云岭公司, a ticker)."""
    plain = folded.translate(BRACKETS)
    form = FORM.search(plain)
    if form is None:
        return None
    core, group = plain[: form.start()], set[str]()
    while found := GROUP.search(core):
        group.add(found[1])
        core = core[: found.start()]
    return LegalName(core, frozenset(group), form[1]) if core else None


def surely_apart(row: ImportRow, other: Subject) -> bool:
    """Whether a row and an enterprise of a like name are two firms whatever a person might say.

    Two credit codes are two firms, and so are two codes of mainland shares. Without codes on both sides it
    takes names that are public on both sides (from a list, or beside a code): two complete legal names of
    which one says 集团 or 控股 and the other does not, or a mainland share beside a 集团有限公司, which cannot
    issue one. Names that differ in the legal form alone may be one firm before and after its 股改.
    """
    if row.uscc and other.uscc:
        return row.uscc != other.uscc
    mine, its = _shares(row.codes), _shares(other.codes)
    if mine and its:
        return other_share(row, other)
    if not (row.memberships or row.uscc or row.codes) or not (other.listed or other.uscc or other.codes):
        return False
    full = AliasKind.FULL
    ours = list(_legal_names([fold(row.name), *(fold(text) for text, kind in row.names if kind == full)]))
    theirs = list(_legal_names([fold(other.name), *(name for name, kind in other.names.items() if kind == full)]))
    if ours and theirs:
        return all(one.group != another.group for one in ours for another in theirs)
    return (bool(mine) and _issue_nothing(theirs)) or (bool(its) and _issue_nothing(ours))


def other_share(row: ImportRow, other: Subject) -> bool:
    """Whether both are mainland shares and not the same one: names of shares pass from firm to firm."""
    mine, its = _shares(row.codes), _shares(other.codes)
    return bool(mine and its) and mine.isdisjoint(its)


def _legal_names(names: Iterable[str]) -> Iterator[LegalName]:
    return (found for name in names if (found := legal_name(name)))


def _shares(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(code for code in codes if MAINLAND_SHARE.fullmatch(code))


def _issue_nothing(names: list[LegalName]) -> bool:
    """Whether these are names of a group that is no 股份有限公司; red chips (有限公司) do not say 集团."""
    return bool(names) and all(name.group and name.form != STOCK_FORM for name in names)
