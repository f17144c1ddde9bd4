"""Sentences of the weekly report."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from crm.reports.wording import (
    Change,
    TargetProgress,
    WeekFigures,
    difference,
    overview,
    pace,
    progress_clause,
)
from crm.word.wording import date_range

NOTHING = WeekFigures(start=date(2026, 11, 9), end=date(2026, 11, 15))
BUSY = replace(
    NOTHING,
    trips=6,
    visits=23,
    receptions=9,
    guests=41,
    leads=17,
    negotiating=5,
    signed=2,
    signed_wan=Decimal(37000),
    started=1,
)
INFORMATION = TargetProgress("收集招商信息", "条", 171, 358)


def test_a_full_week_is_told_in_one_sentence() -> None:
    progress = (replace(INFORMATION, expected=Decimal("0.6")),)
    assert overview(replace(BUSY, progress=progress)) == (
        "本周（11月9日—15日），全区外出招商6批次、拜访企业23家，接待客商9批次41人次，"
        "新增线索17条、在谈项目5个，新签约项目2个、总投资3.7亿元，新开工项目1个；"
        "截至目前，累计收集招商信息171条，完成年度目标358条的47.8%，落后时序进度12.2个百分点。"
    )


def test_the_week_before_is_compared_in_a_sentence_of_its_own() -> None:
    changes = (
        Change("外出招商", "批次", 6, 4),
        Change("新增线索", "条", 17, 20),
        Change("新开工项目", "个", 1, 1),
        Change("签约总投资", "万元", Decimal(37000), Decimal(12000)),
    )
    assert overview(replace(BUSY, changes=changes)).endswith(
        "新开工项目1个。与上周相比，外出招商增加2批次，新增线索减少3条，签约总投资增加2.5亿元，新开工项目持平。"
    )
    assert overview(replace(BUSY, changes=(Change("新开工项目", "个", 0, 0),))) == overview(BUSY)


def test_zeros_are_said_in_words() -> None:
    week = replace(BUSY, trips=0, visits=0, receptions=0, leads=0, negotiating=0, signed=0)
    assert overview(week) == (
        "本周（11月9日—15日），全区未组织外出招商，未接待来访客商，未新增线索和在谈项目，"
        "未新增签约项目，新开工项目1个。"
    )


def test_figures_nobody_counted_leave_no_gap() -> None:
    assert overview(replace(NOTHING, visits=3)) == "本周（11月9日—15日），全区拜访企业3家。"
    assert overview(replace(NOTHING, negotiating=2)) == "本周（11月9日—15日），全区新增在谈项目2个。"


def test_a_week_of_nothing_is_told_plainly() -> None:
    zeros = replace(NOTHING, trips=0, visits=0, receptions=0, leads=0, negotiating=0, signed=0, started=0)
    assert overview(NOTHING) == "本周（11月9日—15日），全区无新增招商工作动态。"
    assert overview(zeros) == overview(NOTHING)


@pytest.mark.parametrize(
    ("label", "unit", "done", "target", "share"),
    [
        ("收集招商信息", "条", 171, 358, "47.8%"),
        ("外出走访企业", "家", 57, 720, "7.9%"),
        ("邀请来区考察", "家", 93, 192, "48.4%"),
        ("新签5000万元以上工业项目", "个", 12, 55, "21.8%"),
        ("新开工项目", "个", 3, 26, "11.5%"),
    ],
)
def test_the_share_of_a_target_is_rounded_half_up_beside_the_raw_pair(
    label: str, unit: str, done: int, target: int, share: str
) -> None:
    clause = progress_clause(TargetProgress(label, unit, done, target), "目标任务")
    assert clause == f"累计{label}{done}{unit}，完成目标任务{target}{unit}的{share}"


@pytest.mark.parametrize("target", [None, 0])
def test_without_a_target_no_share_is_claimed(target: int | None) -> None:
    progress = replace(INFORMATION, target=target, expected=Decimal("0.5"))
    assert progress_clause(progress, "年度目标") == "累计收集招商信息171条"


def test_money_is_told_in_yi_or_wan() -> None:
    progress = TargetProgress("到位资金", "万元", Decimal(53000), Decimal(50000))
    assert progress_clause(progress, "年度目标") == "累计到位资金5.3亿元，完成年度目标5亿元的106.0%"
    small = replace(BUSY, signed_wan=Decimal(5000))
    assert "总投资5,000万元" in overview(small)


@pytest.mark.parametrize(
    ("done", "expected", "told"),
    [
        (60, "0.5", "超时序进度10.0个百分点"),
        (40, "0.5", "落后时序进度10.0个百分点"),
        (50, "0.5", "与时序进度持平"),
        (50, "0.5004", "与时序进度持平"),
        (50, "0.5005", "落后时序进度0.1个百分点"),
    ],
)
def test_pace_is_told_in_percentage_points(done: int, expected: str, told: str) -> None:
    assert pace(done, 100, Decimal(expected)) == told


@pytest.mark.parametrize(
    ("start", "end", "told", "with_year"),
    [
        (date(2026, 11, 9), date(2026, 11, 15), "11月9日—15日", "2026年11月9日—15日"),
        (date(2026, 11, 30), date(2026, 12, 6), "11月30日—12月6日", "2026年11月30日—12月6日"),
        (date(2026, 12, 28), date(2027, 1, 3), "2026年12月28日—2027年1月3日", "2026年12月28日—2027年1月3日"),
        (date(2026, 11, 9), date(2026, 11, 9), "11月9日", "2026年11月9日"),
    ],
)
def test_periods_name_no_more_than_they_must(start: date, end: date, told: str, with_year: str) -> None:
    assert date_range(start, end) == told
    assert date_range(start, end, with_year=True) == with_year


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        date_range(date(2026, 11, 15), date(2026, 11, 9))


@pytest.mark.parametrize(
    ("before", "told"), [(14, "较上周增加3条"), (20, "较上周减少3条"), (17, "与上周持平"), (None, "")]
)
def test_the_difference_to_last_week_is_told(before: int | None, told: str) -> None:
    assert difference(17, before, "条") == told
