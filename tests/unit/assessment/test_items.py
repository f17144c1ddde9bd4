from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm.assessment.forms import read_grid, read_items, read_phases
from crm.assessment.items import STANDARD, Item, Phase, item_problems, milestones, narrowed_key, phase_problems
from crm.assessment.links import lens_arguments, lens_from
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.window import Clause, Counting, Lens, Measure, RowKind, Size
from crm.reports.kpis import YEARLY

START, END = date(2026, 7, 1), date(2026, 9, 30)
BIG = Lens(low=Decimal(5000), sector="BCD")


def test_a_basis_that_does_not_say_what_its_code_does_cannot_be_built() -> None:
    clause = Clause("作废记录不计")
    with pytest.raises(ValueError, match="basis of x"):
        Measure("x", "某数", "个", "期内的某数", RowKind.TOUCH, Counting(lambda _window: None, (clause,)))  # type: ignore[arg-type,return-value]  # never called
    Measure("x", "某数", "个", "期内的某数，作废记录不计", RowKind.TOUCH, Counting(lambda _window: None, (clause,)))  # type: ignore[arg-type,return-value]  # never called


def test_every_measure_and_rate_has_its_own_key_label_unit_and_basis() -> None:
    for key, one in MEASURES.items():
        assert key == one.key
        assert one.label
        assert one.unit
        assert one.basis
    for rate in RATES.values():
        assert rate.done.unit == rate.of.unit, rate.key
        assert rate.basis


def test_an_item_is_known_by_what_it_is_narrowed_to() -> None:
    assert narrowed_key("signings", None, None, "") == "signings"
    assert narrowed_key("signings", Decimal(5000), None, "BCD") == "signings@5000-@BCD"


def test_one_task_twice_and_a_band_upside_down_are_refused() -> None:
    item = Item("signings", MEASURES["signings"])
    assert [problem.key for problem in item_problems([item, item])] == ["item.twice"]
    upside = Item("x", MEASURES["signings"], Lens(low=Decimal(9), high=Decimal(5)))
    assert [problem.key for problem in item_problems([upside])] == ["item.band"]
    assert item_problems(STANDARD) == []


def test_phases_lie_in_the_campaign_apart_and_rise() -> None:
    first, second = Phase("发动", START, date(2026, 7, 15), 10), Phase("攻坚", date(2026, 7, 16), END, 100)
    assert phase_problems([first, second], START, END) == []
    assert milestones([first, second]) == [(date(2026, 7, 15), Decimal(10)), (END, Decimal(100))]
    over = Phase("重叠", date(2026, 7, 10), END, 100)
    assert [problem.key for problem in phase_problems([first, over], START, END)] == ["phase.overlap"]
    late = Phase("拖延", END, date(2026, 10, 5))
    assert [problem.key for problem in phase_problems([late], START, END)] == ["phase.days"]
    falling = [Phase("先", START, date(2026, 7, 15), 60), Phase("后", date(2026, 7, 16), END, 50)]
    assert [problem.key for problem in phase_problems(falling, START, END)] == ["phase.percent"]


def test_counts_are_whole_and_sums_may_have_decimals() -> None:
    items = (Item("leads", MEASURES["leads"]), Item("signed_amount", MEASURES["signed_amount"]))
    grid = read_grid({"task-1-leads": "3.5", "task-1-signed_amount": "1,200.5"}, [1], items)
    assert grid.values == {(1, "signed_amount"): Decimal("1200.5")}
    assert grid.bad == {"task-1-leads"}


def test_rows_without_a_measure_are_none_and_bad_sums_are_told() -> None:
    typed = {"metric-0": "signings", "low-0": "5000", "sector-0": "BCD", "metric-1": "", "metric-2": "nonsense"}
    assert [(item.key, item.lens) for item in read_items(typed).items] == [("signings@5000-@BCD", BIG)]
    assert [problem.key for problem in read_items({"metric-0": "signings", "low-0": "很多"}).problems] == ["item.bad"]


def test_half_a_phase_is_told_and_an_empty_one_is_none() -> None:
    assert read_phases({"phase-name-0": ""}).typed == []
    assert [problem.key for problem in read_phases({"phase-name-0": "发动"}).problems] == ["phase.bad"]


@pytest.mark.parametrize(
    "lens",
    [
        Lens(),
        BIG,
        Lens(people=frozenset({3, 1}), low=Decimal("0.5"), high=Decimal(9), size=Size.FIXED),
        Lens(currency="USD", capital="foreign", channel="squad", industry="装备", region="44", site="东区"),
    ],
)
def test_a_lens_survives_its_address(lens: Lens) -> None:
    assert lens_from(lens_arguments(lens)) == lens


def test_nonsense_in_an_address_is_left_out() -> None:
    assert lens_from({"low": "NaN", "high": "1e99", "people": "x.y", "size": "??"}) == Lens()


def test_the_year_is_counted_by_the_same_rules_as_the_week() -> None:
    for key, (_label, basis) in YEARLY.items():
        assert basis.split("，")[1:] == MEASURES[key].basis.split("，")[1:], key
