"""Vocabulary of the register: alias kinds, credit code check, masking."""

from __future__ import annotations

from enum import StrEnum

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
USCC_LENGTH = 18
PHONE_VISIBLE_HEAD = 3
PHONE_VISIBLE_TAIL = 4


class AliasKind(StrEnum):
    """Where a name of an enterprise comes from."""

    FULL = "full"
    SHORT = "short"
    BRAND = "brand"
    FORMER = "former"
    ENGLISH = "english"
    TICKER = "ticker"


def uscc_is_valid(code: str) -> bool:
    """Check an 18-character unified social credit code (统一社会信用代码, GB 32100-2015)."""
    if len(code) != USCC_LENGTH or any(char not in USCC_ALPHABET for char in code):
        return False
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(code, USCC_WEIGHTS, strict=False))
    return USCC_ALPHABET[(31 - total % 31) % 31] == code[-1]


def mask_phone(phone: str) -> str:
    """Hide the middle of a phone number: ``13812345678`` becomes ``138****5678``."""
    if len(phone) <= PHONE_VISIBLE_HEAD + PHONE_VISIBLE_TAIL:
        return "*" * len(phone)
    return f"{phone[:PHONE_VISIBLE_HEAD]}****{phone[-PHONE_VISIBLE_TAIL:]}"


def mask_email(email: str) -> str:
    """Hide the local part of an address: ``wangwei@x.cn`` becomes ``w***@x.cn``."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}" if domain else "***"
