"""Find names of organisations that nobody may have on record: legal names, declared short names, names with a code.

Pure. What stands in front of a name in a sentence (签约的, 由, 与) is cut off at words that begin no name; what
remains must have a core of two characters that is no mere trade or place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.text import fold, fold_company
from crm.linking.guards import is_generic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from crm.linking.lexicon import Lexicon

LEGAL, DECLARED, LISTED = "legal", "declared", "listed"
HAN = r"\u3400-\u9fff"
LEGAL_NAME = re.compile(
    rf"[{HAN}A-Za-z0-9·]{{2,24}}(?:[(（][{HAN}]{{2,8}}[)）][{HAN}A-Za-z0-9]{{0,12}})?"
    r"(?:有限责任公司|有限公司|集团公司|控股集团|集团(?![军战]))"
)
SHORT_FOR = re.compile(
    rf"[(（](?:[^()（）]{{0,12}}[,，；;])?(?:以下)?(?:简称|下称)[:：为]?[“\"「『‘]?([{HAN}A-Za-z0-9]{{2,12}})[”\"」』’]?"
    r"(?:[,，；;][^()（）]{0,20})?[)）]"
)
WITH_CODE = re.compile(
    rf"([{HAN}A-Za-z]{{2,10}})[(（](?:股票代码|证券代码|代码)?[:：]?\s*"
    r"(?:\d{6}(?:\.(?:SH|SZ|BJ))?|(?:SH|SZ|BJ)\.?\d{6}|\d{4,5}\.HK|\d{5})[)）]",
    re.IGNORECASE,
)
STOP = re.compile(
    r".*(?:的|由|与|同|向|被|将|为|在|于|对(?!外)|给|把|让|据|从|至|到|及|是|称|和(?![平谐源美泰达])|以及|联合|携手|收购|入股|控股股东|旗下|子公司|全资|控股(?=\w{4})"
    r"|签约|引进|落户|走访|会见|调研|考察|拜访|宣布|投资方|中标方|供应商|客户|企业|记者|获悉|消息|近日|日前|今日|昨日|其中|包括|负责人|董事长|总经理|总裁"
    r"|丨|了|其|隶属于?|[一两几]个|打掉|回顾|规模|预计|举报|曝光|维持|给予|上调|下调|看好|买入|增持|减持|重申|推荐"
    r"|[一二三四五六七八九十两多数几]家|成立|设立|组建|增资|参股|注资|出资|转让|名为|叫做|现为|原名|更名)"
)
TRADES = re.compile(
    r"(?:投资|管理|咨询|通信|通讯|利益|服务|金融|信息|技术|科技|网络|基金|财富|资产|电子|商务|贸易|实业|股份|有限|责任|公司|集团|控股|顾问|中介|传媒|文化|发展"
    r"|国企|央企|民企|诈骗|犯罪|传销|跨国|企业|上市|大型)+"
)
CORE = 2
SHORTEST, LONGEST = 4, 40
CONTEXT = 40
MOST = 40
KINDLESS = ("该公司", "本公司", "子公司", "母公司", "总公司", "分公司", "某公司", "该集团", "本集团")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name of an organisation in a text, with how it shows and what full name stands in front of a short one."""

    surface: str
    start: int
    form: str
    hint: str | None
    context: str
    offset: int

    @property
    def folded(self) -> str:
        """Give the form that tells names apart."""
        return fold(self.surface)


def unknown_names(text: str, covered: Sequence[tuple[int, int]], lexicon: Lexicon) -> list[Unknown]:
    """Find names that no span in ``covered`` holds, each once, in the order of the text."""
    found: dict[str, Unknown] = {}
    for surface, start, form, hint in sorted(_all(text, lexicon), key=lambda one: one[1]):
        stop = start + len(surface)
        if any(first <= start and stop <= last for first, last in covered):
            continue
        begin = max(0, start - CONTEXT)
        one = Unknown(surface, start, form, hint, text[begin : stop + CONTEXT].replace("\n", " "), start - begin)
        found.setdefault(one.folded, one)
        if len(found) >= MOST:
            break
    return list(found.values())


def _all(text: str, lexicon: Lexicon) -> Iterator[tuple[str, int, str, str | None]]:
    legal: list[tuple[int, str]] = []
    for match in LEGAL_NAME.finditer(text):
        name, start = trimmed(match[0], match.start(), lexicon.places)
        if names_somebody(name, lexicon.places):
            legal.append((match.end(), name))
            yield name, start, LEGAL, None
    for match in SHORT_FOR.finditer(text):
        hint = next((name for end, name in legal if 0 <= match.start() - end <= 1), None)
        if hint is not None and names_somebody(match[1], lexicon.places, legal=False):
            yield match[1], match.start(1), DECLARED, hint
    for match in WITH_CODE.finditer(text):
        name, start = trimmed(match[1], match.start(), ())
        if names_somebody(name, lexicon.places, legal=False):
            yield name, start, LISTED, None


def trimmed(name: str, start: int, places: Collection[str]) -> tuple[str, int]:
    """Cut off what stands in front of the name: up to the last word that begins no name, then up to a place."""
    stop = STOP.match(name[:-CORE])
    cut = stop.end() if stop else 0
    if stop and len(fold_company(name[cut:])) < CORE:
        cut = 0
    rest = name[cut:]
    head = rest[: len(fold_company(rest))]
    inside = [
        at
        for place in places
        if (at := head.find(place)) > 0 and head[at - 1] not in "(（" and len(head) - at > len(place) + 1
    ]
    if inside and not any(head.startswith(place) for place in places):
        cut += min(inside)
    return name[cut:], start + cut


def names_somebody(name: str, places: Collection[str], *, legal: bool = True) -> bool:
    """Tell whether a name says more than a trade, a place or a form."""
    core = fold_company(name)
    if not (SHORTEST if legal else CORE) <= len(name) <= LONGEST or len(core) < CORE or name.endswith(KINDLESS):
        return False
    bare = next((core.removeprefix(place) for place in places if core.startswith(place)), core)
    bare = bare.removeprefix("省").removeprefix("市")
    return len(bare) > 1 and not is_generic(bare) and not TRADES.fullmatch(bare) and not bare.isdigit()
