"""Confidence and reasons."""

from __future__ import annotations

import pytest

from crm.enterprises.rules import AliasKind
from crm.linking.evidence import Owner
from crm.linking.matcher import Alias, AliasIndex
from crm.linking.reasons import DOUBTS, GROUNDS, REASONS, reasons_of, words_of
from crm.linking.scorer import OTHERS, Scorer, default_scorer
from crm.linking.thresholds import LINK, REVIEW

OWNER = Owner(frozenset({"300999"}), lists=2, trade="电池", seat="苏州")
INDEX = AliasIndex.build(
    [
        Alias("华鼎电池股份有限公司", 1, AliasKind.FULL),
        Alias("华鼎电池", 1, AliasKind.BRAND),
        Alias("华鼎", 1, AliasKind.BRAND),
        Alias("岭云科技", 2, AliasKind.TICKER),
        Alias("岭云科技", 3, AliasKind.TICKER),
    ],
    {1: OWNER, 2: Owner(frozenset({"600001"})), 3: Owner(frozenset({"600002"}))},
)


def test_evidence_adds_up_and_an_unknown_property_says_nothing() -> None:
    scorer = Scorer(-1.0, {"cue_after": 2.0})
    assert scorer.score({"cue_after": 1.0, "never_seen": 9.0}) == pytest.approx(0.731, abs=0.001)
    assert scorer.score({}) == pytest.approx(0.269, abs=0.001)


@pytest.mark.parametrize("mark", OTHERS)
def test_a_part_of_somebody_elses_name_never_links_by_itself(mark: str) -> None:
    scorer = Scorer(30.0, {})
    assert REVIEW <= scorer.score({mark: 1.0}) < LINK
    assert scorer.score({mark: 1.0, "legal_name": 1.0}) >= LINK


def test_the_weights_in_the_product_are_of_properties_and_of_no_name() -> None:
    weights = default_scorer().weights
    assert len(weights) > 50
    assert all(name.isascii() for name in weights)
    assert weights["right_hint"] > 0 > weights["tail"]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("华鼎电池股份有限公司（300999）宣布扩产。", {"name_full", "stock_code"}),
        ("昨日，华鼎集团与苏州签约", {"name_brand", "group_suffix"}),
        ("华鼎电池开工。华鼎电池股份有限公司称", {"name_brand", "named_elsewhere"}),
    ],
)
def test_a_link_says_why(text: str, reasons: set[str]) -> None:
    assert reasons <= set(INDEX.find(text)[0].reasons)


def test_a_doubt_says_why_too() -> None:
    (mention,) = INDEX.find("华鼎电池（天津）有限公司开工")
    assert not mention.sure
    assert "part_of_name" in mention.reasons


@pytest.mark.parametrize(("code", "owner"), [("600001", 2), ("600002", 3)])
def test_of_two_enterprises_of_one_name_the_code_decides(code: str, owner: int) -> None:
    assert [mention.enterprise_id for mention in INDEX.find(f"岭云科技（{code}）涨停")] == [owner]


def test_confidence_is_a_share_and_the_more_speaks_the_higher() -> None:
    (bare,) = INDEX.find("说起华鼎电池的往事")
    (clear,) = INDEX.find("华鼎电池（300999）宣布扩产，股价上涨")
    assert 0 <= bare.confidence < clear.confidence <= 1


def test_every_reason_has_words() -> None:
    assert {key for _mark, key in (*GROUNDS, *DOUBTS)} <= set(REASONS)
    assert {f"name_{kind.value}" for kind in AliasKind} <= set(REASONS)
    assert words_of(["name_full", "stock_code", "odd"]) == ["全称", "股票代码", "odd"]


def test_a_derived_name_has_a_reason_of_its_own() -> None:
    found = reasons_of(AliasKind.SHORT, derived=True, sure=True, name={}, here={"own_code": 1.0})
    assert found == ("name_trade", "stock_code")


def test_doubts_are_told_of_doubtful_names_alone() -> None:
    here = {"cue_after": 1.0, "tail": 1.0}
    sure = reasons_of(AliasKind.BRAND, derived=False, sure=True, name={"word": 1.0}, here=here)
    doubtful = reasons_of(AliasKind.BRAND, derived=False, sure=False, name={"word": 1.0}, here=here)
    assert sure == ("name_brand", "cue_after")
    assert doubtful == ("name_brand", "cue_after", "ordinary_word", "part_of_name")
