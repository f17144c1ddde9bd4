"""A parsed page and small tools to look at it; shared by the rules for title, time, publisher and body."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree, html

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_UNSEEN = {"script", "style", "noscript", "template", "head", "select", "option", "textarea", "svg", "iframe", "button"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",
    "pre", "section", "table", "tbody", "td", "th", "tr", "ul",
}  # fmt: skip
_SPACE = re.compile(r"[ \t\r\f\v\u00a0\u3000\u200b\ufeff]+")
_LONGEST_JSON = 200_000


@dataclass
class Page:
    """One page as a tree with its metadata; built once per extraction."""

    root: Any
    markup: str
    url: str

    @cached_property
    def meta(self) -> Mapping[str, str]:
        """Content of the meta elements by lower-case name, property or itemprop; the first one wins."""
        found: dict[str, str] = {}
        for element in self.root.iter("meta"):
            content = (element.get("content") or "").strip()
            for kind in ("property", "name", "itemprop"):
                name = (element.get(kind) or "").strip().lower()
                if name and content:
                    found.setdefault(name, content)
        return found

    @cached_property
    def linked_data(self) -> list[Mapping[str, Any]]:
        """The JSON-LD objects of the page, flattened one level; broken ones are left out."""
        found: list[Mapping[str, Any]] = []
        for element in self.root.iter("script"):
            if "ld+json" in (element.get("type") or "") and element.text:
                found.extend(_objects(element.text))
        return found

    @cached_property
    def title_tag(self) -> str:
        """Text of the title element."""
        element = self.root.find(".//title")
        return squeeze(element.text_content()) if element is not None else ""

    @cached_property
    def lines(self) -> list[str]:
        """Visible text of the page, one line per block."""
        return text_lines(self.root)


def parse(markup: str, url: str) -> Page | None:
    """Parse a page; None when there is nothing to parse."""
    clean = _DECLARATION.sub("", _CONTROL.sub("", markup), count=1)
    if not clean.strip():
        return None
    try:
        root = html.document_fromstring(clean, parser=html.HTMLParser(recover=True, no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return Page(root, clean, url)


def squeeze(text: str) -> str:
    """Give a text on one line with single spaces."""
    return " ".join(text.split())


def short_text(element: Any, longest: int) -> str:  # noqa: ANN401 - lxml has no types
    """Give the text of an element on one line, "" when it is longer than `longest` characters; reads no further."""
    parts: list[str] = []
    room = 2 * longest + 200
    for part in element.itertext(etree.Element):
        parts.append(part)
        room -= len(part)
        if room < 0:
            return ""
    text = squeeze("".join(parts))
    return text if len(text) <= longest else ""


def text_lines(root: Any) -> list[str]:  # noqa: ANN401 - lxml has no types
    """Give the visible text under an element, one line per block, blank lines left out."""
    parts: list[str] = []
    _collect(root, parts)
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return [line for line in lines if line]


def _collect(root: Any, parts: list[str]) -> None:  # noqa: ANN401 - lxml has no types
    """Walk in document order without recursion (pages can be nested thousands deep)."""
    unseen: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in {"comment", "pi"}:
            if unseen is None and element.tail:
                parts.append(element.tail.replace("\n", " "))
            continue
        if event == "start":
            if unseen is None and element.tag in _UNSEEN:
                unseen = element
            elif unseen is None:
                parts.append("\n" if element.tag in _BLOCKS else "")
                parts.append((element.text or "").replace("\n", " "))
            continue
        if unseen is element:
            unseen = None
        if unseen is None:
            parts.append("\n" if element.tag in _BLOCKS else "")
            if element is not root:
                parts.append((element.tail or "").replace("\n", " "))


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        data = json.loads(text[:_LONGEST_JSON].strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            yield from (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else ()
