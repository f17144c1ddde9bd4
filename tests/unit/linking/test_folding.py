"""The fast way of folding gives exactly what the plain way gives, offsets included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.text import fold_with_offsets
from crm.linking.folding import fold_article

TRICKY = "大众汽 \u3000\n\r\tAbＡ１9(（zh)）ǔ\u200b㈱經(jīng)市､。é"


def offsets(text: str) -> tuple[int, ...]:
    folded = fold_article(text)
    return tuple(folded.span(index, index + 1)[0] for index in range(len(folded.text)))


@given(st.text(alphabet=TRICKY, max_size=40))
def test_both_ways_agree(text: str) -> None:
    plain = fold_with_offsets(text)
    assert fold_article(text).text == plain.text
    assert offsets(text) == plain.offsets


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("云嶺電(diàn)子", "云岭电子"),
        ("云 岭\u3000电子 ＡＢ  c", "云岭电子ab c"),
        ("云岭㈱", "云岭(株)"),
        ("", ""),
    ],
)
def test_noise_goes_and_one_space_stays_between_latin_words(text: str, folded: str) -> None:
    assert fold_article(text).text == folded


def test_a_span_leads_back_over_what_was_left_out() -> None:
    text = "新闻：云嶺電(diàn)子 签约"
    start, end = fold_article(text).span(3, 7)
    assert text[start:end] == "云嶺電(diàn)子"
