"""Settings of a source in words, for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.news.forms import ENCODING_LABELS, PART_LABELS, ZONE_LABELS
from crm.news.kinds import CODED, PAGINGS
from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.news.models import Source

_PLAIN = {
    "link_css": "文章链接", "link_xpath": "文章链接", "next_css": "下一页", "page_pattern": "翻页网址",
    "max_lists": "最多翻几页", "json_items": "列表的路径", "json_link": "链接的路径或网址写法",
    "json_title": "标题的路径", "json_time": "时间的路径", "title_css": "标题", "time_css": "时间", "body_css": "正文",
    "max_items": "每次最多几篇",
}  # fmt: skip


def rhythm_words(source: Source) -> str:
    """Say when a source is crawled."""
    told = source.options
    times = told.get("times")
    words = tr("每天%(times)s", times=" ".join(times)) if times else tr("每%(n)s分钟", n=source.interval_minutes)
    if told.get("quiet_from") and told.get("quiet_to"):
        words += " · " + tr("%(begin)s到%(end)s不抓", begin=told["quiet_from"], end=told["quiet_to"])
    return words


def option_words(source: Source) -> list[tuple[str, str]]:
    """Give label and value of what a source has set, in the order of the form."""
    told = source.options
    found = [(tr(label), str(told[key])) for key, label in _PLAIN.items() if told.get(key)]
    if told.get("spider") in CODED:
        found.insert(0, (tr("专用爬虫"), tr(CODED[told["spider"]].label)))
    if told.get("paging"):
        found.append((tr("翻页"), tr(PAGINGS.get(told["paging"], ""))))
    if told.get("parts") is False:
        found.append((tr("多页文章"), tr(PART_LABELS["first"])))
    for key, label in (("include", "只要这些网址"), ("exclude", "不要这些网址")):
        if told.get(key):
            found.append((tr(label), " ".join(told[key])))
    if told.get("encoding"):
        found.append((tr("文字编码"), tr(ENCODING_LABELS.get(str(told["encoding"]), str(told["encoding"])))))
    if told.get("timezone"):
        found.append((tr("时间按哪里的"), tr(ZONE_LABELS.get(str(told["timezone"]), str(told["timezone"])))))
    if told.get("delay"):
        found.append((tr("两次请求间隔"), tr("%(n)s秒", n=told["delay"])))
    return found
