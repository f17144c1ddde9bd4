"""Take a merge back: both records with all that hung on them, except what people changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, select, update

from crm.auth.rules import Permission
from crm.core import audit, changes
from crm.core.db import Base
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.scored import want_score
from crm.enterprises.models import Contact, Enterprise
from crm.register import merge_fields as fields
from crm.register.merge_fields import MODELS, Record
from crm.register.merge_hanging import added_since
from crm.register.merge_rows import take_back
from crm.register.merging import NO_RIGHT, may_merge, refresh, third_parties
from crm.register.models import DuplicatePair, MergeLog, PairState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

UNMERGED = "*unmerged"
MISSING = Problem("merge.missing", "没有这次合并的记录。")
DONE = Problem("merge.undone", "这次合并已经撤销过了。")
CHAIN = "“%(name)s”后来又并入了别的记录，请先撤销那一次合并。"
BINNED = "“%(name)s”在回收站里，请先恢复它，再撤销合并。"
PERSON_GONE = "“%(name)s”已停用或已删除个人信息，请先恢复，再撤销合并。"
NAME_TAKEN = "名称“%(name)s”已被另一家企业使用，不能恢复。请先修改那一家的名称，或与它合并。"
USCC_TAKEN = "统一社会信用代码 %(code)s 已被“%(name)s”使用，不能恢复。请先核对那一家。"


@dataclass(frozen=True, slots=True)
class Result:
    """What came back and what could not (table -> rows), fields left as people changed them, rows new since."""

    log: MergeLog
    back: dict[str, int]
    lost: dict[str, int]
    kept: tuple[str, ...]
    stayed: dict[str, int]


def get(session: Session, actor: Actor, log_id: int, *, lock: bool = False) -> MergeLog:
    """Return a merge the actor may see; raise NotFoundError."""
    statement = select(MergeLog).where(MergeLog.id == log_id)
    log = session.scalar(statement.with_for_update() if lock else statement)
    if log is None:
        raise NotFoundError(MISSING)
    model = MODELS[log.kind]
    winner, loser = (cast("Record | None", session.get(model, one)) for one in (log.winner_id, log.loser_id))
    if winner is None or loser is None:
        raise NotFoundError(MISSING)
    seen = [actor.reaches(Permission.CONTACT_READ, one.unit_id) for one in (winner, loser) if isinstance(one, Contact)]
    if not all(seen):
        raise NotFoundError(MISSING)
    if not may_merge(actor, log.kind, winner, loser):
        raise ForbiddenError(NO_RIGHT)
    return log


def unmerge(session: Session, actor: Actor, log_id: int, *, now: datetime) -> Result:
    """Restore both records in the running transaction.

    Rows added to the winner since stay with it; rows that are gone are counted as lost; a field that
    a person changed since keeps its new value.

    Raises:
        ConflictError: it was taken back before.
        DomainError: the winner was merged on or deleted, or the old name or code is another one's now.

    """
    log = get(session, actor, log_id, lock=True)
    if log.undone_at is not None:
        raise ConflictError(DONE)
    model = MODELS[log.kind]
    both = select(model.id).where(model.id.in_([log.winner_id, log.loser_id])).order_by(model.id)
    session.execute(both.with_for_update())
    winner, loser = (cast("Record", session.get_one(model, one)) for one in (log.winner_id, log.loser_id))
    session.refresh(winner)
    session.refresh(loser)
    restored, kept = _check(session, log, winner)
    for field in restored:
        fields.give_back(winner, log.snapshot["chosen"][field])
    winner.updated_at = now
    session.flush()
    _exhume(log, loser, now)
    session.flush()
    for one in log.snapshot["added"]:
        table = Base.metadata.tables[one["table"]]
        session.execute(delete(table).where(table.c.id == one["id"]))
    back, lost = take_back(session, log.moves)
    stayed = added_since(session, log.kind, log.winner_id, log.at)
    log.undone_at, log.undone_by = now, actor.user_id or None
    log.snapshot = {**log.snapshot, "undone": {"back": back, "lost": lost, "kept": kept, "stayed": stayed}}
    _reopen(session, log)
    _write_down(session, actor, log, restored, now)
    refresh(session, log.kind, log.winner_id, log.loser_id, now=now)
    want_score(session, third_parties(log), now=now)
    return Result(log, back, lost, tuple(kept), stayed)


def _check(session: Session, log: MergeLog, winner: Record) -> tuple[list[str], list[str]]:
    """Refuse what cannot be taken back; return the fields to restore and those people changed since."""
    if winner.merged_into_id is not None:
        raise DomainError(Problem("unmerge.chain", CHAIN, None, {"name": winner.name}))
    if isinstance(winner, Contact):
        if winner.archived_at is not None:
            raise DomainError(Problem("unmerge.gone", PERSON_GONE, None, {"name": winner.name}))
    elif winner.deleted_at is not None:
        raise DomainError(Problem("unmerge.binned", BINNED, None, {"name": winner.name}))
    chosen = log.snapshot["chosen"]
    restored = [field for field in chosen if fields.untouched(winner, chosen[field])]
    if isinstance(winner, Enterprise):
        restored = [field for field in restored if not _taken(session, log, chosen[field]["before"])]
        _refuse_taken(session, log, restored)
    return restored, [field for field in chosen if field not in restored]


def _taken(session: Session, log: MergeLog, before: dict[str, Any]) -> bool:
    """Whether another enterprise uses the winner's old name or code by now."""
    for name in ("folded_name", "uscc"):
        value = before.get(name)
        if value and _holder(session, name, value, (log.winner_id, log.loser_id)) is not None:
            return True
    return False


def _refuse_taken(session: Session, log: MergeLog, restored: list[str]) -> None:
    before = log.snapshot["loser"]
    problems = []
    for column, field in (("folded_name", "name"), ("uscc", "uscc")):
        if not before[column]:
            continue
        freed = (log.loser_id, log.winner_id) if field in restored else (log.loser_id,)
        holder = _holder(session, column, before[column], freed)
        if holder is not None and column == "uscc":
            params: dict[str, object] = {"code": before["uscc"], "name": holder.name}
            problems.append(Problem("unmerge.uscc", USCC_TAKEN, None, params))
        elif holder is not None:
            problems.append(Problem("unmerge.name", NAME_TAKEN, None, {"name": before["name"]}))
    if problems:
        raise DomainError(*problems)


def _holder(session: Session, column: str, value: str, but: tuple[int, ...]) -> Enterprise | None:
    statement = select(Enterprise).where(getattr(Enterprise, column) == value, Enterprise.id.not_in(but))
    return session.scalar(statement.limit(1))


def _exhume(log: MergeLog, loser: Record, now: datetime) -> None:
    before = log.snapshot["loser"]
    loser.merged_into_id, loser.updated_at = None, now
    if isinstance(loser, Contact):
        loser.archived_at = None
        return
    loser.deleted_at = loser.deleted_by = None
    loser.folded_name, loser.uscc = before["folded_name"], before["uscc"]


def _reopen(session: Session, log: MergeLog) -> None:
    """Let the pair be looked at again."""
    low, high = sorted((log.winner_id, log.loser_id))
    statement = update(DuplicatePair).filter_by(kind=log.kind, low_id=low, high_id=high, state=PairState.MERGED)
    session.execute(statement.values(state=PairState.OPEN, decided_at=None, decided_by=None))


def _write_down(session: Session, actor: Actor, log: MergeLog, restored: list[str], now: datetime) -> None:
    chosen = {field: log.snapshot["chosen"][field] for field in restored}
    changed = {UNMERGED: (None, log.snapshot["name"]), **fields.noted(chosen, back=True)}
    by = actor.user_id or None
    changes.note(session, (log.kind, log.winner_id), changed, by=by, via=changes.Via.MERGE, now=now)
    detail = {"loser": log.loser_id, "log": log.id}
    audit.record(session, by, f"{log.kind}.unmerge", (log.kind, log.winner_id), now=now, **detail)
