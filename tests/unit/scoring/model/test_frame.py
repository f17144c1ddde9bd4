import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.model import binning
from crm.scoring.model.frame import Kind, frame, number_of, typed, unusable
from crm.scoring.model.outcome import UnreadableError, outcome


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "2.5", "-3", "1,200"], Kind.NUMBER),
        (["10%", "25%", "", "80%"], Kind.NUMBER),
        (["2024-01-31", "2024-02-01", "Select"], Kind.DATE),
        (["31-12-2016", "01-01-2017"], Kind.DATE),
        (["2024年3月1日", "2024年12月9日"], Kind.DATE),
        (["江苏", "浙江", "未知"], Kind.CATEGORY),
        (["1", "two", "3"], Kind.CATEGORY),
    ],
)
def test_columns_are_typed_by_their_texts(texts: list[str], kind: Kind) -> None:
    assert typed("column", texts).kind is kind


@pytest.mark.parametrize("text", ["", "Select", " NaN ", "N/A", "请选择", "-", "unknown"])
def test_markers_of_missing_values_are_missing(text: str) -> None:
    assert typed("column", ["a", text, "b"]).missing.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", 1234.5),
        ("12%", 0.12),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("¥1,200", 1200.0),
        ("50万", 5e5),
        ("1.2亿元", 1.2e8),
        ("300 元", 300.0),
    ],
)
def test_numbers_are_read_in_their_usual_forms(text: str, value: float) -> None:
    assert number_of(text) == pytest.approx(value)


def test_what_cannot_be_a_feature_is_left_out_with_a_reason() -> None:
    rows = range(200)
    cells = {
        "lead_no": [str(1000 + row) for row in rows],
        "uuid": [f"x{row}" for row in rows],
        "country": ["CN"] * 200,
        "signed_on": [f"2024-01-{1 + row % 28:02d}" for row in rows],
        "owner": [f"p{row % 7}" for row in rows],
        "amount": [str(row * 1.5) for row in rows],
        "secret": [str(row % 3) for row in rows],
    }
    found = frame(cells, exclude=["secret"])
    assert {one.key: one.reason for one in found.left_out} == {
        "lead_no": "id", "uuid": "id", "country": "constant", "signed_on": "calendar", "secret": "named",
    }  # fmt: skip
    assert [column.key for column in found.columns] == ["owner", "amount"]


def test_amounts_of_which_no_two_are_equal_are_no_numbers_of_files() -> None:
    amounts = [f"{(row * 7919 % 4999) ** 2:,}" for row in range(200)]
    assert unusable(typed("capital", amounts)) is None
    assert unusable(typed("lead", [str(600_000 + row * 7919 % 90_001) for row in range(200)])) == "id"


def test_a_column_that_is_asked_for_stays() -> None:
    found = frame({"signed_on": [f"2024-01-{1 + row % 28:02d}" for row in range(60)]}, include=["signed_on"])
    assert [column.key for column in found.columns] == ["signed_on"]


def test_a_column_missing_for_some_is_not_constant() -> None:
    assert unusable(typed("flag", ["yes", "", "yes", ""] * 20)) is None


@pytest.mark.parametrize(
    ("texts", "won"),
    [
        (["1", "0"], [True, False]),
        (["yes", "no"], [True, False]),
        (["Won", "Lost"], [True, False]),
        (["True", "False"], [True, False]),
        (["是", "否"], [True, False]),
        (["1.0", "0.0"], [True, False]),
    ],
)
def test_outcomes_are_read_in_their_usual_forms(texts: list[str], won: list[bool]) -> None:
    assert outcome("result", texts).won.tolist() == won


def test_open_leads_are_set_aside() -> None:
    found = outcome("stage", ["Won", "Engaging", "Lost", ""])
    assert (found.rows.tolist(), found.still_open) == ([0, 2], 2)


def test_a_winning_value_may_be_named() -> None:
    assert outcome("grade", ["A", "B", "C"], winning="a").won.tolist() == [True, False, False]


@pytest.mark.parametrize("texts", [["3", "4"], ["1", "1"], ["", ""], ["won", "won"]])
def test_an_outcome_that_is_none_says_what_to_do(texts: list[str]) -> None:
    with pytest.raises(UnreadableError, match="--won"):
        outcome("result", texts)


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=120))
def test_every_number_falls_in_one_of_its_levels(values: list[float | None]) -> None:
    found = frame({"n": ["" if value is None else repr(value) for value in values]}, include=["n"])
    cuts = binning.cut(found, rare=1)
    codes = cuts.codes(found)
    sizes = np.array(cuts.levels.sizes)
    assert ((codes >= 0) & (codes < sizes)).all()


def test_later_numbers_use_the_bins_learned_before() -> None:
    past = frame({"n": [str(k / 7) for k in range(700)]}, include=["n"])
    cuts = binning.cut(past)
    assert cuts.levels.sizes == (10,)
    codes = cuts.codes(frame({"n": ["-5", "1e9", "50", ""]}, include=["n"]))
    assert codes[:, 0].tolist() == [0, 9, 5, -1]


def test_a_name_never_seen_or_rarely_seen_has_no_level() -> None:
    cuts = binning.cut(frame({"who": ["a"] * 50 + ["b"] * 50 + ["c"] * 4}))
    codes = cuts.codes(frame({"who": ["b", "c", "d", ""]}, include=["who"]))
    assert codes[:, 0].tolist() == [1, -1, -1, -1]


def test_labels_in_disguise_get_a_level_of_their_own() -> None:
    owners = [str(k % 40) for k in range(4_000)]
    cuts = binning.cut(frame({"owner": owners}))
    assert cuts.levels.sizes == (10, 40)
    assert cuts.codes(frame({"owner": ["7", "99"]}, include=["owner"]))[:, 1].tolist() == [7, -1]
