"""Turn the raw bytes of a web page into text, whatever the page says about itself."""

import codecs
import re
from dataclasses import dataclass

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_\-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_\-]{2,40})""", re.IGNORECASE)
_HEAD = 4096
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Pages that name the old national sets use characters of the newest one; GB18030 contains both.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "gb18030", "cp936": "gb18030"}
_LAST_RESORT = "gb18030"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a page, the Python codec that read it, and whether bytes had to be replaced."""

    text: str
    encoding: str
    damaged: bool = False


def decode(raw: bytes, http_charset: str | None = None) -> Decoded:
    """Decode `raw`: byte order mark, strict UTF-8, the declared charset, GB18030, GB18030 with replacement."""
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _forgiving(raw[len(bom) :], encoding)
    for encoding in ("utf-8", *_declared(raw, http_charset), _LAST_RESORT):
        text = _strict(raw, encoding)
        if text is not None:
            return Decoded(text, encoding)
    if _nearly_utf8(raw):
        return _forgiving(raw, "utf-8")
    return _forgiving(raw, _LAST_RESORT)


def _declared(raw: bytes, http_charset: str | None) -> list[str]:
    found = [http_charset or ""]
    for pattern in (_META, _XML):
        match = pattern.search(raw[:_HEAD])
        if match:
            found.append(match.group(1).decode("ascii"))
    return [codec for codec in map(_codec, found) if codec]


def _codec(name: str) -> str:
    """Give the Python name of a declared charset, widened where pages overstep it; "" for an unknown one."""
    try:
        known = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return ""
    if known in {"iso8859-1", "ascii", "utf-8"}:
        return ""  # Servers' defaults, not knowledge: every byte string is valid Latin-1.
    return _WIDER.get(known, known)


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _nearly_utf8(raw: bytes) -> bool:
    """Tell whether a few broken bytes spoil otherwise good UTF-8 (a page cut in mid-character)."""
    text = raw.decode("utf-8", errors="replace")
    return text.count("\ufffd") * 100 <= sum(char > "\x7f" for char in text)


def _forgiving(raw: bytes, encoding: str) -> Decoded:
    text = raw.decode(encoding, errors="replace")
    return Decoded(text, encoding, damaged="\ufffd" in text)
