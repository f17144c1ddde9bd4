"""One value for many enterprises: seen first, written in small steps, stopped at any time.

What is to be changed is fixed when the work starts (``state["ids"]``), so that a filter which no longer
fits a changed row leaves nobody out. Each row goes through the one door of every change, with history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.changes import Via
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.enterprises import queries as enterprises
from crm.enterprises import services
from crm.enterprises.lists import identify
from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.enterprises.rules import LINE, SOURCE_KINDS
from crm.register.models import BulkRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

PAGE = "enterprises"
LIST = "list"
LABELS: Mapping[str, str] = {
    "industry": "行业",
    "region": "地区",
    "source_kind": "来源渠道",
    "source_org": "来源单位",
    LIST: "加入本单位自建榜单",
}
QUEUED, DONE, STOPPED = "queued", "done", "cancelled"
MOST, AT_ONCE, STEP, SHOWN = 20_000, 200, 100, 20
CHANGED, SAME, REFUSED = "changed", "same", "refused"
OWN = "own_"
LONGEST_NAME = 80
NO_RIGHT = Problem("bulk.right", "您的角色不能批量修改，请联系组长或招商办。")
NO_ROWS = Problem("bulk.rows", "请先在列表里勾选企业，或选“批改全部”。")
TOO_MANY = Problem("bulk.many", "一次最多改20,000家，请先加条件筛选。")
NO_FIELD = Problem("bulk.field", "请选择要改的字段。", "field")
NO_VALUE = Problem("bulk.value", "请填写新值；批量修改不能清空字段。", "value")
NO_SOURCE = Problem("bulk.source", "请从来源渠道里选一个。", "value")
NOT_OWN = Problem("bulk.list", "“%(name)s”是公开榜单，只能通过导入更新；请另起一个榜单名称。", "value")
MISSING = Problem("bulk.missing", "没有这次批量修改，或者不是您做的。")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which field gets which value."""

    field: str
    value: str

    @property
    def plain(self) -> dict[str, str]:
        """As JSON."""
        return {"field": self.field, "value": self.value}


@dataclass(frozen=True, slots=True)
class Before:
    """One row of the preview."""

    enterprise: Enterprise
    before: str
    after: str
    changes: bool


def checked(actor: Actor, wish: Wish) -> None:
    """Refuse a wish that cannot be granted to any row; raise DomainError."""
    if not actor.may(Permission.ENTERPRISE_BULK):
        raise ForbiddenError(NO_RIGHT)
    if wish.field not in LABELS:
        raise DomainError(NO_FIELD)
    if not wish.value or len(wish.value) > (LONGEST_NAME if wish.field == LIST else LINE):
        raise DomainError(NO_VALUE)
    if wish.field == "source_kind" and wish.value not in SOURCE_KINDS:
        raise DomainError(NO_SOURCE)
    if wish.field == LIST and not identify(wish.value).key.startswith(OWN):
        raise DomainError(Problem(NOT_OWN.key, NOT_OWN.message, NOT_OWN.field, {"name": wish.value}))


def preview(session: Session, ids: Sequence[int], wish: Wish, year: int) -> list[Before]:
    """The first rows as they are and as they will be."""
    rows = {row.id: row for row in session.scalars(_rows(ids[:SHOWN]))}
    on = _members(session, wish, year, ids[:SHOWN]) if wish.field == LIST else set()
    found = []
    for one in ids[:SHOWN]:
        if one not in rows:
            continue
        row = rows[one]
        if wish.field == LIST:
            found.append(Before(row, wish.value if one in on else "", wish.value, one not in on))
        else:
            stored = str(getattr(row, wish.field) or "")
            found.append(Before(row, stored, wish.value, stored != wish.value))
    return found


def unchanged(session: Session, ids: Sequence[int], wish: Wish, year: int) -> int:
    """How many rows hold the value already."""
    total = 0
    for first in range(0, len(ids), 500):
        some = ids[first : first + 500]
        if wish.field == LIST:
            total += len(_members(session, wish, year, some))
        else:
            column = getattr(Enterprise, wish.field)
            total += len(
                list(session.scalars(select(Enterprise.id).where(Enterprise.id.in_(some), column == wish.value)))
            )
    return total


def start(session: Session, actor: Actor, ids: Sequence[int], wish: Wish, *, now: datetime, year: int) -> BulkRun:
    """Write up to 200 rows at once, more by a job; raise DomainError with what is wrong."""
    checked(actor, wish)
    if not ids:
        raise DomainError(NO_ROWS)
    if len(ids) > MOST:
        raise DomainError(TOO_MANY)
    run = BulkRun(
        page=PAGE, state={"ids": list(ids), "year": year}, changes=wish.plain, status=QUEUED,
        counts={"at": 0, CHANGED: 0, SAME: 0, REFUSED: 0, "reasons": {}},
        created_by=actor.user_id, created_at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    audit.record(session, actor.user_id, "bulk.start", ("bulk_run", run.id), now=now, rows=len(ids), **wish.plain)
    if len(ids) <= AT_ONCE:
        while step(session, actor, run, now=now):
            pass
    else:
        enqueue(session, jobs.BULK_EDIT, {"run_id": run.id}, now=now, dedupe_key=f"bulk:{run.id}")
    return run


def step(session: Session, actor: Actor, run: BulkRun, *, now: datetime) -> bool:
    """Write the next rows of a run; False when it is over or was stopped."""
    if run.status != QUEUED:
        return False
    ids, counts = run.state["ids"], {**run.counts, "reasons": dict(run.counts["reasons"])}
    some = ids[counts["at"] : counts["at"] + STEP]
    wish = Wish(run.changes["field"], run.changes["value"])
    if wish.field == LIST:
        _enlist(session, actor, some, wish, counts, now, int(run.state["year"]))
    else:
        _write(session, actor, some, wish, counts, now)
    counts["at"] += len(some)
    run.counts = counts
    if counts["at"] >= len(ids):
        run.status, run.finished_at = DONE, now
    session.flush()
    return run.status == QUEUED


def stop(session: Session, actor: Actor, run_id: int, *, now: datetime) -> BulkRun:
    """Stop a run of one's own; what is written stays, with its history."""
    run = own(session, actor, run_id, lock=True)
    if run.status == QUEUED:
        run.status, run.finished_at = STOPPED, now
        audit.record(session, actor.user_id, "bulk.stop", ("bulk_run", run.id), now=now, at=run.counts["at"])
    return run


def own(session: Session, actor: Actor, run_id: int, *, lock: bool = False) -> BulkRun:
    """Return a run of one's own; raise NotFoundError."""
    statement = select(BulkRun).where(BulkRun.id == run_id, BulkRun.page == PAGE, BulkRun.created_by == actor.user_id)
    run = session.scalar(statement.with_for_update() if lock else statement)
    if run is None:
        raise NotFoundError(MISSING)
    return run


def _rows(ids: Sequence[int]) -> Any:  # noqa: ANN401 (a Select of enterprises)
    return select(Enterprise).where(Enterprise.id.in_(ids), enterprises.live())


def _write(
    session: Session, actor: Actor, ids: Sequence[int], wish: Wish, counts: dict[str, Any], now: datetime
) -> None:
    rows = {row.id: row for row in session.scalars(_rows(ids))}
    origin, touched = services.Origin(Via.BULK, now), []
    for one in ids:
        row = rows.get(one)
        if row is None:
            _refuse(counts, "企业已被删除或合并")
            continue
        try:
            changed = services.change_row(session, actor, row, {wish.field: wish.value}, origin)
        except DomainError as error:
            session.refresh(row)
            _refuse(counts, error.problems[0].message)
            continue
        counts[CHANGED if changed else SAME] += 1
        if changed:
            touched.append(one)
    if touched:
        services.settle(session, touched, now=now)


def _refuse(counts: dict[str, Any], reason: str) -> None:
    counts[REFUSED] += 1
    counts["reasons"][reason] = counts["reasons"].get(reason, 0) + 1


def _enlist(
    session: Session, actor: Actor, ids: Sequence[int], wish: Wish, counts: dict[str, Any], now: datetime, year: int
) -> None:
    edition = _edition(session, wish.value, year, now)
    rows = list(session.scalars(_rows(ids)))
    wanted = [{"edition_id": edition.id, "enterprise_id": row.id, "printed_name": row.name} for row in rows]
    added = insert_ignore(session, ListEntry, wanted, ["edition_id", "enterprise_id"]) if wanted else 0
    counts[CHANGED] += added
    counts[SAME] += len(rows) - added
    for _ in range(len(ids) - len(rows)):
        _refuse(counts, "企业已被删除或合并")
    if added:
        audit.record(
            session, actor.user_id, "list.add", ("list_edition", edition.id), now=now, rows=added, name=wish.value
        )


def _edition(session: Session, name: str, year: int, now: datetime) -> ListEdition:
    known = identify(name)
    insert_ignore(session, TargetList, [{"key": known.key, "name": known.name, "weight": 0}], ["key"])
    target = session.scalars(select(TargetList).where(TargetList.key == known.key)).one()
    edition = {"list_id": target.id, "year": year, "imported_at": now, "source": "批量加入"}
    insert_ignore(session, ListEdition, [edition], ["list_id", "year"])
    return session.scalars(select(ListEdition).where(ListEdition.list_id == target.id, ListEdition.year == year)).one()


def _members(session: Session, wish: Wish, year: int, ids: Sequence[int]) -> set[int]:
    statement = (
        select(ListEntry.enterprise_id)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(TargetList.key == identify(wish.value).key, ListEdition.year == year, ListEntry.enterprise_id.in_(ids))
    )
    return set(session.scalars(statement))
