"""The list of sources: filtered, counted and paged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from crm.news.models import Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

PAGE_SIZE = 50
STATE_LABELS = {"": "全部", "failing": "出错的", "untested": "没试抓过", "off": "已停用"}


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of sources, and how many there are of each state."""

    rows: list[Source]
    total: int
    page: int
    pages: int
    counts: Mapping[str, int]


def _states() -> dict[str, ColumnElement[bool]]:
    crawled = Source.kind != SourceKind.EXPORT
    return {
        "failing": Source.enabled & (Source.failures_in_row > 0),
        "untested": crawled & Source.tested_at.is_(None) & Source.last_success_at.is_(None),
        "off": Source.enabled.is_(False),
    }


def listed(session: Session, *, words: str = "", state: str = "", page: int = 1) -> Listing:
    """Return a page of sources whose name or address holds the words; those that fail come first."""
    states = _states()
    named = Source.name.icontains(words, autoescape=True) | Source.url.icontains(words, autoescape=True)
    found = named if words else None
    columns = [func.count(), *(func.coalesce(func.sum(case((rule, 1), else_=0)), 0) for rule in states.values())]
    counting = select(*columns).select_from(Source)
    numbers = session.execute(counting if found is None else counting.where(found)).one()
    counts = dict(zip(("", *states), map(int, numbers), strict=True))
    rule = states.get(state)
    total = counts.get(state, counts[""])
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    statement = select(Source).where(*[one for one in (found, rule) if one is not None])
    order = (Source.enabled.desc(), Source.failures_in_row.desc(), Source.name, Source.id)
    rows = session.scalars(statement.order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return Listing(list(rows), total, page, pages, counts)
