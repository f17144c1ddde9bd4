"""Exact numbers of an assessment: fractions, so that no rank turns on how a machine rounds."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import floor
from unicodedata import normalize

Value = Fraction | str | bool | None
LARGEST_EXPONENT = 30
LARGEST_WHOLE, LARGEST_SHOWN = 10**31, 10**300
MOST_PLACES = 12
LONGEST = 80
_NUMBER = re.compile(r"([+-]?\d{1,30}(?:,\d{3})*(?:\.\d{1,30})?)\s*(%|％|‰)?")
_PARTS = {"": 1, "%": 100, "％": 100, "‰": 1000}
ZERO, ONE = Fraction(0), Fraction(1)


class TooLargeError(ValueError):
    """A number with an exponent nobody means."""


def read(raw: object) -> Value:
    """Turn a JSON value into a number, a word, a yes or no, or nothing; "96%" is a number, "" is nothing."""
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, int | Fraction):
        return _in_reason(Fraction(raw))
    if isinstance(raw, float | Decimal):
        return _of_decimal(Decimal(str(raw)))
    text = normalize("NFKC", str(raw)).strip()
    found = _NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    if found:
        return _in_reason(Fraction(found[1].replace(",", "")) / _PARTS[found[2] or ""])
    return text or None


def _in_reason(number: Fraction) -> Fraction:
    if abs(number) > LARGEST_WHOLE:
        shown_as = f"{float(min(abs(number), Fraction(LARGEST_SHOWN))):.3g}"
        raise TooLargeError(shown_as)
    return number


def _of_decimal(number: Decimal) -> Fraction:
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise TooLargeError(str(number))
    return Fraction(number)


def half_up(number: Fraction, places: int) -> Fraction:
    """Round half away from zero to so many decimals."""
    scale = 10**places
    whole = floor(abs(number) * scale + Fraction(1, 2))
    return Fraction(whole if number >= 0 else -whole, scale)


def shown(value: Value, places: int = 4) -> str:
    """Write a value the way people do: at most so many decimals, no zeros at the end."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None:
        return "空"
    if isinstance(value, str):
        return value
    rounded = half_up(value, places)
    digits = f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def as_json(number: Fraction, places: int) -> float | int:
    """Give a number for JSON, rounded half up."""
    rounded = half_up(number, places)
    return int(rounded) if rounded.denominator == 1 else float(rounded)
