"""What a crawl brings home: pages as they came, and failures with a stable reason."""

import base64
import hashlib
import sys
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from w3lib.url import canonicalize_url, url_query_cleaner

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_TRACKING = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "spm", "spm_id_from", "share_token")
_KEPT_OF_FAILED = 64 * 1024
_LEVEL = 2  # a quarter of the time of zlib at its fastest, and smaller


class Reason(StrEnum):
    """Why a page failed; the keys are stable, the application translates them."""

    HTTP_STATUS = "http_status"
    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECTION = "connection"
    REFUSED_ADDRESS = "refused_address"
    ROBOTS = "robots"
    TOO_LARGE = "too_large"
    CONTENT_TYPE = "content_type"
    NOT_A_FEED = "not_a_feed"
    NOT_A_SITEMAP = "not_a_sitemap"
    EMPTY_LIST = "empty_list"
    BAD_GZIP = "bad_gzip"
    REDIRECT_LOOP = "redirect_loop"
    DATA_LOSS = "data_loss"
    CONTENT_ENCODING = "content_encoding"
    ENTITIES = "entities"
    SPIDER_ERROR = "spider_error"
    BAD_URL = "bad_url"
    NOT_JSON = "not_json"
    NEEDS_SCRIPTS = "needs_scripts"
    SLOW_SELECTOR = "slow_selector"


@dataclass(slots=True)
class ArticlePage:
    """One fetched page: raw bytes packed, what the list said about it, and how it came.

    `reading` says how to read it (encoding, timezone); `parts` are further pages of the same article, in order.
    """

    url: str
    canonical_url: str
    url_hash: str
    request_hash: str
    listed_title: str
    listed_time: str
    status: int
    headers: dict[str, str]
    http_charset: str | None
    fetched_at: str
    body: str
    sha256: str
    size: int
    via: str
    fields: dict[str, str] = field(default_factory=dict)
    reading: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    parts_missing: bool = False

    def row(self) -> dict[str, Any]:
        """Give the line of the feed file."""
        return {"type": "article", **asdict(self)}


@dataclass(slots=True)
class FailedPage:
    """One address that gave no page, with a reason a person can act on."""

    url: str
    reason: Reason
    detail: str
    via: str = ""
    status: int | None = None
    fetched_at: str = ""
    body: str | None = None

    def row(self) -> dict[str, Any]:
        """Give the line of the feed file."""
        return {"type": "failed", **asdict(self)}


def pack(raw: bytes) -> str:
    """Compress bytes into ASCII text; `unpack` is the reverse."""
    return base64.b64encode(zstd.compress(raw, _LEVEL)).decode("ascii")


def unpack(packed: str) -> bytes:
    """Give back the bytes of `pack`."""
    return zstd.decompress(base64.b64decode(packed))


def pack_sample(raw: bytes) -> str | None:
    """Pack the beginning of a failed page's bytes; None when there are none."""
    return pack(raw[:_KEPT_OF_FAILED]) if raw else None


def normal_url(url: str) -> str:
    """Give one spelling of an address: sorted query, no fragment, no tracking parameters."""
    return str(canonicalize_url(url_query_cleaner(url, _TRACKING, remove=True, unique=False)))


def url_hash(url: str) -> str:
    """Give the SHA-256 hex of the normal spelling of an address."""
    return hashlib.sha256(normal_url(url).encode()).hexdigest()
