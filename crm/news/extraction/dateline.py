"""The lines around a headline that tell when and by whom the page was published."""

import re
from dataclasses import dataclass

from crm.news.extraction.compare import plain
from crm.news.extraction.density import sentences
from crm.news.extraction.page import Page

DATELINE_WITHIN = 4
SHORT_LINE = 160
# 活动时间：, 图片来源： and the like speak of something else than the page.
_OTHER_TIMES = "".join(
    f"(?<!{word})"
    for word in (
        "活动",
        "会议",
        "报名",
        "截止",
        "举办",
        "开始",
        "结束",
        "办公",
        "受理",
        "实施",
        "拍摄",
        "播出",
        "上映",
        "工作",
    )
)
_OTHER_SOURCES = "".join(f"(?<!{word})" for word in ("图片", "照片", "图", "视频", "数据", "资料", "资金"))
TIME_LABEL = re.compile(
    r"(?:发布|發布|发表|發表|发稿|更新|刊发|成文|发文|印发|生成|上传|录入|上网|公开)?"
    rf"{_OTHER_TIMES}(?:时间|時間|日期|于)\s*[】\]]?\s*[:：]"
)
SOURCE_LABEL = re.compile(
    rf"(?:文章|信息|稿件|新闻|内容|本文)?{_OTHER_SOURCES}"
    r"(?:来\s*源|來\s*源|来源于|转自|稿源|出处|出處|发布机构|发布单位|发文机关|发布者)\s*[】\]]?\s*[:：于]"
)
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}月\d{1,2}日\s*\d{1,2}:\d\d|前天|昨天|\d+\s*(?:分钟|小时|天)前"
    r"|\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2},?\s+20\d\d"
    r"|\b\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\s+20\d\d"
)
_MARK = re.compile("[:：于]")
_LABEL_ALONE = re.compile(r"^.{0,12}(?:源|间|時間|期|机构|单位|机关|者)\s*[:：]$")
_CALENDAR = re.compile(r"今天是|今日是|现在是|当前时间|欢迎|歡迎")
_ELSEWHERE = re.compile(r"^\W*(?:更多|相关|相關|推荐|推薦|热门|熱門|热点|最新|评论|評論|网友)")
_BELOW, _ABOVE, _PLACES = 12, 5, 8
_PARAGRAPH = 25.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Short lines near the headline: below it down to the first paragraph, above it, and labelled ones elsewhere."""

    below: list[str]
    above: list[str]
    labelled: list[str]

    @property
    def all(self) -> list[str]:
        """Everything, best first."""
        return [*self.below, *self.labelled, *self.above]


def is_dateline(text: str) -> bool:
    """Tell whether a short line gives a date or a source."""
    return len(text) <= SHORT_LINE and bool(_DATE.search(text) or SOURCE_LABEL.search(text) or TIME_LABEL.search(text))


def surroundings(page: Page, title: str, body: str) -> Surroundings:
    """Give the lines that may tell when and by whom the page was published; sentences of its article do not."""
    lines, article = _joined(page), set(body.split("\n"))
    wanted = plain(title)
    places = [number for number, text in enumerate(page.plain_lines) if wanted and text.startswith(wanted)][:_PLACES]
    runs = [_down_to_paragraph(page, lines, place, article) for place in places]
    runs.sort(key=lambda run: not any(is_dateline(text) for text in run))
    above = [text for place in places for text in reversed(lines[max(0, place - _ABOVE) : place])]
    look = {False: re.Pattern.search, True: re.Pattern.match}
    labelled = [
        text
        for text in lines
        if _MARK.search(text) and any(look[text in article](label, text) for label in (TIME_LABEL, SOURCE_LABEL))
    ]
    return Surroundings(_short([text for run in runs for text in run]), _short(above), _short(labelled))


def _joined(page: Page) -> list[str]:
    """Give the lines of the page, each label that stands alone (in a cell) together with what follows it."""
    texts = page.lines
    return [
        f"{text} {texts[number + 1]}" if _LABEL_ALONE.match(text) and number + 1 < len(texts) else text
        for number, text in enumerate(texts)
    ]


def _down_to_paragraph(page: Page, lines: list[str], place: int, article: set[str]) -> list[str]:
    run = []
    for number in range(place + 1, min(place + 1 + _BELOW, len(lines))):
        paragraph = sentences(page.outline.lines[number]) >= _PARAGRAPH and not is_dateline(lines[number])
        if paragraph or lines[number] in article or _ELSEWHERE.match(lines[number]):
            break
        run.append(lines[number])
    return run


def _short(texts: list[str]) -> list[str]:
    return [text for text in texts if len(text) <= SHORT_LINE and not _CALENDAR.search(text)]
