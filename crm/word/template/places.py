"""What may stand between braces in a template: texts, blocks, lists of rows, figures. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NOT_A_NAME = re.compile(r"\W+")


class PlaceKind(StrEnum):
    """A text inside a line, a block of its own, rows for a loop, or figures by name."""

    TEXT = "text"
    BLOCK = "block"
    ROWS = "rows"
    FIGURES = "figures"


PLACE_LABELS: dict[PlaceKind, str] = {
    PlaceKind.TEXT: "文字",
    PlaceKind.BLOCK: "整段内容",
    PlaceKind.ROWS: "表格的行",
    PlaceKind.FIGURES: "数字",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A name for templates, a word of what it is, and the names below it (columns, figures)."""

    name: str
    kind: PlaceKind
    about: str
    below: tuple[str, ...] = ()

    @property
    def example(self) -> str:
        """How it is written in Word."""
        if self.kind is PlaceKind.TEXT:
            return f"{{{{ {self.name} }}}}"
        if self.kind is PlaceKind.BLOCK:
            return f"{{{{p {self.name} }}}}"
        if self.kind is PlaceKind.FIGURES:
            return f"{{{{ {self.name}.{self.below[0]} }}}}"
        return f"{{%tr for 行 in {self.name} %}}"


Catalogue = Mapping[str, Place]


def name_of(text: str) -> str:
    """Make a name of a heading: 总投资（万元） -> 总投资万元."""
    name = NOT_A_NAME.sub("", text)
    return f"第{name}" if name[:1].isdigit() else name


def names_of(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Make names of the heads of a table, each another."""
    found: list[str] = []
    for text in texts:
        name = base = name_of(text)
        number = 2
        while name in found:
            name, number = f"{base}{number}", number + 1
        found.append(name)
    return tuple(found)


def catalogue_of(places: list[Place]) -> Catalogue:
    """Return the places by name."""
    return {one.name: one for one in places}
