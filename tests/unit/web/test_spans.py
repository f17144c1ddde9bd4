"""Periods one asks for often."""

from __future__ import annotations

from datetime import date

import pytest

from crm.web.spans import spans


@pytest.mark.parametrize(
    ("label", "today", "start", "end"),
    [
        ("本周", date(2026, 11, 20), date(2026, 11, 16), date(2026, 11, 20)),
        ("本月", date(2026, 11, 20), date(2026, 11, 1), date(2026, 11, 20)),
        ("上月", date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31)),
        ("本季度", date(2026, 11, 20), date(2026, 10, 1), date(2026, 11, 20)),
        ("今年", date(2026, 11, 20), date(2026, 1, 1), date(2026, 11, 20)),
        ("上一年", date(2026, 11, 20), date(2025, 1, 1), date(2025, 12, 31)),
        ("近12个月", date(2028, 2, 29), date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_a_period_by_its_name(label: str, today: date, start: date, end: date) -> None:
    assert [(one.start, one.end) for one in spans(today) if one.label == label] == [(start, end)]
