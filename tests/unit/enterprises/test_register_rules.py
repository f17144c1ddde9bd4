from __future__ import annotations

import pytest

from crm.core.text import fold
from crm.enterprises.identifiers import clean_codes, stock_code
from crm.enterprises.lists import identify
from crm.enterprises.naming import names_of, plain_ticker
from crm.enterprises.rules import AliasKind, EnterpriseDraft, enterprise_problems, mask_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("600000", "600000.SH"),
        ("000001", "000001.SZ"),
        ("920001", "920001.BJ"),
        ("900901", "900901.SH"),
        ("SZ300750", "300750.SZ"),
        ("700.HK", "00700.HK"),
        ("0700.hk", "00700.HK"),
        ("００７００", "00700.HK"),
        ("TSM", "TSM"),
        ("六零零", None),
        ("", None),
    ],
)
def test_a_stock_code_is_kept_in_one_way_of_writing(typed: str, kept: str | None) -> None:
    assert stock_code(typed) == kept


def test_several_codes_are_kept_once_each() -> None:
    assert clean_codes("000002.SZ，02202.HK 000002") == "000002.SZ|02202.HK"


def test_a_credit_code_with_a_wrong_check_digit_is_refused() -> None:
    assert enterprise_problems(EnterpriseDraft("云岭电子有限公司", uscc="91350100M000100Y43")) == []
    problems = enterprise_problems(EnterpriseDraft("云岭电子有限公司", uscc="91350100M000100Y44"))
    assert [problem.field for problem in problems] == ["uscc"]


def test_an_address_that_is_not_a_web_address_is_refused() -> None:
    for website in ("javascript:alert(1)", "www.example.cn", "http://", "https://[1"):
        problems = enterprise_problems(EnterpriseDraft("云岭电子有限公司", website=website))
        assert [problem.key for problem in problems] == ["enterprise.website"]


def test_a_list_is_the_same_list_under_any_of_its_names() -> None:
    assert identify("世界500强").key == identify("fortune_global_500").key == "fortune_global_500"
    assert identify("民营500强").key == identify("acfic_private_500").key == "private_500"
    assert identify("fortune_china_500").key == "china_500"


def test_a_list_of_our_own_keeps_its_name_and_its_key() -> None:
    own = identify("云溪县重点企业 2026")
    assert own.name == "云溪县重点企业 2026"
    assert own.key == identify("云溪县重点企业　2026").key
    assert own.key != identify("云溪县重点企业 2025").key


def test_a_registered_name_also_gives_the_name_without_its_legal_suffix() -> None:
    names = names_of("云岭新材料股份有限公司", "YUNLING", [("云岭新材", AliasKind.TICKER)])
    assert names[fold("云岭新材料")] == ("云岭新材料", AliasKind.SHORT)
    assert names["云岭新材"] == ("云岭新材", AliasKind.TICKER)
    assert names["yunling"] == ("YUNLING", AliasKind.ENGLISH)


def test_a_listed_company_is_called_by_its_plain_ticker() -> None:
    assert plain_ticker(["*ST云岭", "云岭"]) == "云岭"
    assert plain_ticker(["云岭A", "云岭"]) == "云岭"
    assert plain_ticker(["云岭A"]) == "云岭A"


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "+86****5678"),
        ("87654321", "****4321"),
        ("6534-1234", "****1234"),
        ("065341234", "0****1234"),
        ("12345", "*****"),
        ("123-4567", "********"),
    ],
)
def test_a_masked_number_hides_four_digits_at_least(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked
