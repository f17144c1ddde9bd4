"""Amounts of money and land in ledgers: read with the unit of the cell or the heading, exact, into 万元 and 亩."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from crm.core.money import CURRENCIES, half_up

SCALES = {
    "": Decimal(1),
    "千": Decimal(10) ** 3,
    "万": Decimal(10) ** 4,
    "百万": Decimal(10) ** 6,
    "千万": Decimal(10) ** 7,
    "亿": Decimal(10) ** 8,
}
WAN = Decimal(10_000)
FINE = 6
LARGEST_WAN = Decimal(100_000_000)  # 1 万亿元
LARGEST_MU = Decimal(1_000_000)
SQUARE_METRES_OF_THREE_MU = Decimal(2000)
LANDS = {
    "亩": "亩",
    "mu": "亩",
    "平方米": "平方米",
    "平米": "平方米",
    "㎡": "平方米",
    "m2": "平方米",
    "平方": "平方米",
    "公顷": "公顷",
    "ha": "公顷",
}
NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
MONEY = re.compile(
    rf"(?:人民币|约|[￥¥])*\s*(?P<front>[a-z$€£]{{1,4}})?\s*(?P<number>{NUMBER})\s*(?P<unit>[^\d]*)", re.IGNORECASE
)
UNIT = re.compile(r"(?P<scale>百万|千万|万|亿|千)?(?P<currency>.*)")
UNREADABLE = "“%(value)s”不是金额，请写成数字，例如 1200 或 1200万元。"
NOTHING_SAID = re.compile(r"[-—/]*|无|暂无|没有|面议|待定|未定|不详|未知|保密")
BELOW_ZERO = "金额“%(value)s”是负数，请改正。"
FOREIGN = "外币未折算：“%(value)s”请折成人民币再填，或清空这一格。"
HUGE = "“%(value)s”折合 %(wan)s 万元，大得不像万元，请核对单位。"
BAD_LAND = "“%(value)s”不是面积，请写成数字，例如 50 或 50亩。"
HUGE_LAND = "“%(value)s”折合 %(mu)s 亩，大得不像用地，请核对单位。"


class AmountError(ValueError):
    """A cell that gives no amount; ``doubt`` when a person may leave it as it is."""

    def __init__(self, message: str, *, doubt: bool = False, **params: object) -> None:
        """Keep the Chinese msgid and what fills it."""
        super().__init__(message)
        self.message, self.doubt, self.params = message, doubt, params


def unit_in(text: str) -> str:
    """Name the unit a heading or a choice means (``单位：万元`` gives 万元), blank for none."""
    plain = unicodedata.normalize("NFKC", text).strip().lower().split(":")[-1].strip()
    if plain in LANDS:
        return LANDS[plain]
    found = UNIT.fullmatch(plain)
    if found and (found["currency"] in CURRENCIES or (found["scale"] and not found["currency"])):
        return plain
    return ""


def wan(text: str, unit: str) -> Decimal | None:
    """Read an amount into 万元 (six decimals: one fen); None when blank. Raise AmountError.

    The unit in the cell goes before that of the column; without either it is 万元.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if NOTHING_SAID.fullmatch(plain):
        return None
    found = MONEY.fullmatch(plain)
    if not found:
        raise AmountError(UNREADABLE, value=text)
    number = Decimal(found["number"].replace(",", ""))
    said = found["unit"].strip().lower().rstrip("。.")
    scale, currency = _unit(said, unit, text)
    if found["front"]:
        currency = CURRENCIES.get(found["front"].lower(), "?")
    if currency != "CNY":
        raise AmountError(FOREIGN, doubt=True, value=text)
    if number < 0:
        raise AmountError(BELOW_ZERO, value=text)
    amount = half_up(number * scale / WAN, FINE)
    if amount >= LARGEST_WAN:
        raise AmountError(HUGE, doubt=True, value=text, wan=f"{amount:,.0f}")
    return amount


def _unit(said: str, unit: str, text: str) -> tuple[Decimal, str]:
    given = said or unit or "万元"
    found = UNIT.fullmatch(unicodedata.normalize("NFKC", given).lower())
    if not found:
        raise AmountError(UNREADABLE, value=text)
    scale, currency = SCALES[found["scale"] or ""], found["currency"]
    if not said.strip() and not found["currency"] and not found["scale"]:
        return WAN, "CNY"
    if currency and currency not in CURRENCIES:
        raise AmountError(UNREADABLE, value=text)
    return scale, CURRENCIES.get(currency, "CNY")


def mu(text: str, unit: str) -> Decimal | None:
    """Read an area into 亩 (six decimals; 1 亩 is 2000/3 平方米); None when blank. Raise AmountError."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if NOTHING_SAID.fullmatch(plain):
        return None
    found = re.fullmatch(rf"约?\s*(?P<number>{NUMBER})\s*(?P<scale>万)?(?P<unit>[^\d].*)?", plain.replace("m2", "㎡"))
    said = (found["unit"] or "").strip() if found else ""
    many = bool(found and found["scale"])
    name = LANDS.get(said or unit or ("" if many else "亩"), "平方米" if said == "㎡" else "")
    if not found or not name or Decimal(found["number"].replace(",", "")) < 0:
        raise AmountError(BAD_LAND, value=text)
    number = Decimal(found["number"].replace(",", ""))
    times = {"亩": Decimal(1), "平方米": Decimal(3) / SQUARE_METRES_OF_THREE_MU, "公顷": Decimal(15)}[name]
    area = half_up(number * (WAN if many else 1) * times, FINE)
    if area >= LARGEST_MU:
        raise AmountError(HUGE_LAND, doubt=True, value=text, mu=f"{area:,.0f}")
    return area


def built(text: str, unit: str) -> tuple[Decimal, str] | None:
    """Read an area of a building as its number and unit: 平方米, 万平方米 or one of land; None for what is none.

    The unit in the cell goes before that of the column; without either it is blank.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace("m2", "㎡")
    found = re.fullmatch(rf"约?\s*(?P<number>{NUMBER})\s*(?P<scale>万)?(?P<unit>[^\d].*)?", plain)
    if found is None:
        return None
    said = (found["unit"] or "").strip()
    name = "平方米" if said == "㎡" else LANDS.get(said or unit, "" if not (said or unit) else said)
    if found["scale"]:
        name = "万平方米" if name in {"", "平方米"} else f"万{name}"
    return Decimal(found["number"].replace(",", "")), name
