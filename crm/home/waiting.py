"""What of the pipeline waits for a person's word, counted in one query, each with the page where it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, literal, or_, select, union_all

from crm.aftercare.cases import queries as cases
from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.delivery.blockers import queries as blockers
from crm.pipeline.admission.models import Opinion, OpinionAnswer, ReviewCase
from crm.pipeline.admission.rules import CaseState
from crm.pipeline.approval.models import Approval
from crm.pipeline.approval.rules import PaperState
from crm.pipeline.claims.kinds import DisputeState
from crm.pipeline.claims.models import ClaimDispute
from crm.pipeline.claims.queries import may_see_dispute
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import ExceptionState
from crm.pipeline.instructions.models import Instruction
from crm.pipeline.instructions.queries import from_me, to_me
from crm.pipeline.instructions.rules import InstructionState
from crm.pipeline.intake import queries as leads
from crm.pipeline.models import Project
from crm.pipeline.queries import privy, visible_to
from crm.pipeline.repeats.models import ProjectRepeat
from crm.pipeline.repeats.rules import RepeatState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

P = Permission


@dataclass(frozen=True, slots=True)
class Kind:
    """What waits: its words, its page, its symbol."""

    label: str
    href: str
    icon: str


KINDS: dict[str, Kind] = {
    "instructions": Kind("待办批示", "/instructions?mine=todo", "clipboard-check"),
    "reported": Kind("待销号批示", "/instructions?mine=given", "clipboard-check"),
    "cases": Kind("待办诉求", "/cases?view=mine", "heart-handshake"),
    "blockers": Kind("待解决问题", "/blockers?mine=1", "flag"),
    "solved": Kind("待企业确认问题", "/blockers?state=reported", "flag"),
    "opinions": Kind("待出具意见", "/opinions", "gavel"),
    "disputes": Kind("待裁定争议", "/claims?tab=contested", "flag"),
    "appeals": Kind("待决定申诉", "/claims?tab=contested", "flag"),
    "exceptions": Kind("待批例外", "/projects/exceptions", "rubber-stamp"),
    "repeats": Kind("待核老项目", "/projects/repeats", "copy"),
    "approvals": Kind("在办送审文件", "/approvals", "files"),
    "accept": Kind("线索待接收", "/leads", "user-check"),
    "tips": Kind("随手报待答复", "/leads", "inbox"),
    "triage": Kind("线索待研判", "/leads", "bulb"),
}


def counts(session: Session, actor: Actor, more: Mapping[str, Select[int]] | None = None) -> dict[str, int]:
    """Count what waits for this person and, in the same query, whatever else the page asks of."""
    parts = {**_parts(actor), **(more or {})}
    counted = (select(literal(key).label("key"), part.scalar_subquery().label("n")) for key, part in parts.items())
    return {row.key: row.n for row in session.execute(union_all(*counted))}


def listed(found: Mapping[str, int]) -> list[tuple[Kind, int]]:
    """Return what waits in the order of the page, only what is not nothing."""
    return [(kind, found[key]) for key, kind in KINDS.items() if found.get(key)]


def _parts(actor: Actor) -> dict[str, Select[int]]:
    """One count for each kind of work the person's roles give; instructions may be given to anybody."""
    parts = {
        "instructions": _instructions(actor, InstructionState.OPEN, to_me(actor)),
        "reported": _instructions(actor, InstructionState.REPORTED, from_me(actor)),
        "blockers": blockers.to_clear(actor),
        "solved": blockers.to_confirm(actor),
    }
    rights = {
        P.CASE_WRITE: ("cases", cases.waiting),
        P.OPINION_GIVE: ("opinions", _opinions),
        P.CLAIM_RULE: ("disputes", _disputes),
        P.CLAIM_DECIDE: ("appeals", _appeals),
        P.EXCEPTION_DECIDE: ("exceptions", _exceptions),
        P.APPROVAL_RECORD: ("approvals", _approvals),
    }
    parts |= {key: count(actor) for right, (key, count) in rights.items() if actor.may(right)}
    if actor.may(P.CLAIM_RULE):
        parts["repeats"] = _repeats(actor)
    if actor.may(P.PROJECT_READ):
        parts |= leads.waiting(actor)
    return parts


def _instructions(actor: Actor, state: InstructionState, whose: ColumnElement[bool]) -> Select[int]:
    return (
        select(func.count(Instruction.id))
        .outerjoin(Project, Project.id == Instruction.project_id)
        .where(Instruction.state == state, whose, or_(Instruction.project_id.is_(None), privy(actor)))
    )


def _opinions(actor: Actor) -> Select[int]:
    answered = exists().where(OpinionAnswer.opinion_id == Opinion.id)
    return (
        select(func.count(Opinion.id))
        .join(ReviewCase, ReviewCase.id == Opinion.case_id)
        .join(Project, Project.id == ReviewCase.project_id)
        .where(
            ReviewCase.state == CaseState.OPEN,
            ~answered,
            within(Opinion.department_id, actor, P.OPINION_GIVE),
            privy(actor),
        )
    )


def _contested(actor: Actor, state: DisputeState) -> Select[int]:
    return select(func.count(ClaimDispute.id)).where(ClaimDispute.state == state, may_see_dispute(actor))


def _disputes(actor: Actor) -> Select[int]:
    return _contested(actor, DisputeState.OPEN)


def _appeals(actor: Actor) -> Select[int]:
    return _contested(actor, DisputeState.APPEALED)


def _exceptions(actor: Actor) -> Select[int]:
    return (
        select(func.count(GateException.id))
        .join(Project, Project.id == GateException.project_id)
        .where(GateException.state == ExceptionState.ASKED, visible_to(actor))
    )


def _approvals(actor: Actor) -> Select[int]:
    return (
        select(func.count(Approval.id))
        .join(Project, Project.id == Approval.project_id)
        .where(Approval.state == PaperState.RUNNING, visible_to(actor))
    )


def _repeats(actor: Actor) -> Select[int]:
    return (
        select(func.count(ProjectRepeat.id))
        .join(Project, Project.id == ProjectRepeat.project_id)
        .where(ProjectRepeat.state == RepeatState.OPEN, visible_to(actor))
    )
