"""Turn the raw bytes of a web page into text, whatever the page says about itself."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_\-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_\-]{2,40})""", re.IGNORECASE)
_HEAD = 4096
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Pages that name the old national sets use characters of the newest ones, which contain them.
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "gb18030", "cp936": "gb18030",
    "big5": "big5hkscs", "cp950": "big5hkscs",
}  # fmt: skip
_CHINESE = ("gb18030", "big5hkscs")
_LAST_RESORT, _WESTERN = "gb18030", "cp1252"
_HAN = re.compile(r"[\u4e00-\u9fff]+")
# A tenth of any Chinese text is made of these; bytes read with the wrong charset give rare characters instead.
_COMMON = frozenset(
    "的一是在不了有和人这這中大为為上个個国國我以要他时時来來用们們生到作地于於出就分对對成会會可主发發年动動同工也能下"
    "过過子说說产產种種面而方后後多定行学學法所民得经經十三之进進着等部度家电電力里如水化高自二理起小物现現实實加量都两"
    "兩体體制机機当當使点點从從业業本去把性好应應开開它合还還因由其些然前外天政四日那社义義事平形相全表间間样樣与與关關"
    "各重新线線内內数數正心反你明看原又么麼利比或但质質气氣第向道命此变變条條只没沒结結解问問意建月公无無系市企项項目"
)
_SAMPLE = 4000
_TRUSTED, _PLAINLY = 0.5, 0.15
_HIGH = re.compile(rb"[\x80-\xff]+")
_LONE, _SPARSE = 2, 0.1


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a page, the Python codec that read it, and whether bytes had to be replaced."""

    text: str
    encoding: str
    damaged: bool = False


def decode(raw: bytes, http_charset: str | None = None) -> Decoded:
    """Decode `raw`: byte order mark, strict UTF-8, then what reads as Chinese, the declared charset first."""
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _forgiving(raw[len(bom) :], encoding)
    text = _strict(raw, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8")
    if _nearly_utf8(raw):
        return _forgiving(raw, "utf-8")
    declared = list(dict.fromkeys(_declared(raw, http_charset)))
    for encoding in declared:
        text = _strict(raw, encoding)
        if text is not None and encoding not in _CHINESE:
            return Decoded(text, encoding)
    if _is_western(raw):
        return _forgiving(raw, _WESTERN)
    return _most_chinese(raw, [one for one in declared if one in _CHINESE])


def _most_chinese(raw: bytes, declared: list[str]) -> Decoded:
    """Read with the declared charset, or the national one that clearly gives more of the common characters."""
    order = list(dict.fromkeys((*declared, *_CHINESE)))
    first = _forgiving(raw, order[0])
    commonness = _commonness(first.text)
    for encoding in order[1:] if commonness < _PLAINLY else ():
        other = _forgiving(raw, encoding)
        if _commonness(other.text) * _TRUSTED > commonness:
            return other
    return first


def _commonness(text: str) -> float:
    """Give the share of Chinese characters that are among the most common ones, replaced bytes counting against it."""
    sample = ""
    for match in _HAN.finditer(text):
        sample += match.group()
        if len(sample) >= _SAMPLE:
            break
    broken = min(text.count("\ufffd"), _SAMPLE)
    return sum(char in _COMMON for char in sample) / (len(sample) + broken) if sample else 0.0


def _is_western(raw: bytes) -> bool:
    """Tell whether the few bytes beyond ASCII stand alone, as accents and quotation marks do."""
    runs = _HIGH.findall(raw)
    lone = sum(len(run) < _LONE for run in runs)
    return bool(runs) and lone * 10 > len(runs) * 9 and sum(map(len, runs)) < _SPARSE * len(raw)


def _declared(raw: bytes, http_charset: str | None) -> Iterator[str]:
    found = [http_charset or ""]
    for pattern in (_META, _XML):
        match = pattern.search(raw[:_HEAD])
        if match:
            found.append(match.group(1).decode("ascii"))
    return (codec for codec in map(_codec, found) if codec)


def _codec(name: str) -> str:
    """Give the Python name of a declared charset, widened where pages overstep it; "" for an unknown one."""
    try:
        known = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return ""
    if known in {"iso8859-1", "cp1252", "ascii", "utf-8"}:
        return ""  # Servers' defaults, not knowledge: nearly every byte string is valid Latin-1.
    return _WIDER.get(known, known)


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _nearly_utf8(raw: bytes) -> bool:
    """Tell whether a few broken bytes spoil otherwise good UTF-8 (a page cut in mid-character)."""
    text = raw.decode("utf-8", errors="replace")
    return text.count("\ufffd") * 100 <= len(text) - len(text.encode("ascii", "ignore"))


def _forgiving(raw: bytes, encoding: str) -> Decoded:
    text = raw.decode(encoding, errors="replace")
    return Decoded(text, encoding, damaged="\ufffd" in text)
