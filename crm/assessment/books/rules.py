"""考核 in the office: where an indicator comes from, how far an assessment is, who is warned. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.assessment.engine.numbers import read as read_value
from crm.core import lamps
from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


Lamp, LAMP_LABELS, LAMP_TONES = lamps.Lamp, lamps.LAMP_LABELS, lamps.LAMP_TONES
NAME_LENGTH, TEXT_LENGTH, BODY_LENGTH = 80, 2000, 200_000
MOST_UNITS = 500
LONGEST_RUN = 1096  # days
MOST_FAULTS = 30


class FeedKind(StrEnum):
    """Where the value of an indicator comes from."""

    TYPED = "typed"
    MEASURE = "measure"
    RATE = "rate"
    TARGET = "target"
    TOUR = "tour"


FEED_LABELS: dict[FeedKind, str] = {
    FeedKind.TYPED: "人工填报",
    FeedKind.MEASURE: "系统统计",
    FeedKind.RATE: "系统比率",
    FeedKind.TARGET: "下达的任务",
    FeedKind.TOUR: "观摩拉练",
}
TOUR_MEAN, TOUR_COUNT = "mean", "count"
TOUR_LABELS: dict[str, str] = {TOUR_MEAN: "观摩平均得分", TOUR_COUNT: "参加观摩次数"}


KIND_LABELS: dict[str, str] = {
    "ratio": "完成率×分值",
    "composite": "几项完成率合计×分值",
    "ladder": "满分减缺额",
    "sum": "基础分加减",
    "bands": "分档计分",
    "choices": "按类别计分",
    "every": "每多少加多少分",
    "condition": "符合条件得分",
    "min_max": "功效系数法",
    "best": "与同组最高比",
    "place": "按名次计分",
    "rating": "互评",
    "items": "逐项计分",
    "formula": "按公式",
}


VETO, PROMOTION = "veto", "promotion"
ADDED_LABELS: dict[str, str] = {**KIND_LABELS, VETO: "一票否决", PROMOTION: "超额晋档"}


class Span(StrEnum):
    """Which days a counted indicator covers."""

    PERIOD = "period"
    YEAR = "year"


SPAN_LABELS: dict[Span, str] = {Span.PERIOD: "考核期内", Span.YEAR: "年初至期末"}


class RunState(StrEnum):
    """How far an assessment is: values may change, or it is confirmed and frozen."""

    OPEN = "open"
    CONFIRMED = "confirmed"


RUN_LABELS: dict[RunState, str] = {RunState.OPEN: "进行中", RunState.CONFIRMED: "已确认"}


class SlipState(StrEnum):
    """How far a supervision slip (后进督办单) is."""

    ISSUED = "issued"
    REPLIED = "replied"
    CLOSED = "closed"


SLIP_LABELS: dict[SlipState, str] = {
    SlipState.ISSUED: "待整改",
    SlipState.REPLIED: "已回复",
    SlipState.CLOSED: "已销号",
}


@dataclass(frozen=True, slots=True)
class Feed:
    """The source of one indicator: a measure, a rate or a target of the unit, or typed by a person."""

    kind: FeedKind = FeedKind.TYPED
    key: str = ""
    span: Span = Span.PERIOD


def read_feeds(raw: Mapping[str, Any]) -> dict[str, Feed]:
    """Read what is stored."""
    return {
        name: Feed(FeedKind(one["kind"]), one.get("key", ""), Span(one.get("span", Span.PERIOD)))
        for name, one in raw.items()
    }


def write_feeds(feeds: Mapping[str, Feed]) -> dict[str, Any]:
    """Give what is stored; typed ones are the default and are left out."""
    return {
        name: {"kind": str(feed.kind), "key": feed.key, "span": str(feed.span)}
        for name, feed in feeds.items()
        if feed.kind is not FeedKind.TYPED
    }


def feed_problems(feeds: Mapping[str, Feed], known: Mapping[FeedKind, Iterable[str]]) -> list[Problem]:
    """Reasons why sources cannot be used; ``known`` holds the keys of measures, rates and targets."""
    return [
        Problem("book.feed", "指标“%(name)s”的来源不存在，请重新选择。", f"feed_{name}", {"name": name})
        for name, feed in feeds.items()
        if feed.kind is not FeedKind.TYPED and feed.key not in set(known[feed.kind])
    ]


def value_problem(name: str, text: str) -> Problem | None:
    """Say why a typed value cannot be used; numbers, percentages and short words can."""
    if len(text) > NAME_LENGTH:
        return Problem("book.value", "“%(name)s”最多80字。", None, {"name": name})
    try:
        read_value(text)
    except ValueError:
        return Problem("book.number", "“%(name)s”的数太大或太小，请核对。", None, {"name": name})
    return None


def run_problems(name: str, start_on: date, end_on: date, units: int) -> list[Problem]:
    """Reasons why an assessment cannot begin."""
    problems = []
    if not name.strip():
        problems.append(Problem("run.name", "请给这次考核起个名称，例如 2026年三季度考核。", "name"))
    if end_on < start_on:
        problems.append(Problem("run.dates", "结束日期不能早于开始日期。", "end_on"))
    elif (end_on - start_on).days > LONGEST_RUN:
        problems.append(Problem("run.long", "考核期最长三年，请核对日期。", "end_on"))
    if not units:
        problems.append(Problem("run.units", "请至少选一个被考核单位。", "units"))
    if units > MOST_UNITS:
        problems.append(Problem("run.many", "一次最多考核500个单位，请分开办理。", "units"))
    return problems


def lamp(state: SlipState, due_on: date, today: date) -> lamps.Lamp:
    """The lamp of a slip on a day."""
    return lamps.lamp_of(due_on, today, closed=state is SlipState.CLOSED)
