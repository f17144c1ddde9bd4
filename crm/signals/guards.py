"""Guards of the matcher, which ask whether an occurrence of a name is really the enterprise.

All functions work on folded text and half-open spans. Each guard names its reason, so that a
link can be explained and a refusal can be tested.
"""

import re
from dataclasses import dataclass

from crm.signals.lexicon import Lexicon

SHORT_NAME = 3
LONGEST_WORD = 5
STOCK_CODE = re.compile(r"\((?:[a-z]{2,5}[:.])?\d{5,6}(?:\.[a-z]{2})?\)|\((?:nyse|nasdaq|hk|sh|sz)[:.]")
GENERIC_NAME = re.compile(
    r"(?:投资|银行|控股|证券|能源|航空|电力|矿业|发展|产业|工业|汽车|建设|集团|生物|医药"
    r"|科技|信托|保险|钢铁|煤业|化工|"
    r"交通|水务|物流|农业|商业|贸易|国际|开发|城市|城投|文化|旅游|资产|管理|运营|实业|电子"
    r"|信息|网络|环境|燃气|港口|机场|铁路|建筑|地产|食品|纺织|机械|有色|黄金|石化|石油"
    r"|股份)+"
)
GROUP_ONLY = re.compile(r"集团(?!\w{0,6}公司)")
LEGAL_TAIL = re.compile(r"(?:\(集团\)|集团|控股|股份)*(?:有限责任公司|有限公司|总公司|公司|集团)")
LONGER_LEGAL_NAME = re.compile(
    r"(?!集团|股份|控股|公司|有限"
    r"|总公司)[^\W\d_的与和在将向对拟为是、,。;:]{2,14}?(?:有限责任公司|有限公司|合伙企业"
    r"|研究院|研究所)"
)
LOCAL_BRANCH = re.compile(r"\([\u4e00-\u9fff]{2,4}\)(?:有限公司|有限责任公司|[\u4e00-\u9fff]{2,10}有限公司)")
OWN_STOCK_COMPANY = re.compile(r"\([\u4e00-\u9fff]{2,4}\)股份有限公司")
FOREIGN_OWNER = re.compile(
    r"(?:乌克兰|俄罗斯|越南|印度|泰国|巴西|墨西哥|日本|韩国|德国|法国|英国|美国|沙特|伊朗|埃及)$"
)
HAN = re.compile(r"[\u4e00-\u9fff]")
PARTICLES = ("的", "由", "在", "为", "于", "据", "向", "从", "如", "让", "被", "给", "而", "但", "是", "到", "请")
SENTENCE_STARTS = frozenset("。!?;\n【[")
ASCII_LETTER = re.compile(r"[0-9a-z]")


@dataclass(frozen=True)
class Place:
    """One candidate occurrence in a folded text."""

    text: str
    start: int
    end: int

    @property
    def before(self) -> str:
        """Give the text directly in front, enough for every guard."""
        return self.text[max(0, self.start - 12) : self.start]

    @property
    def after(self) -> str:
        """Give the text directly behind, enough for every guard."""
        return self.text[self.end : self.end + 30]

    @property
    def name(self) -> str:
        """Give the folded surface."""
        return self.text[self.start : self.end]


def breaks_ascii_word(place: Place) -> bool:
    """Tell whether a Latin name is only a part of a longer Latin word or number."""
    left = ASCII_LETTER.match(place.name[0]) and ASCII_LETTER.match(place.before[-1:])
    right = ASCII_LETTER.match(place.name[-1]) and ASCII_LETTER.match(place.after[:1])
    return bool(left or right)


def crosses_word(place: Place, lexicon: Lexicon) -> bool:
    """Tell whether a short name shares a part of a common word with its neighbours.

    全[国铁]路 is 全国 + 铁路, not 国铁. Names of up to three
    characters are tested on both sides, those of four only in front (中[国新能源] 汽车).
    """
    length = place.end - place.start
    if length > SHORT_NAME + 1:
        return False
    left = _word_over(place, place.start, lexicon)
    return left or (length <= SHORT_NAME and _word_over(place, place.end, lexicon))


def _word_over(place: Place, border: int, lexicon: Lexicon) -> bool:
    """Look for a listed word that lies over the border and does not hold the whole name."""
    for start in range(max(0, border - LONGEST_WORD + 1), border):
        for end in range(border + 1, min(len(place.text), start + LONGEST_WORD) + 1):
            holds_name = start <= place.start and end >= place.end
            if place.text[start:end] in lexicon.boundary and (not holds_name or end - start > place.end - place.start):
                return True
    return False


def inside_longer_name(place: Place, lexicon: Lexicon) -> bool:
    """Tell whether the name is only a part of the name of another organisation.

    长城[人寿], 乌克兰[国家电网]公司, 某集团[湖北电力有限公司]. A legal suffix alone (集团, 有限公司)
    does not make it another organisation.
    """
    after = place.after
    if after.startswith(lexicon.organisation_tails):
        return True
    if place.before.endswith(lexicon.places) and LEGAL_TAIL.match(after):
        return True
    if FOREIGN_OWNER.search(place.before) and not place.name.startswith(("中国", "美国", "日本")):
        return LEGAL_TAIL.match(after) is not None
    if LOCAL_BRANCH.match(after):
        return not OWN_STOCK_COMPANY.match(after)
    return LONGER_LEGAL_NAME.match(after) is not None


def begins_apart(place: Place, lexicon: Lexicon) -> bool:
    """Tell whether nothing in front can belong to the name: 某某[创意]有限公司 does not begin here."""
    before = place.before
    return not before or not HAN.match(before[-1]) or before.endswith((*PARTICLES, *lexicon.cues_before))


def is_generic(name: str) -> bool:
    """Tell whether a folded name says only a trade and a form (投资集团): nobody's name."""
    return GENERIC_NAME.fullmatch(name) is not None


def cues(place: Place, lexicon: Lexicon) -> tuple[str, ...]:
    """Collect what near the name shows that an enterprise is meant."""
    found = []
    if STOCK_CODE.match(place.after):
        found.append("stock_code")
    if LEGAL_TAIL.match(place.after):
        found.append("group_suffix" if GROUP_ONLY.match(place.after) else "legal_suffix")
    if place.after.startswith(lexicon.cues_after):
        found.append("cue_after")
    if place.before.endswith(lexicon.cues_before):
        found.append("cue_before")
    if place.start == 0 or place.before[-1:] in SENTENCE_STARTS:
        found.append("sentence_start")
    return tuple(found)
