"""Sentences about a state, a market or everybody say nothing of one enterprise. All names are invented."""

from __future__ import annotations

import pytest

from crm.signals.generals import is_general
from crm.signals.rules import find_signals


@pytest.mark.parametrize(
    "sentence",
    [
        "房企之间的项目并购有助于化解风险",
        "两周内287起证券异常交易被采取监管措施",
        "教育部指导各地关停违规机构",
        "今年已有40家公司被立案调查",
    ],
)
def test_a_sentence_about_everybody_is_general(sentence: str) -> None:
    assert is_general(sentence, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "检察机关对丰登重工有限公司提起公诉",
        "北辰集团收购一家房企",
        "某平台提现困难,有关部门、警方介入",
        "北辰航空宣布裁员500人",
    ],
)
def test_a_sentence_that_names_a_firm_is_not(sentence: str) -> None:
    assert not is_general(sentence, sentence)


def test_the_headline_speaks_for_the_sentences_below_it() -> None:
    assert is_general("并购正在加速", "资本市场从严监管")
    assert not is_general("并购正在加速", "北辰科技公告")


def test_a_headline_that_denies_a_rumour_silences_the_text() -> None:
    assert not find_signals("网传北辰工厂停产不实。网友称工厂已停产，员工被裁员。")
