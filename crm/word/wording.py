"""Dates, sources and widths of texts as official papers write them."""

import unicodedata
from datetime import date

from crm.word.blocks import NewsItem


def date_text(day: date) -> str:
    """Return 2026年11月13日, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def date_range(start: date, end: date, *, with_year: bool = False) -> str:
    """Return 11月9日—15日, 11月30日—12月6日, or both years when they differ."""
    if start > end:
        msg = f"a period cannot end on {end} before it starts on {start}"
        raise ValueError(msg)
    if start.year != end.year:
        return f"{date_text(start)}—{date_text(end)}"
    first = f"{start.month}月{start.day}日"
    if with_year:
        first = f"{start.year}年{first}"
    if start == end:
        return first
    last = f"{end.day}日" if start.month == end.month else f"{end.month}月{end.day}日"
    return f"{first}—{last}"


def news_text(item: NewsItem) -> str:
    """Return a line of news with its source and date in brackets."""
    stop = "" if item.text.endswith(("。", "！", "？")) else "。"
    return f"{item.text}{stop}（{item.source}，{date_text(item.published_on)}）"


def full_width(text: str) -> float:
    """Return the width of a text in full characters; Latin letters count a half."""
    return sum(1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5 for character in text)
