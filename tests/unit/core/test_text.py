"""Folding, bigrams and pinyin: what a person would expect to find is found."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from crm.core.text import (
    bigram_query,
    bigrams,
    fold,
    fold_company,
    fold_with_offsets,
    initials,
    search_text,
    sort_key,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("華鼎電池", "华鼎电池"),
        ("ＡＢＢ（中国）", "abb(中国)"),
        ("云岭集團(tuán)", "云岭集团"),
        ("云岭 集团", "云岭集团"),
        ("Blue  River Steel", "blue river steel"),
        ("北辰\u200b重工", "北辰重工"),
    ],
)
def test_spellings_of_one_name_fold_to_one_form(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_pinyin_note_goes_but_an_english_word_in_brackets_after_latin_text_stays() -> None:
    assert fold("項(xiàng)目") == "项目"
    assert fold("Nova(xin)") == "nova(xin)"


def test_a_comma_keeps_two_names_apart() -> None:
    assert "华鼎云岭" not in fold("华鼎，云岭")


def test_a_folded_span_leads_back_to_the_original_characters() -> None:
    text = "昨日，華鼎集團(tuán) 公司签约"
    folded = fold_with_offsets(text)
    start = folded.text.index("集团公司")
    first, last = folded.span(start, start + 4)
    assert text[first:last] == "集團(tuán) 公司"


@given(st.text(max_size=60))
def test_every_folded_character_has_an_origin_and_origins_never_go_back(text: str) -> None:
    folded = fold_with_offsets(text)
    assert len(folded.text) == len(folded.offsets)
    assert list(folded.offsets) == sorted(folded.offsets)
    assert all(0 <= offset < len(text) for offset in folded.offsets)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("华鼎电池股份有限公司", "华鼎电池"),
        ("云岭集团有限公司", "云岭"),
        ("云岭控股集团股份有限公司", "云岭"),
        ("江苏北辰重工有限责任公司", "江苏北辰重工"),
        ("集团有限公司", "集团有限公司"),
    ],
)
def test_the_legal_suffix_goes_and_the_region_stays(name: str, short: str) -> None:
    assert fold_company(name) == short


def _index(*texts: str) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE hits USING fts5(grams, content='', tokenize='ascii')")
    for number, text in enumerate(texts, 1):
        base.execute("INSERT INTO hits(rowid, grams) VALUES (?, ?)", (number, " ".join(bigrams(text))))
    return base


TEXTS = ("苏州工业园区锂电项目", "𠮷野家在苏州开店，引入5G", "SiC 半导体（二期）", "华鼎、云岭：签约。工业")


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("苏州", [1, 2]),
        ("锂", [1]),
        ("5g", [2]),
        ("𠮷野家", [2]),
        ("SiC半导体", [3]),
        ("sic 半导体", [3]),
        ("半导体二期", [3]),
        ("華鼎", [4]),
        ("苏州 锂电", [1]),
        ("期", [3]),
        ("约工业", []),
        ("州苏", []),
    ],
)
def test_what_is_typed_is_found_in_sqlite(typed: str, rows: list[int]) -> None:
    query = bigram_query(typed)
    assert query is not None
    found = _index(*TEXTS).execute("SELECT rowid FROM hits WHERE hits MATCH ? ORDER BY 1", (query.fts5,))
    assert [row[0] for row in found] == rows


@pytest.mark.parametrize("typed", ["", "  ", '"', "'; --", "（）", "*"])
def test_a_query_without_letters_is_no_query(typed: str) -> None:
    assert bigram_query(typed) is None


@given(st.text(min_size=1, max_size=30))
def test_no_query_can_break_the_search_expression(typed: str) -> None:
    query = bigram_query(typed)
    if query is not None:
        _index("苏州").execute("SELECT rowid FROM hits WHERE hits MATCH ?", (query.fts5,)).fetchall()


def test_the_tsquery_joins_every_pair_and_searches_one_character_by_prefix() -> None:
    query = bigram_query("苏州工 锂")
    assert query is not None
    assert query.tsquery == "'苏州' & '州工' & '锂':*"
    assert query.terms == ("苏州工", "锂")


@given(st.text(max_size=40))
def test_the_bigrams_hold_exactly_the_characters_of_the_search_text(text: str) -> None:
    assert "".join(pair[0] for pair in bigrams(text)) == search_text(text).replace("\n", "")


def test_names_sort_by_pinyin_and_are_found_by_initials() -> None:
    assert sorted(["重庆", "安徽", "上海", "北京"], key=sort_key) == ["安徽", "北京", "重庆", "上海"]
    assert initials("深圳市天健ABC") == "szstjabc"


@pytest.mark.parametrize(
    "name", ["重庆长安汽车股份有限公司", "行云流水（厦门）银行ABC-1", "", "𠮷野家", "Northlake 5G"]
)
def test_sounds_word_by_word_are_those_of_the_whole_name(name: str) -> None:
    folded = fold(name)
    toned = lazy_pinyin(folded, style=Style.TONE3, neutral_tone_with_five=True)
    assert sort_key(name) == f"{' '.join(lazy_pinyin(folded))}\t{' '.join(toned)}"
