"""Facts of every paper, invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from crm.assessment.items import STANDARD
from crm.assessment.rules import elapsed
from crm.assessment.standings import standing
from crm.papers.facts import Facts, Figures, Group, Late, Matter, SignedProject, Slip, StalledProject
from crm.papers.rules import PAPERS, period_of

TODAY = date(2026, 11, 20)
KEYS = [item.key for item in STANDARD]
UNITS = [(1, "长三角小分队"), (2, "珠三角小分队")]
TOWNS = [(3, "青石镇")]
DONE = {(1, "leads"): 8, (2, "leads"): 2, (1, "visits"): 5, (3, "leads"): 1}
GOALS = {(1, "leads"): 10, (2, "leads"): 10, (1, "visits"): 10, (3, "leads"): 4}


def figures(goals: dict[tuple[int, str], int] | None = None) -> Figures:
    """Three units, two kinds."""
    asked = GOALS if goals is None else goals
    spent = elapsed(date(2026, 1, 1), date(2026, 12, 31), TODAY)
    groups = tuple(
        Group(label, standing(units, DONE, asked, spent, KEYS))
        for label, units in (("小分队", UNITS), ("乡镇（街道）", TOWNS))
    )
    sums = {
        "reported": {1: Decimal(2)},
        "reported_amount": {1: Decimal(30000)},
        "recognized": {1: Decimal(1)},
        "recognized_amount": {1: Decimal(12000)},
    }
    whole = standing([*UNITS, *TOWNS], DONE, asked, spent, KEYS)
    return Figures(whole, groups, {(1, "leads"): 3}, sums, dict([*UNITS, *TOWNS]))


def full(key: str) -> Facts:
    """Facts in which every list holds something."""
    kind = PAPERS[key]
    late = (Late("云岭示例项目", "请尽快落实用地指标。", "青石镇", "陈晓", date(2026, 11, 1)),)
    return Facts(
        kind=kind,
        period=period_of(kind.period, TODAY),
        today=TODAY,
        issuer="云溪县招商局",
        figures=figures(),
        stalled=(StalledProject("精密零部件项目", "云岭示例公司", "青石镇", "", "考察", 45, 30),),
        instructions=late,
        decisions=late,
        matters=(Matter("待批的例外", "新材料项目", "青石镇：容积率"), Matter("待定的评审", "储能项目", "")),
        slips=(Slip("督办〔2026〕1号", "青石镇", "一个月内补上走访。", date(2026, 11, 10), "", "红灯"),),
        signed=(
            SignedProject(
                "精密零部件项目", "云岭示例公司", Decimal(12000), date(2026, 10, 8), "", "", "签约", "青石镇",
                "土地预审", date(2026, 11, 10),
            ),
        ),
    )  # fmt: skip


def empty(key: str) -> Facts:
    """Facts of an office in which nothing happened."""
    kind = PAPERS[key]
    spent = elapsed(date(2026, 1, 1), date(2026, 12, 31), TODAY)
    nothing = Figures(standing([], {}, {}, spent, KEYS), (), {}, {}, {})
    return Facts(kind=kind, period=period_of(kind.period, TODAY), today=TODAY, issuer="云溪县招商局", figures=nothing)
