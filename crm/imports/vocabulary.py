"""What headings of a kind of table mean: its own words, units and what says which record a line is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How the headings of a kind of table are read.

    ``known`` gives the meaning of a heading (None: unknown), ``unit`` the unit it names for that meaning (blank for
    none), ``called`` are the meanings of which one says what a line is about; ``told`` gives a meaning to the values
    of a column whose heading is unknown, None where headings alone speak.
    """

    known: Callable[[str], str | None]
    unit: Callable[[str, str], str]
    called: frozenset[str]
    told: Callable[[Sequence[str]], str | None] | None = None
