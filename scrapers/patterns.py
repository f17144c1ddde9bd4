"""Which addresses of a listing are wanted: patterns with * as on a command line, or a part of the address."""

from collections.abc import Iterable


def wanted(url: str, include: Iterable[str], exclude: Iterable[str]) -> bool:
    """Tell whether an address fits one of `include` (or there is none) and none of `exclude`."""
    included = [pattern for pattern in include if pattern]
    return (not included or any(fits(url, pattern) for pattern in included)) and not any(
        fits(url, pattern) for pattern in exclude if pattern
    )


def fits(url: str, pattern: str) -> bool:
    """Tell whether the pieces between the stars stand in the address in their order; in linear time.

    A pattern without a star, or one that does not begin with http, may stand anywhere in the address.
    """
    anchored = pattern.startswith(("http://", "https://")) and "*" in pattern
    pieces = pattern.split("*")
    at = 0
    for index, piece in enumerate(pieces):
        found = url.find(piece, at)
        if found < 0 or (anchored and index == 0 and found):
            return False
        at = found + len(piece)
    return not anchored or not pieces[-1] or url.endswith(pieces[-1])
