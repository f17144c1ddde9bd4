"""What a reader sees of a Word file: paragraphs with the faces and measures that come out of styles and defaults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crm.word.check.labels import Labels
from crm.word.check.measures import HALF_POINTS, measure
from crm.word.check.package import W

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from crm.word.check.package import Package

ON = {"1", "true", "on", None}
MOST_PARAGRAPHS = 20_000
DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Face:
    """Typeface for Chinese, size in half-points, bold, colour; None = nothing is said."""

    font: str | None = None
    size: int | None = None
    bold: bool = False
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Measures of a paragraph: line rule and pitch in twips, first-line indent in hundredths of a character."""

    align: str | None = None
    rule: str | None = None
    line: int | None = None
    first_chars: int | None = None
    first_line: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one face."""

    text: str
    face: Face


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph as it is shown: its number among all, whether it stands in a table, its label and runs."""

    number: int
    runs: tuple[Run, ...]
    layout: Layout
    in_table: bool
    label: str = ""
    ruled: bool = False

    @property
    def text(self) -> str:
        """The text with its automatic label."""
        return self.label + "".join(run.text for run in self.runs)

    @property
    def face(self) -> Face:
        """The face of the first visible text."""
        return next((run.face for run in self.runs if run.text.strip()), Face())


@dataclass(frozen=True, slots=True)
class _Style:
    face: etree._Element | None
    layout: etree._Element | None
    based_on: str | None
    name: str


@dataclass(slots=True)
class Reader:
    """Reads paragraphs of a package through its styles."""

    package: Package
    _styles: dict[str, _Style] = field(default_factory=dict)
    _default: str = ""
    _labels: Labels = field(init=False)

    def __post_init__(self) -> None:
        """Sort the styles."""
        self._labels = Labels(self.package.numbering)
        if self.package.styles is None:
            return
        for one in self.package.styles.iter(f"{W}style"):
            key, based = one.get(f"{W}styleId", ""), one.find(f"{W}basedOn")
            name = one.find(f"{W}name")
            self._styles[key] = _Style(
                one.find(f"{W}rPr"),
                one.find(f"{W}pPr"),
                None if based is None else based.get(f"{W}val"),
                "" if name is None else name.get(f"{W}val", ""),
            )
            if one.get(f"{W}type") == "paragraph" and one.get(f"{W}default") in {"1", "true"}:
                self._default = key

    def lines(self) -> Iterator[Line]:
        """Yield the paragraphs of the body in order, those of tables too."""
        for number, one in enumerate(self.package.body.iter(f"{W}p"), start=1):
            if number > MOST_PARAGRAPHS:
                return
            yield self.line(one, number)

    def line(self, one: etree._Element, number: int) -> Line:
        """Read one paragraph."""
        own = one.find(f"{W}pPr")
        style = _val(own, "pStyle") or self._default
        layout, face = Layout(), self._defaults()
        for up in self._chain(style):
            layout, face = _layout(up.layout, layout), self._face(up.face, face)
        layout = _layout(own, layout)
        runs = tuple(self._runs(one, face))
        label = self._labels.next(
            own if own is not None and own.find(f"{W}numPr") is not None else self._numbered(style)
        )
        in_table = any(up.tag == f"{W}tc" for up in one.iterancestors())
        ruled = own is not None and own.find(f"{W}pBdr") is not None
        return Line(number, runs, layout, in_table, label, ruled)

    def _numbered(self, style: str) -> etree._Element | None:
        for up in reversed(self._chain(style)):
            if up.layout is not None and up.layout.find(f"{W}numPr") is not None:
                return up.layout
        return None

    def _chain(self, key: str | None) -> list[_Style]:
        found: list[_Style] = []
        while key in self._styles and len(found) < DEEPEST:
            found.append(self._styles[key])
            key = self._styles[key].based_on
        return found[::-1]

    def _defaults(self) -> Face:
        if self.package.styles is None:
            return Face(size=20)
        place = self.package.styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        return self._face(place, Face(size=20))

    def _runs(self, one: etree._Element, face: Face) -> Iterator[Run]:
        for run in one.iter(f"{W}r"):
            if next((up for up in run.iterancestors(f"{W}p")), None) is not one:
                continue  # text of a box that floats over the paragraph
            own = run.find(f"{W}rPr")
            here = face
            for up in self._chain(_val(own, "rStyle")):
                here = self._face(up.face, here)
            text = "".join(_text(piece) for piece in run)
            if text:
                yield Run(text, self._face(own, here))

    def _face(self, properties: etree._Element | None, face: Face) -> Face:
        if properties is None:
            return face
        size, color, bold = _val(properties, "sz"), _val(properties, "color"), properties.find(f"{W}b")
        return replace(
            face,
            font=self._font(properties.find(f"{W}rFonts")) or face.font,
            size=measure(size, HALF_POINTS) or face.size,
            bold=face.bold if bold is None else bold.get(f"{W}val") in ON,
            color=color or face.color,
        )

    def _font(self, fonts: etree._Element | None) -> str | None:
        if fonts is None:
            return None
        theme = fonts.get(f"{W}eastAsiaTheme")
        if theme and self.package.theme is not None:
            kind = "major" if theme.startswith("major") else "minor"
            return self._of_theme(kind)
        return str(fonts.get(f"{W}eastAsia") or "") or None

    def _of_theme(self, kind: str) -> str | None:
        theme = self.package.theme
        assert theme is not None  # noqa: S101 (asked by the caller)
        for group in theme.iter("{*}" + f"{kind}Font"):
            for font in group.iter("{*}font"):
                if font.get("script") == "Hans":
                    return str(font.get("typeface") or "") or None
            east = group.find("{*}ea")
            return str(east.get("typeface") or "") or None if east is not None else None
        return None


def _val(parent: etree._Element | None, name: str) -> str | None:
    found = None if parent is None else parent.find(f"{W}{name}")
    return None if found is None else str(found.get(f"{W}val") or "") or None


def _text(piece: etree._Element) -> str:
    if piece.tag == f"{W}t":
        return piece.text or ""
    return "\t" if piece.tag == f"{W}tab" else "\n" if piece.tag in {f"{W}br", f"{W}cr"} else ""


def _layout(properties: etree._Element | None, layout: Layout) -> Layout:
    if properties is None:
        return layout
    spacing, indent = properties.find(f"{W}spacing"), properties.find(f"{W}ind")
    made = replace(layout, align=_val(properties, "jc") or layout.align)
    if spacing is not None and spacing.get(f"{W}line"):
        made = replace(made, line=measure(spacing.get(f"{W}line")), rule=spacing.get(f"{W}lineRule", "auto"))
    if indent is not None:
        chars, first = indent.get(f"{W}firstLineChars"), indent.get(f"{W}firstLine")
        made = replace(
            made,
            first_chars=measure(chars) if chars else (None if first else made.first_chars),
            first_line=measure(first) if first else made.first_line,
        )
    return made
