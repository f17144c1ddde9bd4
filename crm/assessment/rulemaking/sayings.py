"""What a rule does, said back in one sentence: messages with what is filled into them. Pure.

A rule is read from its file object; pages translate each message and set semicolons between them.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crm.assessment.books.rules import PROMOTION, VETO
from crm.assessment.engine.numbers import TooLargeError, read, shown
from crm.assessment.rulemaking.flat import is_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Rule = "Mapping[str, Any]"
Say = tuple[str, dict[str, object]]
_AND, _OR = re.compile(r"(?<=\s)and(?=\s)"), re.compile(r"(?<=\s)or(?=\s)")
CIRCLES = "①②③④⑤⑥⑦⑧⑨⑩"


def said(rule: Mapping[str, Any], kind: str = "") -> list[Say]:
    """Say what a rule does; ``kind`` names a veto or a promotion."""
    kind = kind or str(rule.get("kind", ""))
    if kind in _VERDICTS:
        return _VERDICTS[kind](rule)
    own = _KINDS.get(kind)
    return [*(own(rule) if own else ()), *_limits(rule)]


def _value(rule: Mapping[str, Any], key: str = "value") -> str:
    text = str(rule.get(key, "")).strip()
    return f"“{text}”" if is_name(text) else text


def _when(rule: Mapping[str, Any], key: str) -> str:
    """Write a condition in brackets, with the words people use for ``and`` and ``or``."""
    pieces = re.split(r"""(“[^”]*”|"[^"]*"|'[^']*')""", str(rule.get(key, "")).strip())
    told = "".join(piece if at % 2 else _AND.sub("且", _OR.sub("或", piece)) for at, piece in enumerate(pieces))
    return f"（{told}）"


def _number(raw: object) -> str:
    try:
        found = read(raw)
    except TooLargeError:
        return str(raw)
    return shown(found) if isinstance(found, Fraction) else str(raw)


def _share(raw: object) -> str:
    try:
        found = read(raw)
    except TooLargeError:
        return str(raw)
    return f"{shown(found * 100)}%" if isinstance(found, Fraction) else str(raw)


def _of(rule: Mapping[str, Any], *keys: str, **defaults: object) -> dict[str, object]:
    """Numbers of a rule by key; what is left out is what the reader takes for it."""
    return {key: _number(rule[key] if rule.get(key) is not None else defaults.get(key, 0)) for key in keys}


def _rows(rule: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    return rule.get(key) or ()


def _ratio(rule: Mapping[str, Any]) -> list[Say]:
    params: dict[str, object] = {**_of(rule, "weight"), "done": _value(rule, "done"), "target": _value(rule, "target")}
    found: list[Say] = [
        ("%(done)s乘%(weight)s分", params)
        if str(rule.get("target", "1")) == "1"
        else ("%(done)s除以%(target)s，乘%(weight)s分", params)
    ]
    if rule.get("most") is not None:
        found.append(("完成率最多按%(most)s计", {"most": _share(rule["most"])}))
    return found


def _composite(rule: Mapping[str, Any]) -> list[Say]:
    found: list[Say] = []
    for part in _rows(rule, "parts"):
        params: dict[str, object] = {
            "done": _value(part, "done"), "target": _value(part, "target"), "share": _share(part.get("share", 1)),
            "most": _share(part.get("most")),
        }  # fmt: skip
        bare = str(part.get("target", "1")) == "1"
        found.append(("%(done)s占%(share)s" if bare else "%(done)s除以%(target)s占%(share)s", params))
        if part.get("most") is not None:
            found.append(("其中完成率最多按%(most)s计", params))
    return [*found, ("加起来乘%(weight)s分", _of(rule, "weight", weight=1))]


def _ladder(rule: Mapping[str, Any]) -> list[Say]:
    once = rule.get("per") == "step"
    message = "%(value)s要有%(at_least)s，不够扣%(each)s分" if once else "%(value)s要有%(at_least)s，每少1扣%(each)s分"
    steps: list[Say] = [
        (message, {**_of(one, "each"), "value": _value(one), "at_least": _value(one, "at_least")})
        for one in _rows(rule, "steps")
    ]
    return [("满分%(full)s分", _of(rule, "full")), *steps]


def _terms(rule: Mapping[str, Any], key: str) -> list[Say]:
    plain, capped = {
        "plus": ("%(value)s每1加%(each)s分", "%(value)s每1加%(each)s分，最多加%(most)s分"),
        "less": ("%(value)s每1扣%(each)s分", "%(value)s每1扣%(each)s分，最多扣%(most)s分"),
    }[key]
    return [
        (plain if one.get("most") is None else capped, {**_of(one, "each", "most"), "value": _value(one)})
        for one in _rows(rule, key)
    ]


def _sum(rule: Mapping[str, Any]) -> list[Say]:
    base: list[Say] = [("基础分%(base)s分", _of(rule, "base"))] if rule.get("base") is not None else []
    return [*base, *_terms(rule, "plus"), *_terms(rule, "less")]


def _bands(rule: Mapping[str, Any]) -> list[Say]:
    found: list[Say] = [("看%(value)s在哪一档", {"value": _value(rule)})]
    ranked = sorted(_rows(rule, "bands"), key=lambda one: -_size(one.get("at_least")))
    for one in ranked:
        at_least = one.get("at_least")
        begin = str(at_least) if isinstance(at_least, str) else _number(at_least)
        params: dict[str, object] = {**_of(one, "points"), "at_least": begin, "needs": _when(one, "needs")}
        plain = "满%(at_least)s得%(points)s分"
        found.append((plain if one.get("needs") is None else "满%(at_least)s且符合%(needs)s得%(points)s分", params))
    if rule.get("below_each") is not None:
        found.append(("再每少1减%(below_each)s分，减到0为止", _of(rule, "below_each")))
    else:
        found.append(("都不到得%(below)s分", _of(rule, "below")))
    found += _terms(rule, "less")
    if rule.get("weight") is not None:
        found.append(("以上按百分制，折合满分%(weight)s分", _of(rule, "weight")))
    return found


def _size(raw: object) -> Fraction:
    try:
        found = read(raw)
    except TooLargeError:
        return Fraction(0)
    return found if isinstance(found, Fraction) else Fraction(0)


def _choices(rule: Mapping[str, Any]) -> list[Say]:
    held = rule.get("choices") or {}
    ranked = sorted(held.items(), key=lambda pair: (-_size(pair[1]), pair[0]))
    each: list[Say] = [("是“%(word)s”得%(points)s分", {"word": word, "points": _number(one)}) for word, one in ranked]
    return [("看%(value)s", {"value": _value(rule)}), *each, ("其他得%(other)s分", _of(rule, "other"))]


def _every(rule: Mapping[str, Any]) -> list[Say]:
    params: dict[str, object] = {**_of(rule, "every", "each"), "value": _value(rule), "over": _value(rule, "over")}
    if "%" in str(rule.get("every")):
        params["every"] = _share(rule["every"])
    beyond = str(rule.get("over", "0")) != "0"
    message = "%(value)s超过%(over)s的部分，每%(every)s计%(each)s分" if beyond else "%(value)s每%(every)s计%(each)s分"
    part = "不足一份按比例计" if rule.get("whole") is False else "不足一份不计"
    return [(message, params), (part, {})]


def _condition(rule: Mapping[str, Any]) -> list[Say]:
    params: dict[str, object] = {**_of(rule, "points", "otherwise"), "condition": _when(rule, "condition")}
    return [("符合%(condition)s得%(points)s分，否则得%(otherwise)s分", params)]


def _min_max(rule: Mapping[str, Any]) -> list[Say]:
    params: dict[str, object] = {**_of(rule, "low", "high", "weight", low=60, high=100, weight=100)}
    params["value"] = _value(rule)
    least = rule.get("better") == "less"
    message = (
        "%(value)s越小越好：全组最大的得%(low)s分，最小的得%(high)s分，中间按比例"
        if least
        else "%(value)s越大越好：全组最小的得%(low)s分，最大的得%(high)s分，中间按比例"
    )
    found: list[Say] = [(message, params), ("在100分里占%(weight)s分", params)]
    if rule.get("when_equal") is not None:
        found.append(("全组都一样时得%(when_equal)s分", _of(rule, "when_equal")))
    return found


def _best(rule: Mapping[str, Any]) -> list[Say]:
    return [("%(value)s除以全组最高的，乘%(weight)s分", {**_of(rule, "weight"), "value": _value(rule)})]


def _place(rule: Mapping[str, Any]) -> list[Say]:
    least = rule.get("better") == "less"
    begin = "%(value)s在全组排名次，越小越好" if least else "%(value)s在全组排名次，越大越好"
    found: list[Say] = [(begin, {"value": _value(rule)})]
    found += [
        ("第%(place)s名得%(points)s分", {"place": at, "points": _number(one)})
        for at, one in enumerate(rule.get("points") or (), start=1)
    ]
    if rule.get("step"):
        return [*found, ("再往后每名减%(step)s分，减到0为止", _of(rule, "step"))]
    return [*found, ("再往后得0分", {})]


def _rating(rule: Mapping[str, Any]) -> list[Say]:
    params: dict[str, object] = {**_of(rule, "scale", "weight", scale=100)}
    params |= {"items": _value(rule, "items"), "mark": _value(rule, "mark")}
    found: list[Say] = [("%(items)s里的%(mark)s（0到%(scale)s）取平均，折成%(weight)s分", params)]
    found += [
        ("“%(group)s”占%(share)s", {"group": one.get("group", ""), "share": _share(one.get("share"))})
        for one in _rows(rule, "groups")
    ]
    if rule.get("drop_extremes"):
        found.append(("满3份的去掉一个最高分和一个最低分", {}))
    return found


def _items(rule: Mapping[str, Any]) -> list[Say]:
    params: dict[str, object] = {"items": _value(rule, "items"), "where": _when(rule, "where")}
    where = rule.get("where") is not None
    found: list[Say] = [("%(items)s里符合%(where)s的每一项" if where else "%(items)s里每一项", params)]
    for at, inner in enumerate(_rows(rule, "rules")):
        sign = CIRCLES[at] if at < len(CIRCLES) else f"({at + 1})"
        first, *rest = said(inner) or [("", {})]
        found += [("%(sign)s%(first)s", {"sign": sign, "first": first}), *rest]
    if rule.get("each_cap") is not None:
        found.append(("单项最多%(each_cap)s分", _of(rule, "each_cap")))
    if rule.get("top"):
        found.append(("只取最高的%(top)s项", _of(rule, "top")))
    how = {"average": "各项取平均", "best": "取最高的一项"}.get(str(rule.get("combine", "")), "各项合计")
    return [*found, (how, {})]


def _formula(rule: Mapping[str, Any]) -> list[Say]:
    return [("得分等于%(formula)s", {"formula": rule.get("formula", "")})]


def _limits(rule: Mapping[str, Any]) -> list[Say]:
    found: list[Say] = []
    if rule.get("factor") is not None:
        found.append(("再乘系数%(factor)s", {"factor": _value(rule, "factor")}))
    if rule.get("cap") == "weight":
        found.append(("最多得满分，超额不加分", {}))
    elif rule.get("cap") is not None:
        found.append(("最多%(cap)s分", _of(rule, "cap")))
    if rule.get("floor") is not None:
        found.append(("最低%(floor)s分", _of(rule, "floor")))
    if rule.get("round") is not None:
        found.append(("保留%(round)s位小数", _of(rule, "round")))
    if rule.get("when") is not None:
        found.append(("只适用于符合%(when)s的", {"when": _when(rule, "when")}))
    missing = {"zero": "没有数的计0分", "full": "没有数的按满分计", "exempt": "没有数的不考核，分值摊给其他各项"}
    if rule.get("missing") in missing:
        found.append((missing[rule["missing"]], {}))
    return found


def _veto(rule: Mapping[str, Any]) -> list[Say]:
    params: dict[str, object] = {**_of(rule, "value"), "when": _when(rule, "when")}
    messages = {
        "zero": "符合%(when)s的，总分计0",
        "last": "符合%(when)s的，排到最后",
        "limit": "符合%(when)s的，总分最多%(value)s分",
    }
    return [(messages.get(str(rule.get("effect")), "符合%(when)s的，不能评优"), params)]


def _promotion(rule: Mapping[str, Any]) -> list[Say]:
    return [("符合%(when)s的，等次升%(steps)s档", {**_of(rule, "steps", steps=1), "when": _when(rule, "when")})]


_KINDS: dict[str, Callable[[Mapping[str, Any]], list[Say]]] = {
    "ratio": _ratio, "composite": _composite, "ladder": _ladder, "sum": _sum, "bands": _bands, "choices": _choices,
    "every": _every, "condition": _condition, "min_max": _min_max, "best": _best, "place": _place, "rating": _rating,
    "items": _items, "formula": _formula,
}  # fmt: skip
_VERDICTS: dict[str, Callable[[Mapping[str, Any]], list[Say]]] = {VETO: _veto, PROMOTION: _promotion}
