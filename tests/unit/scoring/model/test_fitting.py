import numpy as np
import pytest

from crm.scoring.model import fitting
from crm.scoring.model.card import UNIT, expit
from crm.scoring.model.fitting import Choice, Levels
from crm.scoring.model.metrics import auc, log_loss

WORTH = (np.array([-0.8, 0.0, 0.8]), np.array([-0.5, 0.5]))
LEVELS = Levels(("place", "deal"), (("a", "b", "c"), ("x", "y")))


def leads(count: int, seed: int = 0, base: float = -1.0) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    codes = np.column_stack([chance.integers(0, len(worth), count) for worth in WORTH])
    z = base + WORTH[0][codes[:, 0]] + WORTH[1][codes[:, 1]]
    return codes, chance.random(count) < expit(z)


def test_much_data_give_back_the_true_log_odds() -> None:
    codes, won = leads(40_000)
    card = fitting.fit(codes, LEVELS, won)
    place, deal = (np.array(trait.points) * UNIT for trait in card.traits)
    assert place[2] - place[0] == pytest.approx(1.6, abs=0.1)
    assert deal[1] - deal[0] == pytest.approx(1.0, abs=0.1)


def test_no_data_give_the_experts_table_itself() -> None:
    told = Levels(LEVELS.keys, LEVELS.levels, ((-8.0, 0.0, 8.0), (0.0, 5.0)))
    card = fitting.fit(np.empty((0, 2), dtype=int), told, np.empty(0, dtype=bool), choice=Choice(base_rate=0.2))
    assert [trait.points for trait in card.traits] == [(-8.0, 0.0, 8.0), (0.0, 5.0)]


def test_data_overrule_wrong_experts_as_they_grow() -> None:
    wrong = Levels(LEVELS.keys, LEVELS.levels, ((12.0, 0.0, -12.0), (7.0, -7.0)))
    test, truth = leads(5_000, seed=9)
    skill = []
    for count in (0, 200, 20_000):
        codes, won = leads(count)
        card = fitting.fit(codes, wrong, won, choice=Choice(base_rate=0.27))
        skill.append(auc(truth, card.probability(test)))
    assert skill[0] < 0.4
    assert min(skill[1:]) > 0.65


def test_sixty_lost_leads_hardly_move_a_told_base_rate() -> None:
    told = Levels(LEVELS.keys, LEVELS.levels, ((-8.0, 0.0, 8.0), (-5.0, 5.0)))
    codes, won = leads(60)
    known = fitting.fit(codes, told, won & False, choice=Choice(base_rate=0.3))
    unknown = fitting.fit(codes, told, won & False)
    assert float(unknown.probability(codes).mean()) < 0.05
    assert float(known.probability(codes).mean()) == pytest.approx(0.2, abs=0.02)


def test_a_rare_level_keeps_what_the_experts_say() -> None:
    told = Levels(("place",), (("often", "rare"),), ((0.0, 9.0),))
    codes = np.array([[0]] * 500 + [[1]] * 4)
    won = np.array([True, False] * 250 + [False] * 4)
    card = fitting.fit(codes, told, won)
    rare = card.traits[0].points[1]
    assert rare == pytest.approx(9.0 * card.about["expert_weight"], abs=0.01)
    assert card.traits[0].seen == (500, 4)


def test_features_without_any_signal_shrink_to_nothing() -> None:
    chance = np.random.default_rng(3)
    codes = chance.integers(0, 40, (4_000, 5))
    won = chance.random(4_000) < 0.4
    levels = Levels(tuple("abcde"), (tuple(str(k) for k in range(40)),) * 5)
    loose = fitting.fit(codes, levels, won, choice=Choice(pooled=False))
    pooled = fitting.fit(codes, levels, won)
    largest = [max(abs(p) for trait in card.traits for p in trait.points) for card in (loose, pooled)]
    assert largest[1] < 0.5 * largest[0]
    fresh = chance.integers(0, 40, (4_000, 5))
    later = chance.random(4_000) < 0.4
    assert log_loss(later, pooled.probability(fresh)) < log_loss(later, loose.probability(fresh))


def test_weights_count_like_repeated_rows() -> None:
    codes, won = leads(300)
    twice = fitting.fit(np.repeat(codes, 2, axis=0), LEVELS, np.repeat(won, 2), choice=Choice(spread=0.5, pooled=False))
    weighed = fitting.fit(codes, LEVELS, won, weights=np.full(300, 2.0), choice=Choice(spread=0.5, pooled=False))
    assert np.allclose(twice.z(codes), weighed.z(codes), atol=1e-3)


def test_one_outcome_only_is_no_failure() -> None:
    codes, _won = leads(80)
    card = fitting.fit(codes, LEVELS, np.ones(80, dtype=bool))
    assert 0.8 < float(card.probability(codes).mean()) < 1.0


def test_shifted_experts_meet_the_base_rate() -> None:
    told = Levels(LEVELS.keys, LEVELS.levels, ((-8.0, 0.0, 8.0), (-5.0, 5.0)))
    codes, won = leads(500)
    card = fitting.shifted(codes, told, won)
    assert float(card.probability(codes).mean()) == pytest.approx(float(won.mean()), abs=0.002)
    assert [trait.points for trait in card.traits] == [(-8.0, 0.0, 8.0), (-5.0, 5.0)]
