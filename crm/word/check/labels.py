"""Labels Word counts by itself: 一、 （一） 1. of automatic numbering."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.word.check.measures import level as level_of
from crm.word.check.package import W
from crm.word.numbering import chinese_number

if TYPE_CHECKING:
    from lxml import etree

CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "ideographTraditional",
    "japaneseCounting",
    "taiwaneseCounting",
}
LARGEST = 99
_HOLE = re.compile(r"%(\d)")


@dataclass(slots=True)
class Labels:
    """Counts automatic labels in the order paragraphs come."""

    numbering: etree._Element | None
    _levels: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the forms of all levels."""
        if self.numbering is None:
            return
        abstract = {one.get(f"{W}abstractNumId"): one for one in self.numbering.iter(f"{W}abstractNum")}
        for one in self.numbering.iter(f"{W}num"):
            link = one.find(f"{W}abstractNumId")
            made = abstract.get(None if link is None else link.get(f"{W}val"))
            if made is not None:
                self._levels[one.get(f"{W}numId", "")] = dict(map(_level, made.iter(f"{W}lvl")))

    def next(self, properties: etree._Element | None) -> str:
        """Give the label of the next paragraph with these properties; "" without one."""
        place = None if properties is None else properties.find(f"{W}numPr")
        if place is None:
            return ""
        key, level = _val(place, "numId") or "", level_of(_val(place, "ilvl"))
        forms = self._levels.get(key, {})
        if level not in forms:
            return ""
        self._counts[key, level] = self._counts.get((key, level), 0) + 1
        for deeper in range(level + 1, 9):
            self._counts.pop((key, deeper), None)
        return _HOLE.sub(lambda hole: self._shown(key, int(hole[1]) - 1, forms), forms[level][1])

    def _shown(self, key: str, level: int, forms: dict[int, tuple[str, str]]) -> str:
        count = self._counts.get((key, level), 1)
        chinese = forms.get(level, ("", ""))[0] in CHINESE and count <= LARGEST
        return chinese_number(count) if chinese else str(count)


def _level(one: etree._Element) -> tuple[int, tuple[str, str]]:
    return level_of(one.get(f"{W}ilvl")), (_val(one, "numFmt") or "decimal", _val(one, "lvlText") or "")


def _val(parent: etree._Element, name: str) -> str | None:
    found = parent.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val")
