import numpy as np
import pytest

from crm.scoring.model.bayes import NaiveBayes


def test_the_chance_follows_the_published_formula() -> None:
    codes = np.array([[0]] * 3 + [[1]] * 2)
    won = np.array([True, True, False, False, False])
    model = NaiveBayes.fit(codes, (2,), won)
    won_side = 2.1 * 2.1 / (2.1 + 0.1)
    lost_side = 3.1 * 1.1 / (1.1 + 2.1)
    assert model.probability(np.array([[0]]))[0] == pytest.approx(won_side / (won_side + lost_side), abs=0.005)


def test_unset_and_unseen_values_are_skipped() -> None:
    model = NaiveBayes.fit(np.array([[0], [0], [1], [-1]]), (3,), np.array([True, False, False, True]))
    assert model.probability(np.array([[-1]]))[0] == model.probability(np.array([[2]]))[0] == 0.5


def test_it_never_shows_none_or_all() -> None:
    codes = np.array([[0] * 20] * 50 + [[1] * 20] * 50)
    model = NaiveBayes.fit(codes, (2,) * 20, np.arange(100) < 50)
    assert model.probability(np.array([[0] * 20, [1] * 20])).tolist() == [0.99, 0.01]
