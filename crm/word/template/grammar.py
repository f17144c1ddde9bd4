"""The few sentences a template may hold, read strictly: what is not named here is refused. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.word.template import faults
from crm.word.template.places import PlaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm.word.template.faults import Spot
    from crm.word.template.places import Catalogue

TAG = re.compile(r"\{\{([^{}]*)\}\}|\{%([^{}]*)%\}|(\{#[^{}]*#\})")
LONE = re.compile(r"[{}]")
WIDE = re.compile("[｛{][｛]|[｛][{%]|[}｝][｝]|[%}]｝")
NAME = r"[^\W\d]\w*"
PATH = rf"{NAME}(?:\.{NAME})*"
TERM = rf"(?:not +)?{PATH}(?: *[=!]= *(?:\"[^\"{{}}%]*\"|'[^'{{}}%]*'|\d{{1,9}}))?"
PREFIXED = re.compile(r"([A-Za-z]{1,3})[ \xa0]+(.*)", re.DOTALL)
ONLY_PATH, FOR = re.compile(PATH), re.compile(rf"for +({NAME}) +in +({PATH})")
IF = re.compile(rf"(?:el)?if +({TERM}(?: +(?:and|or) +{TERM})*)")
STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
WORDS = frozenset({"not", "and", "or"})
QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\xa0": " "})
LOOP, OF_LOOP = "loop", ("index", "first", "last", "length")
PREFIXES = {"", "p", "tr"}
MOST_TAGS, DEEPEST, MOST_FAULTS = 500, 6, 30
LONGEST_TAG = 300
NEAR = 0.5
ENDS = {"for": "endfor", "if": "endif"}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a template: its text, the row's text in a table, and what holds it (by identity)."""

    spot: Spot
    text: str
    container: int
    row: str | None = None
    table: int | None = None
    body: bool = False
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class _Open:
    """A statement that waits for its end; ``place`` tells where that has to stand."""

    kind: str
    line: Line
    tag: str
    place: tuple[str, int]
    variable: str = ""
    source: str = ""


@dataclass(slots=True)
class Reader:
    """Reads a part line by line and collects what is wrong."""

    catalogue: Catalogue
    found: list[faults.Fault] = field(default_factory=list)
    tags: int = 0
    _open: list[_Open] = field(default_factory=list)

    def read(self, lines: Iterator[Line]) -> None:
        """Read a whole part; what it opens it has to close."""
        for number, line in enumerate(lines):
            self._line(line, number)
            if self.full:
                break
        else:
            for one in self._open:
                self._fault(one.line, one.tag, faults.NOT_CLOSED, end=ENDS[one.kind])
        self._open.clear()

    @property
    def full(self) -> bool:
        """Whether enough is wrong to stop reading."""
        return self.tags > MOST_TAGS or len(self.found) >= MOST_FAULTS

    def _fault(self, line: Line, tag: str, message: str, **params: object) -> None:
        self.found.append(faults.Fault(line.spot, tag, message, params, _short(line.text)))

    def _line(self, line: Line, number: int) -> None:
        if wide := WIDE.search(line.text):
            self._fault(line, wide[0], faults.WIDE_BRACES)
            return
        if LONE.search(TAG.sub("", line.text)):
            self._fault(line, _short(line.text), faults.UNPAIRED_BRACES)
            return
        for match in TAG.finditer(line.text):
            self.tags += 1
            if self.full:
                return
            self._tag(line, match, number)

    def _tag(self, line: Line, match: re.Match[str], number: int) -> None:
        tag, inner = _short(match[0]), match[1] if match[1] is not None else match[2]
        if inner is None or len(inner) > LONGEST_TAG:
            return self._fault(line, tag, faults.COMMENT if inner is None else faults.UNREADABLE)
        if inner.startswith("-") or inner.endswith("-"):
            return self._fault(line, tag, faults.DASH)
        prefix, words = _split(inner.translate(QUOTES))
        if prefix not in PREFIXES:
            return self._fault(line, tag, faults.PREFIX, prefix=prefix)
        alone = self._alone(line, match[0], prefix)
        if alone:
            return self._fault(line, tag, alone)
        if match[1] is not None:
            return self._value(line, tag, prefix, words)
        place = {"": ("line", number), "p": ("holder", line.container), "tr": ("table", line.table or 0)}[prefix]
        return self._statement(line, tag, words, place)

    def _alone(self, line: Line, tag: str, prefix: str) -> str:
        """Say what keeps a tag with a prefix from standing alone where it has to."""
        if prefix == "tr":
            if line.row is None:
                return faults.ROW_PLACE
            return "" if line.row.strip() == tag else faults.ALONE_ROW
        if prefix == "p":
            if line.breaks:
                return faults.SECTION_BREAK
            return "" if line.text.strip() == tag else faults.ALONE_PARAGRAPH
        return ""

    def _value(self, line: Line, tag: str, prefix: str, words: str) -> None:
        if not ONLY_PATH.fullmatch(words):
            return self._fault(line, tag, faults.UNREADABLE)
        place = self.catalogue.get(words)
        is_block = place is not None and place.kind is PlaceKind.BLOCK
        if is_block and prefix != "p":
            return self._fault(line, tag, faults.BLOCK_ALONE, name=words)
        if is_block:
            return None if line.body else self._fault(line, tag, faults.BLOCK_PLACE)
        if prefix:
            return self._fault(line, tag, faults.PREFIX, prefix=prefix)
        return self._path(line, tag, words)

    def _statement(self, line: Line, tag: str, words: str, place: tuple[str, int]) -> None:
        if found := FOR.fullmatch(words):
            return self._for(line, tag, found, place)
        if found := IF.fullmatch(words):
            self._condition(line, tag, found[1])
            if words.startswith("if"):
                self._opened(line, _Open("if", line, tag, place))
                return None
            return self._middle(line, tag, place)
        if words == "else":
            return self._middle(line, tag, place)
        if words in ENDS.values():
            return self._close(line, tag, words, place)
        return self._fault(line, tag, faults.UNREADABLE)

    def _for(self, line: Line, tag: str, found: re.Match[str], place: tuple[str, int]) -> None:
        variable, source = found[1], found[2]
        known = self.catalogue.get(source)
        if known is None:
            self._unknown(line, tag, source)
        elif known.kind is not PlaceKind.ROWS:
            self._fault(line, tag, faults.NO_ROWS, name=source)
        if variable in self.catalogue or variable in {LOOP, *WORDS}:
            self._fault(line, tag, faults.SHADOW, name=variable)
        if any(one.kind == "for" for one in self._open):
            self._fault(line, tag, faults.NESTED)
        self._opened(line, _Open("for", line, tag, place, variable, source))

    def _opened(self, line: Line, one: _Open) -> None:
        if len(self._open) >= DEEPEST:
            self._fault(line, one.tag, faults.DEEP, most=DEEPEST)
        self._open.append(one)

    def _middle(self, line: Line, tag: str, place: tuple[str, int]) -> None:
        if not self._open or self._open[-1].kind != "if":
            self._fault(line, tag, faults.NOT_OPEN)
        elif self._open[-1].place != place:
            self._fault(line, tag, faults.CLOSED_ELSEWHERE)

    def _close(self, line: Line, tag: str, words: str, place: tuple[str, int]) -> None:
        if not self._open or ENDS[self._open[-1].kind] != words:
            return self._fault(line, tag, faults.NOT_OPEN)
        if self._open.pop().place != place:
            self._fault(line, tag, faults.CLOSED_ELSEWHERE)
        return None

    def _condition(self, line: Line, tag: str, text: str) -> None:
        for path in re.findall(PATH, STRING.sub(" ", text)):
            if path not in WORDS:
                self._path(line, tag, path, asked=True)

    def _path(self, line: Line, tag: str, path: str, *, asked: bool = False) -> None:
        """Check a name with what stands below it; ``asked`` in a condition, where rows may be asked for."""
        name, _dot, below = path.partition(".")
        loop = next((one for one in self._open if one.kind == "for"), None)
        if loop is not None and name in {loop.variable, LOOP}:
            source = self.catalogue.get(loop.source)
            known = OF_LOOP if name == LOOP else source.below if source else (below,)
            self._below(line, tag, name, below, known)
            return
        place = self.catalogue.get(name)
        if place is None:
            self._unknown(line, tag, name)
        elif place.kind is PlaceKind.FIGURES:
            self._below(line, tag, name, below, place.below)
        elif below:
            self._fault(line, tag, faults.NO_BELOW, name=name)
        elif place.kind is PlaceKind.ROWS and not asked:
            self._fault(line, tag, faults.ROWS_LOOP, name=name)

    def _below(self, line: Line, tag: str, name: str, below: str, known: tuple[str, ...]) -> None:
        if not below:
            self._fault(line, tag, faults.NEEDS_BELOW, name=name, known="、".join(known))
        elif below not in known:
            near = _nearest(below, known)
            if near:
                self._fault(line, tag, faults.NO_COLUMN_NEAR, name=name, below=_short(below), near=near)
            else:
                self._fault(line, tag, faults.NO_COLUMN, name=name, below=_short(below), known="、".join(known))

    def _unknown(self, line: Line, tag: str, name: str) -> None:
        near = _nearest(name, self.catalogue)
        if near:
            self._fault(line, tag, faults.UNKNOWN_NEAR, name=_short(name), near=near)
        else:
            self._fault(line, tag, faults.UNKNOWN, name=_short(name))


def _nearest(name: str, known: Iterable[str]) -> str:
    """The valid name most like one that is none; "" when none is like it."""
    near = difflib.get_close_matches(name, known, 1, NEAR)
    return near[0] if near else ""


def _split(inner: str) -> tuple[str, str]:
    """Tell the prefix of a tag from its words; a prefix stands right behind the brace."""
    found = PREFIXED.fullmatch(inner)
    if found and not re.match(r"(?:for|if|not)\b", inner):
        return found[1], found[2].strip()
    return "", inner.strip()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"  # noqa: PLR2004 (as much as a line of the page shows)
