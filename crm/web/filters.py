"""How numbers, money and dates look: one set of Jinja filters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from crm.core import money
from crm.web import timing
from crm.web.i18n import locale, tr

if TYPE_CHECKING:
    from decimal import Decimal

    from flask import Flask

MONTHS = ("1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def init_app(app: Flask) -> None:
    """Register the filters."""
    app.add_template_filter(money_words, "money")
    app.add_template_filter(percent, "pct")
    app.add_template_filter(when)
    app.add_template_filter(day)
    app.add_template_filter(clock)
    app.add_template_filter(due_words)
    app.add_template_filter(thousands, "num")
    app.add_template_filter(weekday)
    app.add_template_test(is_wan, "wan")


def money_words(value: Decimal | None) -> str:
    """Write 万元 as people say it: 14000 becomes 1.4亿元 (CNY 140 m in English)."""
    if value is None:
        return "—"
    if locale() == "en":
        return f"CNY {value / 100:,.2f}".removesuffix(".00") + " m"
    return money.format_wan(value)


def is_wan(unit: str) -> bool:
    """Whether a figure is money in 万元."""
    return unit == "万元"


def percent(done: int | Decimal, target: int | Decimal | None) -> str:
    """Write a ratio with one decimal, half up: 171 of 358 becomes 47.8%."""
    return (money.percent(done, target) if target else None) or "—"


def thousands(value: float | None) -> str:
    """Write a number with thousands separators."""
    return "—" if value is None else f"{value:,}"


def when(value: datetime | None) -> str:
    """Write an instant: 今天 14:05, 昨天 09:30, 11月19日 周四 10:00, 2025年11月19日."""
    if value is None:
        return "—"
    local = value.astimezone(timing.zone())
    at = clock(value)
    days = (timing.today() - local.date()).days
    if days == 0:
        return tr("今天 %(clock)s", clock=at)
    if days == 1:
        return tr("昨天 %(clock)s", clock=at)
    if local.year != timing.today().year:
        return day(local.date())
    return f"{day(local.date())} {at}"


def clock(value: datetime) -> str:
    """Write the time of day: 14:05."""
    return f"{value.astimezone(timing.zone()):%H:%M}"


def day(value: date | datetime | None) -> str:
    """Write a day: 11月19日 周四, with the year when it is another one."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(timing.zone()).date()
    name = tr(WEEKDAYS[value.weekday()])
    month = tr(MONTHS[value.month - 1])
    if value.year != timing.today().year:
        return tr("%(year)s年%(month)s%(day)s日", year=value.year, month=month, day=value.day)
    return tr("%(month)s%(day)s日 %(weekday)s", month=month, day=value.day, weekday=name)


def weekday(number: int) -> str:
    """Name a day of the week, 0 for 周一."""
    return tr(WEEKDAYS[number])


def due_words(value: date | None) -> str:
    """Write a deadline: 今天到期, 还有3天, 超期2天."""
    if value is None:
        return tr("无期限")
    left = (value - timing.today()) // timedelta(days=1)
    if left == 0:
        return tr("今天到期")
    if left > 0:
        return tr("还有%(days)s天", days=left)
    return tr("超期%(days)s天", days=-left)
