"""A score, its reasons, its history and what would change it, in the person's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.scores.rules import by_axis
from crm.scoring.display import shown_reasons
from crm.scoring.rules import LIMIT
from crm.scoring.table import Axis
from crm.web import timing
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from crm.scores.explaining import Ref
    from crm.scores.rules import Hand, Move, Outcome
    from crm.scoring.models import EnterpriseScore, ScoreEvent
    from crm.scoring.table import PointsTable

AXES: dict[str, tuple[str, str]] = {
    Axis.FIT.value: ("匹配度", "这家企业适不适合我们：榜单、产业、地区、关联和联系人"),
    Axis.INTENT.value: ("意向", "现在有没有投资的苗头：动态、走访、回应和领导出面"),
}
HANDS: dict[str, str] = {"ours": "我们可以做的", "theirs": "对方可能发生的", "time": "什么都不做"}
CAUSES: dict[str, str] = {
    "first": "第一次评分",
    "model": "换了评分表",
    "decay": "时间过去，旧消息的分量变轻",
    "signal": "新动态",
    "touch": "走访接触",
    "follow_up": "联系的结果",
    "project": "项目有变化",
    "list": "榜单有变化",
    "list_edition": "榜单有变化",
    "contact": "联系人有变化",
    "relation": "关联关系有变化",
    "node": "产业链缺口有变化",
    "enterprise": "企业资料有变化",
    "override": "人工改分",
    "merge": "合并了重复企业",
}
OTHER_CAUSE = "资料有变化"


@dataclass(frozen=True, slots=True)
class Told:
    """One reason: which factor, its words, signed points, where it is proved."""

    feature: str
    text: str
    points: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One axis with its reasons and their sum."""

    key: str
    label: str
    meaning: str
    reasons: list[Told]
    points: str


@dataclass(frozen=True, slots=True)
class Chance:
    """How much the score may be believed: the short label, and what it means."""

    label: str
    meaning: str
    figure: str = ""


def signed(points: int) -> str:
    """Write points with their sign: +6, −3, 0."""
    return f"{points:+d}".replace("-", "−") if points else "0"


def parts(score: EnterpriseScore, table: PointsTable, hrefs: Mapping[Ref, str]) -> list[Part]:
    """Part the reasons of a score by axis."""
    sums = {Axis.FIT.value: score.fit, Axis.INTENT.value: score.intent}
    return [
        Part(key, tr(AXES[key][0]), tr(AXES[key][1]), [told(row, table, hrefs) for row in rows], signed(sums[key]))
        for key, rows in by_axis(score.reasons).items()
    ]


def told(row: Mapping[str, Any], table: PointsTable, hrefs: Mapping[Ref, str]) -> Told:
    """Put one stored reason into words."""
    ref = row.get("ref")
    href = hrefs.get((ref["type"], int(ref["id"]))) if ref else None
    words = tr("总分最高99分、最低1分，超出的不算") if row["key"] == LIMIT else shown_reasons([row])[0].text
    return Told(feature(str(row["key"]), table), words, signed(row["points"]), href)


def feature(key: str, table: PointsTable) -> str:
    """Name a factor of the table; one the table does not know keeps its key."""
    known = table.by_key.get(key)
    return tr(known.label_zh) if known is not None else tr("封顶和保底") if key == LIMIT else key


def chance(score: EnterpriseScore, table: PointsTable) -> Chance:
    """Say how much the score may be believed."""
    months = table.months or 12
    if score.mode == "probability" and score.probability is not None:
        meaning = tr("按本办历史推算：条件相近的企业，%(months)s个月内大约有这么多签约。", months=months)
        return Chance(tr("%(months)s个月内签约概率", months=months), meaning, percent(score.probability))
    if score.mode == "band" and score.band_low is not None and score.band_high is not None:
        meaning = tr("签约还不多，只能说个范围；签约满40个后给出概率。")
        figure = f"{percent(score.band_low)}–{percent(score.band_high)}"
        return Chance(tr("%(months)s个月内签约概率大约", months=months), meaning, figure)
    meaning = tr("分数只用来比高低，不是签约概率；签约满10个后夜间试算，通过检验、启用后才按本办历史校准。")
    return Chance(tr("专家权重，未校准"), meaning)


def percent(share: float) -> str:
    """Write a share as a whole percentage; never 0% or 100%, which nobody can promise."""
    return f"{min(max(round(100 * share), 1), 99)}%"


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of “what would change it”."""

    text: str
    gain: str
    after: int
    grade: str
    parts: str


def answers(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Answer]]]:
    """Part the outcomes by whose hands they lie in."""
    found: dict[Hand, list[Answer]] = {}
    for one in outcomes:
        params = {key: tr(value) if isinstance(value, str) else value for key, value in one.supposed.params.items()}
        why = tr("，").join(f"{tr(label)} {signed(points)}" for label, points in one.parts)
        line = Answer(tr(one.supposed.words, **params), signed(one.gain), one.after, one.grade, why)
        found.setdefault(one.supposed.hand, []).append(line)
    return [(tr(HANDS[hand.value]), rows) for hand, rows in found.items()]


@dataclass(frozen=True, slots=True)
class Past:
    """One row of history: when, points and change against the row before, why, where that is proved."""

    id: int
    before_id: int | None
    at: datetime
    points: int
    grade: str
    change: str
    cause: str
    href: str | None


def history(events: Sequence[ScoreEvent], hrefs: Mapping[Ref, str]) -> list[Past]:
    """Tell rows of history, the newest first; the oldest has nothing to be compared with."""
    found = []
    for place, row in enumerate(events):
        before = events[place + 1] if place + 1 < len(events) else None
        change = signed(row.points - before.points) if before else ""
        href = hrefs.get((row.cause_kind or "", row.cause_id or 0))
        one = Past(
            row.id, before.id if before else None, row.scored_at, row.points, row.grade, change, cause(row), href
        )
        found.append(one)
    return found


def cause(row: ScoreEvent) -> str:
    """Say why a score moved."""
    return tr(CAUSES.get(row.cause_kind or row.cause, OTHER_CAUSE))


@dataclass(frozen=True, slots=True)
class Moved:
    """One difference between two rows of history."""

    feature: str
    axis: str
    before: Told | None
    after: Told | None
    points: str


def moved(moves: Sequence[Move], tables: tuple[PointsTable, PointsTable], hrefs: Mapping[Ref, str]) -> list[Moved]:
    """Put the differences into words, each side by its own table."""
    old, new = tables
    return [
        Moved(
            feature(one.key, new if one.after is not None else old),
            tr(AXES[one.axis][0]),
            told(one.before, old, hrefs) if one.before is not None else None,
            told(one.after, new, hrefs) if one.after is not None else None,
            signed(one.points),
        )
        for one in moves
    ]


def chart(events: Sequence[ScoreEvent], score: EnterpriseScore) -> dict[str, Any]:
    """Options of the curve: points over time as steps, up to now."""
    rows = [(event.scored_at, event.points) for event in reversed(events)]
    rows.append((score.as_of, score.points))
    data = [[at.astimezone(timing.zone()).isoformat(timespec="minutes"), points] for at, points in rows]
    return {
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "min": 0, "max": 100, "interval": 25, "name": tr("分")},
        "series": [{"type": "line", "name": tr("评分"), "step": "end", "showSymbol": len(data) <= 2, "data": data}],  # noqa: PLR2004 (a line needs two points to be seen)
    }
