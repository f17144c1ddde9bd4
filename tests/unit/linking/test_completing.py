"""What is known of a firm decides what the rest of a name means. All enterprises are invented."""

from __future__ import annotations

import pytest

from crm.enterprises.rules import AliasKind
from crm.linking.evidence import Owner
from crm.linking.homes import at_home
from crm.linking.matcher import Alias, AliasIndex

SHARE, GROUP, OTHER, ABROAD = range(1, 5)

INDEX = AliasIndex.build(
    [
        Alias("华鼎电池", SHARE, AliasKind.TICKER),
        Alias("云岭集团有限公司", GROUP, AliasKind.FULL),
        Alias("云岭", GROUP, AliasKind.BRAND),
        Alias("岭海", OTHER, AliasKind.BRAND),
        Alias("诺瓦", ABROAD, AliasKind.BRAND),
    ],
    {
        SHARE: Owner(frozenset({"600999"}), seat="江苏"),
        GROUP: Owner(lists=1, seat="广东"),
        ABROAD: Owner(lists=1, seat="美国", trade="制药"),
    },
)


def marks(text: str, key: str) -> set[str]:
    return next(set(one.here) for one in INDEX.candidates(text) if one.key == key)


@pytest.mark.parametrize(
    ("text", "key", "mark"),
    [
        ("华鼎电池科技股份有限公司公告", "华鼎电池", "own_stock"),
        ("华鼎电池（苏州）股份有限公司公告", "华鼎电池", "own_stock"),
        ("会见华鼎电池集团董事长", "华鼎电池", "share_group"),
        ("云岭股份公告", "云岭", "share_name"),
        ("云岭精密制造有限公司开工", "云岭", "member_legal"),
        ("深圳云岭签约", "云岭", "home"),
        ("苏州云岭签约", "云岭", "seated"),
        ("美国诺瓦公司", "诺瓦", "home"),
        ("日本诺瓦公司", "诺瓦", "foreign"),
        ("诺瓦制药表示", "诺瓦", "own_trade"),
        ("诺瓦化学表示", "诺瓦", "tail"),
        ("云岭岭海汽车销量", "云岭", "beside"),
        ("云岭万象生活(01209)发布公告", "云岭", "later_code"),
    ],
)
def test_the_rest_of_a_name_is_read_with_what_is_known_of_the_firm(text: str, key: str, mark: str) -> None:
    assert mark in marks(text, key)


@pytest.mark.parametrize(
    ("text", "key", "mark"),
    [
        ("华鼎电池科技股份有限公司公告", "华鼎电池", "unit"),
        ("华鼎电池股份公告", "华鼎电池", "share_name"),
        ("云岭集团股份有限公司公告", "云岭", "own_stock"),
        ("云岭 岭海签约", "云岭", "beside"),
        ("云岭、岭海签约", "云岭", "beside"),
        ("诺瓦制药有限公司", "诺瓦", "own_trade"),
        ("云岭控股(01209)发布公告", "云岭", "later_code"),
    ],
)
def test_and_not_taken_for_more_than_it_is(text: str, key: str, mark: str) -> None:
    assert mark not in marks(text, key)


def test_a_member_is_not_linked_to_the_firm_it_is_named_after() -> None:
    texts = ["云岭精密制造有限公司开工", "云岭股份公告称拟扩产", "云岭岭海汽车销量增长", "会见华鼎电池集团董事长"]
    assert [[one.surface for one in INDEX.find(text) if one.sure] for text in texts] == [[], [], [], []]


@pytest.mark.parametrize(("text", "seat", "ends"), [("在苏州市", "江苏", 1), ("在苏州", "浙江", 0), ("苏州", "", 0)])
def test_a_place_is_known_to_be_in_a_province(text: str, seat: str, ends: int) -> None:
    assert at_home(text, len(text), seat) is bool(ends)
