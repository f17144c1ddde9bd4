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
    places: tuple[str, ...]


def words(name: str) -> list[str]:
    """Read one word list of this package, folded, without repetition, in file order."""
    text = (files("crm.linking") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return list(dict.fromkeys(fold(word) for line in lines for word in line.split()))


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """Give the lists that come with the product."""
    return Lexicon(
        ordinary=frozenset(words("ordinary_words")),
        places=tuple(words("places")),
    )
