"""Word lists of the matcher, read once from the data files beside this module.

Each file holds words separated by white space; lines that begin with # are comments.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from crm.core.text import fold


@dataclass(frozen=True)
class Lexicon:
    """What the matcher knows about words, all folded."""

    ordinary: frozenset[str]
    boundary: frozenset[str]
    organisation_tails: tuple[str, ...]
    cues_after: tuple[str, ...]
    cues_before: tuple[str, ...]
    places: tuple[str, ...]


def words(name: str) -> list[str]:
    """Read one word list of this package, folded, without repetition, in file order."""
    text = (files("crm.signals") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return list(dict.fromkeys(fold(word) for line in lines for word in line.split()))


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """Give the lists that come with the product."""
    return Lexicon(
        ordinary=frozenset(words("ordinary_words")),
        boundary=frozenset(words("boundary_words")),
        organisation_tails=tuple(words("organisation_tails")),
        cues_after=tuple(words("company_cues_after")),
        cues_before=tuple(words("company_cues_before")),
        places=tuple(words("places")),
    )
