"""How a person is reached: phone and mail with the keys that find them again, always set together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import vault

if TYPE_CHECKING:
    from crm.enterprises.models import Contact

COUNTRY = "86"
TRUNK_LENGTH = 12
TAIL = 4
SHORTEST_WHOLE = 7


def phone_digits(text: str | None) -> str:
    """Give the digits of a number without the country code: ``+86 138-1234-5678`` is ``13812345678``."""
    digits = "".join(char for char in text or "" if char.isascii() and char.isdigit())
    digits = digits.removeprefix("00") if digits.startswith("00" + COUNTRY) else digits
    return digits[len(COUNTRY) :] if digits.startswith(COUNTRY) and len(digits) >= TRUNK_LENGTH else digits


def phone_key(text: str | None) -> str | None:
    """Digest that equal numbers share, however they are written; None without a digit."""
    digits = phone_digits(text)
    return vault.current().blind(digits) if digits else None


def email_key(text: str | None) -> str | None:
    """Digest that equal addresses share; None when blank."""
    plain = (text or "").strip().lower()
    return vault.current().blind(plain) if plain else None


def reach_keys(phone: str | None, email: str | None) -> dict[str, str | None]:
    """Columns that follow from phone and mail: ``phone_key``, ``phone_tail``, ``email_key``."""
    return {
        "phone_key": phone_key(phone),
        "phone_tail": phone_digits(phone)[-TAIL:] or None,
        "email_key": email_key(email),
    }


def set_reach(row: Contact, phone: str | None, email: str | None) -> None:
    """Set phone and mail of a contact with their keys; blank means none. The only place that does so."""
    row.phone, row.email = phone or None, email or None
    for column, value in reach_keys(row.phone, row.email).items():
        setattr(row, column, value)
