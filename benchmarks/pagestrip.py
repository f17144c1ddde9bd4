"""Take from a page what helps to read it: names of classes, headings, metadata, its own title, paragraphs."""

import re
from collections.abc import Callable
from typing import Any

from lxml import etree, html

_KEPT = {"js_content", "js_name"}
_HEADINGS = {"h1", "h2", "h3", "h4", "article", "main", "section", "aside", "nav", "header", "footer"}


def names(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Take classes and ids away, except those of public accounts."""
    for element in root.iter(etree.Element):
        for key in ("class", "id"):
            if element.get(key) and element.get(key) not in _KEPT:
                del element.attrib[key]


def headings(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Make headings and sectioning elements plain blocks."""
    for element in root.iter(*_HEADINGS):
        element.tag = "div"


def metadata(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Take metadata and scripts away."""
    for element in list(root.iter("meta", "script")):
        if element.tag == "script" or element.get("content"):
            element.drop_tree()


def paragraphs(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Write paragraphs as text with line breaks."""
    for element in list(root.iter("p")):
        mark = etree.Element("br")
        mark.tail, element.tail = element.tail, None
        element.addnext(mark)
        element.drop_tag()


def title(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Let the title element name the site only."""
    for element in root.iter("title"):
        element.text = "临江新闻网"


Strip = Callable[[Any], None]
STEPS: tuple[tuple[str, tuple[Strip, ...]], ...] = (
    ("without names of classes", (names,)),
    ("and without headings", (names, headings)),
    ("and without metadata", (names, headings, metadata)),
    ("and without paragraphs", (names, headings, metadata, paragraphs)),
    ("and with a title element that names the site", (names, headings, metadata, paragraphs, title)),
)


def stripped(markup: str, steps: tuple[Strip, ...]) -> str:
    """Give a page without those helps."""
    root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", markup))
    for step in steps:
        step(root)
    return str(html.tostring(root, encoding="unicode"))
