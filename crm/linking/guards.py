"""What is asked of an occurrence of a name before anything is weighed, and the forms of longer names.

All functions work on folded text and half-open spans.
"""

import re
from typing import NamedTuple

GENERIC_NAME = re.compile(
    r"(?:投资|银行|控股|证券|能源|航空|电力|矿业|发展|产业|工业|汽车|建设|集团|生物|医药"
    r"|科技|信托|保险|钢铁|煤业|化工|"
    r"交通|水务|物流|农业|商业|贸易|国际|开发|城市|城投|文化|旅游|资产|管理|运营|实业|电子"
    r"|信息|网络|环境|燃气|港口|机场|铁路|建筑|地产|食品|纺织|机械|有色|黄金|石化|石油"
    r"|股份)+"
)
COMPANY, STOCK_COMPANY = "公司", "股份有限公司"
GROUP_ONLY = re.compile(r"集团(?!\w{0,6}公司)")
LEGAL_TAIL = re.compile(r"(?:\(集团\)|集团|控股|股份)*(?:有限责任公司|有限公司|总公司|公司|集团)")
LONGER_LEGAL_NAME = re.compile(
    r"(?!集团|股份|控股|公司|有限"
    r"|总公司)[^\W\d_的与和在将向对拟为是、,。;:]{2,14}?(?:有限责任公司|有限公司|合伙企业"
    r"|研究院|研究所)"
)
MEMBER_LEGAL_NAME = re.compile(
    r"(?!集团|股份|控股|公司|有限|总公司)(?:(?!旗下|全资|控股(?![有集股])|子公司|参股|下属|所属|关联|发布|公布|披露|成立|设立|收购"
    r"|投资(?![有控管发咨股合集])|认购|入股|成功|中标|签订|签署|转让|增资|委托|等|公司)[^\W\d_的与和在将向对拟为是、,。;:]){2,14}?(?:有限责任公司|有限公司)"
)
LOCAL_BRANCH = re.compile(r"\([\u4e00-\u9fff]{2,4}\)(?:有限公司|有限责任公司|[\u4e00-\u9fff]{2,10}有限公司)")
STOCK_NAME_REST = re.compile(
    r"(?:\([\u4e00-\u9fff]{2,4}\))?(?:(?!公司|旗下|参股|关联|发布|收购|认购|入股|成功|中标|等)[^\W_的与和在将向对拟为是、,。;:]){0,14}?"
    r"(?:\(集团\))?股份有限公司"
)
OWN_STOCK_COMPANY = re.compile(r"\([\u4e00-\u9fff]{2,4}\)股份有限公司")
FOREIGN_OWNER = re.compile(
    r"(?:乌克兰|俄罗斯|越南|印度|泰国|巴西|墨西哥|日本|韩国|德国|法国|英国|美国|沙特|伊朗|埃及)$"
)
ASCII_LETTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
ENGLISH = re.compile(r"^[a-z,] | [a-z]$")
QUOTED_CODE = re.compile(r"\.(?:oo|us|hk|sh|sz|[nolt])\b")


class Place(NamedTuple):
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
    text, start, end = place
    left = text[start] in ASCII_LETTERS and text[max(0, start - 1) : start] in ASCII_LETTERS
    return left or (text[end - 1] in ASCII_LETTERS and text[end : end + 1] in ASCII_LETTERS)


def is_common_noun(place: Place, surface: str) -> bool:
    """Tell whether a Latin name is written as a common noun among English words: an apple, a target."""
    return (
        surface.isascii()
        and surface.islower()
        and ENGLISH.search(place.text[max(0, place.start - 2) : place.end + 2]) is not None
    )


def is_code_of(place: Place) -> bool:
    """Tell whether a Latin name is only the code that follows the name of its firm: (GM.N)."""
    text, start, end = place
    bracketed = text[max(0, start - 1) : start] in {"(", "["}
    return bracketed and place.name.isascii() and QUOTED_CODE.match(text, end) is not None


def is_generic(name: str) -> bool:
    """Tell whether a folded name says only a trade and a form (投资集团): nobody's name."""
    return GENERIC_NAME.fullmatch(name) is not None
