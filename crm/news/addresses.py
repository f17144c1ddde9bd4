"""Other addresses of the same page: the phone's edition, with or without TLS, a slash at the end, a tracking mark."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_EDITIONS = ("", "www.", "m.", "wap.", "mobile.", "3g.")
_EDITION = re.compile(r"^(?:www|m|wap|mobile|3g)\.(?=[^.]+\.)")
_TRACKED = re.compile(
    r"utm_\w+|spm\w*|scm|fbclid|gclid|isappinstalled|share_?\w*|wxshare_\w+|nsukey|wfr|weixin_\w+|tt_from|source_from"
)
_SHARED = {("from", "timeline"), ("from", "singlemessage"), ("from", "groupmessage"), ("from", "singlepage")}


def page_hash(url: str) -> str:
    """Give the hash an address is known by."""
    return hashlib.sha256(url.encode("utf-8", errors="surrogatepass")).hexdigest()


def spellings(url: str) -> list[str]:
    """Give the addresses a page may be known by besides this normal one; none for what is no web address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return []
    host = _EDITION.sub("", parts.netloc)
    query = _untracked(parts.query)
    paths = [parts.path, parts.path.rstrip("/") if parts.path.endswith("/") else parts.path + "/"]
    found = [
        urlunsplit((scheme, edition + host, path or "/", query, ""))
        for scheme in ("https", "http")
        for edition in _EDITIONS
        for path in paths
    ]
    return [other for other in dict.fromkeys(found) if other != url]


def _untracked(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(key, value) for key, value in pairs if not _TRACKED.fullmatch(key) and (key, value) not in _SHARED]
    return query if len(kept) == len(pairs) else urlencode(kept)
