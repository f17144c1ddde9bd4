import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as known

from crm.scoring.model import metrics

ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from([0.05, 0.2, 0.35, 0.5, 0.8, 0.95])), min_size=4, max_size=60)


@given(ROWS)
def test_measures_agree_with_scikit_learn(rows: list[tuple[bool, float]]) -> None:
    won = np.array([won for won, _chance in rows])
    chance = np.array([chance for _won, chance in rows])
    if won.all() or not won.any():
        return
    assert metrics.auc(won, chance) == pytest.approx(known.roc_auc_score(won, chance))
    assert metrics.pr_auc(won, chance) == pytest.approx(known.average_precision_score(won, chance))
    assert metrics.log_loss(won, chance) == pytest.approx(known.log_loss(won, chance))
    assert metrics.measure(won, chance).brier == pytest.approx(known.brier_score_loss(won, chance))


def test_the_base_rate_has_no_skill_and_no_calibration_error() -> None:
    won = np.array([True] * 30 + [False] * 70)
    measured = metrics.measure(won, np.full(100, 0.3))
    assert [measured.auc, measured.pr_auc, measured.lift, measured.ece] == pytest.approx([0.5, 0.3, 1.0, 0.0])


def test_the_calibration_error_weighs_each_bin_by_its_leads() -> None:
    won = np.array([False] * 8 + [True, False])
    chance = np.array([0.25] * 8 + [0.95] * 2)
    assert metrics.ece(won, chance) == pytest.approx(0.8 * 0.25 + 0.2 * 0.45)
    assert [(point.rows, point.actual) for point in metrics.reliability(won, chance)] == [(8, 0.0), (2, 0.5)]


def test_lift_counts_the_best_tenth() -> None:
    won = np.array([True] * 10 + [False] * 90)
    assert metrics.lift(won, np.linspace(1, 0, 100)) == pytest.approx(10.0)


def test_nothing_to_measure_is_no_failure() -> None:
    none = np.empty(0)
    assert metrics.measure(none.astype(bool), none).log_loss == 0.0
