"""Which other names follow from what a register or a list says about an enterprise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm.core.text import fold, fold_company
from crm.enterprises.rules import LINE, SHORT_NAME, AliasKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.enterprises.models import EnterpriseAlias

SPECIAL_TREATMENT = re.compile(r"^(\*?ST|N|C)(?=[\u3400-\u9fff])|[AB]$")
Name = tuple[str, AliasKind]


def plain_ticker(names: Sequence[str]) -> str:
    """Pick the name to call a listed company by: without *ST and share class where such a one is given.

    ``("*ST云岭", "云岭")`` gives 云岭; names must not be empty.
    """
    return next((name for name in names if not SPECIAL_TREATMENT.search(name)), names[0])


def names_of(name: str, name_en: str | None, others: Iterable[Name] = ()) -> dict[str, Name]:
    """All names of an enterprise by folded form: its own, without legal suffix, foreign, given ones.

    The first kind given for a string stands; a name of one character names nothing.
    """
    found: dict[str, Name] = {fold(name): (name, AliasKind.FULL)}
    given = [*others, *([(name_en, AliasKind.ENGLISH)] if name_en else [])]
    for text, kind in given:
        folded = fold(text)
        if len(folded) > 1 and len(text) <= LINE:
            found.setdefault(folded, (text, kind))
    short = fold_company(name)
    if len(short) > 1:
        found.setdefault(short, (short, AliasKind.SHORT))
    return found


def is_ambiguous(folded: str, kind: AliasKind) -> bool:
    """A short form of up to three characters may be anybody's: it needs a cue in a text."""
    return kind is AliasKind.SHORT and len(folded) <= SHORT_NAME


def find_texts(name: str, name_en: str | None, aliases: Iterable[EnterpriseAlias]) -> list[str]:
    """Names to find an enterprise by, without repeats."""
    return list(dict.fromkeys([name, *([name_en] if name_en else []), *(alias.alias for alias in aliases)]))
