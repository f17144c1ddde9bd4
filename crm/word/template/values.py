"""The values behind the places: texts cleaned, blocks as Word writes them, rows by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from crm.word.blocks import Block, Section
from crm.word.body import Silence, lines_xml, sections_xml
from crm.word.ooxml import Xml, clean_text, join
from crm.word.styles import in_template
from crm.word.tables import closing
from crm.word.template.places import Place, PlaceKind, catalogue_of, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_ROWS = 1000
SILENCE = Silence()


@dataclass(slots=True)
class Values:
    """Places and their values, gathered side by side so that neither can lack the other."""

    places: list[Place] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str, about: str, value: str) -> None:
        """Add a text."""
        self._add(Place(name, PlaceKind.TEXT, about), clean_text(value))

    def block(self, name: str, about: str, xml: Xml) -> None:
        """Add a block of finished paragraphs and tables."""
        self._add(Place(name, PlaceKind.BLOCK, about), Markup(in_template(xml)))  # noqa: S704 (written and escaped by us)

    def rows(self, name: str, about: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add the rows of a table, each cell by its column."""
        names = names_of(tuple(columns))
        held = [dict(zip(names, map(clean_text, row), strict=True)) for row in rows][:MOST_ROWS]
        self._add(Place(name, PlaceKind.ROWS, about, names), held)

    def figures(self, name: str, about: str, figures: Mapping[str, str]) -> None:
        """Add figures by their labels."""
        names = names_of(tuple(figures))
        held = dict(zip(names, map(clean_text, figures.values()), strict=True))
        self._add(Place(name, PlaceKind.FIGURES, about, names), held)

    def _add(self, place: Place, value: Any) -> None:  # noqa: ANN401 (a text, Markup, rows or figures)
        if place.name in self.found:
            message = f"the place {place.name} is there twice"
            raise ValueError(message)
        self.places.append(place)
        self.found[place.name] = value

    @property
    def catalogue(self) -> dict[str, Place]:
        """The places by name."""
        return dict(catalogue_of(self.places))


def sections_block(sections: Iterable[Section], silence: Silence = SILENCE) -> Xml:
    """Return whole sections with their headings, numbered."""
    return join(*closing(sections_xml(sections, silence)))


def lines_block(blocks: Sequence[Block], silence: Silence = SILENCE) -> Xml:
    """Return what stands under a heading, without it."""
    return join(*closing(lines_xml(Section("", tuple(blocks)), silence)))


def table_name(title: str) -> str:
    """Name the rows of a table after its title: 停滞项目 -> 停滞项目明细."""
    return f"{title.removesuffix('表')}明细"
