"""Writes of sheets: read a file, put it to use, take the last one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.resources.carriers.geometry import stamp
from crm.resources.carriers.models import Carrier
from crm.resources.sheets import queries
from crm.resources.sheets.models import MapSheet
from crm.resources.sheets.rules import Fate, features_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "map_sheet"
FORBIDDEN = Problem("sheet.forbidden", "只有管理载体的人可以上传轮廓。")
NOTHING = Problem("sheet.nothing", "这个文件里没有一个要素能用：名称或编号要与您管理的载体一致。")
USED = Problem("sheet.used", "这份轮廓已经用上了。")
NOT_LAST = Problem("sheet.not_last", "只能撤销最后一次使用的轮廓；更早的请重新上传原来的文件。")
OTHERS = Problem("sheet.others", "这份轮廓是别人用上的，请由本人或招商办撤销。")


def bring(session: Session, actor: Actor, name: str, content: bytes, *, now: datetime) -> MapSheet:
    """Read and check a file; it is looked at before it is put to use, and takes the place of one not put to use."""
    _allow(actor)
    features, left_out = features_of(content)
    mine = MapSheet.created_by == actor.user_id
    session.execute(delete(MapSheet).where(mine, MapSheet.applied_at.is_(None)))
    plain = [{"name": one.name, "code": one.code, "geometry": one.geometry} for one in features]
    row = MapSheet(name=name[:200], features=plain, left_out=left_out, created_by=actor.user_id, created_at=now)
    session.add(row)
    session.flush()
    return row


def _allow(actor: Actor) -> None:
    if not actor.may(Permission.RESOURCE_MANAGE):
        raise ForbiddenError(FORBIDDEN)


def apply(session: Session, actor: Actor, sheet_id: int, *, now: datetime) -> MapSheet:
    """Put outlines onto the carriers they belong to, and the rest under them; what stood there is kept."""
    _allow(actor)
    row = queries.get(session, actor, sheet_id, lock=True)
    if row.applied_at is not None:
        raise ConflictError(USED)
    found = queries.matches(session, actor, row)
    wanted = {
        one.carrier.id: one.feature.geometry
        for one in found
        if one.carrier is not None and one.fate in {Fate.NEW, Fate.REPLACE}
    }
    base = [{"name": one.feature.name, "geometry": one.feature.geometry} for one in found if one.fate is Fate.BASE]
    if not wanted and not base:
        raise DomainError(NOTHING)
    row.before = [_draw(carrier, wanted[carrier.id], now) for carrier in _locked(session, list(wanted))]
    row.base = base or None
    row.applied_by, row.applied_at = actor.user_id, now
    session.flush()
    detail = {"carriers": sorted(wanted), "base": len(base)}
    audit.record(session, actor.user_id, "carrier.outlines", (SUBJECT, row.id), now=now, **detail)
    return row


def _locked(session: Session, ids: list[int]) -> list[Carrier]:
    statement = select(Carrier).where(Carrier.id.in_(ids)).order_by(Carrier.id).with_for_update()
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def _draw(carrier: Carrier, outline: dict[str, Any] | None, now: datetime) -> list[Any]:
    before = [carrier.id, carrier.outline, stamp(outline)]
    carrier.outline, carrier.updated_at = outline, now
    return before


def undo(session: Session, actor: Actor, sheet_id: int, *, now: datetime) -> MapSheet:
    """Take the last sheet back: carriers have the outlines of before, but for those somebody drew anew since."""
    _allow(actor)
    row = queries.get(session, actor, sheet_id, lock=True)
    if row.undone_at is not None or queries.last(session) != row.id:
        raise ConflictError(NOT_LAST)
    if row.applied_by != actor.user_id and not queries.keeps_all(actor):
        raise ForbiddenError(OTHERS)
    before = {one[0]: (one[1], one[2]) for one in row.before or []}
    restored = []
    for carrier in _locked(session, list(before)):
        outline, mark = before[carrier.id]
        if stamp(carrier.outline) == mark and actor.reaches(Permission.RESOURCE_MANAGE, carrier.unit_id):
            _draw(carrier, outline, now)
            restored.append(carrier.id)
    row.undone_at = now
    session.flush()
    audit.record(session, actor.user_id, "carrier.outlines_undo", (SUBJECT, row.id), now=now, carriers=restored)
    return row
