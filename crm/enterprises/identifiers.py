"""How an enterprise is told apart: credit codes with their check digit, stock codes with their exchange. Pure."""

from __future__ import annotations

import re
import unicodedata

SEPARATOR = "|"
STOCK_CODE = re.compile(r"[A-Z0-9]{1,8}(\.[A-Z]{1,4})?")
BOARD_FIRST = re.compile(r"(SH|SZ|BJ|HK)\.?(\d{5,6})")
MAINLAND = re.compile(r"\d{6}")
HONG_KONG = re.compile(r"\d{1,5}\.HK|\d{4,5}")
BOARDS = {"6": "SH", "900": "SH", "0": "SZ", "2": "SZ", "3": "SZ", "4": "BJ", "8": "BJ", "920": "BJ"}
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
USCC_LENGTH = 18


def uscc_is_valid(code: str) -> bool:
    """Check an 18-character unified social credit code (统一社会信用代码, GB 32100-2015)."""
    if len(code) != USCC_LENGTH or any(char not in USCC_ALPHABET for char in code):
        return False
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(code, USCC_WEIGHTS, strict=False))
    return USCC_ALPHABET[(31 - total % 31) % 31] == code[-1]


def clean_uscc(code: str | None) -> str | None:
    """Write a credit code as it is printed: full-width and spaces out, upper case; None when blank."""
    return unicodedata.normalize("NFKC", code or "").replace(" ", "").upper() or None


def stock_code(text: str) -> str | None:
    """Write a stock code as ``000001.SZ``; None for what is not one.

    A bare mainland code gets its exchange from its first digits; five digits are Hong Kong.
    """
    code = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    turned = BOARD_FIRST.fullmatch(code)
    if turned:
        code = f"{turned[2]}.{turned[1]}"
    if HONG_KONG.fullmatch(code):
        return f"{code.removesuffix('.HK').zfill(5)}.HK"
    if MAINLAND.fullmatch(code):
        board = BOARDS.get(code[:3]) or BOARDS.get(code[0])
        return f"{code}.{board}" if board else None
    return code if STOCK_CODE.fullmatch(code) else None


def split_codes(text: str | None) -> tuple[str, ...]:
    """Cut ``000002.SZ|02202.HK`` (or with commas, spaces) into codes as typed."""
    return tuple(part for part in re.split(r"[|,，、;；/\s]+", text or "") if part)


def clean_codes(text: str | None) -> str | None:
    """Normalise a list of stock codes for storage; None when blank. Unreadable ones must be refused before."""
    codes = dict.fromkeys(code for part in split_codes(text) if (code := stock_code(part)))
    return SEPARATOR.join(codes) or None
