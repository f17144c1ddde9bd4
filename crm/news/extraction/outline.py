"""The visible text of a page: lines in reading order, and the blocks (div, td, p ...) that hold them.

One walk over the tree gives everything the rules for title, time, publisher and body look at. The lines of a block are
neighbours, so a block is a range of lines.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

_CONTAINERS = {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li", "main", "nav", "ol", "p",
    "pre", "section", "table", "tbody", "td", "th", "tr", "ul",
}  # fmt: skip
_NOT_SEEN = {
    "script", "style", "noscript", "template", "head", "title", "select", "option", "textarea", "svg", "iframe",
    "button",
}  # fmt: skip
_INLINE, _LINK, _BREAK, _CONTAINER, _UNSEEN = range(5)
_BREAKING = (_BREAK, _CONTAINER)
_KINDS = {
    "a": _LINK,
    "br": _BREAK,
    "hr": _BREAK,
    **dict.fromkeys(_CONTAINERS, _CONTAINER),
    **dict.fromkeys(_NOT_SEEN, _UNSEEN),
}
_ASIDE = re.compile(
    r"comment|foot(?!ball)|header|nav|menu|relat(?!ive)|recommend|sidebar|copyright|(?<![a-z])hot(?!el)|(?<![a-z])rank|share(?!holder)"
    r"|crumb|banner|\bads?\b|login|(?<!re)search|toolbar|qr-?code|guess|tuijian|xiangguan|reply|pinglun|disclaim",
    re.IGNORECASE,
)
_ALWAYS_ASIDE = re.compile(r"recommend|related|tuijian|xiangguan|copyright|guess|footer", re.IGNORECASE)
_ARTICLE = re.compile(r"artic|content|text|body|detail|zoom|entry|neirong|zhengwen|editor", re.IGNORECASE)
_LONGEST_HINT = 200
_ASIDE_TAGS = {"aside", "footer", "nav"}


@dataclass(eq=False, slots=True)
class Line:
    """One line a reader sees, the share of it inside links, and the innermost block around it."""

    text: str
    linked: float
    block: "Block"


@dataclass(eq=False, slots=True)
class Block:
    """An element that stands on lines of its own: lines[first:last]."""

    element: Any
    parent: "Block | None"
    first: int
    last: int = 0
    tag: str = field(init=False)
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        """Keep name and depth of the element at hand."""
        self.tag = self.element.tag
        self.depth = self.parent.depth + 1 if self.parent else 0

    @property
    def hint(self) -> str:
        """What the markup calls it."""
        return f"{self.element.get('class') or ''} {self.element.get('id') or ''}"[:_LONGEST_HINT]

    @property
    def aside(self) -> bool:
        """Whether its own name says that it is no part of an article."""
        return self.tag in _ASIDE_TAGS or _names_aside(self.hint)

    @property
    def article(self) -> bool:
        """Whether its own name says that it is an article."""
        return self.tag == "article" or _names_article(self.hint)


# The pages of a site call their blocks alike.
@lru_cache(maxsize=8192)
def _names_aside(hint: str) -> bool:
    if _ALWAYS_ASIDE.search(hint):
        return True
    return bool(_ASIDE.search(hint)) and not _ARTICLE.search(hint)


@lru_cache(maxsize=8192)
def _names_article(hint: str) -> bool:
    return bool(_ARTICLE.search(hint))


@dataclass(frozen=True, slots=True)
class Outline:
    """Lines in reading order and blocks in order of their beginning."""

    lines: list[Line]
    blocks: list[Block]


def text_lines(root: Any) -> list[str]:  # noqa: ANN401 - lxml has no types
    """Give the visible text under an element, one line per block, blank lines left out."""
    return [line.text for line in outline(root).lines]


def outline(root: Any) -> Outline:  # noqa: ANN401 - lxml has no types
    """Walk a tree in document order without recursion (pages can be nested thousands deep)."""
    writer = _Writer(root)
    parts, add, kind_of = writer.parts, writer.parts.append, _KINDS.get
    links = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        kind, begins = kind_of(element.tag, _INLINE), event == "start"
        if kind:
            if kind == _UNSEEN and begins:
                walk.skip_subtree()
                continue
            if parts and kind in _BREAKING:
                writer.finish_line()
            if kind == _CONTAINER:
                (writer.open if begins else writer.close)(element)
            elif kind == _LINK and element.get("href") is not None:
                links += 1 if begins else -1
        text = element.text if begins else element.tail
        if text and (parts or not text.isspace()):  # a line does not begin with the white space between elements
            add(text)
            if links:
                writer.linked += len(text.strip())
    return writer.done()


class _Writer:
    """Collects text into lines while the walk goes on."""

    def __init__(self, root: Any) -> None:  # noqa: ANN401 - lxml has no types
        self.block = Block(root, None, 0)
        self.blocks = [self.block]
        self.lines: list[Line] = []
        self.parts: list[str] = []
        self.linked = 0

    def open(self, element: Any) -> None:  # noqa: ANN401 - lxml has no types
        self.block = Block(element, self.block, len(self.lines))
        self.blocks.append(self.block)

    def close(self, element: Any) -> None:  # noqa: ANN401 - lxml has no types
        if self.block.element is element and self.block.parent:
            self.block.last = len(self.lines)
            self.block = self.block.parent

    def finish_line(self) -> None:
        text = " ".join("".join(self.parts).split())
        if text:
            self.lines.append(Line(text, min(1.0, self.linked / len(text)), self.block))
        self.parts.clear()
        self.linked = 0

    def done(self) -> Outline:
        self.finish_line()
        self.blocks[0].last = len(self.lines)
        return Outline(self.lines, self.blocks)
