"""What speaks for and against a name being meant as the enterprise, as numbers with names.

Every number is about a property any name may have, never about one name: how long it is, whether it is a word, what
stands around it, what the text is about. `crm.linking.scorer` weighs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.enterprises.rules import AliasKind
from crm.linking import automaton, guards
from crm.linking.lexicon import words

if TYPE_CHECKING:
    from crm.linking.lexicon import Lexicon
    from crm.linking.wordlist import WordList

Evidence = dict[str, float]
LEGAL_ENDS = ("公司", "合伙)")
WHOLE, PAIR = 6, 2
UNKNOWN_BITS = 28.0
FAMOUS = 4
REACH = 7  # up to six characters and the bracket of a code
CODE = re.compile(
    r"\((?:(?:[a-z]{2,6}[:.])?(\d{4,6})(?:[.,;:][a-z0-9.]{1,8})?|[a-z]{1,5}\.[a-z]{1,2}"
    r"|(?:nyse|nasdaq|hk|sh|sz)[:.][^()]{1,9}|\d+\.\d+[,;][-+]?\d+\.\d+[,;][-+]?\d+\.\d+%)[),;]"
)
LATER_CODE = re.compile(r"(?!集团|控股|股份)[\u4e00-\u9fff]{1,6}\((\d{4,6})\b")


def one_of(*lists: str) -> re.Pattern[str]:
    """Match the words of lists, longest first."""
    found = sorted({word for name in lists for word in words(name)}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found)))


FINANCE, LEISURE = words("finance_words"), words("leisure_words")
SINGLE = frozenset(word for word in LEISURE if len(word) == 1)
TOPICS = [word for word in (*FINANCE, *LEISURE) if len(word) > 1]
TOPIC_FINDER = automaton.build(TOPICS)


@dataclass(frozen=True, slots=True)
class Owner:
    """An enterprise as far as texts may speak of it: its stock codes, lists, trade and seat."""

    codes: frozenset[str] = frozenset()
    lists: int = 0
    trade: str = ""
    seat: str = ""


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What the register knows of one name of one enterprise."""

    key: str
    kind: AliasKind
    ambiguous: bool = False
    derived: bool = False
    shared: bool = False
    extended: float = 0.0
    own_longer: bool = False


def of_name(facts: NameFacts, owner: Owner, vocabulary: WordList, lexicon: Lexicon) -> Evidence:
    """Say what a name is by itself, wherever it stands."""
    key = facts.key
    legal = key.endswith(LEGAL_ENDS)
    kind = "called" if facts.kind is AliasKind.FULL and not legal else facts.kind.value
    found: Evidence = {f"kind_{kind}": 1.0, f"length_{min(len(key), WHOLE)}": 1.0}
    _mark(
        found,
        legal_name=legal and len(key) >= WHOLE,
        latin=key.isascii(),
        ordinary=key in lexicon.ordinary or (guards.is_generic(key) and not key.endswith("银行")),
        ambiguous=facts.ambiguous,
        derived=facts.derived,
        shared=facts.shared,
        own_longer=facts.own_longer,
        listed=owner.lists > 0,
    )
    if facts.extended:
        found["extended"] = facts.extended
    called = vocabulary.kind(key) == "o"  # 中信证券 stands in lists of words because it is a name
    if not key.isascii() and len(key) < WHOLE and not called:
        found["plainness"] = 1.0 - vocabulary.cost(key) / (UNKNOWN_BITS * len(key))
    level = 0 if called else vocabulary.level(key)
    if called:
        found["word_o"] = 1.0
    elif level:
        found["word"], found["common"] = 1.0, level / 15
        found[f"word_{vocabulary.kind(key)}"] = 1.0
    elif len(key) > PAIR + 1 and not facts.derived:
        found["distinct"] = 1.0
    if owner.lists:
        fame = min(owner.lists, FAMOUS) / FAMOUS
        found["famous"] = fame
        if level:
            found["word_famous"] = fame
        if len(key) == PAIR:
            found["two_famous"] = fame
    return found


def of_owner(place: guards.Place, owner: Owner, said: dict[str, bool] | None = None) -> Evidence:
    """Say what speaks for this enterprise and no other of the same name.

    ``said`` keeps which words the text holds, so that each is looked for once.
    """
    found: Evidence = {}
    said = {} if said is None else said
    code = CODE.match(place.text, place.end) if place.text.startswith("(", place.end) else None
    near = "(" in place.text[place.end : place.end + REACH]
    later = LATER_CODE.match(place.text, place.end) if near and not code else None
    if later:
        found["later_own" if later.group(1).lstrip("0") in owner.codes else "later_code"] = 1.0
    if code:
        given = code.group(1)
        if owner.codes and given:
            found["own_code" if given.lstrip("0") in owner.codes else "other_code"] = 1.0
        else:
            found["some_code"] = 1.0
    for name, word in (("trade", owner.trade), ("seat", owner.seat)):
        if word:
            if word not in said:
                said[word] = word in place.text
            if said[word]:
                found[name] = 1.0
    return found


def of_text(text: str) -> Evidence:
    """Say what a folded text is about: business, or sports, games and private life."""
    met = {number for _start, _end, number in TOPIC_FINDER.hits(text)}
    finance = sum(number < len(FINANCE) for number in met)
    leisure = len(met) - finance + sum(char in text for char in SINGLE)
    return {
        "finance": min(1.0, finance / 8),
        "leisure": min(1.0, leisure / 6),
        "brief": float(len(text) < 40),  # noqa: PLR2004 — a headline
    }


def _mark(found: Evidence, **facts: bool) -> None:
    for name, fact in facts.items():
        if fact:
            found[name] = 1.0
