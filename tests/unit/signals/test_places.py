"""Where the event is, told apart from places that only name a firm, a paper or an owner. All texts are invented."""

from __future__ import annotations

import pytest

from crm.core.text import fold
from crm.signals.facts.found import event_places
from crm.signals.facts.placecues import SURE
from crm.signals.facts.places import find_places
from crm.signals.rules import find_signals


def sure(text: str) -> list[str]:
    return [place.name for place in find_places(fold(text)) if place.score >= SURE]


def possible(text: str) -> list[str]:
    return [place.name for place in find_places(fold(text)) if place.score >= 0]


@pytest.mark.parametrize(
    "text",
    [
        "控股子公司江苏云帆食品科技有限公司主要从事研发。",
        "考察团代表、山东鼎岭工业集团董事长表示。",
        "公司与株洲云帆半导体公司合资。",
        "公司与上海临帆签署转让协议。",
        "宁德云帆宣布发布新电池。",
        "县长孙广东在致辞中指出。",
        "延安云康今日发布公告，股票复牌。",
        "广州云帆(600123)中标一个项目。",
        "子公司江苏云帆输电线科技有限公司预中标一批招标项目。",
        "据台湾工商时报消息，产能紧张。",
        "据南京有色网报价，锂价上涨。",
        "韩国综合指数走低。",
        "贵州省委常委到公司调研。",
        "美国机器人配送平台发布新品。",
        "德国芯片制造商云帆表示将降低成本。",
        "美国投资机构云帆宣布完成交割。",
        "亚洲（除日本外）的发行减少。",
        "产品获广东省药监局批准。",
        "以北京冬奥会为契机发布新车。",
    ],
)
def test_the_name_of_a_firm_a_paper_or_an_owner_is_not_where_the_event_is(text: str) -> None:
    assert possible(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("公司拟出资设立江西云帆材料有限公司", ["江西省"]),
        ("近日，上海云帆智慧交通科技有限公司成立", ["上海市"]),
        ("惠州云帆电子有限公司又启动了裁员", ["广东省惠州市"]),
    ],
)
def test_a_firm_that_is_founded_or_closes_is_where_its_name_says(text: str, expected: list[str]) -> None:
    assert sure(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "在本轮融资中的投资金额为一亿元",
        "同意向银河源汇投资",
        "三明治工厂",
        "向南通报情况后签约项目",
    ],
)
def test_a_name_that_tears_words_is_no_place(text: str) -> None:
    assert possible(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("公司中标莆田市智能水表采购项目", ["福建省莆田市"]),
        ("深圳正式启动收购存量住房", ["广东省深圳市"]),
        ("云霄全县签约项目17个", ["福建省漳州市云霄县"]),
        ("山西运城在过去两年吸引近400个转移项目", ["山西省运城市"]),
        ("建设地点：杨凌示范区", ["陕西省·杨凌示范区"]),
        ("晨星网上海总部已经搬空", ["上海市"]),
        ("秘鲁政府尚未就铜矿复工达成协议", ["秘鲁"]),
        ("株洲2台机组扩能升级改造项目获得核准", ["湖南省株洲市"]),
        ("合肥警方通报云帆理财案", ["安徽省合肥市"]),
        ("丰泽区委书记带队走访企业", ["福建省泉州市丰泽区"]),
        ("珠海市横琴新区", ["广东省珠海市·横琴"]),
        ("一批项目落户中新广州知识城", ["广东省广州市·中新广州知识城"]),
        ("项目落户两江新区", ["重庆市·两江新区"]),
        ("宣布献县一季度重点项目集中开工", ["河北省沧州市献县"]),
        ("推进“四个泾县”建设", ["安徽省宣城市泾县"]),
        ("建设地点：甘肃省张掖市高台县罗城镇盐池工业园内", ["甘肃省张掖市高台县"]),
    ],
)
def test_words_around_a_name_say_that_the_event_is_there(text: str, expected: list[str]) -> None:
    assert sure(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a new packaging plant in Penang", ["马来西亚·槟城"]),
        ("will build a factory in Hefei", ["安徽省合肥市"]),
        ("Zhejiang Yunfan Cobalt Co. plans a plant in Hungary", ["匈牙利"]),
        ("a filing to the Shenzhen Stock Exchange", []),
        ("美國亞利桑那州新廠動工", ["美国·亚利桑那"]),
        ("在義大利設廠", ["意大利"]),
        ("在桃園觀音區興建新廠", ["台湾省·桃园"]),
        ("將在台南市廠區內興建總部大樓", ["台湾省·台南"]),
        ("欧洲债市走弱", []),
    ],
)
def test_places_abroad_in_english_and_traditional_chinese(text: str, expected: list[str]) -> None:
    assert sure(text) == expected


def test_the_visitors_are_not_from_where_the_event_is() -> None:
    text = "天柱县委副书记、县长带队赴佛山市、中山市开展招商考察。"
    assert event_places(text, []) == ["广东省佛山市、广东省中山市"]


def test_places_of_one_sentence_are_given_together() -> None:
    text = "公司中标东莞市沙田医院系统服务项目、孝感市医疗保障局信用体系建设项目。"
    assert event_places(text, []) == ["广东省东莞市、湖北省孝感市"]
    listed = "公司中标辽宁省沈阳市，福建省龙岩市、厦门市等地的环卫项目。"
    assert event_places(listed, []) == ["辽宁省沈阳市、福建省龙岩市、福建省厦门市"]


def test_a_continent_serves_only_where_no_country_is_named() -> None:
    assert event_places("拟在欧洲建厂。", []) == ["欧洲"]
    assert event_places("拟在欧洲建厂。首座工厂落户西班牙。", []) == ["西班牙"]


def test_of_a_long_list_the_first_six_are_kept() -> None:
    (place,) = event_places("在北京、上海、天津、重庆、长沙、武汉、成都建设数据中心。", [])
    assert place == "北京市、上海市、天津市、重庆市、湖南省长沙市、湖北省武汉市"


def test_an_office_that_speaks_is_where_it_is() -> None:
    assert event_places("上海市发改委表示将推进建设。", []) == ["上海市"]
    assert event_places("上海临港今天宣布建设示范区。", []) == ["上海市·上海临港"]
    assert event_places("西城区表示将支持金融机构。", []) == ["北京市西城区"]


def test_a_weak_place_serves_only_where_none_is_sure() -> None:
    assert event_places("公司与包头开展合作。", []) == ["内蒙古自治区包头市"]
    assert event_places("公司与包头开展合作。公司将在宜宾建厂。", []) == ["四川省宜宾市"]


def test_a_name_that_always_stands_before_the_same_word_is_a_product() -> None:
    assert event_places("介绍云帆小金卡。用户持云帆小金卡到网点办理云帆小金卡。", []) == []
    assert event_places("就山海关文化度假区交流。山海关旅游业态丰富。", []) == ["河北省秦皇岛市山海关区"]


def test_two_plants_of_one_sentence_stand_on_its_signal() -> None:
    (signal,) = find_signals("云帆电池将在泰国和马来西亚投资建厂。")
    assert signal.place == "泰国、马来西亚"
