"""Money: the thirty ways in which people write a sum, and the one in which we do."""

from decimal import Decimal

import pytest

from crm.core.money import format_wan, format_wan_exact, half_up, parse_amounts, percent, wan_cell


@pytest.mark.parametrize(
    ("text", "wan"),
    [
        ("总投资50亿元", "500000"),
        ("總投資50億元", "500000"),
        ("投资1.2亿多元", "12000"),
        ("投资八千五百万元", "8500"),
        ("三亿两千万元", "32000"),
        ("￥3.5亿", "35000"),
        ("人民币138亿元", "1380000"),
        ("121,540,000元", "12154"),
        ("注册资本１０００万元", "1000"),
        ("2000元人民币", "0.2"),
        ("总投资约50亿", "500000"),
        ("投资十二亿元", "120000"),
        ("两千万元", "2000"),
        ("9.73亿元人民币", "97300"),
        ("300余亿元", "3000000"),
        ("2000余万元", "2000"),
        ("20多亿元", "200000"),
        ("十余亿元", "100000"),
        ("投资1.5个亿", "15000"),
        ("1亿5000万元", "15000"),
        ("1亿5千万元", "15000"),
        ("人民币2亿元", "20000"),
    ],
)
def test_a_sum_in_yuan_is_read_in_wan(text: str, wan: str) -> None:
    (amount,) = parse_amounts(text)
    assert amount.currency == "CNY"
    assert amount.cny_wan == Decimal(wan)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("逾10亿美元", "1000000000", "USD"),
        ("879万欧元", "8790000", "EUR"),
        ("USD 1.2 billion", "1200000000", "USD"),
        ("6391亿日元", "639100000000", "JPY"),
        ("11亿港元", "1100000000", "HKD"),
        ("$300 million", "300000000", "USD"),
        ("RM14.6 billion", "14600000000", "MYR"),
        ("NT$255 billion", "255000000000", "TWD"),
        ("17.9 billion baht", "17900000000", "THB"),
        ("港币2亿元", "200000000", "HKD"),
        ("新台幣75億元", "7500000000", "TWD"),
        ("欧元3.2亿", "320000000", "EUR"),
        ("3.5亿瑞郎", "350000000", "CHF"),
    ],
)
def test_a_foreign_sum_keeps_its_currency_and_has_no_yuan(text: str, value: str, currency: str) -> None:
    (amount,) = parse_amounts(text)
    assert (amount.value, amount.currency, amount.cny_wan) == (Decimal(value), currency, None)


@pytest.mark.parametrize("text", ["10-12亿元", "10亿元~12亿元", "10亿到12亿元"])
def test_a_range_gives_both_ends(text: str) -> None:
    (amount,) = parse_amounts(text)
    assert (amount.cny_wan, amount.upper) == (Decimal(100_000), Decimal(1_200_000_000))


def test_two_currencies_in_one_clause_stay_apart() -> None:
    dollars, yuan = parse_amounts("20亿美元(约合人民币138亿元)")
    assert (dollars.currency, yuan.currency) == ("USD", "CNY")


def test_tens_of_millions_without_a_figure_are_marked_vague() -> None:
    (amount,) = parse_amounts("数千万元融资")
    assert amount.vague
    assert amount.cny_wan is None


@pytest.mark.parametrize("text", ["每亩14.3万元", "35.68元/股", "股价12元", "均价3.2万元"])
def test_a_price_per_unit_is_marked(text: str) -> None:
    (amount,) = parse_amounts(text)
    assert amount.per_unit


@pytest.mark.parametrize("text", ["2022年1月", "万元", "多元化发展", "年产25000吨", "增长47%", "投资3.2亿股"])
def test_what_is_no_money_is_left_alone(text: str) -> None:
    assert parse_amounts(text) == []


def test_the_span_of_a_sum_is_the_sum() -> None:
    text = "计划投资 2.54亿元 建厂"
    (amount,) = parse_amounts(text)
    assert text[amount.start : amount.end] == "2.54亿元"


@pytest.mark.parametrize(
    ("wan", "shown"),
    [
        ("14000", "1.4亿元"),
        ("5000", "5,000万元"),
        ("9999.5", "1亿元"),
        ("9999.4", "9,999万元"),
        ("10500", "1.1亿元"),
        ("0", "0万元"),
        ("-20000", "-2亿元"),
        ("12345678", "1,234.6亿元"),
    ],
)
def test_sums_are_shown_in_yi_or_wan_half_up(wan: str, shown: str) -> None:
    assert format_wan(Decimal(wan)) == shown


@pytest.mark.parametrize(
    ("wan", "shown"), [("130999.3203", "130,999.32"), ("0", "0"), ("22000.00", "22,000"), ("0.005", "0.01")]
)
def test_a_cell_of_a_money_column_has_separators_and_two_decimals_at_most(wan: str, shown: str) -> None:
    assert wan_cell(Decimal(wan)) == shown


def test_the_exact_form_keeps_every_digit() -> None:
    assert format_wan_exact(Decimal("14000.25")) == "14,000.25万元"


@pytest.mark.parametrize(
    ("done", "target", "shown"), [(93, 192, "48.4%"), (171, 358, "47.8%"), (0, 5, "0.0%"), (1, 0, None)]
)
def test_a_rate_has_one_decimal_and_none_without_a_target(done: int, target: int, shown: str | None) -> None:
    assert percent(done, target) == shown


def test_halves_go_away_from_zero() -> None:
    assert half_up(Decimal("2.25"), 1) == Decimal("2.3")
    assert half_up(Decimal("-2.25"), 1) == Decimal("-2.3")
