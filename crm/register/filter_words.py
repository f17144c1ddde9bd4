"""Conditions of the list in words, and the choices its builder offers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crm.enterprises.codes import industries, industry_name, region_name, regions
from crm.enterprises.rules import SOURCE_KINDS
from crm.pipeline.rules import STAGE_LABELS, Stage
from crm.register import filters
from crm.scoring import asking, display
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crm.register.filters import Condition
    from crm.register.list_state import State

FIXED: Mapping[str, str] = {
    "touched:never": "从未接触",
    "touched:mine": "本单位接触过",
    "project:open": "有在办项目",
    "project:any": "有项目",
    "project:none": "没有项目",
    "contacts:has": "有联系人",
    "contacts:none": "没有联系人",
    "uscc:has": "有信用代码",
    "uscc:none": "没有信用代码",
    "group:child": "是下属企业",
    "group:parent": "有下属企业",
    "signal:any": "有动态",
    **asking.FIXED,
}
TYPED: tuple[tuple[str, str], ...] = (
    ("industry", "行业含（或国标代码）"),
    ("region", "地区含（或区划代码）"),
    ("score", "评分不低于"),
    ("fit", "匹配度不低于"),
    ("intent", "意向不低于"),
    ("touched", "接触在几天内"),
    ("created", "新增在几天内"),
    ("org", "来源单位含"),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, with the address without it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One group: its chips and the address of the builder that adds to it."""

    index: int
    chips: tuple[Chip, ...]


def shown(state: State, lists: Mapping[str, str]) -> list[Shown]:
    """Every group of a state in words."""
    return [
        Shown(
            index,
            tuple(
                Chip(word(one, lists), state.without(index, place).href() or "/enterprises")
                for place, one in enumerate(group)
            ),
        )
        for index, group in enumerate(state.groups)
    ]


def word(one: Condition, lists: Mapping[str, str]) -> str:
    """One condition in the person's language."""
    text = tr(FIXED[f"{one.kind}:{one.value}"]) if f"{one.kind}:{one.value}" in FIXED else _word(one, lists)
    return tr("非：%(condition)s", condition=text) if one.negated else text


def _word(one: Condition, lists: Mapping[str, str]) -> str:
    if one.kind in asking.KINDS:
        return display.asked(one.kind, one.value)
    return WORDS[one.kind](one.value, lists)


def _list(value: str, lists: Mapping[str, str]) -> str:
    key, _slash, year = value.partition(filters.ARG)
    name = tr(lists.get(key, key))
    return tr("%(list)s %(year)s年度", list=name, year=year) if year else name


def _signal(value: str, lists: Mapping[str, str]) -> str:  # noqa: ARG001 (one shape for all words)
    kind, _slash, days = value.partition(filters.ARG)
    name = tr("动态") if kind == filters.ANY else tr(KIND_LABELS[SignalKind(kind)])
    return tr("%(days)s天内有%(kind)s", days=days, kind=name) if days else tr("有%(kind)s动态", kind=name)


def _touched(value: str, lists: Mapping[str, str]) -> str:  # noqa: ARG001 (one shape for all words)
    who, _slash, days = value.partition(filters.ARG)
    if who == filters.MINE:
        return tr("本单位%(days)s天内接触过", days=days)
    return tr("%(days)s天内接触过", days=value)


WORDS: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "list": _list,
    "industry": lambda value, _lists: industry_name(value) or tr("行业含“%(words)s”", words=value),
    "region": lambda value, _lists: region_name(value.ljust(6, "0")) or tr("地区含“%(words)s”", words=value),
    "signal": _signal,
    "touched": _touched,
    "project": lambda value, _lists: tr("在办项目在“%(stage)s”", stage=tr(STAGE_LABELS[Stage(value)])),
    "source": lambda value, _lists: tr("来源渠道：%(source)s", source=tr(SOURCE_KINDS[value])),
    "org": lambda value, _lists: tr("来源单位：%(name)s", name=value),
    "created": lambda value, _lists: tr("%(days)s天内新增", days=value),
}


def choices(lists: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the builder offers, by kind: (heading, [(condition, words)])."""
    kinds: Sequence[tuple[str, Sequence[str]]] = (
        (tr("接触"), ("touched:30", "touched:90", "touched:180", "touched:never", "touched:mine", "touched:mine/30")),
        (tr("项目"), ("project:open", "project:any", "project:none", *(f"project:{stage}" for stage in Stage))),
        (tr("动态"), ("signal:any", "signal:any/30", *(f"signal:{kind}/90" for kind in SignalKind))),
        (tr("联系人"), ("contacts:has", "contacts:none")),
        (
            tr("评分"),
            asking.offered(),
        ),
        (tr("榜单"), tuple(f"list:{key}" for key in lists)),
        (tr("来源"), tuple(f"source:{key}" for key in SOURCE_KINDS)),
        (tr("资料"), ("uscc:has", "uscc:none", "group:child", "group:parent", "created:7", "created:30")),
    )
    return [(heading, [(text, _offer(text, lists)) for text in texts]) for heading, texts in kinds if texts]


def _offer(text: str, lists: Mapping[str, str]) -> str:
    kind, _colon, value = text.partition(":")
    return word(filters.Condition(kind, value), lists)


@cache
def sections() -> tuple[tuple[str, str], ...]:
    """Sections of the industry table: (letter, name)."""
    return tuple((code, name) for code, name in industries().items() if len(code) == 1)


@cache
def provinces() -> tuple[tuple[str, str], ...]:
    """Provinces of the region table: (two digits, name)."""
    return tuple((code[:2], name) for code, name in regions().items() if code.endswith("0000"))
