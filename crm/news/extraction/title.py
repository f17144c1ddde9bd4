"""Find the headline: the visible line that the title element repeats and the markup sets apart.

Old pages write it into a table cell with a large font, and many title elements name the site only. So each short line
of the page is judged by what it repeats and by how it stands: heading, name, size, a dateline right below it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crm.news.extraction.compare import about, plain
from crm.news.extraction.dateline import DATELINE_WITHIN, is_dateline
from crm.news.extraction.density import article_lines, sentences
from crm.news.extraction.outline import Block, Line
from crm.news.extraction.page import Page, squeeze

_CUT = re.compile(r"(\s*(?:[_|｜丨]|:{2,}|\s[-–—·»>]+\s|--+|—{2,}|(?<=[\u3400-\u9fff\W])[-–](?=[\u3400-\u9fff]))\s*)")
_NAMED = re.compile(r"title|headline|\btit\b|tit$|biaoti|\bbt\b|activity-name", re.IGNORECASE)
_SITE = re.compile(
    r"(?:网|網|网站|首页|频道|頻道|中心|[日晚时早]报|[日晚時]報|政府|新闻|新聞|资讯|动态|要闻|公告|通知|栏目|正文|在线|论坛|专题|快讯"
    r"|门户|平台|观察|财经|國際|委员会|管委会|电视台|数字报)$"
)
_PATH = re.compile(
    r"位置|首页|首頁|欢迎|歡迎|今天是|[>»→＞].*[>»→＞]|^[>»→|·]|(?:来源|作者|时间|日期|原标题)\s*[:：]"
    r"|https?://|视频截图|语音播报|功能介绍|浏览器|[。；]$"
)
_LARGE = re.compile(
    r"font-size\s*:\s*(?:(?:1[89]|[2-9]\d)(?:\.\d+)?px|(?:1[4-9]|[2-9]\d)(?:\.\d+)?pt|x+-large)", re.IGNORECASE
)
_BUTTONS = {"分享", "收藏", "播报", "打印", "关注", "评论", "分享到", "收听", "朗读", "复制链接"}
_META = ("og:title", "twitter:title", "articletitle", "title")
_HEADINGS = {"h1": 2.0, "h2": 1.0, "h3": 0.7, "h4": 0.4}
_SHORTEST, _TELLING, _LONGEST = 4, 8, 150
_SITE_LENGTH, _LONG_SITE = 12, 20
_HEADING_LINES = 4
_MOSTLY, _SOMEWHAT = 0.5, 0.3
_PARAGRAPH, _FAR = 20.0, 12
_SET_APART, _CERTAIN = 1.5, 3.5


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A line or a whole heading, and where it stands."""

    text: str
    plain: str
    place: int
    line: Line
    block: Block


@dataclass(frozen=True, slots=True)
class _Story:
    """The densest text of a page, and the line where it begins."""

    text: str
    start: int


def find_title(page: Page) -> str:
    """Give the headline, "" when the page has none."""
    announced = _announced(page)
    heard = [plain(text) for text in (*announced, page.title_tag) if text]
    spoken = list(_spoken(page))
    echoes = ((_repeats(one, heard), one) for one in spoken)
    score, told = max(((echo + _standing(page, one), one.text) for echo, one in echoes if echo), default=(0.0, ""))
    if score >= _CERTAIN and not _is_site(told):
        return _without_button(told, announced)
    told = told or next((text for text in announced if len(plain(text)) >= _TELLING), "")
    story = _story(page)
    clear, apart = max(((_apart(page, one, story), one.text) for one in spoken), default=(0.0, ""))
    if clear >= _SET_APART and _more_about(story, apart, told):
        return apart
    return told or next(iter(announced), "") or page.title_tag


def _without_button(told: str, announced: list[str]) -> str:
    """Give the announced headline where the shown one only adds the words of a button (分享, 收藏)."""
    shown = plain(told)
    same = (text for text in announced if shown.startswith(plain(text)) and shown[len(plain(text)) :] in _BUTTONS)
    return next(same, told)


def without_site(text: str) -> str:
    """Cut "headline_section_site" and "site-section-headline" down to the headline."""
    parts = _CUT.split(text)
    names, first, last = parts[::2], 0, len(parts[::2])
    core = max(range(last), key=lambda number: _tells(names[number]))
    while first < core and (_is_site(names[first]) or not names[first]):
        first += 1
    while last - 1 > core or (last - 1 > first and _is_site(names[last - 1])):
        last -= 1
    return "".join(parts[2 * first : 2 * last - 1]).strip() or text


def _tells(part: str) -> tuple[bool, int]:
    """Rank the parts of a title element: one that is no site's or section's name before the longest."""
    length = len(plain(part))
    return length >= _SHORTEST and not _is_site(part, _LONG_SITE), length


def _is_site(text: str, longest: int = _SITE_LENGTH) -> bool:
    return len(text) <= longest and bool(_SITE.search(text.strip()))


def _announced(page: Page) -> list[str]:
    """Give the titles of metadata and the title element, without the names of site and section."""
    texts = [squeeze(page.meta.get(name, "")) for name in _META]
    return [without_site(text) for text in (*texts, page.title_tag) if len(text) >= _SHORTEST]


def _spoken(page: Page) -> Iterator[_Spoken]:
    """Give the lines that may be the headline, and headings of several lines as one."""
    lines = page.outline.lines
    for number, line in enumerate(lines):
        if _SHORTEST <= len(line.text) <= _LONGEST:
            yield _Spoken(line.text, page.plain_lines[number], number, line, line.block)
    for block in page.outline.blocks:
        several = 1 < block.last - block.first <= _HEADING_LINES
        if several and (block.tag in _HEADINGS or _NAMED.search(block.hint)):
            text = " ".join(line.text for line in lines[block.first : block.last])
            if len(text) <= _LONGEST and not is_dateline(text):
                yield _Spoken(text, plain(text), block.last - 1, lines[block.first], block)


def _named(block: Block) -> float:
    """Give what tags and names around a line say of it being the headline."""
    around: Block | None = block
    best = 0.0
    for _ in range(2):
        if around is None or around.last - around.first > _HEADING_LINES:
            break
        best = max(best, _HEADINGS.get(around.tag, 0.0), 1.2 if _NAMED.search(around.hint) else 0.0)
        around = around.parent
    return best


def _repeats(one: _Spoken, heard: list[str]) -> float:
    """Give how much of an announced title a line repeats, 0 to 3.5, allowing for an announcement that is cut."""
    words = one.plain
    if len(words) < _SHORTEST - 1:
        return 0.0
    best = 0.0
    for whole in heard:
        if words in whole and (whole.startswith(words) or whole.endswith(words) or len(words) * 3 >= len(whole)):
            best = max(best, 3 * len(words) / len(whole) + 0.5 * whole.startswith(words))
        elif len(whole) >= _TELLING and words.startswith(whole) and one.text == one.line.text:
            best = max(best, 2.0)
    return best


def _standing(page: Page, one: _Spoken) -> float:
    """Give what the place of a line says: a heading, a dateline below, no link, no name of a site."""
    lines = page.outline.lines
    below = lines[one.place + 1 : one.place + 1 + DATELINE_WITHIN]
    score = _named(one.block) + 1.5 * any(is_dateline(line.text) for line in below)
    return score - 2.5 * (one.line.linked > _MOSTLY) - 2.0 * _is_site(one.text) - 3.0 * bool(_PATH.search(one.text))


def _story(page: Page) -> _Story:
    """Give the page's densest text and the place of its first paragraph."""
    if not page.candidates:
        return _Story("", len(page.lines))
    found = page.candidates[0]
    numbers = range(found.first, found.last)
    start = next((number for number in numbers if sentences(page.outline.lines[number]) >= _PARAGRAPH), found.last)
    return _Story("\n".join(article_lines(page.outline, found)), start)


def _apart(page: Page, one: _Spoken, story: _Story) -> float:
    """Give how clearly a line that nothing announces stands as a headline: above the story, near, spoken of in it."""
    shortest = _SHORTEST if one.block.tag in _HEADINGS else _TELLING
    distance = story.start - one.place
    if distance <= 0 or len(one.plain) < shortest or one.line.linked or is_dateline(one.text):
        return 0.0
    alone = one.block.last - one.block.first <= _HEADING_LINES
    score = _standing(page, one) + (_emphasis(one.block.element) if alone else 0.0)
    return score + max(0.0, 1 - distance / _FAR) + about(story.text, one.text)


def _emphasis(element: Any) -> float:  # noqa: ANN401 - lxml has no types
    """Give what large or bold type and centring say."""
    score = 0.0
    around = element.getparent()
    for one in (around, element, *element.iterdescendants("font", "b", "strong", "span")):
        if one is None:
            continue
        size = one.get("size") or ""
        if one.tag == "font" and (size in {"4", "5", "6", "7"} or size.startswith("+")):
            score = max(score, 1.0)
        if _LARGE.search(one.get("style") or ""):
            score = max(score, 1.0)
        if one.tag in {"b", "strong"}:
            score = max(score, 0.6)
    centred = any(
        one is not None and (one.tag == "center" or one.get("align") == "center") for one in (around, element)
    )
    return score + 0.5 * centred


def _more_about(story: _Story, text: str, other: str) -> bool:
    """Tell whether the page's densest text is rather the article of one headline than of the other."""
    share = about(story.text, text)
    if not other or not story.text:
        return True
    return share >= _SOMEWHAT if len(plain(other)) < _TELLING else share > about(story.text, other)
