"""Lines of a sheet of chains: read cell by cell, what is wrong said beside the cell. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.imports.rules import BAD, problem
from crm.resources.chains import sheet
from crm.resources.chains.rules import NodeDraft as Draft
from crm.resources.chains.rules import Tier, node_problems, split_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from decimal import Decimal

    from crm.resources.chains.sheet import Firm

LONGEST = 80
NO_CHAIN = "请填写产业链名称。"
NO_NODE = "请填写环节名称。"
LONG = "名称最多80个字。"
BAD_TIER = "位置只能填 上游、中游 或 下游。"
BAD_FLAG = "关键环节只能填 是 或 否。"
BAD_SUM = "“%(value)s”不是数字，单位是万元。"
TWICE = "与第 %(line)s 行是同一个环节，请合并成一行。"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as far as it could be read; what is blank is None and leaves what is stored."""

    chain: str
    node: str
    tier: Tier | None = None
    words: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    key: bool | None = None
    goal: Decimal | None = None
    supplies: tuple[str, ...] = ()
    firms: tuple[Firm, ...] = ()
    note: str | None = None

    @property
    def name(self) -> tuple[str, str]:
        """What makes it the same node: chain and name."""
        return self.chain, self.node


@dataclass(slots=True)
class Reader:
    """Reads lines one after the other; ``places`` = where each heading stands, ``known`` = codes that exist."""

    places: Mapping[str, int]
    known: Collection[str]
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def read(self, number: int, row: Sequence[str]) -> tuple[Line, list[dict[str, Any]]]:
        """Read a line and say what is wrong with it."""
        found: list[dict[str, Any]] = []
        line = Line(
            chain=self._cell(row, sheet.CHAIN),
            node=self._cell(row, sheet.NODE),
            tier=self._tier(row, found),
            words=split_words(self._cell(row, sheet.WORDS)) or None,
            codes=self._codes(row),
            key=self._told(row, sheet.KEY, sheet.read_flag, BAD_FLAG, found),
            goal=self._told(row, sheet.GOAL, sheet.read_sum, BAD_SUM, found),
            supplies=split_words(self._cell(row, sheet.SUPPLIES)),
            firms=tuple(sheet.read_firms(self._cell(row, sheet.LOCALS))),
            note=self._cell(row, sheet.NOTE) or None,
        )
        self._names(line, found)
        self._rules(line, found)
        first = self.seen.setdefault(line.name, number)
        if first != number and line.node:
            found.append(problem(self.places[sheet.NODE], BAD, TWICE, line=first))
        return line, found

    def _cell(self, row: Sequence[str], head: str) -> str:
        place = self.places.get(head)
        return row[place].strip() if place is not None and place < len(row) else ""

    def _codes(self, row: Sequence[str]) -> tuple[str, ...] | None:
        cells = self._cell(row, sheet.CODES).upper().replace(" ", "、")
        return split_words(cells) or None

    def _tier(self, row: Sequence[str], found: list[dict[str, Any]]) -> Tier | None:
        text = self._cell(row, sheet.TIER)
        tier = sheet.TIERS.get(text.lower())
        if text and tier is None:
            found.append(problem(self.places[sheet.TIER], BAD, BAD_TIER))
        return tier

    def _told(self, row: Sequence[str], head: str, read: Any, said: str, found: list[dict[str, Any]]) -> Any:  # noqa: ANN401 (whatever the reader of a cell gives)
        text = self._cell(row, head)
        try:
            return read(text)
        except ValueError:
            found.append(problem(self.places[head], BAD, said, value=text[:40]))
            return None

    def _names(self, line: Line, found: list[dict[str, Any]]) -> None:
        for head, text, missing in ((sheet.CHAIN, line.chain, NO_CHAIN), (sheet.NODE, line.node, NO_NODE)):
            if not text or len(text) > LONGEST:
                found.append(problem(self.places[head], BAD, LONG if text else missing))

    def _rules(self, line: Line, found: list[dict[str, Any]]) -> None:
        """Ask the same rules as the form."""
        heads = {"words": sheet.WORDS, "codes": sheet.CODES, "goal": sheet.GOAL}
        draft = Draft("-", Tier.MIDSTREAM, line.words or (), line.codes or (), goal=line.goal)
        for one in node_problems(draft, self.known):
            place = self.places.get(heads.get(one.field or "", ""))
            found.append(problem(place, BAD, one.message, **one.params))
