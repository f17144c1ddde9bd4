"""How long a pattern can be kept busy, told from the parsed pattern: nothing is matched here.

A matcher that fails tries every way in which the pieces of a pattern could have matched. How many ways there are at
most, whatever the text, is a product over its pieces; it bounds the time a text made on purpose can cost.
"""

from __future__ import annotations

from re import _constants as codes  # type: ignore[attr-defined]  # the parser of patterns has no public name since 3.11
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

from crm.signals.literals import REPEATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CAP = 10**12
MOST_TURNS = 64
LOOKS = frozenset({codes.ASSERT, codes.ASSERT_NOT})


def ways(pattern: str) -> int:
    """In how many ways a pattern can match at one place at most, up to :data:`CAP`."""
    return _sequence(parser.parse(pattern))


def spelled(pattern: str) -> list[str]:
    """The runs of characters a pattern spells out, however it writes them; lower case, in order."""
    found = "".join(_spelled(parser.parse(pattern))).lower()
    return [run for run in found.split("\n") if run]


def _sequence(items: Iterable[Any]) -> int:
    found = 1
    for item in items:
        found = min(CAP, found * _one(item))
    return found


def _one(item: Any) -> int:  # noqa: ANN401 — nodes of the parser have no type
    code, value = item
    if code is codes.SUBPATTERN:
        return _sequence(value[-1])
    if code is codes.ATOMIC_GROUP:
        return _sequence(value)
    if code in LOOKS:
        return _sequence(value[1])
    if code is codes.BRANCH:
        return _branch(value[1])
    return _repeated(*value) if code in REPEATS else 1


def _branch(branches: Iterable[Any]) -> int:
    """Branches that begin with different characters cannot both match."""
    known = [(_first(branch), _sequence(branch)) for branch in branches]
    anywhere = sum(number for first, number in known if first is None)
    begun: dict[int, int] = {}
    for first, number in known:
        for char in first or ():
            begun[char] = begun.get(char, 0) + number
    return min(CAP, anywhere + max(begun.values(), default=0))


def _repeated(least: int, most: int, inner: Any) -> int:  # noqa: ANN401
    once, most = _sequence(inner), min(int(most), int(least) + CAP)
    if once == 1:
        return most - least + 1
    if most > MOST_TURNS:
        return CAP
    total: int = sum(once**turns for turns in range(least, most + 1))
    return min(CAP, total)


def _first(items: Iterable[Any]) -> frozenset[int] | None:
    """The characters a sequence may begin with; None when they are not few and known."""
    for code, value in items:
        if code is codes.AT or code in LOOKS:
            continue
        if code is codes.LITERAL:
            return frozenset({value})
        if code is codes.IN and all(kind is codes.LITERAL for kind, _char in value):
            return frozenset(char for _kind, char in value)
        if code is codes.SUBPATTERN:
            return _first(value[-1])
        return _first(value[2]) if code in REPEATS and value[0] > 0 else None
    return None


def _spelled(items: Iterable[Any]) -> Iterator[str]:
    """Characters in the order of the pattern, a line break where a run ends."""
    for code, value in items:
        if code is codes.LITERAL:
            yield chr(value)
        elif code is codes.IN:
            yield from ("\n", *(chr(char) for kind, char in value if kind is codes.LITERAL), "\n")
        elif code is codes.BRANCH:
            for branch in value[1]:
                yield from ("\n", *_spelled(branch), "\n")
        elif code is codes.SUBPATTERN:
            yield from _spelled(value[-1])
        elif code in REPEATS:
            yield from ("\n", *_spelled(value[2]), "\n") if value[0] != 1 else _spelled(value[2])
        else:
            yield "\n"
