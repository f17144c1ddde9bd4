"""Which list and year an uploaded file is, guessed from its name and the lines above its headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.text import fold
from crm.enterprises.lists import KNOWN
from crm.imports.rules import Column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
STRONG = re.compile(r"\d+强|百强|榜")
SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Guess:
    """What a file seems to be; ``name`` and ``year`` are blank when nothing says so."""

    listed: bool = False
    name: str = ""
    year: int | None = None


def guess(filename: str, titles: Iterable[Sequence[str]], columns: Collection[str], own: Collection[str] = ()) -> Guess:
    """Guess from the name of a file, its titles and what its columns hold; ``own`` are lists of the office."""
    texts = [filename.rsplit(".", 1)[0], *(cell for row in titles for cell in row if cell)]
    name = _named(texts, own)
    ranked = Column.RANK.value in columns
    if not name and not (ranked and any(map(STRONG.search, texts))):
        return Guess()
    if name and not ranked and not STRONG.search(fold(name)):
        return Guess()
    years = [int(found[1]) for text in texts for found in [YEAR.search(text)] if found]
    return Guess(listed=True, name=name, year=next(iter(years), None))


def _named(texts: Sequence[str], own: Collection[str]) -> str:
    """The list whose name (or other name) stands in the texts; the longest one."""
    names = {fold(name): name for name in own}
    for known in KNOWN:
        if not known.names_only:
            names.update({fold(one): known.name for one in (known.name, *known.others)})
    whole = "\n".join(map(fold, texts))
    found = [one for one in names if len(one) >= SHORTEST and one in whole]
    return names[max(found, key=len)] if found else ""
