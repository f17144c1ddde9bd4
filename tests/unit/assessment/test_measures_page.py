"""Every formula of the trade is there as data, and the page of the docs says what the code does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.assessment import measuredocs
from crm.assessment.measures import MEASURES
from crm.assessment.paces import PACES
from crm.assessment.rates import RATES
from crm.assessment.ratios import Ratio
from crm.assessment.rules import Elapsed, Progress
from crm.assessment.window import Clause, Counting, Measure, RowKind


def test_the_page_of_the_docs_is_what_the_code_says() -> None:
    assert measuredocs.PATH.read_text(encoding="utf-8") == measuredocs.page(), "run make measures"


def test_every_formula_names_what_stands_as_data() -> None:
    named = {key for keys in measuredocs.FORMULAS.values() for key in keys}
    assert named <= {*RATES, *PACES}


@pytest.mark.parametrize("one", [*MEASURES.values(), *RATES.values(), *PACES.values()], ids=lambda one: one.key)
def test_every_figure_has_key_name_unit_and_basis(one: Measure) -> None:
    assert one.key.isascii()
    assert all((one.label, one.unit, one.basis))


def test_a_basis_that_does_not_say_what_is_done_cannot_be_built() -> None:
    counting = Counting(MEASURES["visits"].select, (Clause("作废记录不计"),))
    with pytest.raises(ValueError, match="says"):
        Measure("x", "走访", "家", "期内走访过的企业，一家只计一次", RowKind.TOUCH, counting)


def test_a_published_quarter_is_ahead_as_published() -> None:
    quarter = Elapsed(90, 365, due=Decimal("0.25"))
    done, target = Decimal("33.63"), Decimal("117.77")
    assert Ratio(done, target).rounded(2) == Decimal("28.56")
    told = {key: one.value(Progress(done, target, quarter)) for key, one in PACES.items()}
    assert [told["completion"], told["elapsed"], told["pace_gap"]] == [Decimal("28.6"), Decimal("25.0"), Decimal("3.6")]
    assert told["remaining"] == Decimal("84.14")


def test_a_task_without_a_target_has_no_rate_and_an_overdone_one_lacks_nothing() -> None:
    days = Elapsed(10, 20, 7, 14)
    assert PACES["completion"].value(Progress(3, 0, days)) is None
    done = Progress(12, 10, days)
    assert [PACES[key].value(done) for key in ("remaining", "needed", "forecast")] == [0, None, 24]
