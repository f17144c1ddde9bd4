"""A parsed page and small tools to look at it; shared by the rules for title, time, publisher and body."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

from crm.news.extraction.compare import plain
from crm.news.extraction.density import Candidate, candidates
from crm.news.extraction.outline import Outline, outline

_CONTROL = bytes(number for number in range(32) if number not in b"\t\n\r")
_INVISIBLE = "\u200b\ufeff\u00ad"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_LONGEST_JSON = 200_000
_LONGEST_COMPARED = 300


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
        return squeeze("".join(element.itertext())) if element is not None else ""

    @cached_property
    def outline(self) -> Outline:
        """The visible text in lines and the blocks that hold them."""
        return outline(self.root)

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The blocks that may be the article, densest first."""
        return candidates(self.outline)

    @cached_property
    def lines(self) -> list[str]:
        """Visible text of the page, one line per block."""
        return [line.text for line in self.outline.lines]

    @cached_property
    def plain_lines(self) -> list[str]:
        """The same lines as they are compared; "" for long ones, which are no headline."""
        return [plain(text) if len(text) <= _LONGEST_COMPARED else "" for text in self.lines]


def parse(markup: str, url: str) -> Page | None:
    """Parse a page; None when there is nothing to parse."""
    clean = _DECLARATION.sub("", markup, count=1)
    raw = _visible(clean).encode("utf-8", "replace").translate(None, _CONTROL)
    if not raw.strip():
        return None
    reader = etree.HTMLParser(
        recover=True, no_network=True, huge_tree=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser=reader)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return None if root is None else Page(root, clean, url)


def _visible(markup: str) -> str:
    """Take out signs of no width; most pages have none, which is quickly seen."""
    for sign in _INVISIBLE:
        if sign in markup:
            markup = markup.replace(sign, "")
    return markup


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
