"""A table of text cells, its columns typed by what they hold: numbers, dates, categories, ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crm.scoring.model.arrays import Codes, Flags, Floats

MISSING = frozenset(
    {"", "select", "请选择", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "nat", "(null)", "(blank)"}
    | {"-", "--", "?", "未知", "无", "不详", "unknown", "undefined"}
)
MOSTLY = 0.98
DATED = 0.95
ID_SHARE, INDEX_SHARE, ALL_DIFFER, ID_ROWS = 0.5, 0.2, 0.999, 50
INDEXED = re.compile(r"(^|[\s_\-.])(id|uuid|guid|key|no|number|编号|序号|主键)$|id$", re.IGNORECASE)
DATE_NAME = re.compile(r"date|日期|时间|(^|[\s_])(time|timestamp|on|at)$|last.?modified", re.IGNORECASE)
DATE_FORMS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d",
    "%Y-%m-%dT%H:%M:%S", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%Y-%m", "%Y年%m月",
)  # fmt: skip
NUMBER = re.compile(
    r"[¥￥$€]?\s*(?P<plain>[-+]?(?:\d+|\d{1,3}(?:[,，]\d{3})+)(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+]?\.\d+)"
    r"\s*(?P<unit>%|万元|亿元|万|亿|元)?"
)
UNITS = {"%": 0.01, "万": 1e4, "万元": 1e4, "亿": 1e8, "亿元": 1e8}
ONE_WIDTH, DENSE = 0.98, 3


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"


@dataclass(frozen=True)
class Column:
    """One column: `values` [n] are numbers, days of dates, or places in `names`; NaN is missing."""

    key: str
    kind: Kind
    values: Floats
    names: tuple[str, ...] = ()

    @property
    def missing(self) -> Flags:
        """Which rows say nothing."""
        return np.isnan(self.values)

    def take(self, rows: Codes | Flags) -> Column:
        """Give the same column for some of the rows."""
        return Column(self.key, self.kind, self.values[rows], self.names)


@dataclass(frozen=True)
class LeftOut:
    """A column that is not used, and why: a key of `REASONS`."""

    key: str
    reason: str


@dataclass(frozen=True)
class Frame:
    """The columns that may be features, and those that were left out."""

    columns: tuple[Column, ...]
    left_out: tuple[LeftOut, ...]
    rows: int

    def take(self, rows: Codes | Flags) -> Frame:
        """Give some of the rows."""
        columns = tuple(column.take(rows) for column in self.columns)
        return Frame(columns, self.left_out, len(np.arange(self.rows)[rows]))

    def without(self, left_out: Sequence[LeftOut]) -> Frame:
        """Leave out more columns."""
        keys = {column.key for column in left_out}
        columns = tuple(column for column in self.columns if column.key not in keys)
        return Frame(columns, (*self.left_out, *left_out), self.rows)


def frame(cells: Mapping[str, Sequence[str]], exclude: Iterable[str] = (), include: Iterable[str] = ()) -> Frame:
    """Type the columns of a table {name: cells}; `include` keeps columns that would be left out by themselves."""
    named, kept, columns, left_out, rows = set(exclude), set(include), [], [], 0
    for key, texts in cells.items():
        rows = len(texts)
        if key in named:
            left_out.append(LeftOut(key, "named"))
            continue
        column = typed(key, texts)
        reason = None if key in kept else unusable(column)
        if reason:
            left_out.append(LeftOut(key, reason))
        else:
            columns.append(column)
    return Frame(tuple(columns), tuple(left_out), rows)


def typed(key: str, texts: Sequence[str]) -> Column:
    """Type one column by its distinct texts."""
    cleaned = [text.strip() for text in texts]
    distinct = sorted(set(cleaned))
    place = {text: number for number, text in enumerate(distinct)}
    of_row = np.fromiter((place[text] for text in cleaned), dtype=np.int64, count=len(cleaned))
    told = [text for text in distinct if text.lower() not in MISSING]
    counts = dict(zip(distinct, np.bincount(of_row, minlength=len(distinct)).tolist(), strict=True))
    total = sum(counts[text] for text in told)
    for kind, read, share in ((Kind.NUMBER, number_of, MOSTLY), (Kind.DATE, _dates(told), DATED)):
        read_values = {text: read(text) for text in told}
        if total and sum(counts[text] for text in told if not np.isnan(read_values[text])) >= share * total:
            table = np.array([read_values.get(text, np.nan) for text in distinct] or [np.nan])
            return Column(key, kind, table[of_row])
    names = {text: number for number, text in enumerate(told)}
    places = np.array([names.get(text, np.nan) for text in distinct] or [np.nan])
    return Column(key, Kind.CATEGORY, places[of_row], tuple(told))


def unusable(column: Column) -> str | None:
    """Say why a column cannot be a feature, None where it can."""
    told = column.values[~column.missing]
    distinct = len(np.unique(told))
    if distinct + bool(len(told) < len(column.values)) <= 1:
        return "constant"
    if column.kind is Kind.DATE or (DATE_NAME.search(column.key) and _many_whole(told, distinct)):
        return "calendar"
    whole = column.kind is Kind.CATEGORY or bool(np.all(told == np.round(told)))
    share = distinct / max(len(told), 1)
    if len(told) >= ID_ROWS and whole:
        if column.kind is Kind.CATEGORY and share > ID_SHARE:
            return "id"
        if share > INDEX_SHARE and INDEXED.search(column.key):
            return "id"
        if share > ALL_DIFFER and _counted(told):
            return "id"
    return None


def number_of(text: str) -> float:
    """Read a number with its unit (%, 元, 万, 亿), NaN where it is none."""
    found = NUMBER.fullmatch(text)
    if found is None:
        return np.nan
    return float(found["plain"].replace(",", "").replace("，", "")) * UNITS.get(found["unit"] or "", 1.0)


def days_of(text: str, form: str) -> float:
    """Read a date in one form as days, NaN where it is none."""
    try:
        read = datetime.strptime(text, form)  # noqa: DTZ007 -- only differences and order are used
    except ValueError:
        return np.nan
    return read.toordinal() + (read.hour * 60 + read.minute) / 1440.0 + read.second / 86400.0


class _Dates:
    """Reads dates in the form that fits most of a sample."""

    def __init__(self, form: str | None) -> None:
        """Keep the form."""
        self.form = form

    def __call__(self, text: str) -> float:
        """Read one date."""
        return days_of(text.split(".", maxsplit=1)[0].removesuffix("Z"), self.form) if self.form else np.nan


def _dates(texts: Sequence[str]) -> _Dates:
    sample = texts[:: max(1, len(texts) // 200)]
    fits = {form: sum(not np.isnan(_Dates(form)(text)) for text in sample) for form in DATE_FORMS}
    best = max(DATE_FORMS, key=lambda form: fits[form])
    return _Dates(best if sample and fits[best] >= DATED * len(sample) else None)


def _counted(told: Floats) -> bool:
    """Whether different whole numbers look given out, not measured: in order, without gaps, or all equally long."""
    widths = np.unique(np.floor(np.log10(np.maximum(np.abs(told), 1.0))), return_counts=True)[1]
    steps = np.diff(told)
    in_order = bool(np.all(steps > 0) or np.all(steps < 0))
    return in_order or float(np.ptp(told)) < DENSE * len(told) or float(widths.max()) >= ONE_WIDTH * len(told)


def _many_whole(told: Floats, distinct: int) -> bool:
    return distinct > ID_ROWS and bool(np.all(told == np.round(told)))
