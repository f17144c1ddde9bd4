"""Name the reason of a failed download."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError

from scrapers.guard import EntitiesError, RefusedAddressError, UnreadableEncodingError, refused_on_resolution
from scrapers.items import FailedPage, Reason, pack_sample

_BY_TYPE: tuple[tuple[type[BaseException], Reason], ...] = (
    (HttpError, Reason.HTTP_STATUS),
    (RefusedAddressError, Reason.REFUSED_ADDRESS),
    (UnreadableEncodingError, Reason.CONTENT_ENCODING),
    (EntitiesError, Reason.ENTITIES),
    (DownloadTimeoutError, Reason.TIMEOUT),
    (CannotResolveHostError, Reason.DNS),
    (DownloadCancelledError, Reason.TOO_LARGE),
    (ResponseDataLossError, Reason.DATA_LOSS),
    (UnsupportedURLSchemeError, Reason.BAD_URL),
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNPACKERS = frozenset({"zlib", "gzip", "brotli", "brotlicffi", "zstandard", "backports", "compression"})
# Scrapy tells these apart by words only; each is covered by a crawl in the tests.
_BY_WORDS = (
    ("robots.txt", Reason.ROBOTS),
    ("DOWNLOAD_MAXSIZE", Reason.TOO_LARGE),
    ("redirections", Reason.REDIRECT_LOOP),
    ("Missing scheme in request url", Reason.REFUSED_ADDRESS),
)


def failed_download(url: str, error: BaseException, *, via: str, now: str) -> FailedPage:
    """Describe a request that brought no page; `url` is the last address asked, `now` ISO 8601."""
    reason, detail = _reason(url, error)
    response = getattr(error, "response", None)
    page = FailedPage(url=url, reason=reason, detail=detail[:500], via=via, fetched_at=now)
    if response is not None:
        page.status, page.body = response.status, pack_sample(response.body)
    return page


def _reason(url: str, error: BaseException) -> tuple[Reason, str]:
    refused = refused_on_resolution(url) if isinstance(error, CannotResolveHostError) else None
    if refused:
        return Reason.REFUSED_ADDRESS, refused
    if isinstance(error, HttpError):
        return _by_status(error)
    told = f"{type(error).__name__}: {error}"
    typed = next((reason for kind, reason in _BY_TYPE if isinstance(error, kind)), None)
    worded = next((reason for words, reason in _BY_WORDS if words in str(error)), None)
    if typed or worded:
        return typed or worded or Reason.CONNECTION, str(error) or told
    unpacking = type(error).__module__.partition(".")[0] in _UNPACKERS
    return Reason.BAD_GZIP if unpacking else Reason.CONNECTION, told


def _by_status(error: HttpError) -> tuple[Reason, str]:
    """Name an answer that is no page; a redirect that was not followed leads to another scheme than http."""
    target = (error.response.headers.get("Location") or b"").decode("latin-1")
    if target and error.response.status in _REDIRECTS:
        return Reason.REFUSED_ADDRESS, f"redirect to {target[:200]}"
    return Reason.HTTP_STATUS, f"HTTP {error.response.status}"
