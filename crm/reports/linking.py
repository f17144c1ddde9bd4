"""Find the figures in a sentence, so that each opens the rows behind it; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.assessment.rules import METRIC_LABELS, METRIC_UNITS, Metric
from crm.reports import wording
from crm.reports.stored import number

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBER = r"(\d+(?:\.\d+)?(?:,\d{3})*)"
MONEY = r"([\d,.]+[亿万]元)"
PHRASES: tuple[tuple[str, str], ...] = (
    ("visit_batches", rf"外出招商{NUMBER}批次"),
    ("visits", rf"拜访企业{NUMBER}家"),
    ("receptions", rf"接待客商{NUMBER}批次"),
    ("guests", rf"批次{NUMBER}人次"),
    ("inspections", rf"来区考察企业{NUMBER}家"),
    ("leads", rf"新增线索{NUMBER}条"),
    ("negotiating", rf"(?:新增|、)在谈项目{NUMBER}个"),
    ("in_talk", rf"截稿时在谈项目{NUMBER}个"),
    ("signings", rf"新签约项目{NUMBER}个"),
    ("signed_amount", rf"总投资{MONEY}"),
    ("starts", rf"新开工项目{NUMBER}个"),
    ("reported", rf"上报签约{NUMBER}个"),
    ("reported_amount", rf"合同额{MONEY}"),
    ("recognized", rf"通过认定{NUMBER}个"),
    ("recognized_amount", rf"认定额{MONEY}"),
    ("late", rf"走访接待{NUMBER}次"),
    *((f"year_{metric.value}", rf"累计{METRIC_LABELS[metric]}{NUMBER}{METRIC_UNITS[metric]}") for metric in Metric),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; ``key`` names the figure it is."""

    text: str
    key: str = ""


def pieces(text: str, values: Mapping[str, tuple[str, str]]) -> list[Piece]:
    """Split a text at the figures it tells; ``values`` are (value, unit) by key.

    A number is linked only where it equals the figure: an edited one stays plain text.
    """
    spans: dict[tuple[int, int], str] = {}
    for key, pattern in PHRASES:
        if key not in values:
            continue
        told = _told(*values[key])
        for match in re.finditer(pattern, text):
            if match[1] == told:
                spans.setdefault(match.span(1), key)
    found, place = [], 0
    for (start, stop), key in sorted(spans.items()):
        if start > place:
            found.append(Piece(text[place:start]))
        if start >= place:
            found.append(Piece(text[start:stop], key))
            place = stop
    return [*found, Piece(text[place:])] if place < len(text) else found


def _told(value: str, unit: str) -> str:
    return wording.amount(number(value), unit) if unit == wording.WAN_UNIT else value
