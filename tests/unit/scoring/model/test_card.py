import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.model.card import BASE, UNIT, Card, Trait

POINTS = st.floats(-60, 60).map(lambda value: round(value, 3))
TRAITS = st.lists(st.lists(POINTS, min_size=1, max_size=5), min_size=1, max_size=6)


def card_of(tables: list[list[float]], intercept: float = -1.0) -> Card:
    traits = [Trait(f"f{k}", tuple(f"v{n}" for n in range(len(row))), tuple(row)) for k, row in enumerate(tables)]
    return Card(tuple(traits), intercept)


@st.composite
def cards_and_codes(draw: st.DrawFn) -> tuple[Card, np.ndarray]:
    tables = draw(TRAITS)
    rows = draw(st.lists(st.tuples(*(st.integers(-1, len(row)) for row in tables)), min_size=1, max_size=8))
    return card_of(tables), np.array(rows, dtype=np.int32).reshape(len(rows), len(tables))


@given(cards_and_codes())
def test_reasons_add_up_to_the_points_of_every_lead(case: tuple[Card, np.ndarray]) -> None:
    card, codes = case
    for row, points in zip(codes.tolist(), card.points(codes), strict=True):
        assert math.isclose(BASE + math.fsum(card.terms_of(row)), card.points_of(row), abs_tol=1e-9)
        assert math.isclose(card.points_of(row), points, abs_tol=1e-9)
        assert math.isclose(card.z_of(row), card.intercept + UNIT * (points - BASE), abs_tol=1e-9)


@given(cards_and_codes())
def test_one_lead_and_many_get_the_same_terms(case: tuple[Card, np.ndarray]) -> None:
    card, codes = case
    assert card.terms(codes).tolist() == [card.terms_of(row) for row in codes.tolist()]


@given(TRAITS, st.floats(-5, 5))
def test_a_table_survives_being_written_and_read(tables: list[list[float]], intercept: float) -> None:
    card = card_of(tables, intercept).calibrated((0.9, 0.1))
    again = Card.from_json(json.loads(json.dumps(card.as_json())))
    assert [trait.points for trait in again.traits] == [trait.points for trait in card.traits]
    assert (again.intercept, again.calibration) == (card.intercept, card.calibration)


def test_a_level_never_seen_is_worth_nothing() -> None:
    card = card_of([[5.0, -5.0], [3.0]])
    assert card.terms_of([-1, 7]) == [0.0, 0.0]
    assert card.points(np.array([[-1, 7]])).tolist() == [BASE]


def test_ten_points_double_the_odds() -> None:
    card = card_of([[0.0, 10.0]])
    low, high = card.probability(np.array([[0], [1]])).tolist()
    assert math.isclose(high / (1 - high), 2 * low / (1 - low))


def test_a_table_written_by_hand_needs_points_only() -> None:
    card = Card.from_json({"features": [{"key": "origin", "levels": {"referral": 12, "mail": -3}}]})
    assert card.points_of([0]) == 62
    assert card.traits[0].seen == (0, 0)
