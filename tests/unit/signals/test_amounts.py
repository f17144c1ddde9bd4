"""Which sums are the sum of the deal: classes of sums that are none, and of sums that were missed. All invented."""

from __future__ import annotations

import pytest

from crm.core.text import fold
from crm.signals.facts.amounts import deals, deals_told_of
from crm.signals.rules import find_signals


def sums(sentence: str) -> list[tuple[int, str]]:
    return [(int(one.value), one.currency) for deal in deals(fold(sentence)) for one in (deal.amount, *deal.also)]


@pytest.mark.parametrize(
    "sentence",
    [
        "公司共收到千万元以上合同订单。",
        "新增金额1000万元以上未决诉讼17件。",
        "4个总投资50亿元级的大项目集中亮相。",
        "重大项目集中开工，投资破千亿元。",
        "全省重点项目总投资3.1万亿元。",
        "完成投资2000亿元，加快新区建设。",
        "收购完成后，公司在云帆公司的出资额为1975.82万元。",
        "云帆公司成立于2012年2月，法定代表人为某人，注册资本为8亿元。",
        "公司于2014年3月成立，注册资本3000万元。",
        "案件平均罚款金额8.8万元。",
        "对收购云帆产生的11.05亿元商誉计提减值6亿元。",
        "出售股权预期赚2184.4万港元。",
        "一位投资人共投资的30万元无法提现。",
    ],
)
def test_thresholds_orders_of_magnitude_statistics_and_states_are_no_deal(sentence: str) -> None:
    assert sums(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("将获得3亿美元的预付款。", [(300_000_000, "USD")]),
        ("被判补缴130亿欧元税款。", [(13_000_000_000, "EUR")]),
        ("寻求追回股息及酬金共约60亿美元。", [(6_000_000_000, "USD")]),
        ("撤销20亿美元专利侵权诉讼。", [(2_000_000_000, "USD")]),
        ("违规提供质押担保0.8亿元。", [(80_000_000, "CNY")]),
        ("没收违法所得0.8646万元，罚款13.7万元。", [(8_646, "CNY"), (137_000, "CNY")]),
        ("一笔4亿元信托贷款逾期。", [(400_000_000, "CNY")]),
        ("斥资255亿(新台币)建厂。", [(25_500_000_000, "TWD")]),
        ("invests RM14.6 billion in two plants", [(14_600_000_000, "MYR")]),
        ("投资10亿元以上建设新厂。", [(1_000_000_000, "CNY")]),
        ("近日，云帆公司成立，注册资本1亿元。", [(100_000_000, "CNY")]),
        ("承诺投入200亿美元建设基地。", [(20_000_000_000, "USD")]),
        ("计划通过22亿美元全现金交易收购同行。", [(2_200_000_000, "USD")]),
        ("转让子公司股权，起拍价仅20.34万元。", [(203_400, "CNY")]),
        ("并处罚金人民币2000万元。", [(20_000_000, "CNY")]),
        ("未兑付的本金300余亿元。", [(30_000_000_000, "CNY")]),
    ],
)
def test_sums_of_licences_claims_and_fines_are_deals(sentence: str, expected: list[tuple[int, str]]) -> None:
    assert sums(sentence) == expected


def test_a_range_gives_both_its_ends() -> None:
    (deal,) = deals(fold("计划投资50-60亿元建设基地。"))
    assert [int(one.value) for one in (deal.amount, *deal.also)] == [5_000_000_000, 6_000_000_000]
    assert [one.cny_wan for one in (deal.amount, *deal.also)] == [500_000, 600_000]
    assert deal.best is deal.amount


def test_a_sentence_beside_a_deal_lends_its_sum_only_when_it_tells_of_the_deal() -> None:
    assert [int(deal.amount.value) for deal in deals_told_of(fold("该项目总投资3亿元。"))] == [300_000_000]
    assert deals_told_of(fold("有人被诈骗3亿元。")) == []
    lent = find_signals("云帆电池将在宜宾投资建厂。该厂耗资3亿元。")
    kept = find_signals("云帆电池将在宜宾投资建厂。有人被诈骗3亿元。")
    assert [signal.amount_wan for signal in lent if signal.kind.value == "CAPX"] == [30_000]
    assert [signal.amount_wan for signal in kept if signal.kind.value == "CAPX"] == [None]


def test_a_bare_yuan_in_news_of_taiwan_is_its_own() -> None:
    (signal,) = find_signals("雲帆光學投資75億元購入桃園廠房，興建生產基地。")[:1]
    assert signal.amount is not None
    assert signal.amount.currency == "TWD"
    (other,) = find_signals("雲帆光學投資75億元在東莞興建生產基地。")[:1]
    assert other.amount_wan == 750_000
