import numpy as np
import pytest

from crm.scoring.model import platt
from crm.scoring.model.card import expit
from crm.scoring.model.gate import decide
from crm.scoring.model.metrics import ece


def outcomes(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    z = chance.normal(-1.0, 1.0, count)
    return z, chance.random(count) < expit(z)


def test_the_gate_opens_for_a_clearly_better_model() -> None:
    z, won = outcomes(600)
    gate = decide(won, expit(z), np.full(600, won.mean()))
    assert gate.publish
    assert gate.low > 0.0


def test_the_gate_stays_shut_for_noise() -> None:
    z, won = outcomes(600)
    noise = expit(np.random.default_rng(5).permutation(z))
    assert not decide(won, noise, np.full(600, won.mean())).publish


def test_the_gate_stays_shut_for_the_same_model_and_for_no_leads() -> None:
    z, won = outcomes(50)
    assert not decide(won, expit(z), expit(z)).publish
    assert not decide(won[:0], z[:0], z[:0]).publish


def test_rows_of_one_lead_are_drawn_together() -> None:
    z, won = outcomes(40)
    alone = decide(won, expit(z), np.full(40, won.mean()))
    repeated = decide(
        np.repeat(won, 50), np.repeat(expit(z), 50), np.full(2_000, won.mean()), groups=np.repeat(np.arange(40), 50)
    )
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.25)


def test_many_leads_are_judged_as_few_are() -> None:
    z, won = outcomes(12_000)
    gate = decide(won, expit(z), np.full(len(won), won.mean()))
    gains = np.std(np.where(won, np.log(expit(z) / won.mean()), np.log((1 - expit(z)) / (1 - won.mean()))))
    assert gate.high - gate.low == pytest.approx(2 * 1.96 * gains / np.sqrt(len(won)), rel=0.15)


def test_a_sigmoid_mends_overconfident_log_odds() -> None:
    z, won = outcomes(5_000)
    slope, shift = platt.fit(3.0 * z + 1.0, won)
    assert slope == pytest.approx(1 / 3, abs=0.03)
    assert ece(won, expit(slope * (3.0 * z + 1.0) + shift)) < 0.02 < ece(won, expit(3.0 * z + 1.0))


def test_a_sigmoid_of_nothing_is_the_base_rate() -> None:
    won = np.array([True] * 20 + [False] * 80)
    slope, shift = platt.fit(np.zeros(100), won)
    assert slope == 0.0
    assert float(expit(np.array([shift]))[0]) == pytest.approx(0.2, abs=0.01)


def test_a_sigmoid_never_turns_the_order_round() -> None:
    z, won = outcomes(500)
    assert platt.fit(-z, won)[0] == 0.0


def test_a_sigmoid_survives_perfect_separation() -> None:
    z = np.linspace(-3, 3, 60)
    slope, shift = platt.fit(z, z > 0)
    assert np.isfinite([slope, shift]).all()
