"""What a source may set besides its address: which keys, of what shape, within which bounds.

The form, the packs and the test run all pass here, so nothing else reaches a spider: no key that opens private
addresses, none that turns robots.txt off.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm.core.errors import Problem
from crm.news.kinds import CODED, PAGINGS, SELECTORS
from crm.news.rhythm import clock_time, clock_times
from crm.news.selectors import usable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXTS = (
    *SELECTORS, "link_xpath", "paging", "page_pattern", "json_items", "json_link", "json_title", "json_time", "spider",
    "encoding", "timezone", "quiet_from", "quiet_to",
)  # fmt: skip
LISTS = ("include", "exclude", "times")
NUMBERS = {"page_first": (0, 1000), "max_lists": (1, 50), "max_items": (1, 500)}
DELAY = (0.5, 60.0)
AGENT = "news.crawler"  # the office option that holds its user agent
SCHEDULE = ("times", "quiet_from", "quiet_to")
MOST_PATTERNS, LONGEST_TEXT = 30, 500
TIMEZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Tokyo", "Asia/Seoul", "Asia/Singapore", "UTC",
    "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles",
)  # fmt: skip
ENCODINGS = ("utf-8", "gb18030", "big5", "shift_jis", "euc-kr")
_NO_PAGES = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7"})  # of names and programs
_PATH = re.compile(r"[\w.\-]{0,200}")
_TEMPLATE = re.compile(r"https?://[^\s{}]+(?:\{[\w.]+\}[^\s{}]*)+")


@dataclass(frozen=True, slots=True)
class _Check:
    key: str
    message: str
    fits: Callable[[str], bool]


def _paths(text: str) -> bool:
    return bool(_PATH.fullmatch(text))


def _known_codec(text: str) -> bool:
    try:
        name = codecs.lookup(text).name
        b"a".decode(name)  # codecs that turn bytes into bytes are no encodings
    except (LookupError, ValueError):
        return False
    return text.isascii() and name not in _NO_PAGES


def _known_zone(text: str) -> bool:
    try:
        ZoneInfo(text)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError for names that look right
        return False
    except KeyError:
        return False
    return True


_SELECTOR = "选择器写法不对：填 CSS（如 div.article）或以 / 开头的 XPath，不能用扩展函数，也不要层层嵌套。"
_JSON_PATH = "填字段路径，用点分隔，例如 data.list。"
_CHECKS = (
    *(_Check(key, _SELECTOR, usable) for key in (*SELECTORS, "link_xpath")),
    _Check("paging", "请选择翻页方式。", PAGINGS.__contains__),
    _Check("spider", "请选择一个专用爬虫。", CODED.__contains__),
    _Check("encoding", "没有这种文字编码，请从列表里选。", _known_codec),
    _Check("timezone", "没有这个时区，请从列表里选。", _known_zone),
    _Check("quiet_from", "时刻请写成 22:00 这样。", lambda text: clock_time(text) is not None),
    _Check("quiet_to", "时刻请写成 06:30 这样。", lambda text: clock_time(text) is not None),
    *(_Check(key, _JSON_PATH, _paths) for key in ("json_items", "json_title", "json_time")),
    _Check(
        "json_link",
        "填字段路径，或用花括号拼网址，例如 https://网站/detail/{id}.html。",
        lambda text: bool(_paths(text) or _TEMPLATE.fullmatch(text)),
    ),
    _Check(
        "page_pattern",
        "按页码翻页时，网址里要有 {page}，例如 https://网站/list_{page}.html。",
        lambda text: "{page}" in text and text.startswith(("http://", "https://")),
    ),
)


def clean(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the keys a source may set, without blanks; everything else is dropped."""
    kept: dict[str, Any] = {key: str(given[key]).strip() for key in TEXTS if given.get(key)}
    for key in LISTS:
        kept[key] = [line for item in _lines(given.get(key)) if (line := item.strip())]
    kept |= {key: given[key] for key in (*NUMBERS, "delay", "parts") if given.get(key) is not None}
    return {key: value for key, value in kept.items() if value not in ("", [])}


def problems(kind: str, options: Mapping[str, Any]) -> list[Problem]:
    """Say what is wrong with the options of a source of a kind."""
    found = [
        Problem(f"source.{check.key}", check.message, check.key)
        for check in _CHECKS
        if options.get(check.key)
        and (len(str(options[check.key])) > LONGEST_TEXT or not check.fits(str(options[check.key])))
    ]
    return [*found, *_number_problems(options), *_list_problems(options), *_missing(kind, options)]


def _missing(kind: str, options: Mapping[str, Any]) -> list[Problem]:
    """What one choice asks of another."""
    found = []
    if kind == "spider" and not options.get("spider"):
        found.append(Problem("source.spider", "请选择一个专用爬虫。", "spider"))
    if options.get("paging") == "pattern" and not options.get("page_pattern"):
        found.append(Problem("source.page_pattern", "请填翻页网址，用 {page} 代替页码。", "page_pattern"))
    if options.get("paging") == "selector" and not options.get("next_css"):
        found.append(Problem("source.next_css", "请填“下一页”链接的选择器。", "next_css"))
    if bool(options.get("quiet_from")) != bool(options.get("quiet_to")):
        found.append(Problem("source.quiet", "免打扰时段要同时填开始和结束。", "quiet_to"))
    if options.get("link_css") and options.get("link_xpath"):
        found.append(Problem("source.link_css", "文章链接只填一个选择器。", "link_css"))
    return found


def _number_problems(options: Mapping[str, Any]) -> list[Problem]:
    found = []
    for key, (least, most) in NUMBERS.items():
        value = options.get(key)
        if value is not None and (type(value) is not int or not least <= value <= most):
            found.append(
                Problem(f"source.{key}", "请填%(least)s到%(most)s之间的整数。", key, {"least": least, "most": most})
            )
    delay = options.get("delay")
    told = isinstance(delay, int | float) and not isinstance(delay, bool)
    polite = told and DELAY[0] <= float(delay or 0) <= DELAY[1]
    # An operator who opened a host of the house may ask it as fast as he likes; the spider holds to the same.
    if delay is not None and not polite and not (told and options.get("allow")):
        found.append(Problem("source.delay", "两次请求的间隔请填0.5到60秒之间。", "delay"))
    if options.get("parts") is not None and not isinstance(options["parts"], bool):
        found.append(Problem("source.parts", "多页文章只能选合并或不合并。", "parts"))
    return found


def _list_problems(options: Mapping[str, Any]) -> list[Problem]:
    found = []
    for key in ("include", "exclude"):
        lines = options.get(key) or ()
        if len(lines) > MOST_PATTERNS or any(len(line) > LONGEST_TEXT for line in lines):
            found.append(Problem(f"source.{key}", "网址规则最多30行，每行不超过500个字符。", key))
    if options.get("times") and clock_times(" ".join(options["times"])) is None:
        found.append(Problem("source.times", "时刻请写成 08:30 这样，用逗号分隔，最多24个。", "times"))
    return found


def _lines(value: Any) -> list[str]:  # noqa: ANN401 - typed text, or a list out of a file
    if isinstance(value, str):
        return value.splitlines()
    return [str(item) for item in value][:100] if isinstance(value, list | tuple) else []
