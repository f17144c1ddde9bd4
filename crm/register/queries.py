"""The list of enterprises: narrowed, sorted, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import exists, func, literal, select

from crm.core import searchindex
from crm.core.paging import Key, Page, fetch_page
from crm.core.types import UtcDateTime
from crm.enterprises import queries as enterprises
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.enterprises.models import Contact, Enterprise, ListEdition, ListEntry, TargetList
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.scoring.models import EnterpriseScore
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECENT = timedelta(days=30)
SORTS = ("name", "score", "touch")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to and sorted by; blank means all."""

    q: str = ""
    on_list: str = ""
    industry: str = ""
    region: str = ""
    grade: str = ""
    signal: str = ""
    touched: str = ""
    sort: str = "name"

    def args(self, **changes: str) -> dict[str, str]:
        """Arguments of the list's address, with some changed; blanks left out."""
        changed = replace(self, **changes)
        pairs = {name: getattr(changed, name) for name in Filters.__slots__}
        return {name: value for name, value in pairs.items() if value and (name, value) != ("sort", "name")}

    def href(self, **changes: str) -> str:
        """Address of the list with some arguments changed."""
        args = urlencode(self.args(**changes))
        return f"/enterprises?{args}" if args else "/enterprises"

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.args(sort="name"))


@dataclass(frozen=True, slots=True)
class Line:
    """One enterprise in the list."""

    enterprise: Enterprise
    points: int | None
    grade: str | None
    last_touch: datetime | None
    places: tuple[enterprises.Place, ...]


def page(
    session: Session, actor: Actor, filters: Filters, *, cursor: str | None, now: datetime
) -> tuple[Page[Any], list[Line], int]:
    """Return a page with its lines, and how many enterprises the filters let through."""
    last = (
        select(Touch.enterprise_id, func.max(Touch.occurred_at).label("at"))
        .where(fieldwork.visible_to(actor), fieldwork.counted())
        .group_by(Touch.enterprise_id)
        .subquery()
    )
    touched = func.coalesce(last.c.at, literal(EPOCH, UtcDateTime()))
    points = func.coalesce(EnterpriseScore.points, 0)
    statement: Any = (
        select(Enterprise, EnterpriseScore.points, EnterpriseScore.grade, touched.label("touched"))
        .outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Enterprise.id)
        .outerjoin(last, last.c.enterprise_id == Enterprise.id)
        .where(enterprises.live())
    )
    statement = _narrow(session, statement, filters)
    if filters.touched == "recent":
        statement = statement.where(touched >= now - RECENT)
    elif filters.touched == "never":
        statement = statement.where(last.c.at.is_(None))
    by_name = [Key(Enterprise.sort_key), Key(Enterprise.id)]
    first = {"score": [Key(points, descending=True)], "touch": [Key(touched, descending=True)]}
    order = [*first.get(filters.sort, []), *by_name]

    def values(row: Any) -> list[object]:  # noqa: ANN401 (a Row of four columns)
        lead: dict[str, list[object]] = {"score": [row[1] or 0], "touch": [row[3]]}
        return [*lead.get(filters.sort, []), row[0].sort_key, row[0].id]

    found = fetch_page(session, statement, order, values, cursor=cursor)
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(Enterprise.id).subquery())) or 0
    on_lists = enterprises.places(session, [row[0].id for row in found.rows])
    lines = [
        Line(row[0], row[1], row[2], None if row[3] == EPOCH else row[3], on_lists.get(row[0].id, ()))
        for row in found.rows
    ]
    return found, lines, total


def _narrow(session: Session, statement: Any, filters: Filters) -> Any:  # noqa: ANN401 (a Select of any columns)
    ids = searchindex.matching(session, ENTERPRISE, filters.q) if filters.q else None
    if ids is not None:
        statement = statement.where(Enterprise.id.in_(ids))
    if filters.on_list:
        members = (
            select(ListEntry.enterprise_id)
            .join(ListEdition, ListEdition.id == ListEntry.edition_id)
            .join(TargetList, TargetList.id == ListEdition.list_id)
            .where(TargetList.key == filters.on_list)
        )
        statement = statement.where(Enterprise.id.in_(members))
    if filters.industry:
        statement = statement.where(Enterprise.industry == filters.industry)
    if filters.region:
        statement = statement.where(Enterprise.region == filters.region)
    if filters.grade:
        statement = statement.where(EnterpriseScore.grade == filters.grade)
    if filters.signal:
        news = exists().where(Signal.enterprise_id == Enterprise.id, Signal.state != SignalState.REJECTED)
        statement = statement.where(news)
    return statement


def contacts(session: Session, actor: Actor, q: str, *, archived: bool, cursor: str | None) -> tuple[Page[Any], int]:
    """Return a page of the contacts the actor may see, with their enterprises, and how many there are."""
    statement: Any = (
        select(Contact, Enterprise.name)
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(enterprises.visible_to(actor))
        .where(Contact.archived_at.is_not(None) if archived else Contact.archived_at.is_(None))
    )
    ids = searchindex.matching(session, CONTACT, q) if q else None
    if ids is not None:
        statement = statement.where(Contact.id.in_(ids))
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(Contact.id).subquery())) or 0
    order = [Key(Contact.sort_key), Key(Contact.id)]
    found = fetch_page(session, statement, order, lambda row: [row[0].sort_key, row[0].id], cursor=cursor)
    return found, total
