"""Which words must stand in a text for a pattern to match: what the quick search in front of the rules looks for.

Read from the parsed pattern, so that a rule an office writes is as quick as a packaged one, and nobody keeps a second
list.
"""

from __future__ import annotations

from itertools import product
from re import _constants as codes  # type: ignore[attr-defined]  # the parser of patterns has no public name since 3.11
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_WORDS = 400
MOST_CHARACTERS = 12
Words = frozenset[str]
NOTHING: Words = frozenset({""})
ZERO_WIDTH = frozenset({codes.AT, codes.ASSERT, codes.ASSERT_NOT})
REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})


def required_words(pattern: str) -> Words | None:
    """Give words of which every match holds at least one, lower case; None when there are none to name."""
    words = _required(parser.parse(pattern))
    return words and _fewest(words)


def _required(items: Iterable[Any]) -> Words | None:
    best: Words | None = None
    run: Words = NOTHING
    for item in items:
        exact = _exact_one(item)
        joined = _product(run, exact) if exact is not None else None
        if joined is not None:
            run = joined
            continue
        best = _better(best, run)
        best = _better(best, _required_one(item))
        run = NOTHING if exact is None else exact
    return _better(best, run)


def _required_one(item: Any) -> Words | None:  # noqa: ANN401 — nodes of the parser have no type
    code, value = item
    if code is codes.SUBPATTERN:
        return _required(value[-1])
    if code is codes.BRANCH:
        parts = [_required(branch) for branch in value[1]]
        return None if any(part is None for part in parts) else frozenset().union(*(part or () for part in parts))
    if code in REPEATS and value[0] > 0:
        return _required(value[2])
    return None


def _exact(items: Iterable[Any]) -> Words | None:
    """All strings that a sequence can be, when they are few."""
    whole: Words | None = NOTHING
    for item in items:
        one = _exact_one(item)
        whole = _product(whole, one) if whole is not None and one is not None else None
        if whole is None:
            return None
    return whole


def _exact_one(item: Any) -> Words | None:  # noqa: ANN401
    code, value = item
    if code is codes.LITERAL:
        return frozenset({chr(value).lower()})
    if code in ZERO_WIDTH:
        return NOTHING
    return _exact_group(code, value)


def _exact_group(code: Any, value: Any) -> Words | None:  # noqa: ANN401
    if code is codes.IN:
        literals = [chr(one).lower() for kind, one in value if kind is codes.LITERAL]
        return frozenset(literals) if len(literals) == len(value) <= MOST_CHARACTERS else None
    if code is codes.SUBPATTERN:
        return _exact(value[-1])
    if code is codes.BRANCH:
        parts = [_exact(branch) for branch in value[1]]
        return None if any(part is None for part in parts) else frozenset().union(*(part or () for part in parts))
    if code in REPEATS and value[1] == 1:
        once = _exact(value[2])
        return None if once is None else once | (NOTHING if value[0] == 0 else frozenset())
    return None


def _product(left: Words, right: Words) -> Words | None:
    if len(left) * len(right) > MOST_WORDS:
        return None
    return frozenset(a + b for a, b in product(left, right))


def _better(known: Words | None, new: Words | None) -> Words | None:
    """Prefer words whose shortest is longer: they stand in fewer texts."""
    if not new or "" in new:
        return known
    new = _fewest(new)
    if known is None:
        return new
    return new if _worth(new) > _worth(known) else known


def _fewest(words: Words) -> Words:
    """Leave out words that hold another one: where they stand, the other stands too."""
    return frozenset(word for word in words if not any(other in word for other in words if other != word))


def _worth(words: Words) -> tuple[int, int]:
    return min(map(len, words)), -len(words)
