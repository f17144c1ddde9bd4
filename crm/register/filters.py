"""The filter language of the list: conditions joined by OR make a group, groups are joined by AND.

In the address: ``f=list:private_500~list:china_500&f=touched:30&f=!project:open``. A condition is
``kind:value``, ``!`` in front turns it round. What cannot be read is left out and named, never an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from crm.enterprises.rules import SOURCE_KINDS
from crm.pipeline.rules import Stage
from crm.scoring import asking
from crm.signals.kinds import SignalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OR, NOT, ARG = "~", "!", "/"
MOST_GROUPS, MOST_CONDITIONS = 12, 12
LONGEST_VALUE = 60
LONGEST_DAYS = 3650
HAS, NONE, ANY, OPEN, NEVER, MINE = "has", "none", "any", "open", "never", "mine"
CHILD, PARENT = "child", "parent"
LIST = re.compile(r"[a-z0-9_]{1,40}(/(19|20)\d\d)?")
JOINING = frozenset({"list", "industry", "region", "grade"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, known to be valid: what is asked (``kind``), of what, and whether it is turned round."""

    kind: str
    value: str
    negated: bool = False

    @property
    def text(self) -> str:
        """As it stands in the address."""
        return f"{NOT if self.negated else ''}{self.kind}:{self.value}"


Group: TypeAlias = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read: groups (AND) of conditions (OR), and the pieces that could not be read."""

    groups: tuple[Group, ...]
    dropped: tuple[str, ...] = ()


def _days(value: str) -> bool:
    return value.isdigit() and value.isascii() and len(value) <= 4 and 0 < int(value) <= LONGEST_DAYS  # noqa: PLR2004 (digits of the longest)


def _words(value: str) -> bool:
    return bool(value) and OR not in value


def _list(value: str) -> bool:
    return bool(LIST.fullmatch(value))


def _signal(value: str) -> bool:
    kind, slash, days = value.partition(ARG)
    return (kind == ANY or kind in set(SignalKind)) and (not slash or _days(days))


def _touched(value: str) -> bool:
    who, slash, days = value.partition(ARG)
    return value == NEVER or _days(value) or (who == MINE and (not slash or _days(days)))


def _one_of(*values: str) -> Callable[[str], bool]:
    allowed = frozenset(values)
    return lambda value: value in allowed


KINDS: Mapping[str, Callable[[str], bool]] = {
    "list": _list,
    "industry": _words,
    "region": _words,
    **asking.KINDS,
    "signal": _signal,
    "touched": _touched,
    "project": _one_of(OPEN, ANY, NONE, *Stage),
    "contacts": _one_of(HAS, NONE),
    "source": _one_of(*SOURCE_KINDS),
    "org": _words,
    "uscc": _one_of(HAS, NONE),
    "created": _days,
    "group": _one_of(CHILD, PARENT),
}


def condition(text: str) -> Condition | None:
    """Read one condition; None when it is none of ours."""
    bare = text.strip()
    negated = bare.startswith(NOT)
    kind, colon, value = bare.removeprefix(NOT).partition(":")
    value = value.strip()
    if not colon or kind not in KINDS or len(value) > LONGEST_VALUE or not KINDS[kind](value):
        return None
    return Condition(kind, value, negated)


def parse(texts: Iterable[str]) -> Parsed:
    """Read the groups of an address; the same group or condition counts once."""
    groups: dict[Group, None] = {}
    dropped: list[str] = []
    for text in texts:
        found: dict[Condition, None] = {}
        for piece in text.split(OR):
            one = condition(piece)
            if one is None:
                dropped.append(piece[:LONGEST_VALUE])
            elif len(found) < MOST_CONDITIONS:
                found[one] = None
            else:
                dropped.append(one.text)
        if found and len(groups) < MOST_GROUPS:
            groups[tuple(found)] = None
        else:
            dropped.extend(one.text for one in found)
    return Parsed(tuple(groups), tuple(filter(str.strip, dropped)))


def written(groups: Iterable[Group]) -> list[str]:
    """Write groups as they stand in the address, one text each."""
    return [OR.join(one.text for one in group) for group in groups]


def added(groups: tuple[Group, ...], one: Condition, into: int | None = None) -> tuple[Group, ...]:
    """Add a condition: to group ``into`` with OR, else as a group of its own with AND."""
    if any(group == (one,) for group in groups):
        return groups
    if into is None or not 0 <= into < len(groups):
        return (*groups, (one,))
    joined = groups[into] if one in groups[into] else (*groups[into], one)
    return (*groups[:into], joined, *groups[into + 1 :])


def picked(groups: tuple[Group, ...], one: Condition) -> tuple[Group, ...]:
    """Add what a plain selection box said: a second list or region joins the first with OR, others replace."""
    for index, group in enumerate(groups):
        if all(other.kind == one.kind and not other.negated for other in group):
            if one.kind in JOINING:
                return added(groups, one, index)
            return (*groups[:index], (one,), *groups[index + 1 :])
    return added(groups, one)


def without(groups: tuple[Group, ...], group: int, place: int) -> tuple[Group, ...]:
    """Take one condition out; an empty group goes with it."""
    left = tuple(one for index, one in enumerate(groups[group]) if index != place)
    return (*groups[:group], *((left,) if left else ()), *groups[group + 1 :])


def turned(one: Condition) -> Condition:
    """The same condition turned round."""
    return replace(one, negated=not one.negated)


SIMPLE: Mapping[str, Callable[[str], str]] = {
    "on_list": lambda value: f"list:{value}",
    "industry": lambda value: f"industry:{value}",
    "region": lambda value: f"region:{value}",
    **{kind: f"{kind}:{{}}".format for kind in ("grade", *asking.PARTS)},
    "signal": lambda value: f"signal:{ANY if value == '1' else value}",
    "touched": lambda value: "touched:30" if value == "recent" else f"touched:{value}",
}
