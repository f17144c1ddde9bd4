"""Personal data at rest: sealed with AES-256-GCM, found again by a keyed digest, never by its text.

The key is ``YINFENG_DATA_KEY`` or ``data.key`` in the data folder. A process names it once, with
:func:`use`, before it opens the database. The scheme stands in front of each sealed text, so that
another cipher (SM4) can be added beside this one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

SCHEME = "a1:"
NONCE = 12
BLIND_LENGTH = 40


class VaultError(RuntimeError):
    """The key is missing, or it is not the one the data was sealed with."""


class Vault:
    """Seals and opens texts with keys derived from one secret."""

    def __init__(self, secret: str) -> None:
        """Derive one key for sealing and one for digests."""
        self._cipher = AESGCM(_derive(secret, b"yinfeng seal"))
        self._blind_key = _derive(secret, b"yinfeng blind")

    def seal(self, text: str) -> str:
        """Return the sealed form; the same text gives another one each time."""
        nonce = os.urandom(NONCE)
        return SCHEME + base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), None)).decode()

    def open(self, sealed: str) -> str:
        """Return the text; raise VaultError when key and data do not belong together."""
        if not sealed.startswith(SCHEME):
            message = "this value was never sealed"
            raise VaultError(message)
        raw = base64.b64decode(sealed[len(SCHEME) :])
        try:
            return self._cipher.decrypt(raw[:NONCE], raw[NONCE:], None).decode()
        except InvalidTag as error:
            message = "YINFENG_DATA_KEY is not the key this database was sealed with"
            raise VaultError(message) from error

    def blind(self, text: str) -> str:
        """Return a keyed digest, equal for equal texts: to look a number up without keeping it."""
        return hmac.new(self._blind_key, text.encode(), hashlib.sha256).hexdigest()[:BLIND_LENGTH]


def _derive(secret: str, purpose: bytes) -> bytes:
    return hmac.new(secret.encode(), purpose, hashlib.sha256).digest()


class _Holder:
    vault: Vault | None = None


def use(secret: str) -> None:
    """Name the key of this process."""
    _Holder.vault = Vault(secret)


def current() -> Vault:
    """Return the vault of this process; raise VaultError when nobody named the key."""
    if _Holder.vault is None:
        message = "no data key: call crm.core.vault.use() before the database is opened"
        raise VaultError(message)
    return _Holder.vault


class Sealed(TypeDecorator[str]):
    """A text that the database holds in sealed form only."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (signature of TypeDecorator)
        """Seal on the way in."""
        return None if value is None else current().seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (signature of TypeDecorator)
        """Open on the way out."""
        return None if value is None else current().open(value)
