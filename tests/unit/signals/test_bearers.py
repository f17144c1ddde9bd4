"""Whom a signal is about. All names and texts are invented."""

from __future__ import annotations

import pytest

from crm.enterprises.rules import AliasKind
from crm.linking.matcher import Mention
from crm.signals.rules import Signal, find_signals

NAMES = (
    "华鼎电池",
    "北辰重工",
    "海棠证券",
    "云帆汽车",
    "丹枫电子",
    "朗星材料",
    "启辰光电",
    "远岫科技",
    "星桥软件",
    "松原乳业",
)


def mentions(text: str) -> list[Mention]:
    found = []
    for number, name in enumerate(NAMES, 1):
        start = text.find(name)
        while start >= 0:
            found.append(Mention(number, name, start, start + len(name), AliasKind.BRAND, ()))
            start = text.find(name, start + 1)
    return sorted(found, key=lambda mention: mention.start)


def signals(text: str) -> list[Signal]:
    return find_signals(text, mentions(text))


def firms(text: str) -> set[object]:
    return {signal.enterprise_id for signal in signals(text) if signal.sure}


def test_the_firm_of_the_clause_is_meant_and_the_comparison_is_not() -> None:
    assert firms("继北辰重工和云帆汽车之后，华鼎电池落户宜宾市。") == {1}


def test_both_sides_of_a_pact_have_it() -> None:
    assert firms("华鼎电池与云帆汽车签署战略合作协议。") == {1, 4}


def test_a_source_a_handle_and_an_analyst_are_not_meant() -> None:
    assert firms("远岫科技数据显示，华鼎电池完成3亿元融资。") == {1}
    assert firms("@星桥软件 华鼎电池停产。") == {1}
    assert firms("海棠证券认为，华鼎电池将扩产。") == {1}


def test_a_platform_as_the_only_name_does_not_silence_a_firm_outside_the_register() -> None:
    text = "企查查APP显示，某某（庐州）科技有限公司成立，注册资本2亿元。"
    platform = Mention(9, "企查查", 0, 3, AliasKind.BRAND, ())
    assert {signal.enterprise_id for signal in find_signals(text, [platform])} == {None}


def test_a_broker_who_comments_in_the_headline_is_not_meant_later() -> None:
    text = "海棠证券：硅价前高后低。海棠证券研报认为，需求加快。下半年某某新材料项目投产。"
    assert firms(text) <= {None}
    assert firms("海棠证券：拟投资3亿元设立子公司。") == {3}


def test_a_bank_that_arranges_a_listing_is_not_meant() -> None:
    assert firms("华鼎电池就IPO计划接洽海棠证券，最快三月上市。") == {1}


def test_a_customer_named_behind_the_bid_wins_nothing() -> None:
    found = {(signal.kind.value, signal.enterprise_id) for signal in signals("启辰光电中标云帆汽车产线设备项目。")}
    assert ("ORDR", 7) in found
    assert ("ORDR", 4) not in found


def test_a_firm_that_is_not_in_the_register_keeps_its_signal_without_a_name() -> None:
    assert firms("某某实业有限公司将投资3亿元建厂。") == {None}
    assert firms("华鼎电池昨日开会。另有消息，某某实业有限公司将投资3亿元建厂。") == {None}


def test_a_sentence_that_goes_on_about_the_company_is_about_the_one_before() -> None:
    assert firms("华鼎电池昨日开会。公司将投资3亿元建厂。") == {1}


def test_a_market_wrap_gives_nothing() -> None:
    text = "午后电池板块走强，华鼎电池、北辰重工、云帆汽车涨停，丹枫电子涨超5%，个股普涨，收购传闻提振板块。"
    assert signals(text) == []


def test_a_sentence_that_lists_a_crowd_is_about_nobody() -> None:
    text = "华鼎电池、北辰重工、云帆汽车、丹枫电子、朗星材料、启辰光电均被罚款。"
    assert firms(text) == {None}


def test_each_project_of_a_list_has_its_own_sum() -> None:
    text = "总投资130亿元的华鼎电池项目、总投资50亿元的云帆汽车产业园项目、总投资100亿元的某某材料项目开工。"
    found = {(signal.enterprise_id, int(signal.amount.value)) for signal in signals(text) if signal.amount}
    assert found == {(1, 13_000_000_000), (4, 5_000_000_000), (None, 10_000_000_000)}


def test_the_sum_of_the_next_sentence_belongs_to_the_deal() -> None:
    (signal,) = [one for one in signals("北辰重工竞得一宗工业用地。成交价3000万元。") if one.kind == "LAND"]
    assert signal.amount is not None
    assert signal.amount.cny_wan == 3000


def test_two_weak_rules_together_are_sure_and_one_alone_is_not() -> None:
    (signal,) = signals("华鼎电池将投资3亿元新建工厂。")
    assert signal.sure
    assert signal.confidence > 0.9
    assert len(signal.reasons) == 3


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{}将出售光学企业的股份。", "CAPX"),
        ("{}与南坡航运合作，共建航线。", "COOP"),
        ("副部长到{}调研。", "EXEC"),
        ("竞争管理局对{}的广告技术表示反对。", "NEG"),
    ],
)
def test_some_rules_count_only_beside_an_enterprise_of_the_register(text: str, kind: str) -> None:
    found = [signal.kind.value for signal in signals(text.format("华鼎电池")) if signal.sure]
    assert found == [kind]
    assert not [signal for signal in signals(text.format("一家商会")) if signal.sure]


def test_a_sentence_without_end_gives_a_bounded_number_of_sums() -> None:
    assert len(find_signals("投资3亿元，" * 2000)) <= 41
