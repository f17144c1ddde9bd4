"""Name the reason of a failed download."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError

from scrapers.guard import RefusedAddressError, refused_on_resolution
from scrapers.items import FailedPage, Reason, pack_sample

_BY_TYPE: tuple[tuple[type[BaseException], Reason], ...] = (
    (HttpError, Reason.HTTP_STATUS),
    (RefusedAddressError, Reason.REFUSED_ADDRESS),
    (DownloadTimeoutError, Reason.TIMEOUT),
    (CannotResolveHostError, Reason.DNS),
    (DownloadCancelledError, Reason.TOO_LARGE),
    (ResponseDataLossError, Reason.DATA_LOSS),
    (UnsupportedURLSchemeError, Reason.BAD_URL),
)
# Scrapy tells these apart by words only; each is covered by a crawl in the tests.
_BY_WORDS = (
    ("robots.txt", Reason.ROBOTS),
    ("DOWNLOAD_MAXSIZE", Reason.TOO_LARGE),
    ("redirections", Reason.REDIRECT_LOOP),
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
        return Reason.HTTP_STATUS, f"HTTP {error.response.status}"
    for kind, reason in _BY_TYPE:
        if isinstance(error, kind):
            return reason, str(error)
    if isinstance(error, IgnoreRequest):
        for words, reason in _BY_WORDS:
            if words in str(error):
                return reason, str(error)
    return Reason.CONNECTION, f"{type(error).__name__}: {error}"
