"""From a csv file and what was asked to leads that can be tried."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
import numpy as np

from crm.cli import csvcells
from crm.scoring.model import leaks
from crm.scoring.model.expertise import Expertise, MalformedError, expertise
from crm.scoring.model.frame import Frame, Kind, LeftOut, frame, typed
from crm.scoring.model.outcome import Outcome, UnreadableError, outcome
from crm.scoring.model.trial import FOLDS, Leads

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crm.scoring.model.arrays import Codes, Flags, Floats

FEWEST = 5
SHOWN = 6
REASONS = {
    "named": "按要求不用 named",
    "id": "编号，几乎每行不同 id",
    "constant": "只有一种取值 constant",
    "calendar": "日期，换个时期就失效 calendar",
    "leak_auc": "单列就几乎知道结果（按时间 AUC > 0.95）leak",
    "leak_missing": "缺不缺失就几乎知道结果 leak",
}

Cells = dict[str, list[str]]


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    source: Path
    target: str
    winning: str | None = None
    moment: str | None = None
    experts: Path | None = None
    base_rate: float | None = None
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    grouped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """Leads, and what was noticed on the way."""

    leads: Leads
    singles: list[leaks.Single]
    batches: list[leaks.Batches]
    broken: int
    unused: int


def prepare(asked: Asked) -> Prepared:
    """Read, check and type everything, and leave out what cannot be a feature."""
    cells, broken = csvcells.read(asked.source)
    dropped, kept, batches = (_columns(cells, names) for names in (asked.exclude, asked.include, asked.grouped))
    _columns(cells, [asked.target, *([asked.moment] if asked.moment else [])])
    total = len(cells[asked.target])
    known = _outcome(asked.target, cells[asked.target], asked.winning)
    cells = _rows(cells, known.rows)
    when, rows = _moments(asked.moment, cells)
    cells, won = _rows(cells, rows), known.won[rows]
    features = {key: texts for key, texts in cells.items() if key not in {asked.target, asked.moment}}
    order = np.arange(len(won), dtype=np.float64) if when is None else when
    used, singles = _without_leaks(frame(features, dropped, kept), won, order, set(kept), dated=when is not None)
    if not used.columns:
        why = "；".join(f"{one.key}（{REASONS[one.reason]}）" for one in used.left_out[:SHOWN])
        message = f"没有可用的列：{why or '除结果列和时间列外没有别的列'}。确实要用的请写 --include"
        raise click.ClickException(message)
    table = _expertise(asked.experts, cells)
    leads = Leads(used, won, when, _groups(cells, batches), table, asked.base_rate)
    found = [] if when is None else leaks.batches(used, won, when)
    return Prepared(leads, singles, found, broken, total - len(won))


def _rows(cells: Cells, rows: Codes) -> Cells:
    return {key: [texts[row] for row in rows] for key, texts in cells.items()}


def _columns(cells: Cells, names: Sequence[str]) -> list[str]:
    """Read names of columns, written once or apart by commas, and say which there are none of."""
    found = [part.strip() for name in names for part in ([name] if name in cells else name.split(",")) if part.strip()]
    strange = [name for name in found if name not in cells]
    if strange:
        message = f"文件里没有列“{'、'.join(strange)}”。有：{'、'.join(cells)}"
        raise click.ClickException(message)
    return found


def _outcome(target: str, texts: list[str], winning: str | None) -> Outcome:
    try:
        known = outcome(target, texts, winning)
    except UnreadableError as problem:
        raise click.ClickException(str(problem)) from problem
    if min(int(known.won.sum()), int((~known.won).sum())) < FEWEST:
        message = f"成 {int(known.won.sum())} 条、不成 {int((~known.won).sum())} 条，各要至少 {FEWEST} 条才能检验"
        raise click.ClickException(message)
    return known


def _moments(moment: str | None, cells: Cells) -> tuple[Floats | None, Codes]:
    """Read the time of each row and which rows have one."""
    count = len(next(iter(cells.values())))
    if moment is None:
        return None, np.arange(count)
    column = typed(moment, cells[moment])
    if column.kind is Kind.CATEGORY:
        shown = "、".join(
            f"“{' '.join(name.split())[:30]}”" for name in column.names[:: max(1, len(column.names) // 3)][:3]
        )
        message = f"时间列“{moment}”读不出日期或数，或者写法不一，例如{shown or '全空'}。请都写成 2024-05-31 这样"
        raise click.ClickException(message)
    rows = np.flatnonzero(~column.missing)
    return column.values[rows], rows


def _expertise(path: Path | None, cells: Cells) -> Expertise | None:
    if path is None:
        return None
    try:
        table = expertise(json.loads(path.read_text(encoding="utf-8-sig")))
    except (MalformedError, UnicodeDecodeError, json.JSONDecodeError) as problem:
        message = f"{path}：{problem}"
        raise click.ClickException(message) from problem
    _columns(cells, sorted(table.keys))
    return table


def _without_leaks(
    used: Frame, won: Flags, order: Floats, kept: set[str], *, dated: bool
) -> tuple[Frame, list[leaks.Single]]:
    """Leave out dates in disguise and columns that alone know the outcome, unless they were asked for."""
    disguised = leaks.calendar(used, order) if dated else []
    used = used.without([LeftOut(key, "calendar") for key in disguised if key not in kept])
    singles = leaks.singles(used, won, order)
    known = [LeftOut(one.key, one.leaks) for one in singles if one.leaks and one.key not in kept]
    return used.without(known), singles


def _groups(cells: Cells, names: list[str]) -> Codes | None:
    if not names:
        return None
    keys = list(zip(*(cells[name] for name in names), strict=True))
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    if len(place) < FOLDS:
        message = f"--group {'、'.join(names)} 只分出 {len(place)} 批，五折至少要 {FOLDS} 批。请换成分得更细的列"
        raise click.ClickException(message)
    return np.array([place[key] for key in keys])
