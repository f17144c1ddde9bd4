"""What a selector may look like, checked before a source is kept; ``scrapers/selectors.py`` is its twin.

The spider checks again before it runs; a test holds both to the same list of good and bad selectors.
"""

from __future__ import annotations

import re

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

LONGEST = 200
_MOST_STEPS, _DEEPEST = 8, 4
_FUNCTIONS = frozenset(
    {
        "boolean", "ceiling", "concat", "contains", "count", "false", "floor", "last", "local-name", "name",
        "normalize-space", "not", "number", "position", "round", "starts-with", "string", "string-length", "substring",
        "substring-after", "substring-before", "sum", "translate", "true", "text", "node", "comment",
        "and", "or", "div", "mod",
    }
)  # fmt: skip
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALL = re.compile(r"([A-Za-z_][\w.:-]*)\s*\(")
_WIDE = re.compile(r"//|\b(?:descendant|descendant-or-self|following|preceding)\s*::")
_PSEUDO = re.compile(r"::(?:text|attr\([\w-]+\))(?=\s*(?:,|$))")


def is_path(selector: str) -> bool:
    """Tell whether a selector is XPath by its first character."""
    return selector.startswith(("/", ".//", "./", "("))


def usable(selector: str) -> bool:
    """Tell whether a selector can be read, stays on its page, and has a bounded cost."""
    if len(selector) > LONGEST:
        return False
    typed = is_path(selector)
    try:
        path = selector if typed else HTMLTranslator().css_to_xpath(_PSEUDO.sub("", selector))
        etree.XPath(path)
    except (SelectorError, etree.XPathError, RecursionError, ValueError):
        return False
    bare = _LITERAL.sub("''", path)
    if len(_WIDE.findall(bare)) > _MOST_STEPS or not _shallow(bare, typed=typed):
        return False
    strange = {name.rpartition("::")[2] for name in _CALL.findall(bare)} - _FUNCTIONS
    return not (typed and (strange or "$" in bare))


def _shallow(bare: str, *, typed: bool) -> bool:
    """Tell whether predicates are few deep and, typed by a person, take no step over the whole page."""
    depth = 0
    for at, char in enumerate(bare):
        depth += (char == "[") - (char == "]")
        wide = typed and depth and _WIDE.match(bare, at)
        if depth > _DEEPEST or (wide and not (depth == 1 and _below(bare, at))):
            return False
    return True


def _below(path: str, at: int) -> bool:
    """Tell whether a wide step goes down from the node at hand (``.//a``)."""
    return path.startswith("descendant", at) or (path[at] == "/" and (path[at - 1].isalnum() or path[at - 1] in ".*]"))
