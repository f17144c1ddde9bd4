"""Texts made to keep the reader busy: everything is bounded, and nothing of an ordinary text is cut."""

from __future__ import annotations

from crm.core.text import simplified
from crm.signals.facts.amounts import MOST_SUMS, deals
from crm.signals.facts.places import find_places
from crm.signals.gathering import MOST_EVIDENCE
from crm.signals.generals import is_general
from crm.signals.reading import LONGEST, sentences
from crm.signals.rules import find_signals


def test_a_text_without_a_full_stop_is_cut_into_long_pieces() -> None:
    spans = sentences("华鼎良好，" * LONGEST)
    assert len(spans) == 5
    assert all(end - start <= LONGEST for start, end in spans)
    assert len(sentences("华鼎良好，" * (LONGEST // 5))) == 1


def test_a_table_of_deals_gives_a_bounded_number_of_signals() -> None:
    text = "云岭公司投资3亿元建厂。" * (MOST_EVIDENCE + 50)
    assert 0 < len(find_signals(text)) <= MOST_EVIDENCE


def test_one_sentence_gives_a_bounded_number_of_sums() -> None:
    assert len(deals("投资3亿元" * (MOST_SUMS + 5))) == MOST_SUMS


def test_an_endless_number_counts_no_firms() -> None:
    assert not is_general("9" * 50_000, "")
    assert is_general("1" * 50_000 + "家上市公司裁员", "")


def test_a_sentence_ends_behind_its_quotation_mark_and_not_at_a_decimal_point() -> None:
    text = "“建厂。”云岭投资3.5亿元！then it grew. next day"
    assert [text[start:end] for start, end in sentences(text)] == [
        "“建厂。”",
        "云岭投资3.5亿元！",
        "then it grew.",
        "next day",
    ]


def test_a_place_inside_a_name_is_told_from_one_outside() -> None:
    inside, outside = find_places("苏州在建，落户苏州", [(0, 2)])
    assert inside.score < outside.score


def test_halves_of_characters_become_signs_that_programs_take() -> None:
    assert simplified("\ud800華鼎\udfff") == "�华鼎�"
    assert find_signals("\ud800云岭公司投资3亿元建厂。")[0].quote.startswith("\ud800")
