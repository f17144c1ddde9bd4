import numpy as np
import pytest

from crm.scoring.model import leaks
from crm.scoring.model.card import expit
from crm.scoring.model.fitting import Levels
from crm.scoring.model.frame import frame
from crm.scoring.model.publishing import calibration, publish
from crm.scoring.model.splits import by_time, folds
from crm.scoring.model.trial import BASE, BAYES, CARD, Leads, trial


def rows(count: int, effect: float, seed: int = 2) -> tuple[np.ndarray, Levels, np.ndarray]:
    chance = np.random.default_rng(seed)
    codes = chance.integers(0, 4, (count, 3))
    won = chance.random(count) < expit(-0.5 + effect * (codes[:, 0].astype(float) - 1.5))
    return codes, Levels(("a", "b", "c"), (("0", "1", "2", "3"),) * 3), won


def test_a_table_with_signal_goes_live_calibrated() -> None:
    found = publish(*rows(1_500, 0.8))
    assert found.has_signal
    assert found.card.calibration is not None
    assert found.card.calibration[0] == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("seed", range(4))
def test_a_table_without_signal_says_the_base_rate(seed: int) -> None:
    codes, levels, won = rows(1_500, 0.0, seed)
    found = publish(codes, levels, won)
    assert not found.has_signal
    assert np.allclose(found.card.probability(codes), won.mean(), atol=0.001)


def test_hardly_any_wins_keep_the_experts_table() -> None:
    codes, levels, won = rows(100, 0.8)
    won[np.flatnonzero(won)[5:]] = False
    told = Levels(levels.keys, levels.levels, ((-5.0, 0.0, 0.0, 5.0), (0.0,) * 4, (0.0,) * 4))
    found = publish(codes, told, won)
    assert not found.has_signal
    assert found.card.traits[0].points == (-5.0, 0.0, 0.0, 5.0)


def test_calibration_follows_a_base_rate_that_moved() -> None:
    chance = np.random.default_rng(4)
    z, when = chance.normal(0, 1, 10_000), np.arange(10_000.0)
    won = chance.random(10_000) < expit(z + np.where(when < 5_000, -1.0, 1.0))
    assert calibration(z, won, when)[1] == pytest.approx(1.0, abs=0.2)
    assert calibration(z, won, None)[1] == pytest.approx(0.0, abs=0.2)


def test_calibration_uses_all_rows_while_the_base_rate_stands_still() -> None:
    chance = np.random.default_rng(5)
    z, when = chance.normal(0, 1, 10_000), np.arange(10_000.0)
    won = chance.random(10_000) < expit(z)
    assert calibration(z, won, when) == calibration(z, won, None)


def test_folds_share_out_both_outcomes_and_keep_batches_together() -> None:
    won = np.arange(100) < 20
    fold = folds(won, 5, 1)
    assert np.bincount(fold[won]).tolist() == [4] * 5
    groups = np.arange(100) // 7
    grouped = folds(won, 5, 1, groups)
    assert all(len(set(grouped[groups == group].tolist())) == 1 for group in range(15))


def test_the_cut_in_time_never_parts_a_day() -> None:
    days = np.repeat(np.arange(10.0), 13)
    early, late = by_time(days)
    assert days[early].max() < days[late].min()
    assert len(early) == pytest.approx(0.75 * len(days), abs=13)


def table(count: int = 3_000) -> tuple[dict[str, list[str]], np.ndarray, np.ndarray]:
    chance = np.random.default_rng(6)
    owner, day = chance.integers(0, 60, count), np.sort(chance.integers(0, 400, count)).astype(float)
    worth = chance.normal(0, 1.2, 60)
    won = chance.random(count) < expit(worth[owner])
    cells = {
        "owner": [str(one) for one in owner],
        "noise": [f"{value:.3f}" for value in chance.normal(0, 1, count)],
        "closed_value": [str(int(one) * 100) for one in won],
        "loss_reason": ["" if one else "price" for one in won],
        "last_change": [str(int(one + chance.integers(0, 9))) for one in day],
    }
    return cells, won, day


def test_columns_that_know_the_outcome_are_found() -> None:
    cells, won, day = table()
    found = {one.key: one.leaks for one in leaks.singles(frame(cells, include=cells), won, day)}
    assert found["closed_value"] == "leak_auc"
    assert found["loss_reason"] is not None
    assert (found["owner"], found["noise"]) == (None, None)


def test_a_date_in_disguise_is_found() -> None:
    cells, _won, day = table()
    assert leaks.calendar(frame(cells, include=cells), day) == ["last_change"]


def test_batches_with_one_outcome_are_found() -> None:
    chance = np.random.default_rng(8)
    batch = np.repeat(np.arange(600), 5)
    owner, day = batch % 97, (batch // 3).astype(float)
    alike = (chance.random(600) < 0.5)[batch]
    cells = {"owner": [f"p{one}" for one in owner]}
    assert [one.key for one in leaks.batches(frame(cells), alike, day)] == ["owner"]
    assert leaks.batches(frame(cells), chance.random(3_000) < 0.5, day) == []


def test_a_trial_beats_naive_bayes_on_labels_in_disguise() -> None:
    cells, won, day = table()
    used = frame({key: cells[key] for key in ("owner", "noise")})
    tried = trial(Leads(used, won, day))
    assert tried.has_signal
    for protocol in (tried.folds, tried.time):
        measured = protocol.metrics()
        assert measured[CARD].log_loss < min(measured[BAYES].log_loss, measured[BASE].log_loss)
        assert measured[CARD].auc > 0.7
    assert len(tried.folds.won) == len(won)


def test_a_trial_says_that_noise_is_none() -> None:
    chance = np.random.default_rng(12)
    cells = {f"f{k}": [str(v) for v in chance.integers(0, 30, 2_000)] for k in range(5)}
    tried = trial(Leads(frame(cells), chance.random(2_000) < 0.6))
    assert not tried.has_signal
    measured = tried.folds.metrics()
    assert measured[CARD].log_loss <= measured[BASE].log_loss + 0.001
