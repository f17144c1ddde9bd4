"""Selectors a person typed: CSS, or XPath when it begins with "/", "." or "(".

A selector reads the page it is given and nothing else, and its cost is bounded by its form: XPath of version 1 without
functions that leave the page, few steps over the whole page, none of them inside a predicate. `within` is the second
lock: an evaluation that still takes too long ends the crawl with a readable reason.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cssselect import SelectorError
from lxml import etree
from parsel import Selector, SelectorList
from parsel.csstranslator import HTMLTranslator

LONGEST = 200
SECONDS = 10.0
_MOST_STEPS, _DEEPEST = 8, 4
_FUNCTIONS = frozenset(
    {
        "boolean", "ceiling", "concat", "contains", "count", "false", "floor", "last", "local-name", "name",
        "normalize-space", "not", "number", "position", "round", "starts-with", "string", "string-length", "substring",
        "substring-after", "substring-before", "sum", "translate", "true", "text", "node", "comment",
    }
)  # fmt: skip
_UNSEEN = frozenset({"script", "style", "noscript", "template"})
_BLOCKS = frozenset(
    {
        "article", "blockquote", "br", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3",
        "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
    }
)  # fmt: skip
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALL = re.compile(r"([A-Za-z_][\w.:-]*)\s*\(")
_WIDE = re.compile(r"//|\b(?:descendant|descendant-or-self|following|preceding)\s*::")
_OPERATORS = frozenset({"and", "or", "div", "mod"})


def is_path(selector: str) -> bool:
    """Tell whether a selector is XPath by its first character."""
    return selector.startswith(("/", ".//", "./", "("))


def problem(selector: str) -> str:
    """Say in one line why a selector is not used; "" when it is."""
    if len(selector) > LONGEST:
        return f"longer than {LONGEST} characters"
    try:
        path = selector if is_path(selector) else HTMLTranslator().css_to_xpath(selector)
        etree.XPath(path)
    except (SelectorError, etree.XPathError) as error:
        return str(error)
    except (RecursionError, ValueError) as error:
        return f"cannot be read: {error}"
    return _cost_problem(path, typed=is_path(selector))


def pick(page: Selector, selector: str) -> SelectorList[Selector]:
    """Evaluate a selector whose form was checked."""
    return page.xpath(selector) if is_path(selector) else page.css(selector)


@contextmanager
def within(seconds: float, give_up: Callable[[], None]) -> Iterator[None]:
    """Call `give_up` from another thread when the block takes longer; lxml lets other threads run meanwhile."""
    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cost_problem(path: str, *, typed: bool) -> str:
    bare = _LITERAL.sub("''", path)
    strange = [name for name in _CALL.findall(bare) if name.rpartition("::")[2] not in _FUNCTIONS | _OPERATORS]
    if typed and (strange or "$" in bare):
        return f"{strange[0] if strange else '$'} is not allowed here"
    if len(_WIDE.findall(bare)) > _MOST_STEPS:
        return "too many steps over the whole page"
    depth = 0
    for at, char in enumerate(bare):
        depth += (char == "[") - (char == "]")
        if depth > _DEEPEST:
            return "predicates are nested too deep"
        if typed and depth and _WIDE.match(bare, at) and not (depth == 1 and _below(bare, at)):
            return "no step over the whole page inside a predicate"
    return ""


def _below(path: str, at: int) -> bool:
    """Tell whether a wide step goes down from the node at hand (`.//a`), which costs no more than the tree is deep."""
    return path.startswith("descendant", at) or (path[at] == "/" and (path[at - 1].isalnum() or path[at - 1] in ".*]"))


def text_of(nodes: Any) -> str:  # noqa: ANN401 - a list of selectors, of elements or of strings
    """Give the text of what was picked, one line per block."""
    found: list[str] = []
    for node in nodes:
        text = node.get() if isinstance(node.root, str) else _text(node.root)
        found += [line for raw in text.split("\n") if (line := " ".join(raw.split()))]
    return "\n".join(found)


def _text(root: Any) -> str:  # noqa: ANN401 - lxml has no types
    parts: list[str] = []
    unseen: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start" and unseen is None and element.tag in _UNSEEN:
            unseen = element
        if unseen is None:
            parts.append("\n" if element.tag in _BLOCKS else "")
            parts.append((element.text or "").replace("\n", " ") if event == "start" else "")
        if event == "end":
            unseen = None if unseen is element else unseen
            if unseen is None and element is not root:
                parts.append((element.tail or "").replace("\n", " "))
    return "".join(parts)
