"""Read a moment as Chinese pages write it: 2024年5月20日 下午2:05, 3分钟前, 二〇二四年五月二十日.

Own rules, because general parsers read "11-19 08:30" as 2011 and "CST" as US Central time.
Pure: the present is an argument.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

_MERIDIEM = r"上午|下午|中午|晚上|傍晚|凌晨|早上|清晨|[AaPp]\.?[Mm]\.?(?![A-Za-z])"
_ZONE = r"Z(?![A-Za-z])|GMT|UTC|CST|BJT|[+-]\d{2}:?\d{2}(?!\d)"
_TIME = (
    rf"(?:(?P<mer>{_MERIDIEM})\s*)?(?P<hour>[01]?\d|2[0-4])\s*(?::|时|時|点|點)\s*(?P<minute>[0-5]\d)(?!\d)"
    rf"(?:\s*(?::|分)\s*(?P<second>[0-5]\d)(?!\d)(?:\.\d+)?)?\s*[分秒]?(?:\s*(?P<late>{_MERIDIEM}))?"
    rf"(?:\s*(?P<zone>{_ZONE}))?"
)
_BETWEEN = r"(?:\s*[,，T]|\s*\(?(?:星期|周|週|礼拜)[一二三四五六日天]\)?)?[\s|,/)\]）】]*"
_TAIL = rf"(?:{_BETWEEN}{_TIME})?"
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_MONTH = r"(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_YMD = re.compile(
    rf"(?<!\d){_YEAR}\s*[-/.年]\s*(?P<month>1[0-2]|0?\d)\s*[-/.月]\s*"
    rf"(?P<day>3[01]|[12]\d|0?[1-9])(?!\d(?!\d:))\s*[日号號]?{_TAIL}"
)
_DMY_NAME = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH},?[\s-]+{_YEAR}(?!\d){_TAIL}", re.IGNORECASE
)
_MDY_NAME = re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d){_TAIL}", re.IGNORECASE)
_MD_YEAR = re.compile(rf"(?<!\d)(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*[日号]\s*{_YEAR}(?!\d){_TAIL}")
_MDY = re.compile(rf"(?<![\d/])(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/{_YEAR}(?!\d){_TAIL}")
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>20\d\d|19\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])"
    r"(?:\s?(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?)?(?!\d)"
)
_MD = re.compile(rf"(?<!\d)(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*[日号]{_TAIL}")
_MD_DASH = re.compile(rf"(?<![\d\-/.])(?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})(?![\d\-/.]){_BETWEEN}{_TIME}")
_NEAR = re.compile(rf"(?P<word>今天|今日|昨天|昨日|前天){_TAIL}")
_WEEKDAY = re.compile(rf"(?:星期|周|週|礼拜)(?P<weekday>[一二三四五六日天]){_TAIL}")
_CLOCK = re.compile(rf"^\W*{_TIME}\W*$")
_EPOCH = re.compile(r"^\s*(\d{10}|\d{13})\s*$")
_AGO = re.compile(
    r"(?P<count>\d{1,4}|[一二两三四五六七八九十半]|几)\s*个?(?P<unit>秒|分钟?|小时|天|日|周|星期|月|年)钟?(?:之|以)?前"
)
_JUST_NOW = re.compile(r"刚刚|刚才")
_HAN_DATE = re.compile(
    r"(?P<year>[零〇○一二三四五六七八九]{4})年(?P<month>[一二三四五六七八九十]{1,2})月(?P<day>[一二三四五六七八九十]{1,3})[日号]?"
)
_HAN_DIGITS = {**{char: index for index, char in enumerate("零一二三四五六七八九")}, "〇": 0, "○": 0, "两": 2, "十": 10}
_WEEKDAYS = {char: index for index, char in enumerate("一二三四五六日")} | {"天": 6}
_BACK = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2}
_SECONDS = {"秒": 1, "分": 60, "分钟": 60, "小时": 3600}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7}
_CHINA = timezone(timedelta(hours=8))
_EARLIEST = 1990
_NOON = 12
_LONGEST = 1000
_BLANKS = re.compile(r"\s+")
_NARROW = str.maketrans("０１２３４５６７８９：－／．", "0123456789:-/.")
_EPOCH_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware moment and whether the text gave a time of day (else it stands at midnight)."""

    when: datetime
    has_time: bool


@dataclass(frozen=True, slots=True)
class _Present:
    base: datetime
    tz: tzinfo

    @property
    def today(self) -> date:
        return self.base.astimezone(self.tz).date()


def find_time(text: str, *, base: datetime, tz: tzinfo) -> datetime | None:
    """Give the first moment written in `text`, aware; `base` is the present, `tz` the zone of unmarked times."""
    found = find_moment(text, base=base, tz=tz)
    return found.when if found else None


def find_moment(text: str, *, base: datetime, tz: tzinfo) -> Moment | None:
    """Like `find_time`, and tell whether a time of day was written."""
    present = _Present(base, tz)
    # Single spaces: the patterns below would try long runs of blanks in every possible split.
    plain = " ".join(unicodedata.normalize("NFKC", text[:_LONGEST]).split())
    for pattern, read in _READERS:
        for match in pattern.finditer(plain):
            moment = read(match, present)
            if moment and _plausible(moment, present):
                return moment
    return None


def moments(text: str, *, base: datetime, tz: tzinfo) -> Iterator[tuple[int, Moment]]:
    """Give every full date (with a year) in a line of a page, with its place in the line with single spaces."""
    present = _Present(base, tz)
    plain = _BLANKS.sub(" ", text).translate(_NARROW)
    for pattern, read in ((_YMD, _full), (_HAN_DATE, _han)):
        for match in pattern.finditer(plain):
            moment = read(match, present)
            if moment and _plausible(moment, present):
                yield match.start(), moment


def _plausible(moment: Moment, present: _Present) -> bool:
    return moment.when.year >= _EARLIEST and moment.when <= present.base + timedelta(days=366)


def _full(match: re.Match[str], present: _Present) -> Moment | None:
    return _moment(match, present, int(match["year"]), int(match["month"]), int(match["day"]))


def _named(match: re.Match[str], present: _Present) -> Moment | None:
    return _moment(match, present, int(match["year"]), _MONTHS[match["name"].lower()], int(match["day"]))


def _han(match: re.Match[str], present: _Present) -> Moment | None:
    year = int("".join(str(_HAN_DIGITS[char]) for char in match["year"]))
    return _at(present.tz, year, _han_number(match["month"]), _han_number(match["day"]), None)


def _han_number(text: str) -> int:
    if "十" not in text:
        return _HAN_DIGITS[text[-1]]
    tens, _, ones = text.partition("十")
    return (_HAN_DIGITS[tens] if tens else 1) * 10 + (_HAN_DIGITS[ones] if ones else 0)


def _compact(match: re.Match[str], present: _Present) -> Moment | None:
    clock = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0)) if match["hour"] else None
    return _at(present.tz, int(match["year"]), int(match["month"]), int(match["day"]), clock)


def _yearless(match: re.Match[str], present: _Present) -> Moment | None:
    """Read month and day as their latest occurrence that is not after tomorrow."""
    month, day = int(match["month"]), int(match["day"])
    for year in (present.today.year, present.today.year - 1):
        moment = _moment(match, present, year, month, day)
        if moment and moment.when <= present.base + timedelta(days=1):
            return moment
    return None


def _near(match: re.Match[str], present: _Present) -> Moment | None:
    day = present.today - timedelta(days=_BACK[match["word"]])
    return _moment(match, present, day.year, day.month, day.day)


def _weekday(match: re.Match[str], present: _Present) -> Moment | None:
    day = present.today - timedelta(days=(present.today.weekday() - _WEEKDAYS[match["weekday"]]) % 7)
    return _moment(match, present, day.year, day.month, day.day)


def _clock(match: re.Match[str], present: _Present) -> Moment | None:
    return _moment(match, present, present.today.year, present.today.month, present.today.day)


def _epoch(match: re.Match[str], present: _Present) -> Moment | None:
    seconds = int(match[1][:_EPOCH_DIGITS])  # Thirteen digits are milliseconds.
    return Moment(datetime.fromtimestamp(seconds, tz=UTC).astimezone(present.tz), has_time=True)


def _just_now(_match: re.Match[str], present: _Present) -> Moment | None:
    return Moment(present.base.astimezone(present.tz), has_time=True)


def _ago(match: re.Match[str], present: _Present) -> Moment | None:
    unit, count = match["unit"], _count(match["count"])
    if unit in _SECONDS:
        return Moment((present.base - timedelta(seconds=count * _SECONDS[unit])).astimezone(present.tz), has_time=True)
    if unit in _DAYS:
        day = present.today - timedelta(days=int(count * _DAYS[unit]))
    else:
        months = present.today.year * 12 + present.today.month - 1 - int(count * (12 if unit == "年" else 1))
        day = date(months // 12, months % 12 + 1, min(present.today.day, 28)) if months > _EARLIEST * 12 else date.min
    return _at(present.tz, day.year, day.month, day.day, None)


def _count(text: str) -> float:
    if text.isascii():
        return int(text)
    return {"半": 0.5, "几": 3}.get(text) or _HAN_DIGITS[text]


def _moment(match: re.Match[str], present: _Present, year: int, month: int, day: int) -> Moment | None:
    clock, extra = _time_of_day(match)
    zone = _zone(match["zone"], present.tz) if clock else present.tz
    moment = _at(zone, year, month, day, clock)
    if not moment:
        return None
    return Moment((moment.when + timedelta(days=extra)).astimezone(present.tz), moment.has_time)


def _time_of_day(match: re.Match[str]) -> tuple[time | None, int]:
    """Give the time of day of a match and the days to add (24:00 is the next midnight)."""
    if not match["hour"]:
        return None, 0
    hour, half = int(match["hour"]), (match["mer"] or match["late"] or "").lower()
    if half and half[0] in "p下晚傍" and hour < _NOON:
        hour += _NOON
    elif half and half[0] in "a凌" and hour == _NOON:
        hour = 0
    return time(hour % 24, int(match["minute"]), int(match["second"] or 0)), hour // 24


def _zone(mark: str | None, local: tzinfo) -> tzinfo:
    if not mark:
        return local
    if mark in {"CST", "BJT"}:
        return _CHINA
    if mark in {"Z", "GMT", "UTC"}:
        return UTC
    sign, digits = (-1 if mark[0] == "-" else 1), mark[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(sign * timedelta(minutes=minutes)) if minutes < 24 * 60 else local


def _at(zone: tzinfo, year: int, month: int, day: int, clock: time | None) -> Moment | None:
    try:
        return Moment(datetime.combine(date(year, month, day), clock or time(), zone), has_time=clock is not None)
    except ValueError:
        return None


_Reader = Callable[[re.Match[str], _Present], Moment | None]
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_YMD, _full),
    (_EPOCH, _epoch),
    (_COMPACT, _compact),
    (_HAN_DATE, _han),
    (_MD_YEAR, _full),
    (_MDY, _full),
    (_DMY_NAME, _named),
    (_MDY_NAME, _named),
    (_JUST_NOW, _just_now),
    (_AGO, _ago),
    (_NEAR, _near),
    (_MD, _yearless),
    (_MD_DASH, _yearless),
    (_WEEKDAY, _weekday),
    (_CLOCK, _clock),
)
