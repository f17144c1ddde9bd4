"""Linking: which names in a sentence are the enterprise, and which only look like it.

All enterprises are invented; some carry names that are ordinary words, as real ones do.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.enterprises.rules import AliasKind
from crm.linking.evidence import Owner
from crm.linking.matcher import Alias, AliasIndex, derived_aliases
from crm.linking.thresholds import LINK, REVIEW

HUADING, YUNLING, LIXIANG, GUOTIE, NOVA, XINGCHEN = range(1, 7)

ALIASES = [
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
INDEX = AliasIndex.build(
    ALIASES,
    {LIXIANG: Owner(frozenset({"2015"}), lists=2, trade="汽车"), HUADING: Owner(frozenset({"300999"}), lists=1)},
)


def linked(text: str) -> list[tuple[object, str]]:
    return [(mention.enterprise_id, mention.surface) for mention in INDEX.find(text) if mention.sure]


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
        "云岭电子(NVX.N)涨停",
        "在机器人、理想和大数据等领域",
    ],
)
def test_a_false_friend_is_not_linked(text: str) -> None:
    assert linked(text) == []


@pytest.mark.parametrize("text", ["理想（02015）宣布扩产", "企业、理想、华鼎", "汽车企业理想宣布降价，理想股价下跌"])
def test_an_ordinary_word_is_linked_when_cues_show_an_enterprise(text: str) -> None:
    assert (LIXIANG, "理想") in linked(text)


def test_an_ordinary_word_with_few_cues_waits_for_a_person() -> None:
    (mention,) = INDEX.find("理想公司宣布涨薪")
    assert REVIEW <= mention.confidence < LINK
    assert not mention.sure
    assert "ordinary_word" in mention.reasons


def test_an_ordinary_word_is_linked_when_the_enterprise_is_named_elsewhere() -> None:
    mentions = INDEX.find("理想汽车昨日开会。会后，理想宣布裁员。")
    assert [mention.surface for mention in mentions] == ["理想汽车", "理想"]
    assert "named_elsewhere" in mentions[1].reasons


def test_a_legal_name_that_goes_on_belongs_to_a_member_when_the_owner_has_another_legal_name() -> None:
    legal = [Alias("海棠药业股份有限公司", 1, AliasKind.FULL)]
    text = "海棠药业(300999)今日公告。海棠药业精密仪器有限公司宣布扩产。"
    marks = []
    for names in ([], legal):
        index = AliasIndex.build([Alias("海棠药业", 1, AliasKind.TICKER), *names])
        marks.append(["member_legal" in one.evidence for one in index.candidates(text)])
    assert marks == [[False, False], [False, True]]


def test_a_derived_two_character_name_alone_is_not_enough() -> None:
    assert linked("云岭签约") == []
    assert linked("云岭集团有限公司签约") == [(YUNLING, "云岭集团有限公司")]


def test_what_a_group_is_called_besides_its_legal_name_is_found() -> None:
    assert linked("云岭集团签约") == [(YUNLING, "云岭集团")]


def test_a_latin_name_among_english_words_is_no_common_noun() -> None:
    index = AliasIndex.build([Alias("Orchard", NOVA, AliasKind.ENGLISH)])
    text = "Orchard plans a plant beside an orchard in 苏州; orchard签约"
    assert [one.raw[0] for one in index.candidates(text)] == [0, text.rindex("orchard")]


def test_of_two_names_that_share_a_part_the_likelier_stands() -> None:
    index = AliasIndex.build([Alias("云岭达", YUNLING, AliasKind.TICKER), Alias("岭达股份", NOVA, AliasKind.TICKER)])
    found = [one.surface for one in index.find("调研组到云岭达股份有限公司调研，云岭达公告扩产") if one.sure]
    assert found == ["云岭达", "云岭达"]


def test_a_firm_whose_name_says_only_trades_is_found_by_its_full_name() -> None:
    index = AliasIndex.build([Alias("电力银行", 1, AliasKind.FULL), Alias("投资集团", 2, AliasKind.SHORT)])
    assert [one.surface for one in index.find("电力银行公告，投资集团开会") if one.sure] == ["电力银行"]


def test_the_longest_name_wins_and_names_do_not_overlap() -> None:
    assert linked("华鼎电池和华鼎") == [(HUADING, "华鼎电池"), (HUADING, "华鼎")]


def test_the_reasons_say_why_a_name_was_linked() -> None:
    (mention,) = INDEX.find("龙头企业华鼎（300999）宣布投产")
    assert mention.reasons[:2] == ("name_brand", "stock_code")
    assert "cue_before" in mention.reasons


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
