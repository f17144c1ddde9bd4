"""Make one record of two: everything that hangs on the loser moves, nothing is lost, all is on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update
from sqlalchemy.orm.exc import StaleDataError

from crm.auth.rules import Actor, Permission
from crm.core import audit, changes, searchindex
from crm.core.db import Base, insert_ignore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.scored import want_score
from crm.enterprises import groups, queries, services
from crm.enterprises.identifiers import uscc_is_valid
from crm.enterprises.indexing import index_contacts
from crm.enterprises.models import Contact, Enterprise, EnterpriseRelation
from crm.enterprises.rules import tombstone
from crm.fieldwork.models import Touch
from crm.pipeline import indexing as pipeline_indexing
from crm.register import merge_fields as fields
from crm.register import merge_keeping as keeping
from crm.register.merge_fields import CONTACT, ENTERPRISE, MODELS, Record
from crm.register.merge_hanging import Hanging, tally
from crm.register.merge_rows import Merge, move_all, raw_row
from crm.register.models import DuplicatePair, MergeLog, PairState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

MERGED = "*merged"
NO_RIGHT = Problem("merge.right", "您的角色不能合并记录，请联系招商办。")
SAME = Problem("merge.same", "不能和自己合并，请选另一条记录。")
UNKNOWN = Problem("merge.kind", "没有这类记录可以合并。")
STALE = Problem("merge.stale", "您打开预览之后，有人改过这两条记录之一。请核对最新内容后再合并。")
REASON = Problem("merge.reason", "两家的信用代码不同，请写明合并的依据，例如 换发执照、三证合一。", "reason")
SEEN = Problem("merge.confirm", "请先核对警告，并勾选“已核对，确为同一家（人）”。", "confirmed")
ERASED = Problem("merge.erased", "其中一位联系人已停用或已删除个人信息，不能合并。")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do: differing fields, rows that move, what speaks against it."""

    kind: str
    winner: Record
    loser: Record
    lines: tuple[fields.Line, ...]
    hanging: tuple[Hanging, ...]
    warnings: tuple[Problem, ...]

    @property
    def versions(self) -> str:
        """Versions of both rows, winner first, to notice a stale page."""
        return f"{self.winner.version}:{self.loser.version}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided: fields to take from the loser (None: the defaults), the versions seen, a yes."""

    take: frozenset[str] | None = None
    versions: str | None = None
    confirmed: bool = False
    reason: str | None = None


def preview(session: Session, actor: Actor, kind: str, winner_id: int, loser_id: int) -> Preview:
    """Show a merge without doing it; raise NotFoundError, ForbiddenError, DomainError."""
    winner, loser = _pair(session, actor, kind, winner_id, loser_id)
    hanging = tally(session, kind, winner_id, loser_id)
    differing = tuple(fields.lines(kind, winner, loser))
    return Preview(kind, winner, loser, differing, hanging, tuple(_warnings(session, winner, loser)))


def merge(
    session: Session, actor: Actor, kind: str, winner_id: int, loser_id: int, choice: Choice, *, now: datetime
) -> MergeLog:
    """Merge ``loser`` into ``winner`` in the running transaction.

    Raises:
        ConflictError: one of them changed since ``choice.versions``.
        DomainError: there are warnings and they were not confirmed.

    """
    winner, loser = _pair(session, actor, kind, winner_id, loser_id, lock=True)
    if choice.versions is not None and choice.versions != f"{winner.version}:{loser.version}":
        raise ConflictError(STALE)
    _insist(choice, _warnings(session, winner, loser))
    snapshot: dict[str, Any] = {"winner": _raw(session, winner), "loser": _raw(session, loser), "name": loser.name}
    taken = fields.defaults(kind, winner, loser) if choice.take is None else choice.take | {"do_not_contact"}
    remembered = keeping.remembered(winner, loser)
    wanted = {
        field: {name: getattr(loser, name) for name in fields.columns(kind, field)}
        for field in fields.differing(kind, winner, loser)
        if field in taken
    }
    parent = _parent(session, winner, loser)
    _bury(session, winner, loser, actor, now)
    kept = fields.take(winner, {**wanted, **parent})
    winner.updated_at = now
    _flush(session)
    moves = move_all(session, Merge(kind, winner_id, loser_id, snapshot["name"][:40]))
    added = keeping.keep(session, actor, winner, remembered, now)
    snapshot |= {"chosen": kept, "added": added}
    log = MergeLog(kind=kind, winner_id=winner_id, loser_id=loser_id, snapshot=snapshot, moves=moves)
    log.reason, log.at, log.by = choice.reason, now, actor.user_id or None
    session.add(log)
    _decide(session, kind, (winner_id, loser_id), actor, now)
    _write_down(session, actor, log, now)
    refresh(session, kind, winner_id, loser_id, now=now)
    want_score(session, third_parties(log), now=now)
    return log


def _insist(choice: Choice, warnings: Sequence[Problem]) -> None:
    """Refuse a merge that warns until somebody confirms it, and one of two legal persons without a reason."""
    if warnings and not choice.confirmed:
        raise DomainError(SEEN)
    if not choice.reason and any(one.key == "merge.uscc" for one in warnings):
        raise DomainError(REASON)


def refresh(session: Session, kind: str, winner_id: int, loser_id: int, *, now: datetime) -> None:
    """Bring what is derived in step for both records: search, latest touch, score."""
    session.flush()
    session.expire_all()
    if kind == CONTACT:
        people = [winner_id, loser_id]
        index_contacts(session, [one for one in people if session.get_one(Contact, one).merged_into_id is None])
        searchindex.drop(session, kind, [one for one in people if session.get_one(Contact, one).merged_into_id])
        firms = {session.get_one(Contact, one).enterprise_id for one in people}
        services.settle(session, sorted(firms), now=now)
        return
    for one in (winner_id, loser_id):
        latest = select(func.max(Touch.occurred_at)).where(Touch.enterprise_id == one, Touch.voided_at.is_(None))
        statement = update(Enterprise).where(Enterprise.id == one).values(last_touch_at=latest.scalar_subquery())
        session.execute(statement.execution_options(synchronize_session=False))
    session.expire_all()
    living = [one for one in (winner_id, loser_id) if session.get_one(Enterprise, one).deleted_at is None]
    searchindex.drop(session, kind, [one for one in (winner_id, loser_id) if one not in living])
    for one in living:
        people = list(session.scalars(select(Contact.id).where(Contact.enterprise_id == one)))
        index_contacts(session, people)
        pipeline_indexing.reindex(session, one)
    services.settle(session, living, now=now)


def third_parties(log: MergeLog) -> set[int]:
    """Enterprises besides the two whose relation to one of them doubled another and went, or came back."""
    went = [op["row"] for op in log.moves if op["op"] == "drop" and op["table"] == EnterpriseRelation.__tablename__]
    return {row[end] for row in went for end in ("from_id", "to_id")} - {log.winner_id, log.loser_id}


def record(session: Session, actor: Actor, kind: str, record_id: int) -> Record:
    """Return a record that can be merged; raise NotFoundError, DomainError for one put away."""
    if kind == ENTERPRISE and not actor.may(Permission.REGISTER_MERGE):
        raise ForbiddenError(NO_RIGHT)
    if kind == ENTERPRISE:
        return queries.enterprise(session, record_id)
    row = queries.contact(session, actor, record_id)
    if row.archived_at is not None or row.erased_at is not None:
        raise DomainError(ERASED)
    return row


def may_merge(actor: Actor, kind: str, *rows: Record) -> bool:
    """Whether somebody may merge these: registrars all, others the contacts they may write."""
    if actor.may(Permission.REGISTER_MERGE):
        return True
    return kind == CONTACT and all(
        isinstance(row, Contact) and actor.reaches(Permission.CONTACT_WRITE, row.unit_id) for row in rows
    )


def _pair(
    session: Session, actor: Actor, kind: str, winner_id: int, loser_id: int, *, lock: bool = False
) -> tuple[Record, Record]:
    if kind not in MODELS:
        raise NotFoundError(UNKNOWN)
    if winner_id == loser_id:
        raise DomainError(SAME)
    model = MODELS[kind]
    if lock:
        locked = select(model.id).where(model.id.in_([winner_id, loser_id])).order_by(model.id).with_for_update()
        session.execute(locked)
        session.expire_all()
    winner, loser = (record(session, actor, kind, one) for one in (winner_id, loser_id))
    if not may_merge(actor, kind, winner, loser):
        raise ForbiddenError(NO_RIGHT)
    return winner, loser


def _warnings(session: Session, winner: Record, loser: Record) -> list[Problem]:
    if isinstance(winner, Contact) and isinstance(loser, Contact):
        return _contact_warnings(winner, loser)
    assert isinstance(winner, Enterprise)  # noqa: S101 (for the type checker: both are of one kind)
    assert isinstance(loser, Enterprise)  # noqa: S101 (for the type checker: both are of one kind)
    found = []
    if winner.uscc and loser.uscc and winner.uscc != loser.uscc:
        both = "有效" if uscc_is_valid(winner.uscc) and uscc_is_valid(loser.uscc) else "填写"
        message = "两家%(both)s的统一社会信用代码不同（%(one)s、%(other)s），很可能是两个法人。"
        params: dict[str, object] = {"both": both, "one": winner.uscc, "other": loser.uscc}
        found.append(Problem("merge.uscc", message, None, params))
    if winner.id in _above(session, loser) or loser.id in _above(session, winner):
        found.append(Problem("merge.group", "两家是上下级企业。合并后只剩一家，下级的下级改挂到它下面。"))
    return found


def _contact_warnings(winner: Contact, loser: Contact) -> list[Problem]:
    found = []
    if winner.unit_id != loser.unit_id:
        found.append(
            Problem("merge.units", "两位联系人属于不同单位。合并后归保留的那一位所在单位，另一单位可能看不到。")
        )
    if winner.name != loser.name:
        found.append(Problem("merge.names", "两位联系人姓名不同，可能只是共用一个电话。"))
    return found


def _above(session: Session, row: Enterprise) -> list[int]:
    return [one for one, _name in groups.ancestors(session, row.id)]


def _parent(session: Session, winner: Record, loser: Record) -> dict[str, dict[str, Any]]:
    """Keep the group a tree: what the winner belongs to afterwards, if that changes."""
    if not (isinstance(winner, Enterprise) and isinstance(loser, Enterprise)):
        return {}
    if loser.id in _above(session, winner):
        return {"parent_id": {"parent_id": loser.parent_id}}
    below = groups.group_ids(session, winner.id)
    if winner.parent_id is None and loser.parent_id is not None and loser.parent_id not in below:
        return {"parent_id": {"parent_id": loser.parent_id}}
    return {}


def _bury(session: Session, winner: Record, loser: Record, actor: Actor, now: datetime) -> None:
    """Take the loser out of every list and free its unique values."""
    loser.merged_into_id, loser.updated_at = winner.id, now
    if isinstance(loser, Contact):
        loser.archived_at = now
    else:
        loser.deleted_at, loser.deleted_by = now, actor.user_id or None
        loser.folded_name = tombstone(loser.folded_name, loser.id)
        loser.uscc = tombstone(loser.uscc, loser.id) if loser.uscc else None
    _flush(session)


def _decide(session: Session, kind: str, ids: Sequence[int], actor: Actor, now: datetime) -> None:
    pair = {"kind": kind, "low_id": min(ids), "high_id": max(ids)}
    blank = {"score": 0, "reasons": [], "state": PairState.MERGED, "found_at": now}
    insert_ignore(session, DuplicatePair, [{**pair, **blank}], ["kind", "low_id", "high_id"])
    values = {"state": PairState.MERGED, "decided_at": now, "decided_by": actor.user_id or None}
    session.execute(update(DuplicatePair).filter_by(**pair).values(**values))


def _write_down(session: Session, actor: Actor, log: MergeLog, now: datetime) -> None:
    session.flush()
    changed = {MERGED: (None, log.snapshot["name"]), **fields.noted(log.snapshot["chosen"])}
    by = actor.user_id or None
    changes.note(session, (log.kind, log.winner_id), changed, by=by, via=changes.Via.MERGE, now=now)
    detail = {"loser": log.loser_id, "log": log.id, "fields": sorted(log.snapshot["chosen"])}
    audit.record(session, by, f"{log.kind}.merge", (log.kind, log.winner_id), now=now, **detail)


def _raw(session: Session, row: Record) -> dict[str, Any]:
    table = Base.metadata.tables[row.__tablename__]
    return raw_row(session, table, table.c.id == row.id) or {}


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError(STALE) from error
