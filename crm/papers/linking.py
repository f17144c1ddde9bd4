"""Where the numbers of a paper's tables open: the rows behind each, with the same total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from crm.assessment.board import item_href
from crm.assessment.items import STANDARD
from crm.assessment.links import rows_href
from crm.assessment.window import Window
from crm.papers.figures import year_window
from crm.papers.refs import refs

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from datetime import datetime

    from crm.papers.facts import Facts
    from crm.papers.refs import Ref, Refs

Hrefs = dict[str, list[list[list[str]]]]
"""By title of the table: rows, cells, the address of each line."""


def live(facts: Facts, now: datetime) -> Hrefs:
    """Addresses for a paper as it stands now: the rows of today."""
    windows = {
        "year": year_window(facts.period, facts.today, now),
        "part": Window(facts.period.start, facts.period.end, now),
    }
    items = {item.key: item for item in STANDARD}

    def href(ref: Ref) -> str:
        when, key = ref[0].split(":", 1)
        if key in items:
            return item_href(items[key], windows[when], ref[1])
        return rows_href(key, windows[when], ref[1])

    return _each(refs(facts), href)


def kept(issue_id: int, found: Refs, keys: Container[str]) -> Hrefs:
    """Addresses for a drafted or numbered paper: the rows that were kept with it."""

    def href(ref: Ref) -> str:
        if ref[0] not in keys:
            return ""
        return url_for("issues.rows", issue_id=issue_id, key=ref[0], unit=ref[1])

    return _each(found, href)


def _each(found: Refs, href: Callable[[Ref], str]) -> Hrefs:
    return {title: [[[href(ref) for ref in cell] for cell in row] for row in rows] for title, rows in found.items()}
