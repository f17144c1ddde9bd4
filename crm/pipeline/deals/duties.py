"""Kinds of obligation of a contract: whose they are, what they are measured in, by what they are kept. Pure.

Source: practice of the trade (权责对等): what an office pays out rests on what the firm has done.
"""

from __future__ import annotations

import re
from enum import StrEnum

from crm.pipeline.deals.rules import Side
from crm.pipeline.rules import Stage


class Duty(StrEnum):
    """What is promised; deposits are instalments of their own (``PerformanceDeposit``)."""

    CAPITAL = "capital"
    INTENSITY = "intensity"
    START = "start"
    PRODUCTION = "production"
    OUTPUT = "output"
    TAX = "tax"
    JOBS = "jobs"
    LAND = "land"
    UTILITIES = "utilities"
    PAYOUT = "payout"
    OTHER = "other"


DUTY_LABELS: dict[Duty, str] = {
    Duty.CAPITAL: "资金到位",
    Duty.INTENSITY: "投资强度",
    Duty.START: "开工",
    Duty.PRODUCTION: "投产",
    Duty.OUTPUT: "产值",
    Duty.TAX: "税收",
    Duty.JOBS: "用工",
    Duty.LAND: "供地",
    Duty.UTILITIES: "水电气路配套",
    Duty.PAYOUT: "奖补兑现",
    Duty.OTHER: "其他义务",
}
SIDES: dict[Duty, Side] = {
    **dict.fromkeys(
        (Duty.CAPITAL, Duty.INTENSITY, Duty.START, Duty.PRODUCTION, Duty.OUTPUT, Duty.TAX, Duty.JOBS), Side.THEIRS
    ),
    **dict.fromkeys((Duty.LAND, Duty.UTILITIES, Duty.PAYOUT), Side.OURS),
}
UNITS: dict[Duty, str] = {
    Duty.CAPITAL: "万元",
    Duty.INTENSITY: "万元/亩",
    Duty.OUTPUT: "万元",
    Duty.TAX: "万元",
    Duty.JOBS: "人",
    Duty.LAND: "亩",
    Duty.PAYOUT: "万元",
}
MEASURED = frozenset(UNITS) - {Duty.LAND}
BY_STAGE: dict[Duty, Stage] = {Duty.START: Stage.STARTED, Duty.PRODUCTION: Stage.IN_PRODUCTION}
BY_RECORD = frozenset({Duty.INTENSITY, Duty.OUTPUT, Duty.TAX, Duty.JOBS, Duty.UTILITIES})
PAYOUT_WORDS = re.compile("奖补|奖励|补贴|补助|资助|贴息|返还|退税|返税|扶持资金|拨付|兑现")


def reads_as_payout(text: str) -> bool:
    """Whether words of an obligation of ours promise money."""
    return PAYOUT_WORDS.search(text) is not None
