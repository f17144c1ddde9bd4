"""Read listings as text. Article pages are not decoded here: their bytes go home as they came."""

import re

from scrapy.http import Response

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


def http_charset(response: Response) -> str | None:
    """Give the charset of the Content-Type header, if it has one."""
    header = (response.headers.get("Content-Type") or b"").decode("latin-1")
    match = _CHARSET.search(header)
    return match.group(1).lower() if match else None


def read_text(response: Response, encoding: str = "") -> str:
    """Decode a response: the job's encoding, strict UTF-8, the header's charset, GB18030 (holds GB2312 and GBK)."""
    for candidate in (encoding, "utf-8-sig", http_charset(response) or "", "gb18030"):
        if not candidate:
            continue
        try:
            return response.body.decode(candidate)
        except (UnicodeError, LookupError):  # some codecs raise no more than a UnicodeError
            continue
    return response.body.decode("gb18030", errors="replace")
