from dataclasses import replace

import numpy as np
import pytest

from crm.scoring.model import backtest, halflife, hazard, synthetic
from crm.scoring.model.months import LeadMonths

TRUTH = synthetic.Truth()
DAYS = {kind: about.half_life for kind, about in TRUTH.kinds.items()}
HISTORY = synthetic.history(4_000, seed=1, truth=TRUTH)
ROWS = HISTORY.rows(DAYS)


@pytest.fixture(scope="module")
def fitted() -> hazard.Hazard:
    return hazard.fit(ROWS, HISTORY.levels)


def test_the_true_hazard_comes_back(fitted: hazard.Hazard) -> None:
    found = fitted.monthly(ROWS.codes, ROWS.age)
    assert np.corrcoef(found, HISTORY.hazard)[0, 1] > 0.95
    tenths = np.array_split(np.argsort(found), 10)
    ratios = [found[tenth].sum() / HISTORY.hazard[tenth].sum() for tenth in tenths]
    assert max(abs(ratio - 1.0) for ratio in ratios[3:]) < 0.15
    assert found.sum() == pytest.approx(ROWS.signed.sum(), rel=0.01)


def test_the_true_worth_of_fit_comes_back(fitted: hazard.Hazard) -> None:
    for place, truth in enumerate(TRUTH.fit):
        found = np.array(fitted.sign.traits[place].points) * np.log(2) / 10
        assert np.abs((found - found[0]) - (np.array(truth) - truth[0])).max() < 0.25


def test_the_true_half_lives_come_back_within_one_step() -> None:
    found = halflife.choose(HISTORY.rows, HISTORY.levels, dict.fromkeys(DAYS, 90.0))
    steps = halflife.CANDIDATES
    off = {kind: abs(steps.index(found[kind]) - steps.index(DAYS[kind])) for kind in DAYS}
    assert max(off.values()) <= 1, found
    assert sum(off.values()) <= 1, found


def test_too_few_signings_leave_the_half_lives_alone() -> None:
    small = synthetic.history(60, months=12)
    defaults = dict.fromkeys(DAYS, 90.0)
    assert halflife.choose(small.rows, small.levels, defaults) == defaults


def test_predictions_of_the_first_of_each_month_are_calibrated() -> None:
    rolled = backtest.rolling(ROWS, HISTORY.levels, horizon=6)
    measured = rolled.metrics()
    assert measured["card"].ece < 0.03
    assert measured["card"].log_loss < min(measured[name].log_loss for name in ("base_rate", "expert", "naive_bayes"))
    assert rolled.has_signal
    assert rolled.gate().publish
    for _month, leads, predicted, actual in rolled.by_quarter():
        assert leads > 100
        assert predicted == pytest.approx(actual, rel=0.2)


def test_nothing_that_happens_later_changes_a_prediction() -> None:
    """Outcomes after the last origin are turned round: what was said on that day must stand."""
    origin = int(ROWS.month.max()) - 5
    cut = ROWS.take(ROWS.month <= origin)
    before = backtest.rolling(ROWS, HISTORY.levels, horizon=6, origins=1)
    later = replace(ROWS, signed=np.where(ROWS.month >= origin, ~ROWS.signed, ROWS.signed))
    after = backtest.rolling(later, HISTORY.levels, horizon=6, origins=1)
    assert len(cut) < len(ROWS)
    assert set(before.month.tolist()) == {origin}
    for name in before.chance:
        assert np.array_equal(before.chance[name], after.chance[name])


def test_an_outcome_recorded_late_is_not_known_early() -> None:
    late = replace(ROWS, known=np.where(ROWS.signed, ROWS.month + 4, ROWS.month + 1))
    assert late.known_at(10).signed.sum() < ROWS.known_at(10).signed.sum()
    assert not (late.known_at(10).month[late.known_at(10).signed] + 4 > 10).any()


def test_history_without_signal_is_told_as_such() -> None:
    kinds = {kind: replace(about, effect=0.0) for kind, about in TRUTH.kinds.items()}
    flat = synthetic.Truth(kinds=kinds, fit=((0.0, 0.0), (0.0, 0.0)), base=-3.0)
    history = synthetic.history(1_500, seed=3, truth=flat)
    rolled = backtest.rolling(history.rows(DAYS), history.levels, horizon=3, origins=6)
    assert not rolled.has_signal


def test_no_probability_reaches_beyond_the_oldest_age(fitted: hazard.Hazard) -> None:
    codes = np.zeros((3, len(HISTORY.levels.keys)), dtype=int)
    ages = np.array([0, fitted.oldest - 2, fitted.oldest + 1])
    assert fitted.longest(ages).tolist() == [fitted.oldest + 1, 3, 0]
    assert np.isfinite(fitted.within(codes, ages, 3)).tolist() == [True, True, False]
    assert np.isfinite(fitted.within(codes, ages, 4)).tolist() == [True, False, False]


def test_longer_horizons_are_likelier_and_never_certain(fitted: hazard.Hazard) -> None:
    codes, ages = ROWS.codes[:200], np.zeros(200, dtype=int)
    chances = np.array([fitted.within(codes, ages, months) for months in (1, 3, 6, 12)])
    assert (np.diff(chances, axis=0) > 0).all()
    assert chances.max() < 1.0


def test_leads_that_are_given_up_sign_less_often(fitted: hazard.Hazard) -> None:
    codes, ages = ROWS.codes[:50], np.zeros(50, dtype=int)
    assert (fitted.within(codes, ages, 12) < replace(fitted, drop=None).within(codes, ages, 12)).all()


def test_a_hazard_survives_being_written_and_read(fitted: hazard.Hazard) -> None:
    again = hazard.Hazard.from_json(fitted.as_json())
    assert np.array_equal(
        again.within(ROWS.codes[:20], ROWS.age[:20], 2),
        fitted.within(ROWS.codes[:20], ROWS.age[:20], 2),
        equal_nan=True,
    )


def test_the_score_of_a_lead_does_not_move_by_waiting(fitted: hazard.Hazard) -> None:
    assert [trait.key for trait in fitted.score.traits] == list(HISTORY.levels.keys)


def test_no_history_is_no_failure() -> None:
    none = np.empty(0, dtype=int)
    empty = LeadMonths(none, none, none, np.empty((0, 7), dtype=int), none.astype(bool), none.astype(bool))
    rolled = backtest.rolling(empty, HISTORY.levels, horizon=6)
    assert len(rolled.won) == 0
    assert not rolled.has_signal
    assert rolled.by_quarter() == []
    assert hazard.fit(empty, HISTORY.levels).oldest == -1
