"""The office's counting rules as data: read, written, checked. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.core.money import digits
from crm.pipeline.counting.words import ALWAYS, SPECS, Rule, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

Book = dict[Rule, Setting]
DEFAULTS: Book = {rule: spec.default for rule, spec in SPECS.items()}
MOST_WORDS, WORD_LENGTH = 60, 40
CODE = re.compile(r"[0-9]{2,6}")


def to_json(book: Book) -> dict[str, Any]:
    """Settings as they are kept."""
    return {
        rule.value: {"on": one.on, "number": None if one.number is None else digits(one.number), "words": [*one.words]}
        for rule, one in book.items()
    }


def from_json(kept: Mapping[str, Any]) -> Book:
    """Read settings; a rule that was not known then keeps its default but is off, unless it always holds."""
    found = {}
    for rule, spec in SPECS.items():
        one = kept.get(rule.value)
        if one is None:
            found[rule] = Setting(rule in ALWAYS, spec.default.number, spec.default.words)
        else:
            number = None if one["number"] is None else Decimal(one["number"])
            found[rule] = Setting(bool(one["on"]), number, tuple(one["words"]))
    return found


def book_problems(book: Book) -> list[Problem]:
    """Reasons why settings cannot be kept, each at its field."""
    found = []
    for rule, one in book.items():
        spec = SPECS[rule]
        if spec.number and one.on:
            found += _number_problems(rule, one.number)
        if spec.words:
            found += _word_problems(rule, one.words)
    return found


def _number_problems(rule: Rule, number: Decimal | None) -> list[Problem]:
    spec, place = SPECS[rule], f"number-{rule.value}"
    if number is None or not number.is_finite() or not spec.least <= number <= spec.most:
        text = "“%(rule)s”的数要在%(least)s到%(most)s之间。"
        params: dict[str, object] = {"rule": spec.label, "least": digits(spec.least), "most": digits(spec.most)}
        return [Problem("counting.number", text, place, params)]
    if spec.whole and number != int(number):
        return [Problem("counting.whole", "“%(rule)s”的数要是整数。", place, {"rule": spec.label})]
    return []


def _word_problems(rule: Rule, words: Sequence[str]) -> list[Problem]:
    spec, place = SPECS[rule], f"words-{rule.value}"
    if len(words) > MOST_WORDS or any(len(word) > WORD_LENGTH for word in words):
        text = "“%(rule)s”最多60个字样，每个最多40字。"
        return [Problem("counting.words", text, place, {"rule": spec.label})]
    if rule is Rule.LOCAL and not all(CODE.fullmatch(word) for word in words):
        return [Problem("counting.code", "行政区划代码是2到6位数字，例如330521；写前几位就包括下面各级。", place)]
    return []


def edition_problems(effective_on: date | None, reason: str, closed_to: date | None) -> list[Problem]:
    """Reasons why an edition cannot begin on that day; ``closed_to`` is the last day of a closed period."""
    found = []
    if effective_on is None:
        found.append(Problem("counting.day", "请填生效日期。", "effective_on"))
    elif closed_to is not None and effective_on <= closed_to:
        text = "%(day)s以前已经封账，改规则不动封过的账；请填%(day)s以后的日期。"
        found.append(Problem("counting.closed", text, "effective_on", {"day": closed_to.isoformat()}))
    if not reason.strip():
        found.append(Problem("counting.reason", "请写明依据，例如文件的名称和文号。", "reason"))
    return found


def ruling_problems(
    rule: Rule | None, reason: str, *, counts: bool | None, on: bool, actor_id: int, involved: frozenset[int]
) -> list[Problem]:
    """Reasons why a ruling cannot be kept; ``involved`` are the owner and the registrant of the project."""
    if actor_id in involved:
        return [Problem("counting.own", "项目负责人和登记人不能核定自己的项目，请由其他人办理。")]
    found = []
    if rule is None or not on:
        found.append(Problem("counting.rule", "请选择一条启用的规则。", "rule"))
    if counts is None:
        found.append(Problem("counting.counts", "请选择计入还是不计入。", "counts"))
    if not reason.strip():
        found.append(Problem("counting.why", "请写明核定理由。", "reason"))
    return found
