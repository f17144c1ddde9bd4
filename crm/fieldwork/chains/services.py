"""Keeping the chains of the office, starting one for enterprises, stopping one; the ladder as the office sets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core import audit, options
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.enterprises.models import Enterprise
from crm.fieldwork import rules as field
from crm.fieldwork.chains import course, ladder, rules
from crm.fieldwork.chains.models import Chain, ChainRun
from crm.fieldwork.chains.rules import ChainDraft, Ending
from crm.fieldwork.secrecy import open_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.chains.ladder import Ladder

LADDER = "follow_up_ladder"
ABSENT = Problem("chain.absent", "没有这个跟进方案，可能已停用。")
RUN_ABSENT = Problem("chain_run.absent", "没有这次跟进，或者不在您的查看范围内。")
NOT_YOURS = Problem("chain_run.not_yours", "只有负责人、本组组长和招商办可以停止这次跟进。")
TAKEN = Problem("chain.taken", "这个名字已经用过，请换一个。", "name")
FULL = Problem("chain.full", "跟进方案已满60个，请先改用或停用旧的。", "name")
NO_FIRMS = Problem("chain.firms", "请至少选一家企业。", "enterprise_ids")
TOO_MANY = Problem("chain.too_many", "一次最多选200家企业，请分批。", "enterprise_ids")
OWNER = Problem("chain.owner", "这位同事今天不在这个单位，请重新选择。", "owner")
NOT_YOUR_UNIT = Problem("chain.unit", "您不能给这个单位派任务。", "owner")


@dataclass(frozen=True, slots=True)
class Started:
    """What came of starting a chain: how many began, and how many have it under way already."""

    begun: int
    under_way: int


def get(session: Session, chain_id: int) -> Chain:
    """Return one chain."""
    row = session.get(Chain, chain_id)
    if row is None:
        raise NotFoundError(ABSENT)
    return row


def save(session: Session, actor: Actor, chain_id: int | None, draft: ChainDraft, *, now: datetime) -> Chain:
    """Add or change a chain; runs under way keep the steps they began with."""
    row = get(session, chain_id) if chain_id is not None else None
    problems = rules.chain_problems(draft)
    same = select(Chain.id).where(Chain.name == draft.name.strip())
    if session.scalar(same if row is None else same.where(Chain.id != row.id)) is not None:
        problems.append(TAKEN)
    if row is None and (session.scalar(select(func.count(Chain.id))) or 0) >= rules.MOST_CHAINS:
        problems.append(FULL)
    if problems:
        raise DomainError(*problems)
    before = None if row is None else {"name": row.name, "steps": row.steps, "active": row.active}
    if row is None:
        row = Chain(created_by=actor.user_id, created_at=now)
        session.add(row)
    row.name, row.starts, row.active, row.updated_at = draft.name.strip(), draft.starts, draft.active, now
    by_touch = draft.starts is rules.Trigger.TOUCH
    row.touch_kind, row.intention = (draft.touch_kind, draft.intention) if by_touch else (None, None)
    row.steps = [step.packed() for step in draft.steps]
    session.flush()
    audit.record(session, actor.user_id, "chain.save", ("chain", row.id), now=now, before=before, name=row.name)
    return row


def start(  # noqa: PLR0913 (who, what, for whom, by whom and when)
    session: Session,
    actor: Actor,
    chain_id: int,
    enterprise_ids: Sequence[int],
    owner: tuple[int, int] | None,
    *,
    key: str,
    now: datetime,
    today: date,
) -> Started:
    """Start an outreach for enterprises, owned by a colleague (user id, unit id); the same ``key`` starts it once."""
    chain = get(session, chain_id)
    if not chain.active:
        raise DomainError(ABSENT)
    wanted = sorted(set(enterprise_ids))
    owner_id, unit_id = _checked(session, actor, wanted, owner, today)
    found = select(Enterprise.id).where(Enterprise.id.in_(wanted), Enterprise.deleted_at.is_(None))
    firms = sorted(session.scalars(found.where(Enterprise.merged_into_id.is_(None))))
    under_way = {firm_id for _chain, firm_id in course.live(session, [chain.id], firms)}
    keys = {f"{key}:{firm_id}": firm_id for firm_id in firms if firm_id not in under_way}
    known = set(session.scalars(select(ChainRun.key).where(ChainRun.key.in_(keys))))
    runs = []
    for one, firm_id in keys.items():
        if one in known:
            continue
        run = course.prepared(chain, one, today, now=now)
        run.enterprise_id, run.owner_id, run.unit_id, run.started_by = firm_id, owner_id, unit_id, actor.user_id
        runs.append(run)
    if runs:
        course.begin(session, runs, now=now)
        audit.record(
            session, actor.user_id, "chain.start", ("chain", chain.id), now=now, owner=owner_id, count=len(runs)
        )
    return Started(len(runs), len(under_way))


def stop(session: Session, actor: Actor, run_id: int, *, now: datetime) -> ChainRun:
    """Stop a run: what nobody has done yet is promised no longer."""
    row = session.scalar(select(ChainRun).where(ChainRun.id == run_id, open_to(ChainRun.project_id, actor)))
    if row is None or not (actor.user_id == row.owner_id or actor.reaches(Permission.TOUCH_READ, row.unit_id)):
        raise NotFoundError(RUN_ABSENT)
    if not field.may_correct(actor, row.owner_id, row.unit_id):
        raise ForbiddenError(NOT_YOURS)
    if row.ended_at is None:
        course.end(session, row, Ending.STOPPED, now=now)
        audit.record(session, actor.user_id, "chain.stop", ("chain_run", row.id), now=now)
    return row


def the_ladder(session: Session) -> Ladder:
    """Return the ladder of the office, else the usual one."""
    return ladder.unpacked(options.read(session, LADDER).get(LADDER))


def save_ladder(session: Session, actor: Actor, wanted: Ladder, *, now: datetime) -> None:
    """Set the ladder; the audit keeps what it was."""
    problems = ladder.ladder_problems(wanted)
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, LADDER, wanted.packed(), now=now)


def _checked(
    session: Session, actor: Actor, firms: Sequence[int], owner: tuple[int, int] | None, today: date
) -> tuple[int, int]:
    """Return owner and unit, unless the work may not be given so."""
    if not firms:
        raise DomainError(NO_FIRMS)
    if len(firms) > rules.MOST_STARTED:
        raise DomainError(TOO_MANY)
    if owner is None:
        raise DomainError(OWNER)
    owner_id, unit_id = owner
    if not actor.reaches(Permission.TOUCH_WRITE, unit_id):
        raise DomainError(NOT_YOUR_UNIT)
    if owner_id not in {one.id for one in people.colleagues(session, frozenset({unit_id}), today)}:
        raise DomainError(OWNER)
    return owner_id, unit_id
