"""Password hashing (argon2id) and the rule for new passwords."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm.core.errors import Problem

HASHER = PasswordHasher()
MINIMUM = 10
MAXIMUM = 128
COMMON = frozenset(
    {
        "1234567890",
        "12345678910",
        "0123456789",
        "1111111111",
        "password123",
        "password1234",
        "qwertyuiop",
        "1q2w3e4r5t",
        "qwerty123456",
        "zhaoshang123",
        "zhaoshangju",
        "admin12345",
        "administrator",
        "a123456789",
        "woaini1314520",
        "asdfghjkl;",
        "1qaz2wsx3edc",
    }
)


def hash_password(password: str) -> str:
    """Hash a password for storage."""
    return HASHER.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Compare in constant effort; an unknown account costs as much as a wrong password."""
    try:
        return HASHER.verify(stored or _absent(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(stored)


@cache
def _absent() -> str:
    return HASHER.hash("nobody has this password")


def password_problems(password: str, username: str) -> list[Problem]:
    """Reasons why a new password is refused; empty means it is good."""
    if len(password) < MINIMUM:
        text = "密码至少 %(minimum)s 个字符，可以用一句话。"
        return [Problem("password.short", text, "password", {"minimum": MINIMUM})]
    if len(password) > MAXIMUM:
        return [Problem("password.long", "密码最多 %(maximum)s 个字符。", "password", {"maximum": MAXIMUM})]
    plain = password.casefold()
    if plain in COMMON or len(set(plain)) < 4 or username.casefold() in plain:  # noqa: PLR2004 (four different characters)
        return [Problem("password.common", "这个密码太常见或包含用户名，请换一个。", "password")]
    return []
