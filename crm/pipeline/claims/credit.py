"""Writes on credit: splits that sum to 100 %, and transfers of a project between units (流转)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.auth.models import OrgUnit
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.pipeline import queries as projects
from crm.pipeline.claims import queries, rules
from crm.pipeline.claims.kinds import SplitBasis, TransferState
from crm.pipeline.claims.models import CreditPart, CreditSplit, Transfer
from crm.pipeline.claims.rules import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

PROJECT, TRANSFER = "project", "transfer"
OWNER = Problem("split.owner", "项目负责人不能登记自己项目的分成，请由招商办其他人办理。")
NO_RIGHT = Problem("split.right", "分成和流转由招商办核准登记。")
REASON = Problem("split.reason", "请写明依据，例如双方协议的编号和日期。", "reason")
UNIT = Problem("transfer.unit", "请选择另一个现有的单位。", "to_unit_id")
SHARE = Problem("transfer.share", "比例须在 0 到 100 之间，最多一位小数。", "from_share")
WHY = Problem("transfer.reason", "请写明流转的理由，例如原址用地不符。", "reason")
OPEN = Problem("transfer.open", "这个项目已有一次流转正在办理。")
STATE = Problem("transfer.state", "这次流转已经办过这一步，请刷新页面。")
PROPOSER = Problem("transfer.proposer", "提出流转的人和项目负责人不能核准，请由其他人办理。")
RECEIVER = Problem("transfer.receiver", "须由接收单位的人员接收，提出人和核准人不能代为接收。")
REVIEWED = Problem("owner.reviewer", "评审过本项目的人不能再任负责人。")
LEFT = Problem("transfer.left", "项目已退出，请先恢复再流转。")
PARTY = Problem("transfer.party", "只有移出单位的人员可以办理。")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a split rests on."""

    kind: SplitBasis
    reason: str
    dispute_id: int | None = None
    transfer_id: int | None = None


def agree(
    session: Session, actor: Actor, project_id: int, parts: list[tuple[int, int | None]], reason: str, *, now: datetime
) -> CreditSplit:
    """Register a split both sides agreed on; it takes the place of the one before, which is kept."""
    project = projects.get(session, actor, project_id)
    if not actor.may(Permission.CLAIM_RULE):
        raise ForbiddenError(NO_RIGHT)
    if project.owner_id == actor.user_id:
        raise ForbiddenError(OWNER)
    problems = rules.split_problems(parts) + ([] if reason.strip() else [REASON])
    if problems:
        raise DomainError(*problems)
    whole = [(unit_id, share or 0) for unit_id, share in parts]
    return write_split(session, project.id, whole, Basis(SplitBasis.AGREED, reason), by=actor.user_id, now=now)


def write_split(
    session: Session, project_id: int, parts: Sequence[tuple[int, int]], basis: Basis, *, by: int, now: datetime
) -> CreditSplit:
    """Write a split of (unit, tenths of a percent) pairs behind the one before it."""
    before = queries.current_split(session, project_id)
    head = CreditSplit(
        project_id=project_id,
        whole=WHOLE,
        basis=basis.kind,
        reason=basis.reason.strip(),
        follows_id=before[0].id if before else None,
        dispute_id=basis.dispute_id,
        transfer_id=basis.transfer_id,
        made_by=by,
        made_at=now,
    )
    session.add(head)
    session.flush()
    since = 0
    for unit_id, share in parts:
        follows, upto = since or None, since + share
        session.add(CreditPart(split_id=head.id, since=since, share=share, upto=upto, follows=follows, unit_id=unit_id))
        since = upto
    session.flush()
    detail = {"split": head.id, "basis": str(basis.kind), "parts": [list(part) for part in parts]}
    audit.record(session, by, "split.write", (PROJECT, project_id), now=now, **detail)
    return head


def propose(  # noqa: PLR0913 (to whom, why and for which share)
    session: Session,
    actor: Actor,
    project_id: int,
    to_unit_id: int | None,
    reason: str,
    share: int | None,
    *,
    now: datetime,
    today: date,
) -> Transfer:
    """Ask to hand a project to another unit; ``share`` is what stays with this one, in tenths of a percent."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    unit = session.get(OrgUnit, to_unit_id) if to_unit_id else None
    problems = [] if unit and unit.id != project.unit_id and _valid(unit, today) else [UNIT]
    problems += [] if share is not None else [SHARE]
    problems += [] if reason.strip() else [WHY]
    if project.exit_kind is not None:
        problems.append(LEFT)
    if problems:
        raise DomainError(*problems)
    if queries.open_transfer(session, project.id) is not None:
        raise ConflictError(OPEN)
    row = Transfer(
        project_id=project.id,
        from_unit_id=project.unit_id,
        to_unit_id=to_unit_id,
        reason=reason.strip(),
        from_share=share,
        state=TransferState.PROPOSED,
        proposed_by=actor.user_id,
        proposed_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"project": project.id, "to": to_unit_id, "share": share}
    audit.record(session, actor.user_id, "transfer.propose", (TRANSFER, row.id), now=now, **detail)
    return row


def approve(session: Session, actor: Actor, transfer_id: int, note: str, *, agree: bool, now: datetime) -> Transfer:
    """Approve or refuse a transfer, by a registrar who neither asked for it nor owns the project."""
    row, project = queries.transfer(session, actor, transfer_id, lock=True)
    if not actor.may(Permission.CLAIM_RULE):
        raise ForbiddenError(NO_RIGHT)
    if actor.user_id in {row.proposed_by, project.owner_id}:
        raise ForbiddenError(PROPOSER)
    if row.state is not TransferState.PROPOSED:
        raise ConflictError(STATE)
    row.state = TransferState.APPROVED if agree else TransferState.REFUSED
    row.approved_by, row.approved_at, row.approval = actor.user_id, now, note.strip() or None
    session.flush()
    audit.record(session, actor.user_id, "transfer.approve", (TRANSFER, row.id), now=now, agreed=agree)
    return row


def accept(session: Session, actor: Actor, transfer_id: int, *, now: datetime) -> Transfer:
    """Take a project over: unit, owner and split change together; facts of the past keep their unit."""
    row, project = queries.transfer(session, actor, transfer_id, lock=True)
    own = row.to_unit_id in queries.own_units(actor)
    if not own or actor.user_id in {row.proposed_by, row.approved_by}:
        raise ForbiddenError(RECEIVER)
    if projects.latest_reviewer(session, project.id) == actor.user_id:
        raise ForbiddenError(REVIEWED)
    if row.state is not TransferState.APPROVED or project.unit_id != row.from_unit_id:
        raise ConflictError(STATE)
    if project.exit_kind is not None:
        raise DomainError(LEFT)
    row.state, row.accepted_by, row.accepted_at = TransferState.ACCEPTED, actor.user_id, now
    before = project.owner_id
    project.unit_id, project.owner_id, project.updated_at = row.to_unit_id, actor.user_id, now
    session.flush()
    session.refresh(project, ["unit", "owner"])
    shares = [(row.from_unit_id, row.from_share), (row.to_unit_id, WHOLE - row.from_share)]
    parts = [(unit_id, share) for unit_id, share in shares if share]
    basis = Basis(SplitBasis.TRANSFER, row.reason, transfer_id=row.id)
    write_split(session, project.id, parts, basis, by=actor.user_id, now=now)
    detail = {"from": row.from_unit_id, "to": row.to_unit_id, "owner": before, "transfer": row.id}
    audit.record(session, actor.user_id, "project.transfer", (PROJECT, project.id), now=now, **detail)
    return row


def withdraw(session: Session, actor: Actor, transfer_id: int, *, now: datetime) -> Transfer:
    """Take a transfer back before it is accepted, by the unit that asked for it."""
    row, _project = queries.transfer(session, actor, transfer_id, lock=True)
    if row.from_unit_id not in queries.own_units(actor):
        raise ForbiddenError(PARTY)
    if row.state not in {TransferState.PROPOSED, TransferState.APPROVED}:
        raise ConflictError(STATE)
    row.state = TransferState.WITHDRAWN
    session.flush()
    audit.record(session, actor.user_id, "transfer.withdraw", (TRANSFER, row.id), now=now)
    return row


def _valid(unit: OrgUnit, today: date) -> bool:
    return unit.valid_from <= today and (unit.valid_to is None or unit.valid_to >= today)
