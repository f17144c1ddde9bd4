"""Linking: which names in a sentence are the enterprise, and which only look like it.

All enterprises are invented; some carry names that are ordinary words, as real ones do.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.enterprises.rules import AliasKind
from crm.signals.matcher import Alias, AliasIndex, derived_aliases

HUADING, YUNLING, LIXIANG, GUOTIE, NOVA, XINGCHEN = range(1, 7)

INDEX = AliasIndex.build(
    [
        *derived_aliases("华鼎电池股份有限公司", HUADING),
        Alias("华鼎", HUADING, AliasKind.BRAND),
        Alias("鼎新电池", HUADING, AliasKind.FORMER),
        *derived_aliases("云岭集团有限公司", YUNLING),
        Alias("理想", LIXIANG, AliasKind.BRAND),
        Alias("理想汽车", LIXIANG, AliasKind.BRAND),
        Alias("国铁", GUOTIE, AliasKind.BRAND),
        Alias("NVX", NOVA, AliasKind.ENGLISH),
        Alias("星辰", XINGCHEN, AliasKind.TICKER),
    ]
)


def linked(text: str) -> list[tuple[object, str]]:
    return [(mention.enterprise_id, mention.surface) for mention in INDEX.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昨日，华鼎电池股份有限公司宣布扩产。", [(HUADING, "华鼎电池股份有限公司")]),
        ("昨日，華鼎電池宣布擴產。", [(HUADING, "華鼎電池")]),
        ("華鼎電(diàn)池宣布", [(HUADING, "華鼎電(diàn)池")]),
        ("原鼎新电池今年更名。", [(HUADING, "鼎新电池")]),
        ("NVX将建厂", [(NOVA, "NVX")]),
        ("理想汽车与华鼎签约", [(LIXIANG, "理想汽车"), (HUADING, "华鼎")]),
    ],
)
def test_a_name_is_found_in_every_spelling(text: str, expected: list[tuple[object, str]]) -> None:
    assert linked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "全国铁路运行图调整",
        "他的理想是当医生",
        "华鼎人寿发布年报",
        "华鼎基金经理离职",
        "ANVXB 型号上市",
        "nvx 是一个变量名",
        "华鼎东海新材料有限公司开工",
        "夜空中的星辰",
        "某某文化理想有限公司",
        "乌克兰国铁公司",
        "苏州华鼎有限公司",
        "华鼎（天津）有限公司",
    ],
)
def test_a_false_friend_is_not_linked(text: str) -> None:
    assert linked(text) == []


@pytest.mark.parametrize("text", ["理想公司宣布涨薪", "理想（02015）宣布", "企业、理想、华鼎", "汽车企业理想宣布降价"])
def test_an_ordinary_word_is_linked_when_cues_show_an_enterprise(text: str) -> None:
    assert (LIXIANG, "理想") in linked(text)


def test_an_ordinary_word_is_linked_when_the_enterprise_is_named_elsewhere() -> None:
    mentions = INDEX.find("理想汽车昨日开会。会后理想没有回应。")
    assert [mention.surface for mention in mentions] == ["理想汽车", "理想"]
    assert "named_elsewhere" in mentions[1].reasons


def test_a_derived_two_character_name_needs_more_than_a_group_word() -> None:
    assert linked("云岭集团签约") == []
    assert linked("云岭公司签约") == [(YUNLING, "云岭")]
    assert linked("云岭集团有限公司签约") == [(YUNLING, "云岭集团有限公司")]


def test_the_longest_name_wins_and_names_do_not_overlap() -> None:
    assert linked("华鼎电池和华鼎") == [(HUADING, "华鼎电池"), (HUADING, "华鼎")]


def test_the_reasons_say_why_a_name_was_linked() -> None:
    (mention,) = INDEX.find("龙头企业华鼎（300999）宣布投产")
    assert mention.reasons == ("name_brand", "stock_code", "cue_after", "cue_before")


def test_a_full_name_beats_another_enterprises_former_name() -> None:
    index = AliasIndex.build([Alias("海棠药业", 1, AliasKind.FORMER), Alias("海棠药业", 2, AliasKind.FULL)])
    assert [mention.enterprise_id for mention in index.find("海棠药业宣布")] == [2]


def test_a_name_that_says_only_a_trade_is_never_indexed() -> None:
    index = AliasIndex.build([Alias("投资集团", 1, AliasKind.SHORT), Alias("银行", 2, AliasKind.SHORT)])
    assert index.find("某投资集团与银行公司签约") == []


def test_a_registered_name_without_a_suffix_has_only_itself() -> None:
    assert [alias.text for alias in derived_aliases("海棠药业", 1)] == ["海棠药业"]


@given(st.text(alphabet="华鼎电池理想汽车国铁全路NVX公司，。(（）) \nnvx集團有限", max_size=40))
def test_every_mention_quotes_the_text_and_none_overlap(text: str) -> None:
    end = 0
    for mention in INDEX.find(text):
        assert text[mention.start : mention.end] == mention.surface
        assert mention.start >= end
        end = mention.end
