"""Find the article's text: our own fast choice first, readability as the second opinion when a cheap test doubts it."""

import logging
import math
import re
from dataclasses import dataclass

from readability import Document
from readability.readability import Unparseable

from crm.news.extraction.compare import about, plain
from crm.news.extraction.dateline import is_dateline
from crm.news.extraction.density import article_lines, sentences, weight
from crm.news.extraction.outline import Block, text_lines
from crm.news.extraction.page import Page, parse

_SITE_RULES = {"js_content"}  # WeChat keeps its article invisible until a script runs.
_TAIL = re.compile(
    r"^[(（\[【]?\s*(?:(?:责任?编辑?|编辑|审核|校对|值班主任)\s*[:：|]?.{0,40}|(?:免责|郑重)?声明\s*[:：].{0,200}"
    r"|(?:本文|文章)?(?:来源|来源于|转自)\s*[:：].{0,40}|主办(?:单位)?\s*[:：].{0,80}"
    r"|(?:上|下)一[篇页].{0,60}|(?:打印|关闭|返回).{0,10}|.{0,60}(?:ICP备|All Rights Reserved|版权所有).{0,60}"
    r"|(?:作者|记者)\s*[:：].{0,20}责任?编辑?\s*[:：].{0,20}|.{0,40}未经.{0,10}(?:授权|许可|允许).{0,40}|更多.{0,60}请?关注.{0,40}"
    r"|关于我们.{0,80}|.{0,20}(?:举报|客服|联系)(?:电话|邮箱|我们).{0,60}|分享到?.{0,20}|相关阅读|扫一扫.{0,30}|微信公众号|[\w\s]{0,12}APP)$"
)
_NOISE = re.compile(
    r"^(?:[（(【\[]?\s*原标题\s*[:：].{0,80}|您的浏览器.{0,20}(?:无法|不支持).{0,40}|(?:视频)?(?:自动播放|正在加载|加载中).{0,30}"
    r"|点击(?:进入专题|查看|加载更多).{0,20}|转播到.{0,10}|[|<>«»\s\d]*(?:[上下]一?[页頁]|首页|尾页|末页)[|<>«»\s\d上下一页末首尾]*)$"
)
_HEAD = re.compile(
    r"^(?:您?(?:所在的?|当前的?|现在的?)位置|首页\s*[>＞»]|.{0,40}\d{4}[-/.年]\d{1,2}[-/.月].{0,12}\d{1,2}:\d{2}"
    r"|(?:来源|作者|发布时间|时间|字号|浏览)\s*[:：]|By [A-Z][\w.' -]{2,40}$)"
)
_HEAD_LINES, _HEAD_LENGTH, _DATELINE_LENGTH = 6, 90, 60
_SENTENCE_END = re.compile("[。，；！？]")
_UNRELATED, _NEAR, _SIZE = 0.03, 0.3, 0.7  # What a text counts that says nothing of its headline, that is next to it.
_SAYS_SOMETHING = 15.0
_CLEARLY, _PERHAPS = 0.5, 0.15
_RIVAL, _FAINT_RIVAL = 0.5, 0.25
_MORE, _MUCH_MORE = 0.15, 0.3
_THIN, _SOME, _PARAGRAPH = 60, 30, 40
_ALMOST_ALL = 0.9

logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


def find_body(page: Page, title: str) -> str:
    """Give the article's text, one paragraph per line; "" when the page has none."""
    ruled = _by_site_rule(page)
    if ruled:
        return trimmed(ruled, title)
    first, sure = _fast(page, title)
    if sure:
        return first
    second = trimmed(_readable(page), title)
    if _latin(second):
        return second
    chosen = _settled(first, second, title)
    if about(chosen, title) >= _PERHAPS:
        return chosen
    third = trimmed(_below_title(page, title), title)
    return third if not chosen or about(third, title) > about(chosen, title) + _MUCH_MORE else chosen


def _by_site_rule(page: Page) -> list[str]:
    if not any(name in page.markup for name in _SITE_RULES):
        return []
    outline = page.outline
    ruled = (block for block in outline.blocks if block.element.get("id") in _SITE_RULES and block.last > block.first)
    block = next(ruled, None)
    return [line.text for line in outline.lines[block.first : block.last]] if block else []


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a candidate comes to: its text, its share of the headline, whether it stands next to it, its worth."""

    text: str
    share: float
    near: bool
    score: float

    @property
    def worth(self) -> float:
        beside = _NEAR * min(1.0, weight(self.text) / _THIN) if self.near else 0.0
        return math.pow(self.score, _SIZE) * (_UNRELATED + self.share + beside)


def _fast(page: Page, title: str) -> tuple[str, bool]:
    """Give our own choice, and whether it needs no second opinion."""
    near = _first_below(page, title)
    choices: list[_Choice] = []
    scores = [one.score for one in page.candidates]
    for number, one in enumerate(page.candidates):
        text = trimmed(article_lines(page.outline, one), title)
        choices.append(_Choice(text, about(text, title), one.block in near, one.score))
        if number == 0 and _certain(choices[0]) and one.score * _RIVAL > max(scores[1:], default=0.0):
            return text, True
    if not choices:
        return "", False
    best = max(choices, key=lambda one: one.worth)
    if _latin(best.text):
        return best.text, False
    rival = max((one.score for one in choices if one is not best), default=0.0)
    alone = rival < (_RIVAL if best.share >= _CLEARLY else _FAINT_RIVAL) * best.score
    return best.text, _certain(best) or (alone and best.share >= _PERHAPS and weight(best.text) >= _THIN)


def _certain(one: _Choice) -> bool:
    return one.near and one.share >= _CLEARLY and weight(one.text) >= _SOME and not _latin(one.text)


def _first_below(page: Page, title: str) -> set[Block]:
    """Give the candidates that come first after (or around) a line which is the headline."""
    wanted = plain(title)
    places = [number for number, text in enumerate(page.plain_lines) if text and text == wanted]
    blocks = sorted((one.block for one in page.candidates if one.score >= _SAYS_SOMETHING), key=lambda one: one.first)
    first = (next((block for block in blocks if block.last > place + 1), None) for place in places)
    return {block for block in first if block}


def _settled(first: str, second: str, title: str) -> str:
    """Choose between our choice and readability's: ours, unless the other one is clearly more about the headline."""
    if not first or about(second, title) > about(first, title) + _MORE:
        return second
    return first


def _latin(text: str) -> bool:
    """Tell whether a text is in Latin letters, which readability knows best."""
    return len(text.encode("ascii", "ignore")) > _ALMOST_ALL * len(text) > 0


def _below_title(page: Page, title: str) -> list[str]:
    """Give what follows the headline in the innermost block that has some sentences after it."""
    wanted, outline = plain(title), page.outline
    for number, text in enumerate(page.plain_lines):
        if not text or text != wanted:
            continue
        block = outline.lines[number].block
        while block.parent and block.tag != "body":
            after = outline.lines[number + 1 : block.last]
            if sum(weight(one.text) for one in after if sentences(one)) >= _SOME:
                return [one.text for one in after if not one.linked]
            block = block.parent
    return []


def _readable(page: Page) -> list[str]:
    """Let readability choose and clean the article's element."""
    try:
        summary = Document(page.markup).summary(html_partial=True)  # without its address: nobody follows the links
    except (Unparseable, ValueError, RecursionError):
        return []
    chosen = parse(summary, page.url)
    return text_lines(chosen.root) if chosen else []


def trimmed(lines: list[str], title: str) -> str:
    """Drop the headline and its dateline at the beginning, lines of staff and notices at the end."""
    wanted, first = plain(title), 0
    for number, line in enumerate(lines[:_HEAD_LINES]):
        if plain(line) == wanted or (len(line) <= _HEAD_LENGTH and (_HEAD.match(line) or _only_dateline(line))):
            first = number + 1
        elif line.endswith(("。", ".")) or weight(line) >= _PARAGRAPH:
            break
    kept = [line for line in lines[first:] if len(line) > _HEAD_LENGTH or not _NOISE.match(line)]
    while kept and _TAIL.match(kept[-1]):
        kept = kept[:-1]
    return "\n".join(kept)


def _only_dateline(line: str) -> bool:
    """Tell whether a line gives a date or a source and no sentence."""
    return len(line) <= _DATELINE_LENGTH and not _SENTENCE_END.search(line) and is_dateline(line)
