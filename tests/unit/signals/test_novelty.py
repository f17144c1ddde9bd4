"""Only a fact nobody printed before is new."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crm.signals.novelty import Claim, Told

FIRST = "云岭电子公告，拟投资12亿元在云溪县新建智能终端工厂，一期工程计划明年三月开工。"
KNOWN = SimpleNamespace(amount_value=1_200_000_000, amount_currency="CNY", place="江南省云溪县", event_date=None)


def fresh(quote: str, **facts: object) -> list[tuple[str, str]]:
    return Told([KNOWN], FIRST).new_facts(Claim(quote, **facts))  # type: ignore[arg-type]  # facts as keywords


def test_a_sum_that_nobody_named_is_new() -> None:
    quote = "公司补充公告称，将追加投资8亿元，用于三期厂房。"
    assert fresh(quote, value=Decimal(800_000_000), currency="CNY") == [("amount", "8亿")]


def test_the_end_of_a_longer_number_is_not_the_number() -> None:
    assert fresh("公司称将追加投资2亿元。", value=Decimal(200_000_000), currency="CNY") == [("amount", "2亿")]


@pytest.mark.parametrize(
    ("quote", "value", "currency"),
    [
        (
            "云岭电子公告,拟投资12亿元在云溪县新建智能终端工厂",
            1_300_000_000,
            "CNY",
        ),  # the same sentence, read otherwise
        ("据悉，该项目投资约12 亿元。", 1_200_000_000, "CNY"),  # known
        ("据悉，该项目投资约12.03亿元。", 1_203_000_000, "CNY"),  # the same within rounding
        ("项目由云岭电子投资12亿元。", 12_000_000_000, "CNY"),  # misread: the words are old
        ("项目由云岭电子投资建设。", None, None),
    ],
)
def test_a_known_or_misread_sum_is_not(quote: str, value: int | None, currency: str | None) -> None:
    assert fresh(quote, value=None if value is None else Decimal(value), currency=currency) == []


def test_another_currency_is_another_sum() -> None:
    quote = "it will invest 1.2 billion dollars in the plant"
    assert fresh(quote, value=Decimal(1_200_000_000), currency="USD") == [("amount", "1.2billion")]


def test_places_and_days_are_new_when_their_words_are() -> None:
    assert fresh("二期选址岭南省桥储市。", place="岭南省桥储市") == [("place", "岭南省桥储市")]
    assert fresh("工厂就在云溪。", place="江南省云溪县") == []
    assert fresh("工厂就在云溪县城。", place="江南省大岭市云溪县") == []
    assert fresh("二期6月18日开工。", day=date(2027, 6, 18)) == [("date", "6月18日")]
    assert fresh("一期明年开工。", day=date(2027, 3, 1)) == []
