"""Reads of sheets: those put to use, one with what would become of it, what is drawn under the carriers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.resources.carriers.models import Carrier
from crm.resources.sheets.models import MapSheet
from crm.resources.sheets.rules import Feature, Known, Match, match

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MISSING = Problem("sheet.missing", "没有这份轮廓文件，可能已被新的上传取代。")


@dataclass(frozen=True, slots=True)
class Row:
    """A sheet put to use, how many carriers it drew, and by whom."""

    sheet: MapSheet
    by: str


def keeps_all(actor: Actor) -> bool:
    """Whether a person keeps the carriers of every unit."""
    return actor.may(Permission.RESOURCE_MANAGE) and actor.scope(Permission.RESOURCE_MANAGE) is None


def get(session: Session, actor: Actor, sheet_id: int, *, lock: bool = False) -> MapSheet:
    """Return a sheet: a person's own, or any for who keeps all."""
    statement = select(MapSheet).where(MapSheet.id == sheet_id)
    if not keeps_all(actor):
        statement = statement.where(MapSheet.created_by == actor.user_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: MapSheet | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def listing(session: Session, actor: Actor, *, cursor: str | None) -> Page[Row]:
    """List what was put to use, the latest first."""
    mine = [] if keeps_all(actor) else [MapSheet.created_by == actor.user_id]
    statement: Select[*tuple[Any, ...]] = (
        select(MapSheet, User.name)
        .join(User, User.id == MapSheet.applied_by)
        .where(MapSheet.applied_at.is_not(None), *mine)
    )
    page = fetch_page(session, statement, [Key(MapSheet.id, descending=True)], lambda row: [row[0].id], cursor=cursor)
    return Page(tuple(Row(row[0], row[1]) for row in page.rows), page.next, page.previous)


def last(session: Session) -> int | None:
    """The sheet put to use last that was not taken back: the one that can be."""
    statement = select(MapSheet.id).where(MapSheet.applied_at.is_not(None), MapSheet.undone_at.is_(None))
    return session.scalar(statement.order_by(MapSheet.applied_at.desc(), MapSheet.id.desc()).limit(1))


def matches(session: Session, actor: Actor, sheet: MapSheet) -> list[Match]:
    """Say what would become of each feature of a sheet if the person put it to use now."""
    features = [Feature(one["name"], one["code"], one["geometry"]) for one in sheet.features]
    codes = {one.code for one in features if one.code}
    names = {one.name for one in features if one.name}
    units = actor.scope(Permission.RESOURCE_MANAGE)
    statement = select(
        Carrier.id, Carrier.code, Carrier.name, Carrier.unit_id, Carrier.outline.is_not(None).label("drawn")
    ).where(or_(Carrier.code.in_(codes), Carrier.name.in_(names)))
    known = [
        Known(row.id, row.code, row.name, units is None or row.unit_id in units, row.drawn)
        for row in session.execute(statement)
    ]
    return match(features, known, whole=keeps_all(actor))


def base(session: Session) -> list[dict[str, Any]]:
    """Give what is drawn under the carriers: name and geometry."""
    statement = select(MapSheet.base).where(
        MapSheet.applied_at.is_not(None), MapSheet.undone_at.is_(None), MapSheet.base.is_not(None)
    )
    found = session.scalar(statement.order_by(MapSheet.applied_at.desc(), MapSheet.id.desc()).limit(1))
    return list(found or [])
