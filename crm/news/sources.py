"""Rules of news sources: what a source may look like, when it runs next, whether a crawl went well."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crm.core.errors import Problem
from crm.news import options
from crm.news.kinds import KIND_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 7 * 24 * 60
LONGEST_NAME, LONGEST_URL = 80, 2000
STATE_LABELS = {"queued": "排队抓取", "crawling": "抓取中", "ingesting": "入库中", "done": "完成", "failed": "失败"}

# Why a page, or a whole crawl, gave nothing. Keys are stable; the first block comes from the spiders.
FAILURE_LABELS = {
    "http_status": "网站返回错误状态",
    "timeout": "网站超时没有应答",
    "dns": "域名无法解析",
    "connection": "连接失败",
    "refused_address": "地址不允许访问（内网地址）",
    "robots": "网站声明不允许抓取",
    "too_large": "页面过大",
    "content_type": "不是网页",
    "not_a_feed": "返回的不是订阅内容",
    "not_a_sitemap": "返回的不是网站地图",
    "empty_list": "列表里没有找到文章链接",
    "bad_gzip": "压缩内容损坏",
    "redirect_loop": "重定向循环",
    "data_loss": "内容传输不完整",
    "content_encoding": "压缩方式无法识别",
    "entities": "内容含有危险的实体声明",
    "spider_error": "解析程序出错",
    "bad_url": "网址格式不对或过长",
    "no_content": "导出文件里没有正文",
    "bad_export": "导出文件读不出文章",
    "not_json": "返回的不是 JSON 数据",
    "needs_scripts": "列表由网页脚本生成，直接抓取看不到",
    "slow_selector": "选择器运行太慢，已中止",
    "empty_body": "没有识别出正文",
    "bad_encoding": "文字编码损坏",
    "bad_row": "抓取记录损坏，无法读取",
    "bad_spec": "信源设置不完整，抓取没有开始",
    "no_feed": "抓取进程中途退出，没有留下结果",
    "cut_short": "抓取被中断，只取回一部分",
    "nothing_found": "没有取回任何文章",
    "feed_missing": "抓取结果文件已不在",
    "feed_broken": "抓取结果文件损坏",
    "lost": "任务中断，没有完成",
}


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """What a person typed about a source, before it is accepted."""

    name: str
    kind: str
    url: str
    interval_minutes: int = 60
    options: Mapping[str, Any] = field(default_factory=dict)


def source_problems(draft: SourceDraft) -> list[Problem]:
    """Reasons why a source cannot be kept; empty means it can."""
    problems = []
    if not draft.name or len(draft.name) > LONGEST_NAME:
        problems.append(Problem("source.name", "请填信源名称，不超过80个字。", "name"))
    if draft.kind not in KIND_LABELS:
        problems.append(Problem("source.kind", "请选择信源类型。", "kind"))
    if not _is_address(draft.url):
        problems.append(Problem("source.url", "请填完整网址，以 http:// 或 https:// 开头。", "url"))
    if not SHORTEST_MINUTES <= draft.interval_minutes <= LONGEST_MINUTES:
        problems.append(Problem("source.interval", "抓取间隔请填5分钟到7天（10080分钟）之间。", "interval_minutes"))
    return [*problems, *options.problems(draft.kind, draft.options)]


def crawl_problem(exit_status: int, summary: Mapping[str, Any] | None) -> str | None:
    """Name what went wrong with a whole crawl, None when nothing did.

    Args:
        exit_status: 0 done, 2 bad specification, anything else cut short.
        summary: the last line of the feed file, None when there is no complete file.
    """
    if exit_status == 2:  # noqa: PLR2004 (documented above)
        return "bad_spec"
    if summary is None:
        return "no_feed"
    if "slow_selector" in (summary.get("failures") or {}):
        return "slow_selector"
    if exit_status != 0 or summary.get("finish") in {"aborted", "terminated"}:
        return "cut_short"
    if summary.get("items") or summary.get("skipped_seen") or summary.get("unchanged"):
        return None
    failures: Mapping[str, int] = summary.get("failures") or {}
    return max(failures, key=lambda key: failures[key], default="nothing_found")


def validators(
    summary: Mapping[str, Any], problem: str | None, before: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Give what the next crawl may say it knows of the listing: only when all this one named was fetched."""
    if problem or summary.get("failed") or summary.get("finish") != "finished":
        return None
    if summary.get("unchanged"):
        return dict(before or {}) or None
    told = summary.get("validators") or {}
    return {key: str(told[key]) for key in ("etag", "modified") if told.get(key)} or None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0  # no password, a port there is
        usable = parts.scheme in {"http", "https"} and plain
    except ValueError:
        return False
    return usable and len(url) <= LONGEST_URL and not any(char.isspace() for char in url)
