"""Find the repeated block of links on a list page and say how to select it.

Links whose way from the page's root is spelled alike (elements and class names, rows alike) form a block. A block of
headlines has many links with long texts, own addresses, and often a written time in each row.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector

from scrapers.links import address, row_time, words
from scrapers.selectors import LONGEST

MOST, EXAMPLES = 5, 3
_FEWEST = 3
_SHORTEST, _HEADLINE = 6, range(10, 121)
_MOST_LINKS = 4000
_ROWS = frozenset({"li", "tr", "dd", "dt", "a", "article"})
_VOLATILE = re.compile(r"\d{2,}|^(?:on|cur|current|active|first|last|odd|even|hover|selected|top)\d*$", re.IGNORECASE)
_PLAIN = re.compile(r"^[A-Za-z_][\w-]*$")
_DIGITS = re.compile(r"\d{3,}")
_NAV = re.compile(r"nav|menu|foot|crumb|header|toolbar|login|share|page(?:r|s|nation)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A selector for one block of links, how many it takes, and the first of them."""

    selector: str
    count: int
    timed: int
    examples: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Give it as JSON."""
        return asdict(self)


@dataclass(slots=True)
class _Link:
    node: Selector
    url: str
    text: str
    way: tuple[str, ...]


def suggest(page: Selector, url: str) -> list[Suggestion]:
    """Give up to five selectors, the most likely block of headlines first."""
    blocks: dict[tuple[str, ...], list[_Link]] = defaultdict(list)
    for link in _links(page, url):
        blocks[link.way].append(link)
    ranked = sorted(((_score(links), links) for links in blocks.values()), key=lambda pair: -pair[0])
    found: list[Suggestion] = []
    for score, links in ranked[: 2 * MOST]:
        selector = _selector(page, links) if score > 0 else ""
        if 0 < len(selector) <= LONGEST and selector not in {other.selector for other in found}:
            texts = [link.text for link in links[:EXAMPLES]]
            found.append(Suggestion(selector, len({link.url for link in links}), _timed(links), texts))
    return found[:MOST]


def _links(page: Selector, url: str) -> Iterable[_Link]:
    for node in page.css("a[href]")[:_MOST_LINKS]:
        target, text = address(url, node), words(node)
        if target and target != url and len(text) >= _SHORTEST:
            yield _Link(node, target, text, _way(node.root))


def _way(element: Any) -> tuple[str, ...]:  # noqa: ANN401 - lxml has no types
    """Spell the way from the root; rows are alike whatever their class says."""
    way = [element.tag]
    for parent in element.iterancestors():
        if parent.tag in {"body", "html"}:
            break
        way.append(parent.tag if parent.tag in _ROWS else _step(parent))
    return tuple(reversed(way))


def _step(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    """Write an element as a step of a selector: by its id or its steady classes."""
    own = element.get("id") or ""
    if _PLAIN.match(own) and not _VOLATILE.search(own):
        return f"{element.tag}#{own}"
    classes = [name for name in (element.get("class") or "").split() if _PLAIN.match(name)]
    return "".join([element.tag, *(f".{name}" for name in classes[:2] if not _VOLATILE.search(name))])


def _score(links: Sequence[_Link]) -> float:
    urls = {link.url for link in links}
    if len(urls) < _FEWEST:
        return 0.0
    texts = [len(link.text) for link in links]
    long = sum(size in _HEADLINE for size in texts) / len(texts)
    numbered = sum(bool(_DIGITS.search(urlsplit(link.url).path + urlsplit(link.url).query)) for link in links)
    plain = 0.2 if any(_NAV.search(step) for step in links[0].way) else 1.0
    varied = len({link.text for link in links}) / len(links)
    weight: float = min(len(urls), 40) ** 0.7
    return weight * long**2 * varied * plain * (1 + numbered / len(links)) * (1 + 1.5 * _timed(links) / len(links))


def _timed(links: Sequence[_Link]) -> int:
    sample = links[:40]
    return sum(bool(row_time(link.node, link.text)) for link in sample) * len(links) // len(sample)


def _selector(page: Selector, links: Sequence[_Link]) -> str:
    """Give the shortest selector which takes this block and hardly anything else."""
    wanted = {link.node.root for link in links}
    way = links[0].way
    marked = [index for index, step in enumerate(way) if "." in step or "#" in step]
    best = ""
    kept = {*marked, len(way) - 1}
    for start in [*reversed(marked), 0]:
        best = " ".join(step for at, step in enumerate(way) if at >= start and (at in kept or step in _ROWS))
        taken = [node.root for node in page.css(best)]
        extra = sum(1 for node in taken if node not in wanted and len(words(Selector(root=node))) >= _SHORTEST)
        if taken and extra * 20 <= len(taken):
            return best
    return best
