"""When the event of a signal is: Chinese and English words for a day, counted from the day of publication. Pure.

A span (明年上半年, 三季度, 2027年) gives its last day, because a deadline is what people plan by.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from crm.signals.facts import datecues
from crm.signals.literals import required_words

if TYPE_CHECKING:
    from collections.abc import Callable

Match = re.Match[str]
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2, "首": 1}
YEARS = {
    "今年": 0,
    "本年": 0,
    "年内": 0,
    "明年": 1,
    "后年": 2,
    "去年": -1,
    "前年": -2,
    "次年": 1,
    "同年": 0,
    "本年度": 0,
}
SPOKEN = {"今日": 0, "今天": 0, "昨日": -1, "昨天": -1, "明日": 1, "明天": 1, "前天": -2}
SPOKEN |= {"today": 0, "yesterday": -1, "tomorrow": 1}
EARLIEST, LATEST = 1990, 2060
HALF = 6  # months: a month without a year is the nearest one
QUARTERS = range(1, 5)
# 建成后年产, 目前年产, 过去年均 and 日本年产 hold no year
RELATIVE = "今年|(?<!日)本年|明年|(?<![成产营用工行期购今此以之])后年|(?<!过)去年|次年|(?<![目提此以之先])前年"
YEAR = rf"(?:(?P<year>(?<!\d)(?:19|20)\d\d)年|(?P<rel>{RELATIVE}))"
MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
MONTH_BEFORE = re.compile(
    r"\b(?:in|by|of|since|until|till|from|to|before|after|this|last|next|late|early|mid|end)[ -]$"
)
BACKGROUND = 12  # years before the report: no event that is news
TIME = re.compile(
    r"[年月日天周五]|20\d\d|季度"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|today|tomorrow|yesterday|next)"
)
MONTH_WORD = "|".join(sorted(MONTHS, key=len, reverse=True))
MOST_DAYS = 60  # of one form in one sentence: whoever writes more writes a table


def event_date(sentence: str, published: date | None) -> date | None:
    """The day a folded sentence names for its event; None when it names none or the day cannot be counted.

    Of several the one beside words of planning or of the deed wins, then the first.
    """
    if not TIME.search(sentence):
        return None
    best: tuple[int, int, date] | None = None
    taken: list[tuple[int, int]] = []
    for words, pattern, reader in NEEDED:
        if words and not any(word in sentence for word in words):
            continue
        for found in islice(pattern.finditer(sentence), MOST_DAYS):
            if any(found.start() < end and start < found.end() for start, end in taken):
                continue
            taken.append(found.span())
            day = _read(reader, found, published)
            if (
                day is None
                or datecues.of_another(sentence, found)
                or (published and day.year < published.year - BACKGROUND)
            ):
                continue
            rank = (-datecues.weight(sentence, found) - bool(published and day > published), found.start(), day)
            best = rank if best is None or rank[:2] < best[:2] else best
    return best[2] if best else None


def _read(reader: Callable[[Match, date | None], date | None], found: Match, published: date | None) -> date | None:
    try:
        day = reader(found, published)
    except (ValueError, OverflowError):
        return None
    return day if day and EARLIEST <= day.year <= LATEST else None


def _year(found: Match, published: date | None) -> int | None:
    groups = found.groupdict()
    if groups.get("year"):
        return int(groups["year"])
    if published is None:
        return None
    return published.year + YEARS.get(groups.get("rel") or "今年", 0)


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0) if ten else DIGITS[text]


def _day(found: Match, published: date | None) -> date | None:
    """11月19日, 2026年11月19日; without a year the one nearest to the day of publication."""
    month, day = int(found["month"]), int(found["day"])
    year = _year(found, published)
    if year is None:
        return None
    if not found["year"] and not found["rel"] and published:
        years = [one for one in (year - 1, year, year + 1) if day <= calendar.monthrange(one, month)[1]]
        options = [date(one, month, day) for one in years]
        return min(options, key=lambda one: abs((one - published).days))
    return date(year, month, day)


def _month(found: Match, published: date | None) -> date | None:
    year, month = _year(found, published), _number(found["month"])
    if year is None:
        return None
    year += _away(found, published, month)
    part = found["part"]
    if part in {"初", "上旬"}:
        return date(year, month, 10)
    return date(year, month, 20) if part == "中旬" else _end_of_month(year, month)


def _relative_month(found: Match, published: date | None) -> date | None:
    if published is None:
        return None
    step = {"下": 1, "上": -1}.get(found["which"][0], 0)
    year, month = divmod(published.year * 12 + published.month - 1 + step, 12)
    day = found["day"]
    if day:
        return date(year, month + 1, int(day))
    return date(year, month + 1, 10) if found["part"] == "初" else _end_of_month(year, month + 1)


def _away(found: Match, published: date | None, month: int) -> int:
    """How many years off this one a month without a year is: the nearest one, or the next one when it is planned."""
    if published is None or found["year"] or found["rel"]:
        return 0
    gone, planned = published.month - month, datecues.planned(found)
    return int(gone > (0 if planned else HALF)) - int(gone < -HALF and not planned)


def _quarter(found: Match, published: date | None) -> date | None:
    year = _year(found, published)
    quarter = _number(found["quarter"])
    if year is None or quarter not in QUARTERS:
        return None
    return _end_of_month(year + _away(found, published, quarter * 3), quarter * 3)


def _half(found: Match, published: date | None) -> date | None:
    year = _year(found, published)
    month = 6 if found["half"] in {"上半年", "年中"} else 12
    return None if year is None else _end_of_month(year + _away(found, published, month), month)


def _whole_year(found: Match, published: date | None) -> date | None:
    year, part = _year(found, published), found["part"]
    if year is None or (part in {None, "内", "年内"} and not datecues.is_when(found)):
        return None
    return _end_of_month(year, 3) if part in {"年初", "初"} else date(year, 12, 31)


def _within(found: Match, published: date | None) -> date | None:
    if published is None:
        return None
    number, unit = _number(found["number"]), found["unit"]
    if "年" in unit:
        return date(published.year + number, published.month, min(published.day, 28))
    return published + timedelta(days=number * {"天": 1, "日": 1, "周": 7}.get(unit, 30))


def _spoken(found: Match, published: date | None) -> date | None:
    return None if published is None else published + timedelta(days=SPOKEN[found[0]])


def _five_years(found: Match, _published: date | None) -> date:
    """The fifteenth five-year plan (十五五) ends with 2030."""
    return date(1955 + 5 * (10 + _number(found["number"])), 12, 31)


def _english_month(found: Match, published: date | None) -> date | None:
    month = MONTHS[found["month"]]
    if not found["day"] and not found["year"] and not MONTH_BEFORE.search(found.string, 0, found.start()):
        return None  # it may invest, the march of prices
    year = _year(found, published)
    if year is None:
        return None
    day = found["day"]
    return date(year, month, int(day)) if day else _end_of_month(year, month)


def _english_period(found: Match, published: date | None) -> date | None:
    word = found["part"]
    year = _year(found, published)
    if found["next"] and published:
        year = published.year + 1
    if year is None:
        return None
    ends = {"first half": 6, "mid": 6, "early": 3, "second half": 12, "end": 12, "late": 12}
    return _end_of_month(year, ends.get(word or "end", 12))


NO_COUNT = r"(?![\d.,]*\d)(?![ -]?(?:to \d|mw|gw|kw|tons?|%|[a-z]+s\b))"  # in 2000 stores, 2000 to 3000 tonnes
WHOLE_YEAR = rf"(?:(?P<year>(?<![\d.,])(?:19|20)\d\d)年|(?P<rel>{RELATIVE})年?)"
NUMBER = "[一二三四五六七八九十两\\d]"
COUNTED = "[\\d一二三四五六七八九十两几数半多]"
RULES: tuple[tuple[re.Pattern[str], Callable[[Match, date | None], date | None]], ...] = (
    (re.compile(rf"(?:{YEAR}的?)?(?P<month>1[0-2]|0?[1-9])月(?P<day>[12]\d|3[01]|0?[1-9])[日号]"), _day),
    (
        re.compile(
            r"(?P<year>20\d\d)[-/.](?P<month>1[0-2]|0?[1-9])[-/.](?P<day>[12]\d|3[01]"
            r"|0?[1-9])(?P<rel>)"
        ),
        _day,
    ),
    (
        re.compile(
            rf"\b(?P<month>{MONTH_WORD})\b\.? ?(?:(?P<day>[12]\d|3[01]|[1-9])(?:st|nd|rd|th)?\b)?"
            rf"(?:,? ?(?P<year>20\d\d){NO_COUNT})?"
        ),
        _english_month,
    ),
    (
        re.compile(
            r"(?P<which>本月|当月|下个?月|上个?月)(?:(?P<day>[12]\d|3[01]|[1-9])[日号])?(?P<part>初"
            r"|中|底|末|下旬|上旬)?"
        ),
        _relative_month,
    ),
    (re.compile(rf"(?:{YEAR}的?)?(?<!前)第?(?P<quarter>[一二三四1-4])季度"), _quarter),
    (re.compile(rf"(?:{YEAR}的?)?(?P<half>上半年|下半年|(?<![几两数多近\d一二三四五六七八九十])年中)"), _half),
    (
        re.compile(
            rf"(?:{YEAR}的?)?(?<!个)(?<!\d[-至~—])(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?"
            r"(?P<part>初|上旬|中旬|下旬|底|末)?(?!\d)"
        ),
        _month,
    ),
    (re.compile(rf"{WHOLE_YEAR}(?P<part>底|末|初|内|前(?!\d))?"), _whole_year),
    (re.compile(rf"(?<!{COUNTED})(?P<year>)(?P<rel>)(?P<part>年底|年末|年内|年初)"), _whole_year),
    (
        re.compile(
            rf"(?<!未来)(?<!今后)(?<!过去)(?<![近起第])(?<!{NUMBER})(?P<number>{NUMBER}{{1,3}})个?"
            r"(?P<unit>年|月|周|天|日)(?:内|之内|后|之后)"
        ),
        _within,
    ),
    (re.compile(r"[“\"]?十(?P<number>[三四五六七])五[”\"]?(?:期间|时期|末|期末|内)"), _five_years),
    (re.compile(r"(?<!时至)(?<!截至)今[日天]|昨日|昨天|明日|明天|前天|\b(?:today|yesterday|tomorrow)\b"), _spoken),
    (
        re.compile(
            r"\b(?:by|in|from|before|until)(?: the)? ?(?P<part>first half|second half|end|early|mid"
            r"|late)?[ -]?(?:of )?"
            rf"(?:(?P<next>next year)|(?P<year>20\d\d){NO_COUNT})"
        ),
        _english_period,
    ),
)
NEEDED = tuple((tuple(required_words(pattern.pattern) or ()), pattern, reader) for pattern, reader in RULES)
