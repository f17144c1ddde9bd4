"""Tell a roundup (早报, 要闻汇总) by its title and its form, and take its items apart."""

from __future__ import annotations

import re

MANY = 40
_FEWEST, _FEWEST_UNTITLED = 3, 6
_SHORTEST, _LONGEST = 40, 600
_TITLE = re.compile(
    "早报|午报|晚报|早餐|早知道|早参|晚参|夜报|周报|日报[】|｜:：]|简报|要闻|要点|快讯|速递|速览|速报|快报|简讯|汇总|盘点|一览"
    "|集锦|集萃|播报|收录|必读|必看|一周|本周|今日看点|头条精选|新闻精选|资讯|大事记|動態|快訊|晨報|匯總"
    "|[Bb]riefing|[Rr]ound-?up|[Dd]igest|[Hh]eadlines"
)
_MARKED = re.compile(
    r"\s*(?:[【〖■●◆▶▪★☆•·]|[（(]?[0-9０-９]{1,2}[)）、.．]\s?(?=\D)|[（(]?[一二三四五六七八九十]{1,3}[)）、])"
)


def items(title: str, body: str) -> list[str]:
    """Give the items of a roundup, at most 40; none for a text that is not one."""
    parts = [part for line in body.splitlines() if _SHORTEST <= len(part := line.strip()) <= _LONGEST]
    marked = sum(bool(_MARKED.match(line)) for line in body.splitlines())
    titled = _TITLE.search(title) is not None
    if len(parts) < _FEWEST or not (titled or marked >= _FEWEST_UNTITLED):
        return []
    return parts[:MANY]
