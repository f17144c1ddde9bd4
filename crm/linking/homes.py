"""Places in front of a name that only say where the enterprise itself is at home: 杭州 before a firm of Zhejiang."""

from __future__ import annotations

from functools import lru_cache

from crm.enterprises.codes import find_region, regions
from crm.linking.lexicon import words

KINDS = ("", "省", "市", "县", "区")
LONGEST = 6


@lru_cache(maxsize=512)
def _of(seat: str) -> tuple[str, ...]:
    """Give what may stand in front of a firm seated in a province or country, by the first two characters of it."""
    own = [place for place in words("places") if _province(place)[:2] == seat]
    own += [country for country in words("countries") if country.startswith(seat)]
    return tuple(place + kind for place in own for kind in KINDS)


@lru_cache(maxsize=1024)
def _province(place: str) -> str:
    code = find_region(place)
    return regions().get(f"{code[:2]}0000", "") if code else ""


def at_home(text: str, start: int, seat: str) -> bool:
    """Tell whether the place right before a position is in the seat (two characters) of an enterprise."""
    endings = _of(seat) if seat else ()
    return bool(endings) and text.endswith(endings, max(0, start - LONGEST), start)
