"""Facts of a signal: which sum, which place, which day, which industry. All texts are invented."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from crm.core.text import fold
from crm.enterprises.codes import industries
from crm.signals.facts.amounts import deals, largest
from crm.signals.facts.dates import event_date
from crm.signals.facts.industries import industry_of, words
from crm.signals.facts.places import find_places
from crm.signals.rules import find_signals

if TYPE_CHECKING:
    import re

PUBLISHED = date(2026, 11, 20)


def sums(sentence: str) -> list[tuple[int, str]]:
    return [(int(deal.amount.value), deal.amount.currency) for deal in deals(fold(sentence))]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("项目总投资20亿元，达产后年产值50亿元。", [(2_000_000_000, "CNY")]),
        ("年营收80亿元的企业将在当地建厂。", []),
        ("公司市值300亿元，拟斥资2亿元收购一家同行。", [(200_000_000, "CNY")]),
        ("因虚假记载被罚款60万元。", [(600_000, "CNY")]),
        ("公司以2910万元竞得一宗用地。", [(29_100_000, "CNY")]),
        ("工厂需要大约20亿美元（约合人民币138亿元）的投资。", [(2_000_000_000, "USD")]),
        ("包含债务在内的报价高达144亿欧元。", [(14_400_000_000, "EUR")]),
        ("回购价每股9.5元。", []),
        ("起售价39.98万元的新车上市。", []),
        ("签约合同价（含税）为1.5亿元。", [(150_000_000, "CNY")]),
        ("拟募资60亿加码产能。", [(6_000_000_000, "CNY")]),
        ("68亿收购同业。", [(6_800_000_000, "CNY")]),
        ("注册资本由1000万元增加至1亿元。", [(100_000_000, "CNY")]),
        ("注册资本1亿元，其中公司出资6000万元。", [(60_000_000, "CNY")]),
        ("批准230亿泰铢的投资。", [(23_000_000_000, "THB")]),
        ("Northwind will invest $300 million in a plant.", [(300_000_000, "USD")]),
        ("公司获数千万元融资。", []),
        ("公司认缴3亿元参与设立基金，基金目标规模100亿元，首期70.01亿元。", [(300_000_000, "CNY")]),
        ("公司拟6亿元投建芯片产研基地。", [(600_000_000, "CNY")]),
        ("发布新战略，投54亿元支持自主品牌。", [(5_400_000_000, "CNY")]),
    ],
)
def test_the_sum_of_the_deal_is_chosen(sentence: str, expected: list[tuple[int, str]]) -> None:
    assert sums(sentence) == expected


def test_a_converted_sum_belongs_to_its_deal_and_yuan_come_first() -> None:
    (deal,) = deals(fold("出资20亿美元（约合人民币138亿元）建厂。"))
    assert [one.currency for one in deal.also] == ["CNY"]
    assert deal.best.cny_wan == 1_380_000


def test_of_several_sums_the_largest_in_yuan_says_most() -> None:
    best = largest(deals(fold("其中环保投资3500万元，总投资12亿元，另投资9亿美元。")))
    assert best is not None
    assert (int(best.best.value), best.best.currency) == (1_200_000_000, "CNY")
    assert largest([]) is None


def places(text: str) -> list[str]:
    return [place.name for place in find_places(fold(text)) if place.score > 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("拟在宜宾投资建厂", ["四川省宜宾市"]),
        ("落户四川省宜宾市翠屏区", ["四川省宜宾市翠屏区"]),
        ("工厂落户昆山", ["江苏省苏州市昆山市"]),
        ("在印度南部扩建组装厂", ["印度"]),
        ("德累斯顿的芯片厂", ["德国·德累斯顿"]),
        ("将在越南和印度生产", ["越南、印度"]),
        ("落户雄安新区", ["河北省·雄安新区"]),
        ("在深圳前海设立子公司", ["广东省深圳市·前海"]),
        ("項目落戶蘇州", ["江苏省苏州市"]),
        ("a new plant in Hungary", ["匈牙利"]),
        ("签署战略合作协议", []),
        ("深化合作市场开拓", []),
        ("中国平安和平与发展", []),
        ("长安汽车发布新车", []),
        ("在合作建设方面", []),
        ("新建一座工厂", []),
        ("惠民项目启动", []),
        ("北京时间今日凌晨", []),
        ("广州市企业家代表团来访", []),
        ("The Chinatown plan", []),
    ],
)
def test_a_place_is_named_and_a_word_is_no_place(text: str, expected: list[str]) -> None:
    assert places(text) == expected


def test_a_place_inside_the_name_of_a_firm_counts_less() -> None:
    text = fold("天津云帆电池在宜宾建厂")
    best = max(find_places(text, [(0, 6)]), key=lambda place: place.score)
    assert best.name == "四川省宜宾市"


def test_the_place_of_another_sentence_serves_a_sentence_without_one() -> None:
    (signal,) = find_signals("会议在云南玉溪市举行。北辰重工将投资3亿元扩建产线。北辰重工昨日落户玉溪市，天气晴。")[:1]
    assert signal.place == "云南省玉溪市"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("项目将于明年上半年投产", date(2027, 6, 30)),
        ("本月底前开工", date(2026, 11, 30)),
        ("下个月12日举行", date(2026, 12, 12)),
        ("2027年投产", date(2027, 12, 31)),
        ("2028年6月建成", date(2028, 6, 30)),
        ("预计三季度完成", date(2027, 9, 30)),
        ("年底前动工", date(2026, 12, 31)),
        ("两年内建成", date(2028, 11, 20)),
        ("18个月后投产", date(2028, 5, 13)),
        ("“十五五”期间投资", date(2030, 12, 31)),
        ("1月3日开工", date(2027, 1, 3)),
        ("昨日签约", date(2026, 11, 19)),
        ("2026年2月30日开工", None),
        ("production starts by the end of 2028", date(2028, 12, 31)),
        ("to open in March 2027", date(2027, 3, 31)),
        ("公司成立于2010年", None),
        ("1月26日消息", None),
        ("投资2000万元", None),
        ("年产12000年套,2000年投产", None),
        ("it may invest in 2000 stores", None),
        ("output rises from 2000 to 3000 tonnes by 2030", date(2030, 12, 31)),
        ("a market of separate decisions", None),
        ("production starts in Sept. 2027", date(2027, 9, 30)),
        ("天气晴", None),
    ],
)
def test_the_day_of_the_event_is_counted_from_the_day_of_publication(sentence: str, expected: date | None) -> None:
    assert event_date(fold(sentence), PUBLISHED) == expected


def test_without_a_day_of_publication_only_whole_dates_are_known() -> None:
    assert event_date("明年上半年投产", None) is None
    assert event_date("2027年上半年投产", None) == date(2027, 6, 30)


def test_the_day_of_the_plan_comes_before_the_day_of_the_report() -> None:
    assert event_date("11月19日签约,项目将于2028年6月建成投产", PUBLISHED) == date(2028, 6, 30)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("建设动力电池和碳酸锂项目，动力电池年产30GWh", "C38"),
        ("扩建芯片厂", "C39"),
        ("an electric vehicle plant", "C36"),
        ("rechipping", None),
        ("召开会议", None),
    ],
)
def test_the_industry_is_read_from_the_words(text: str, code: str | None) -> None:
    assert industry_of(fold(text)) == code


def test_every_industry_of_the_words_stands_in_the_standard() -> None:
    assert set(words().codes) <= set(industries())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("现有深圳、赣州两座工厂的产能利用率超过95%。", []),
        ("目前公司在常州、包头两地设有生产基地，合计产能22吉瓦时。", []),
        ("现有长沙工厂产能已经排满，计划新建一座齿轮工厂。", []),
        ("公司将把现有东莞工厂搬迁至江西。", ["广东省东莞市", "江西省"]),
        ("公司在合肥建设工厂。", ["安徽省合肥市"]),
    ],
)
def test_a_plant_that_stands_already_is_not_where_the_event_is(text: str, expected: list[str]) -> None:
    assert [place.name for place in find_places(fold(text)) if place.score > 0] == expected


@pytest.mark.parametrize(
    "text", ["开工，建成后年产3万吨。", "目前年产能30万吨。", "过去年均投资3亿元。", "日本年产3万吨。"]
)
def test_words_that_only_touch_are_no_year(text: str) -> None:
    assert event_date(fold(text), PUBLISHED) is None


def test_a_post_of_personnel_is_not_the_trade_in_labour() -> None:
    assert industry_of(fold("翎羽声学人力资源负责人表示，微型扬声器产能将转移。")) == "C39"


def test_a_sentence_of_thousands_of_days_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def of_another(_sentence: str, found: re.Match[str]) -> bool:
        looked.append(found[0])
        return False

    monkeypatch.setattr("crm.signals.facts.datecues.of_another", of_another)
    assert event_date("1月1日" * 5000, date(2026, 11, 20)) == date(2027, 1, 1)
    assert len(looked) < 500
