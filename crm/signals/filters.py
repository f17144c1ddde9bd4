"""What the inbox is narrowed to: read from an address or from a kept watch, and written back. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.signals.kinds import SignalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

LONGEST = 40
DIGITS = 18
LARGEST_WAN = Decimal(10**9)
FINEST_WAN = Decimal("0.000001")  # one fen: the database keeps nothing finer, and refuses to compare with it
MOST_DAYS = 3650
STEPS = ("50", "75", "90")


class Shelf(StrEnum):
    """Where a signal stands for one person: the states, and what that person put off."""

    NEW = "new"
    LATER = "later"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ALL = "all"


class Order(StrEnum):
    """How the inbox is ordered."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class SignalFilter:
    """What the inbox is narrowed to; empty values narrow nothing.

    ``amount`` is the least sum in 万元, ``days`` counts back from today, ``confidence`` is the least, in percent.
    """

    kinds: tuple[str, ...] = ()
    enterprise_id: int | None = None
    on_list: str = ""
    industry: str = ""
    place: str = ""
    amount: Decimal | None = None
    source_id: int | None = None
    days: int | None = None
    since: date | None = None
    until: date | None = None
    confidence: int | None = None
    followed: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return self != SignalFilter()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Arguments of the address; what narrows nothing is left out."""
        found = [("kind", kind) for kind in self.kinds]
        for name, key in NAMES.items():
            value = getattr(self, name)
            if value not in (None, "", False):
                found.append((key, "1" if value is True else str(value)))
        return found

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON, for a watch."""
        single = dict(self.pairs)
        single.pop("kind", None)
        return {**single, **({"kind": list(self.kinds)} if self.kinds else {})}

    def without(self, name: str, kind: str = "") -> SignalFilter:
        """One condition taken out."""
        if kind:
            return replace(self, kinds=tuple(one for one in self.kinds if one != kind))
        return replace(self, **{name: getattr(SignalFilter(), name)})

    def first_day(self, today: date) -> date | None:
        """The first day that counts: the later of the two ways to say it."""
        back = today - timedelta(days=self.days) if self.days is not None else None
        return max((day for day in (back, self.since) if day is not None), default=None)


NAMES = {
    "enterprise_id": "enterprise",
    "on_list": "list",
    "industry": "industry",
    "place": "place",
    "amount": "amount",
    "source_id": "source",
    "days": "days",
    "since": "since",
    "until": "until",
    "confidence": "confidence",
    "followed": "followed",
}


def read(kinds: Iterable[str], values: Mapping[str, Any]) -> tuple[SignalFilter, tuple[str, ...]]:
    """Read a filter from plain texts; what cannot be read is left out and named by its key, never an error."""
    wanted = list(dict.fromkeys(kind for kind in kinds if kind))
    known = tuple(kind for kind in wanted if kind in set(SignalKind))
    dropped = [] if len(known) == len(wanted) else ["kind"]
    found: dict[str, Any] = {"kinds": known}
    for name, key in NAMES.items():
        typed = str(values.get(key) or "").strip()
        if not typed:
            continue
        value = READERS[name](typed)
        if value is None:
            dropped.append(key)
        else:
            found[name] = value
    return SignalFilter(**found), tuple(dropped)


def from_plain(data: Mapping[str, Any]) -> SignalFilter:
    """Read a kept filter; what is no longer known is left out."""
    kinds = data.get("kind", ())
    chosen, _dropped = read(kinds if isinstance(kinds, list) else [str(kinds)], data)
    return chosen


def _whole(largest: int) -> Callable[[str], int | None]:
    def read_one(typed: str) -> int | None:
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= DIGITS else 0
        return number if 0 < number <= largest else None

    return read_one


def _text(typed: str) -> str | None:
    return typed if len(typed) <= LONGEST else None


def _sum(typed: str) -> Decimal | None:
    try:
        amount = Decimal(typed.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 < amount <= LARGEST_WAN:
        return None
    return amount if amount % FINEST_WAN == 0 else None


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None


def _percent(typed: str) -> int | None:
    return int(typed) if typed in STEPS else None


READERS: dict[str, Callable[[str], Any]] = {
    "enterprise_id": _whole(10**DIGITS),
    "on_list": _text,
    "industry": _text,
    "place": _text,
    "amount": _sum,
    "source_id": _whole(10**DIGITS),
    "days": _whole(MOST_DAYS),
    "since": _day,
    "until": _day,
    "confidence": _percent,
    "followed": lambda typed: True if typed == "1" else None,
}
assert set(READERS) == set(NAMES) == {one.name for one in fields(SignalFilter)} - {"kinds"}  # noqa: S101 (a table, checked once)
