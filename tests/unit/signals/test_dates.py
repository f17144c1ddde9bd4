"""The day of the event, told apart from days of reports, periods of account and horizons. All texts are invented."""

from __future__ import annotations

from datetime import date

import pytest

from crm.core.text import fold
from crm.signals.facts.dates import event_date

PUBLISHED = date(2026, 11, 20)
NEW_YEAR = date(2027, 1, 20)


@pytest.mark.parametrize(
    "sentence",
    [
        "未来两年投资100亿元",
        "双方将在未来四年内开展合作",
        "今后三年增加采购",
        "公司2025年1-9月的电池产能为100GWh",
        "中标2025年第二批框架招标项目",
        "订购2028年的新芯片",
        "今年以来多个项目集中开工",
        "今年前7个月完成投资",
        "去年同期大幅增长",
        "截至11月6日，各地发布清单",
        "截至美国时间11月17日，已收到订单",
        "公司11月9日在机构调研时表示",
        "公司今日官微消息，产线下线",
        "“十五五”酱香酒习水项目",
        "短短的几年中就收购多家公司",
        "时至今日仍未立案",
        "约定自签署之日起36个月内委托表决权",
        "在作品发表之日起一周内联系",
        "前三季度签约项目",
    ],
)
def test_horizons_periods_and_days_of_reports_are_no_day_of_an_event(sentence: str) -> None:
    assert event_date(fold(sentence), PUBLISHED) is None


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("预计2027年，公司将投产", date(2027, 12, 31)),
        ("寻求2027年赴港上市", date(2027, 12, 31)),
        ("产品2027年可实现完全达产", date(2027, 12, 31)),
        ("最早明年进行首次发行", date(2027, 12, 31)),
        ("新品2028年推出", date(2028, 12, 31)),
        ("“十五五”期间投资", date(2030, 12, 31)),
        ("项目于2025年11月开工，预计在2027年第二季度满产", date(2027, 6, 30)),
        ("项目去年开工，年底前交付", date(2026, 12, 31)),
        ("2025年12月30日，决定书下发，责令在10日内拆除", date(2025, 12, 30)),
        ("两年内建成", date(2028, 11, 20)),
    ],
)
def test_the_day_of_a_plan_is_read(sentence: str, expected: date) -> None:
    assert event_date(fold(sentence), PUBLISHED) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("公司12月中标5个项目", date(2026, 12, 31)),
        ("总裁已于12月底加入公司", date(2026, 12, 31)),
        ("将于8月卸任", date(2027, 8, 31)),
        ("预计12月投产", date(2027, 12, 31)),
        ("3月开工", date(2027, 3, 31)),
        ("第四季度新签合同3个", date(2026, 12, 31)),
        ("预计第四季度投产", date(2027, 12, 31)),
        ("一季度开工", date(2027, 3, 31)),
    ],
)
def test_a_month_without_a_year_is_the_nearest_or_the_next_one_planned(sentence: str, expected: date) -> None:
    assert event_date(fold(sentence), NEW_YEAR) == expected
