from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm.assessment.rules import Elapsed, Metric, Progress, campaign_problems, elapsed, ranks
from crm.assessment.standings import standing

SPENT = Elapsed(50, 100)


@pytest.mark.parametrize(
    ("done", "target", "rate"),
    [(171, 358, "47.8"), (57, 720, "7.9"), (93, 192, "48.4"), (12, 55, "21.8"), (3, 26, "11.5"), (11, 48, "22.9")],
)
def test_rates_are_rounded_half_up_to_one_decimal(done: int, target: int, rate: str) -> None:
    assert str(Progress(done, target, SPENT).rate) == rate


def test_a_hundred_days_from_july_to_september_are_ninety_two() -> None:
    start, end = date(2026, 7, 1), date(2026, 9, 30)
    assert elapsed(start, end, date(2026, 7, 16)) == Elapsed(16, 92)
    assert elapsed(start, end, date(2026, 6, 1)).days == 0
    assert elapsed(start, end, date(2027, 1, 1)).left == 0


def test_the_gap_to_the_schedule_is_rounded_once() -> None:
    assert Progress(3363, 11777, Elapsed(1, 4)).gap == Decimal("3.6")
    assert Progress(3, 0, SPENT).gap is None


def test_equal_rates_share_a_rank() -> None:
    assert ranks({1: Decimal(50), 2: Decimal(80), 3: Decimal(50), 4: None, 5: Decimal(10)}) == {1: 2, 2: 1, 3: 2, 5: 4}


def test_units_without_task_or_fact_are_left_out_and_the_rest_adds_up() -> None:
    done = {(1, Metric.LEADS): 5, (3, Metric.LEADS): 2}
    table = standing([(1, "东"), (2, "南"), (3, "北")], done, {(1, Metric.LEADS): 5}, SPENT)
    assert [line.name for line in table.units] == ["东", "北"]
    assert table.metrics[0].progress.done == 7
    assert (table.metrics[0].units, table.metrics[0].units_met) == (1, 1)
    assert table.best is not None
    assert table.best.name == "东"
    assert table.worst is None


def test_over_fulfilment_counts_a_hundred_percent_in_the_mean() -> None:
    done = {(1, Metric.LEADS): 30, (1, Metric.VISITS): 5}
    goals = {(1, Metric.LEADS): 10, (1, Metric.VISITS): 10}
    assert standing([(1, "东")], done, goals, SPENT).units[0].mean == Decimal("75.0")


def test_a_campaign_needs_a_name_dates_in_order_and_a_task() -> None:
    found = campaign_problems(" ", date(2026, 2, 1), date(2026, 1, 1), 0)
    assert [problem.key for problem in found] == ["campaign.name", "campaign.dates", "campaign.tasks"]
