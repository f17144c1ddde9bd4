"""What stands around an occurrence of a name: words, cues, the rest of a longer name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm.linking import guards
from crm.linking.evidence import one_of
from crm.linking.lexicon import words
from crm.linking.wordlist import is_han

if TYPE_CHECKING:
    from crm.linking.evidence import Evidence
    from crm.linking.hints import Hints
    from crm.linking.wordlist import WordList

BITS = 12.0
CUT = 0.5
CUE = 5
OPENING = frozenset("《“\"'‘(【[<「『#")
CLOSING = frozenset("》”\"'’)】]>」』#")
STOPS = frozenset("。!?;\n,、:")
BINDING = frozenset("的由在为于据向从如让被给而但是到请与和将对拟称及等使用了以有把获购过还其该又也就都至并或")
NO_NAME = "的由在为于据向从如让被给而但是到请与和将对拟称、,。;:()"
MEMBERS = ("子公司", "孙公司", "参股公司", "联营公司", "合资公司")
LEGAL = "集团|股份|控股|有限|公司|责任|总公司"
AFTER = one_of("company_cues_after")
TAIL = one_of("organisation_tails")
PRODUCT = one_of("product_words")
CLUB = one_of("club_words")
BEFORE = tuple(words("company_cues_before"))
PLACES = tuple(words("places"))
SEAT = re.compile(f"(?:{'|'.join(sorted(map(re.escape, PLACES), key=len, reverse=True))})[省市县区]?$")
OWN_LEGAL = re.compile(r"(?:\(集团\)|集团|控股|股份)*(?:有限责任公司|有限公司)")
MEMBER = re.compile(
    rf"(?:集团|控股|股份)+(?:有限公司)?(?!{LEGAL})[^\W\d_{NO_NAME}]{{2,12}}?"
    r"(?:有限责任公司|有限公司|分公司|支行|分行|研究院|公司)"
)
RELATED = (
    "全资|控股(?!集团|有限)|关联|参股|[子孙母新]公司|分公司|上市公司|合资|项目公司|旗下|下属|所属|[两几多各某一二三四五六七八九十]家|[其等签]|区域|"
    "收购|入股|成立|设立|宣布|表示|发布|中标|增资"
)
UNIT = re.compile(
    rf"(?!{LEGAL})(?:(?!{RELATED})[^\W\d_{NO_NAME}]){{2,7}}?"
    r"(?:有限公司|公司|集团|基金|研究院|研究所|实验室|学院|事业部|协会|委员会)"
)
LATIN_ON = re.compile(
    r" (?!(?:inc|corp|co|ltd|group|plc|ag|sa|nv|oyj|gmbh|llc)\b)[a-z0-9]+(?: [a-z0-9]+){0,2}\)?(?=[\u4e00-\u9fff])"
)
SHARE_NAME = re.compile(r"股份(?!有限|公司|制|化|合作|转让|回购|代持|锁定|质押|变动|的|总数|数量|占|比例|\d)")
TRADED = (
    "持有",
    "持有的",
    "增持",
    "减持",
    "出售",
    "收购",
    "购买",
    "认购",
    "回购",
    "转让",
    "所持",
    "抛售",
    "买入",
    "持",
)
ASSOCIATION = re.compile(r"(?:业|与[\u4e00-\u9fff]{2})?(?:联合会|协会|学会)")
MORE_TAIL = re.compile(
    r"新能源(?!汽车|车|乘用|商用|客车|卡车|重卡|业务|板块|领域|产业|项目|电池|赛道|转型|战略|销量)|啤酒(?!业务|板块)|(?:公益|慈善)?基金会|电力(?!行业|设备|市场|项目|业务|系统|装备|工程)"
    r"|显示(?=[将已拟和与、的在也正]|宣布|公司|计划|处于|表示|面板|器)"
)
OTHERS = (
    ("tail", TAIL),
    ("tail", MORE_TAIL),
    ("tail", ASSOCIATION),
    ("longer_name", guards.LONGER_LEGAL_NAME),
    ("member_name", guards.MEMBER_LEGAL_NAME),
    ("member", MEMBER),
    ("unit", UNIT),
)


def of_place(place: guards.Place, vocabulary: WordList, hints: Hints) -> Evidence:
    """Say what stands around an occurrence."""
    found: Evidence = {}
    text, start, end = place.text, place.start, place.end
    _borders(found, place, vocabulary)
    _neighbours(found, text[start - 1 : start], text[end : end + 1])
    _cues(found, text, start, end)
    _longer(found, text, start, end)
    found["left_hint"], found["right_hint"] = hints.left(text, start), hints.right(text, end)
    before = text[start - 1 : start]
    if before and is_han(before):
        found["han_before"] = 1.0
        loose = "before_x" in found or "before_p" in found
        if loose and before not in BINDING and "cue_before" not in found:
            found["left_stray"] = 1.0
    if is_han(text[end : end + 1] or " "):
        found["han_after"] = 1.0
    return found


def _borders(found: Evidence, place: guards.Place, vocabulary: WordList) -> None:
    cut = vocabulary.around(place.text, place.start, place.end)
    for side, bits in (("left", cut.left), ("right", cut.right)):
        if bits > 0:
            found[f"{side}_bits"] = share = min(bits, BITS) / BITS
            if share >= CUT:
                found[f"{side}_cut"] = 1.0
    if cut.before:
        found[f"before_{cut.before}"] = 1.0
    if cut.after:
        found[f"after_{cut.after}"] = 1.0
    if cut.binds:
        found["crosses"] = 1.0


def _neighbours(found: Evidence, before: str, after: str) -> None:
    if not before or before in STOPS:
        found["begins"] = 1.0
    elif before in OPENING:
        found["opened"] = 1.0
    elif before == "的":
        found["of"] = 1.0
    if not after or after in STOPS:
        found["ends"] = 1.0
    elif after in CLOSING:
        found["closed"] = 1.0
    elif after == "的":
        found["possesses"] = 1.0


def _cues(found: Evidence, text: str, start: int, end: int) -> None:
    if text.endswith(BEFORE, max(0, start - CUE), start):
        found["cue_before"] = 1.0
    for name, pattern in (("cue_after", AFTER), ("product", PRODUCT), ("club", CLUB)):
        if pattern.match(text, end):
            found[name] = 1.0
    if text.rfind("《", max(0, start - 15), start) > text.rfind("》", max(0, start - 15), start):
        found["titled"] = 1.0


def _longer(found: Evidence, text: str, start: int, end: int) -> None:
    """Mark a name that is only a part of the name of another organisation, and one with its own suffix."""
    _seated(found, text, start, end)
    if guards.LEGAL_TAIL.match(text, end):
        found["group_suffix" if guards.GROUP_ONLY.match(text, end) else "legal_suffix"] = 1.0
    if SHARE_NAME.match(text, end) and not text.endswith(TRADED, max(0, start - CUE), start):
        found["share_name"] = 1.0
    if text[end : end + 1] == " " and LATIN_ON.match(text, end):
        found["latin_on"] = 1.0
    if text[end : end + 1].isalnum():  # all of these go on with a word
        for name, pattern in OTHERS:
            if pattern.match(text, end):
                found[name] = 1.0
    if guards.LOCAL_BRANCH.match(text, end) and not guards.OWN_STOCK_COMPANY.match(text, end):
        found["local_branch"] = 1.0
    if guards.FOREIGN_OWNER.search(text, max(0, start - CUE), start) and guards.LEGAL_TAIL.match(text, end):
        found["foreign"] = 1.0


def _seated(found: Evidence, text: str, start: int, end: int) -> None:
    """Mark a name behind a place, and one of a member: 子公司苏州华鼎."""
    seat = SEAT.search(text, max(0, start - CUE), start)
    if seat is None:
        return
    found["seated"] = 1.0
    if text.endswith(MEMBERS, max(0, seat.start() - CUE), seat.start()):
        found["member_seat"] = 1.0
    if OWN_LEGAL.match(text, end):
        found["seated_legal"] = 1.0
