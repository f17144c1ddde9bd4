"""The kinds of sources a person may choose, and the spiders with code the page offers."""

from __future__ import annotations

from dataclasses import dataclass

KIND_LABELS = {
    "rss": "订阅（RSS/Atom）",
    "sitemap": "网站地图",
    "list": "列表页",
    "json": "JSON 接口",
    "spider": "专用爬虫",
    "export": "公众号导出",
}
CRAWLED = tuple(kind for kind in KIND_LABELS if kind != "export")
SELECTORS = ("link_css", "next_css", "title_css", "body_css", "time_css")
PAGINGS = {"": "不翻页", "auto": "自动找“下一页”", "selector": "用选择器找下一页", "pattern": "按页码拼网址"}


@dataclass(frozen=True, slots=True)
class Coded:
    """A spider with code: its name for people, and what address it wants."""

    label: str
    hint: str


# One entry per spider in scrapers/spiders/coded (scrapers/registry.py); a test keeps the two alike.
CODED: dict[str, Coded] = {
    "jpage": Coded("政府网站 jpage 栏目", "填栏目数据地址，网址里含 module/web/jpage/dataproxy.jsp"),
}
