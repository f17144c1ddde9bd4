"""The lines that the command for texts writes. All names and texts are invented."""

from __future__ import annotations

from datetime import date

import pytest

from crm.cli.analyse import day_of, findings
from crm.enterprises.rules import AliasKind
from crm.linking.matcher import Alias, AliasIndex

INDEX = AliasIndex.build([Alias("华鼎电池股份有限公司", 1, AliasKind.FULL), Alias("华鼎电池", 1, AliasKind.BRAND)])
NAMES = {1: "华鼎电池股份有限公司"}


def test_a_signal_is_written_with_all_its_facts() -> None:
    text = "华鼎电池股份有限公司拟在四川宜宾投资25亿元建设储能电池基地，预计明年上半年投产。"
    (line,) = findings(INDEX, NAMES, text, date(2026, 11, 20))["signals"]
    assert line["enterprise"] == "华鼎电池股份有限公司"
    assert line["amount"] == {"value": 2_500_000_000.0, "currency": "CNY", "cny_wan": 250_000.0}
    assert (line["kind"], line["place"], line["date"], line["industry"]) == (
        "CAPX",
        "四川省宜宾市",
        "2027-06-30",
        "C38",
    )
    assert line["quote"] == text
    assert "review" not in line


def test_a_deal_in_two_currencies_gives_a_line_for_each() -> None:
    lines = findings(INDEX, NAMES, "华鼎电池股份有限公司出资20亿美元（约合人民币138亿元）建厂。")["signals"]
    assert [line["amount"]["currency"] for line in lines] == ["USD", "CNY"]


def test_a_signal_of_a_stranger_has_no_enterprise() -> None:
    (line,) = findings(INDEX, NAMES, "某某实业有限公司完成新一轮融资。")["signals"]
    assert (line["enterprise"], line["amount"]) == (None, None)


def test_a_line_without_a_sum_is_left_out_beside_one_with_a_sum() -> None:
    text = "华鼎电池股份有限公司将投资建厂。华鼎电池股份有限公司总投资3亿元的项目开工。"
    (line,) = findings(INDEX, NAMES, text)["signals"]
    assert line["amount"]["cny_wan"] == 30_000.0


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-11-20T23:30:00Z", date(2026, 11, 21)),
        ("2026-11-20T23:30:00", date(2026, 11, 20)),
        ("yesterday", None),
        (None, None),
        (7, None),
    ],
)
def test_the_day_of_publication_is_that_of_shanghai(value: object, day: date | None) -> None:
    assert day_of(value) == day
