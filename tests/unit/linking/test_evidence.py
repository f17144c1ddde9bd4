"""What speaks for and against a name: by itself, where it stands, and in the text. All enterprises are invented."""

from __future__ import annotations

import pytest

from crm.enterprises.rules import AliasKind
from crm.linking.evidence import NameFacts, Owner, of_name, of_owner, of_text
from crm.linking.guards import Place
from crm.linking.hints import Hints
from crm.linking.lexicon import default_lexicon
from crm.linking.surroundings import of_place
from crm.linking.wordlist import Word, WordList, default_words

NO_HINTS = Hints({}, {})


def around(text: str, name: str) -> set[str]:
    start = text.index(name)
    return set(of_place(Place(text.lower(), start, start + len(name)), default_words(), NO_HINTS))


def by_itself(key: str, kind: AliasKind = AliasKind.BRAND, owner: Owner | None = None) -> dict[str, float]:
    return of_name(NameFacts(key, kind), owner or Owner(), default_words(), default_lexicon())


@pytest.mark.parametrize(
    ("text", "name", "mark"),
    [
        ("全国铁路运行图调整", "国铁", "left_cut"),
        ("华鼎人寿发布年报", "华鼎", "tail"),
        ("华鼎与运输联合会发布指数", "华鼎", "tail"),
        ("华鼎(天津)有限公司开工", "华鼎", "local_branch"),
        ("苏州华鼎电池有限公司开工", "华鼎电池", "seated_legal"),
        ("华鼎集团东海电力有限公司开工", "华鼎", "member"),
        ("华鼎智能装备集团参会", "华鼎", "unit"),
        ("华鼎精密机械有限公司开工", "华鼎", "member_name"),
        ("华鼎新能源宣布扩产", "华鼎", "tail"),
        ("华鼎公益基金会捐款", "华鼎", "tail"),
        ("华鼎电力涨近3%", "华鼎", "tail"),
        ("全资子公司苏州华鼎签约", "华鼎", "member_seat"),
        ("华鼎股份公告称", "华鼎", "share_name"),
        ("Novax Optics签约", "Novax", "latin_on"),
        ("华鼎队主场获胜", "华鼎", "club"),
        ("阅读《华鼎故事》", "华鼎", "titled"),
        ("乌克兰华鼎公司", "华鼎", "foreign"),
        ("华鼎集团签约", "华鼎", "group_suffix"),
        ("龙头企业华鼎", "华鼎", "cue_before"),
        ("华鼎宣布扩产", "华鼎", "cue_after"),
    ],
)
def test_a_place_shows_its_mark(text: str, name: str, mark: str) -> None:
    assert mark in around(text, name)


@pytest.mark.parametrize(
    "text",
    ["华鼎旗下云岭精机有限公司", "华鼎全资子公司云岭有限公司", "华鼎股份有限公司", "华鼎成功中标云岭精机有限公司项目"],
)
def test_a_member_named_behind_its_owner_and_a_legal_ending_are_no_longer_name(text: str) -> None:
    assert "member_name" not in around(text, "华鼎")


@pytest.mark.parametrize(
    "text",
    [
        "去年增持华鼎股份",
        "华鼎股份有限公司",
        "华鼎新能源汽车销量",
        "华鼎电力设备订单",
        "华鼎两家地产公司",
        "华鼎苏州分公司",
    ],
)
def test_shares_goods_and_branches_of_a_firm_are_no_other_firm(text: str) -> None:
    assert not around(text, "华鼎") & {"share_name", "unit", "tail"}


def test_a_stock_company_of_its_own_is_no_branch() -> None:
    assert "local_branch" not in around("华鼎(天津)股份有限公司", "华鼎")


def test_only_what_a_name_is_counts_and_not_which_name_it_is() -> None:
    assert by_itself("华鼎") == by_itself("鼎岭") | {"plainness": by_itself("华鼎")["plainness"]}
    assert {"word", "ordinary"} <= set(by_itself("理想"))
    assert "distinct" in by_itself("鼎岭云电")
    assert by_itself("理想", owner=Owner(lists=4))["word_famous"] == 1.0


@pytest.mark.parametrize(
    ("after", "mark"),
    [
        ("(300999)", "own_code"),
        ("(300999.SZ)".lower(), "own_code"),
        ("(600001)", "other_code"),
        ("(ai)", None),
        ("(9.35,-0.47,-0.25%)", "some_code"),
    ],
)
def test_a_code_right_behind_proves_or_disproves(after: str, mark: str | None) -> None:
    found = of_owner(Place(f"华鼎{after}涨停", 0, 2), Owner(frozenset({"300999"})))
    assert set(found) == ({mark} if mark else set())


def test_a_text_is_about_business_or_about_leisure() -> None:
    assert of_text("公司营收同比增长,净利润2亿元,股价上涨")["finance"] > of_text("球队主场夺冠,球迷欢呼")["finance"]
    assert of_text("球队主场夺冠,球迷欢呼")["leisure"] > 0


def test_words_are_cut_where_it_costs_least() -> None:
    words = WordList.of((text, Word(10.0, 9, "n")) for text in ("全国", "铁路", "国铁"))
    cut = words.around("全国铁路", 1, 3)
    assert cut.left > 0 < cut.right
    assert words.around("全国铁路", 0, 2).left == 0
    assert (cut.before, cut.after) == ("x", "x")
    assert words.level("全国铁") == 0


def test_a_word_in_front_has_its_kind() -> None:
    assert default_words().around("推进华鼎", 2, 4).before == "v"


def test_the_longest_known_piece_of_the_neighbourhood_speaks() -> None:
    hints = Hints({"^": 1.0, "由": 2.0, "先由": -4.0}, {"宣": 1.0, "宣布": 4.0, "$": -1.0})
    assert (hints.left("华鼎", 0), hints.left("由华鼎", 1), hints.left("先由华鼎", 2)) == (0.25, 0.5, -1.0)
    assert (hints.right("华鼎宣布扩产", 2), hints.right("华鼎宣", 2), hints.right("华鼎", 2)) == (1.0, 0.25, -0.25)
