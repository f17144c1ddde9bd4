"""What the office sets for moves, exceptions and agreements; the mappings of local views. Pure.

Source: the figures are our proposals (a mistaken move is taken back within a day, an exception lives half a year at
most, an intention is old after half a year, a loss is reviewed within fifteen days); the two mappings are practice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.pipeline.deals.rules import CURRENCY_LABELS, HOME
from crm.pipeline.rules import ORDER, STAGE_LABELS, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "deals"
MOST_HOURS, MOST_DAYS, MOST_MONTHS = 24 * 14, 730, 60
NAME_LENGTH, MOST_GROUPS, MOST_VIEWS = 40, 12, 8


@dataclass(frozen=True, slots=True)
class Group:
    """Some stages under one local name."""

    name: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class LocalView:
    """A local way to sum up the stages (五个一批、八步规程): every stage stands in exactly one group."""

    key: str
    name: str
    groups: tuple[Group, ...]

    def group_of(self, stage: Stage) -> Group:
        """Return the group a stage stands in."""
        return next(group for group in self.groups if stage in group.stages)


FIVE = LocalView(
    "five",
    "五个一批",
    (
        Group("储备在谈一批", (Stage.LEAD, Stage.VISITING, Stage.INSPECTING, Stage.REVIEWING)),
        Group("签约一批", (Stage.PRE_SIGNING, Stage.SIGNED)),
        Group("履约一批", (Stage.REGISTERED, Stage.LANDING)),
        Group("开工一批", (Stage.STARTED,)),
        Group("投产达产一批", (Stage.IN_PRODUCTION, Stage.FULL_CAPACITY)),
    ),
)
EIGHT = LocalView(
    "eight",
    "八步工作规程",
    (
        Group("策划发布", (Stage.LEAD,)),
        Group("洽谈", (Stage.VISITING,)),
        Group("考察", (Stage.INSPECTING,)),
        Group("评审", (Stage.REVIEWING,)),
        Group("协议起草", (Stage.PRE_SIGNING,)),
        Group("签约", (Stage.SIGNED,)),
        Group("注册落地", (Stage.REGISTERED, Stage.LANDING, Stage.STARTED)),
        Group("投产兑现", (Stage.IN_PRODUCTION, Stage.FULL_CAPACITY)),
    ),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the office sets; every figure has a default."""

    undo_hours: int = 24
    exception_days: int = 180
    ageing_months: int = 6
    learn_days: int = 15
    currencies: tuple[str, ...] = (HOME, "USD", "EUR", "HKD", "JPY", "GBP")
    views: tuple[LocalView, ...] = field(default=(FIVE, EIGHT))

    def view(self, key: str | None) -> LocalView | None:
        """Return a local view by its key."""
        return next((view for view in self.views if view.key == key), None)


def from_option(value: Mapping[str, Any]) -> Terms:
    """Read what was stored; a key that was never set has its default."""
    plain = Terms()
    return Terms(
        undo_hours=value.get("undo_hours", plain.undo_hours),
        exception_days=value.get("exception_days", plain.exception_days),
        ageing_months=value.get("ageing_months", plain.ageing_months),
        learn_days=value.get("learn_days", plain.learn_days),
        currencies=tuple(value.get("currencies", plain.currencies)),
        views=tuple(map(_view, value["views"])) if "views" in value else plain.views,
    )


def to_option(terms: Terms) -> dict[str, Any]:
    """Return what is stored."""
    return {
        "undo_hours": terms.undo_hours,
        "exception_days": terms.exception_days,
        "ageing_months": terms.ageing_months,
        "learn_days": terms.learn_days,
        "currencies": list(terms.currencies),
        "views": [
            {"key": view.key, "name": view.name, "groups": [[group.name, *group.stages] for group in view.groups]}
            for view in terms.views
        ],
    }


def term_problems(terms: Terms) -> list[Problem]:
    """Reasons why the office cannot set this."""
    bounds = (
        (terms.undo_hours, 0, MOST_HOURS, "undo_hours"),
        (terms.exception_days, 1, MOST_DAYS, "exception_days"),
        (terms.ageing_months, 1, MOST_MONTHS, "ageing_months"),
        (terms.learn_days, 1, MOST_DAYS, "learn_days"),
    )
    text = "请填%(low)s到%(high)s之间的整数。"
    problems = [
        Problem("terms.bounds", text, name, {"low": low, "high": high})
        for value, low, high, name in bounds
        if not low <= value <= high
    ]
    if HOME not in terms.currencies or not set(terms.currencies) <= set(CURRENCY_LABELS):
        problems.append(Problem("terms.currencies", "币种须包括人民币，其余从列出的币种中选择。", "currencies"))
    return problems + [problem for view in terms.views for problem in view_problems(view)]


def view_problems(view: LocalView) -> list[Problem]:
    """Reasons why a mapping is not one: every stage stands in exactly one group, and every group has a name."""
    field_name = f"view_{view.key}"
    placed = [stage for group in view.groups for stage in group.stages]
    twice = sorted({stage for stage in placed if placed.count(stage) > 1}, key=ORDER.index)
    absent = [stage for stage in ORDER if stage not in placed]
    problems = []
    if twice:
        text = "阶段“%(stage)s”归了两组，只能归一组。"
        problems.append(Problem("view.twice", text, field_name, {"stage": STAGE_LABELS[twice[0]]}))
    if absent:
        text = "阶段“%(stage)s”没有归组，每个阶段都要归入一组。"
        problems.append(Problem("view.absent", text, field_name, {"stage": STAGE_LABELS[absent[0]]}))
    names = [group.name.strip() for group in view.groups]
    if not all(names) or len(set(names)) < len(names) or any(len(name) > NAME_LENGTH for name in names):
        problems.append(Problem("view.names", "每组要有一个名称，不重名，最多40字。", field_name))
    return problems


def read_view(key: str, name: str, text: str) -> tuple[LocalView | None, str]:
    """Read a mapping as typed, one group a line (``签约一批：拟签约、签约``); the line that cannot be read, if one."""
    stages = {label: stage for stage, label in STAGE_LABELS.items()} | {str(stage): stage for stage in ORDER}
    groups = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, colon, tail = line.replace(":", "：").partition("：")
        words = [word.strip() for word in tail.replace(",", "、").replace("，", "、").split("、") if word.strip()]
        if not colon or not words or not set(words) <= set(stages):
            return None, line
        groups.append(Group(head.strip(), tuple(stages[word] for word in words)))
    return LocalView(key, name.strip(), tuple(groups)), ""


def write_view(view: LocalView) -> str:
    """Write a mapping as it is typed."""
    return "\n".join(
        f"{group.name}：{'、'.join(STAGE_LABELS[stage] for stage in group.stages)}" for group in view.groups
    )


def _view(stored: Mapping[str, Any]) -> LocalView:
    groups = (Group(name, tuple(map(Stage, stages))) for name, *stages in stored["groups"])
    return LocalView(stored["key"], stored["name"], tuple(groups))
