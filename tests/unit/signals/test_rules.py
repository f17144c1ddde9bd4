"""Signals: a quoted sentence, the right kind, the right enterprise. All texts are invented."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.enterprises.rules import AliasKind
from crm.linking.matcher import Alias, AliasIndex
from crm.signals.rules import (
    KIND_LABELS,
    SEED_CLASSES,
    Signal,
    SignalKind,
    detect,
    find_signals,
    sentences,
)

INDEX = AliasIndex.build(
    [
        Alias("华鼎电池", 1, AliasKind.BRAND),
        Alias("北辰重工", 2, AliasKind.BRAND),
        Alias("海棠证券", 3, AliasKind.BRAND),
    ]
)


def signals(title: str, body: str = "") -> list[Signal]:
    return detect(title, body, INDEX.find(title), INDEX.find(body))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("RELO", "华鼎电池将把苏州工厂的部分产能转移至宜春。"),
        ("RELO", "公司总部将从沿海整体搬迁到中部地区。"),
        ("RELO", "新工厂选址已经缩小到三个县。"),
        ("CAPX", "华鼎电池拟投资25亿元建设储能电池生产基地。"),
        ("CAPX", "項(xiàng)目總投資50億元，于昨日正式開工建設。"),
        ("CAPX", "北辰重工收购一家机器人企业六成股权。"),
        ("CAPX", "公司完成两亿元B轮融资。"),
        ("SUPP", "华鼎电池进入多家整车企业的供应链。"),
        ("SUPP", "公司为新能源车企提供电池模组。"),
        ("SUPP", "园区引来十多家上下游配套企业。"),
        ("NEG", "因环保不达标，工厂已停产两周。"),
        ("NEG", "公司因信息披露违规被证监会立案调查。"),
        ("NEG", "法院裁定公司进入破产重整程序。"),
        ("NEG", "公司近日被列为被执行人，执行标的约三千万元。"),
        ("COOP", "双方签署战略合作协议。"),
        ("EXEC", "市长会见北辰重工董事长一行。"),
        ("EXEC", "董事会聘任李明为公司总经理。"),
        ("LAND", "公司以三千万元竞得一宗工业用地。"),
        ("ORDR", "北辰重工中标地铁盾构机项目。"),
    ],
)
def test_a_plain_sentence_gives_its_kind(kind: str, sentence: str) -> None:
    assert SignalKind(kind) in {signal.kind for signal in find_signals(sentence)}


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("CAPX", "公司表示不会收购任何同行。"),
        ("NEG", "公司回应称，工厂没有停产。"),
        ("NEG", "停产传闻不实。"),
        ("RELO", "公司否认将整体搬迁。"),
        ("CAPX", "公司回购股份并计划投资理财产品，质押比例下降。"),
        ("CAPX", "上半年净利润同比增长，主要因为新建生产线达产。"),
        ("CAPX", "外地人落户有了新要求。"),
        ("CAPX", "深交所终止其IPO审核。"),
        ("NEG", "球迷围堵，上港被开罚单。"),
    ],
)
def test_a_denial_or_another_context_gives_no_such_signal(kind: str, sentence: str) -> None:
    assert SignalKind(kind) not in {signal.kind for signal in find_signals(sentence)}


def test_the_quote_is_the_sentence_and_its_offsets_are_exact() -> None:
    body = "天气晴。 昨天，华鼎电池宣布投资3亿元建厂！股价上涨。"
    (signal,) = signals("行业快讯", body)
    assert signal.quote == "昨天，华鼎电池宣布投资3亿元建厂！"
    assert body[signal.start : signal.end] == signal.quote
    assert (signal.part, signal.enterprise_id, signal.amount_wan) == ("body", 1, Decimal(30_000))


def test_the_enterprise_of_the_sentence_comes_before_the_subject_of_the_title() -> None:
    (signal,) = signals("华鼎电池召开年会", "会上，北辰重工宣布在当地投资建厂。")
    assert (signal.enterprise_id, signal.reasons[-1]) == (2, "named_in_sentence")


def test_a_sentence_without_a_name_is_about_the_subject_of_the_title_with_less_weight() -> None:
    (signal,) = signals("华鼎电池召开年会", "公司将在当地投资建厂。")
    assert (signal.enterprise_id, signal.reasons[-1]) == (1, "subject_of_title")
    assert signal.weight < 0.9


def test_without_a_title_subject_the_enterprise_named_last_is_meant() -> None:
    (signal,) = signals("快讯", "北辰重工董事会昨日开会。公司将投资建厂。")
    assert (signal.enterprise_id, signal.reasons[-1]) == (2, "named_before")


def test_a_sentence_about_nobody_on_the_list_gives_no_signal() -> None:
    assert signals("快讯", "某公司将投资建厂。") == []


@pytest.mark.parametrize("body", ["海棠证券认为，华鼎电池将扩产。", "据海棠证券，华鼎电池将扩产。"])
def test_a_broker_who_only_speaks_gets_no_signal(body: str) -> None:
    assert {signal.enterprise_id for signal in signals("研报", body)} == {1}


def test_one_signal_per_kind_and_enterprise_the_strongest() -> None:
    body = "华鼎电池完成新一轮融资。华鼎电池总投资10亿元的项目开工。"
    (signal,) = [found for found in signals("快讯", body) if found.kind is SignalKind.CAPX]
    assert signal.amount_wan == Decimal(100_000)


def test_the_deal_is_taken_and_the_output_value_is_not() -> None:
    (signal,) = find_signals("项目总投资20亿元，达产后年产值50亿元。")
    assert signal.amount_wan == Decimal(200_000)


def test_revenue_in_the_sentence_is_no_deal_amount() -> None:
    assert {signal.amount for signal in find_signals("年营收80亿元的企业将在当地投资建厂。")} == {None}


def test_every_kind_has_a_chinese_name() -> None:
    assert set(KIND_LABELS) == set(SignalKind)
    assert [KIND_LABELS[kind] for kind in SEED_CLASSES] == ["产业转移", "资本扩张", "产品配套", "负面"]


@given(st.text(max_size=80))
def test_sentences_are_disjoint_and_hold_every_visible_character(text: str) -> None:
    spans = sentences(text)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)


@given(st.text(alphabet="华鼎电池拟投资停产3亿元，。！没有(tuán)團 \n", max_size=60))
def test_every_signal_can_be_found_again_in_its_text(body: str) -> None:
    for signal in signals("", body):
        assert body[signal.start : signal.end] == signal.quote
