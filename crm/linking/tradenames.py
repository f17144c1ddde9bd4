"""Names people use that no list holds: what is left of a full name without its trade and its place (字号).

温岭食品集团股份有限公司 is called 温岭 and 温岭食品. Such a name is weak evidence: it is linked only when the
text speaks for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from crm.core.text import LEGAL_SUFFIX
from crm.linking.lexicon import words

if TYPE_CHECKING:
    from crm.linking.wordlist import WordList

SHORTEST, LONGEST = 2, 4
LONG_STEM = 5
COMMON = 5  # a word at least this common is no name of anybody
MOST_OWNERS = 3
PLAIN = 7  # two words as common as this say a trade: 应急管理, 天然橡胶
GROUP, CHINA = "集团", "中国"
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    trades = sorted(words("trade_words"), key=len, reverse=True)
    places = sorted(words("places"), key=len, reverse=True)
    return (
        re.compile("(?:" + "|".join(map(re.escape, trades)) + ")+$"),
        re.compile("^(?:" + "|".join(map(re.escape, places)) + ")(?:省|市)?|^中国"),
        frozenset(places),
    )


def trade_names(folded: str) -> set[str]:
    """Give what an enterprise of this folded name may be called besides its name and its short form."""
    trade, place, _places = _patterns()
    stem = _stem(folded)
    core = trade.sub("", stem)
    found = {one for one in (core, place.sub("", core)) if SHORTEST <= len(one) <= LONGEST and one != stem}
    local = place.sub("", stem)
    if len(local) >= LONG_STEM and CHINESE.fullmatch(local[:LONGEST]):
        found.add(local[:LONGEST])
    elif local != stem and len(local) == LONGEST and len(trade.sub("", local)) >= SHORTEST:
        found.add(local)
    group = place.sub("", core)
    if GROUP in folded[len(stem) :] and len(group) >= SHORTEST:
        found.add(group + GROUP)
    if core.endswith(CHINA) and len(core) >= SHORTEST + len(CHINA):
        found.add(core.removesuffix(CHINA))
    return {one for one in found if CHINESE.fullmatch(one)}


def _stem(folded: str) -> str:
    """Take the legal suffix off, as :func:`crm.core.text.fold_company` does for a name not folded yet."""
    for _ in range(2):
        shorter = LEGAL_SUFFIX.sub("", folded).strip(" ,.")
        if len(shorter) < SHORTEST or shorter == folded:
            break
        folded = shorter
    return folded


def names_nobody(name: str, owners: int, vocabulary: WordList) -> bool:
    """Tell whether such a name is a common word, two of them, a place, or anybody's."""
    return (
        owners > MOST_OWNERS
        or vocabulary.level(name) >= COMMON
        or vocabulary.kind(name) == "s"
        or name in _patterns()[2]
        or (len(name) == LONGEST and min(vocabulary.level(name[:2]), vocabulary.level(name[2:])) >= PLAIN)
    )
