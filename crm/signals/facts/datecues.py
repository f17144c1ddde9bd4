"""What the words around a day say: that the event is then, or that a report or the founding was. Pure."""

from __future__ import annotations

import re

Match = re.Match[str]
TERM = 3
NOT_THE_EVENT_BEFORE = re.compile(
    r"(?:成立于|成立日期[::]?|成立时间[::]?|创立于|始建于|创办于|上市于|成立的|founded in|established in"
    r"|(?:截至|截止)(?:到)?(?:(?:北京|当地|美国)时间)?(?:于)?|较|比|同比|相比) ?$"
)
NOT_THE_EVENT_AFTER = re.compile(
    r"(?:度|,?(?:官微|官网|官方)?(?:消息|讯|电|公告|获悉|报道|发布公告|晚间?(?:公告|消息)?"
    r"|盘|出版|刊|在机构调研|接受|以来)|[^,。]{0,8}(?:App|app|企查查|天眼查))"
)
WHEN_BEFORE = re.compile(
    r"(?:将于|拟于|计划于|预计于?|预期|争取|力争|有望|最快|最晚|最早|于|在|自|从|至"
    r"|到|至迟|计划|定于|目标)$"
)
WHEN_AFTER = re.compile(
    r"(?:底|末|初|年底|前|之前|内|起|正式|全面|建成|投产|开工|动工|完工|竣工|量产|交付|启动|投入"
    r"|达产|上市|签|举行"
    r"|落成|完成|实现|开业|运营|搬|迁)"
)
PLANS_BEFORE = re.compile(r"(?:将|拟|预计|预期|计划|争取|力争|有望|最快|最晚|最早|目标|寻求|考虑)[^,。;]{0,6}$")
YEAR_AFTER = re.compile(
    r"$|[,.。;、)年间起前内底末初至到赴于在可能-]|(?:将|拟|计划|预计|力争|有望|累计)|正式|全面|建成|投产|开工|动工|完工|竣工|量产|交付|启动|投入|达产"
    r"|上市|签|举行|落成|完成|实现|开业|运营|搬|迁|成立|收购|关闭|关停|停产|破产|裁|投资|新建|增资|出资|推出|面世|发布"
)
PERIOD_AFTER = re.compile(
    r"前?[\d一二三四五六七八九十]+(?:[-至]\d+)?(?:个月|月[,的份]|季度)|以来|同期|首[例个次家]|\d{1,2}[月、,]"
)


def of_another(sentence: str, found: Match) -> bool:
    """Tell the day of the report, a year of account or of foundation from the day of the event."""
    before, after = sentence[max(0, found.start() - 12) : found.start()], sentence[found.end() : found.end() + 12]
    return bool(NOT_THE_EVENT_BEFORE.search(before) or NOT_THE_EVENT_AFTER.match(after))


def weight(sentence: str, found: Match) -> int:
    """How much speaks for a day: planning before it, a deed behind it; a term that somebody sets counts little."""
    before, after = sentence[max(0, found.start() - 6) : found.start()], sentence[found.end() : found.end() + 12]
    deed = bool(WHEN_AFTER.match(after))
    unit = found.groupdict().get("unit")
    term = unit in {"天", "日"} or (unit is not None and found[0].endswith("后") and not deed)
    return 2 * bool(WHEN_BEFORE.search(before)) + deed + planned(found) - TERM * term


def planned(found: Match) -> bool:
    """Whether words of planning stand before a day."""
    return PLANS_BEFORE.search(found.string, max(0, found.start() - 9), found.start()) is not None


def is_when(found: Match) -> bool:
    """Whether a bare year says when (2027年投产), not of what year a thing is (2021年第二批招标)."""
    before, after = (
        found.string[max(0, found.start() - 6) : found.start()],
        found.string[found.end() : found.end() + 12],
    )
    if PERIOD_AFTER.match(after):
        return False
    return bool(WHEN_BEFORE.search(before) or YEAR_AFTER.match(after))
