"""Opinions asked of departments inside the office, and when their silence stands for "no objection" (超时默认).

Only here does silence mean anything, and only if the office switched it on; nodes are finished by evidence alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as people
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.core.workdays import add_workdays
from crm.delivery.plans.keeping import keep, plan_for
from crm.delivery.plans.models import PlanOpinion
from crm.delivery.plans.rules import LONGEST_CLOCK, SHORTEST_REASON, FactKind, OpinionState, opinion_silence_problems
from crm.pipeline.admission import queries as admission
from crm.pipeline.admission import terms as office

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.landing.models import DeliveryPlan

ABSENT = Problem("opinion.absent", "没有这条意见。")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a department: the matter, proof of notice, and its working days to answer."""

    unit_id: int
    matter: str
    notice: str
    noticed_on: date
    days: int


def ask(
    session: Session, actor: Actor, project_id: int, question: Question, *, now: datetime, today: date
) -> PlanOpinion:
    """Ask a department for its internal opinion, with proof that it was told (送达凭据)."""
    _project, plan = plan_for(session, actor, project_id)
    units = {unit.id: unit for unit in people.units(session, today)}
    problems = [] if question.unit_id in units else [Problem("opinion.unit", "请选择部门。", "unit_id")]
    if len(question.matter.strip()) < SHORTEST_REASON:
        problems.append(Problem("opinion.matter", "请写明征求什么意见；法定审批不在这里办。", "matter"))
    if not question.notice.strip():
        text = "请填写送达凭据，例如文号、签收人、通话记录。"
        problems.append(Problem("opinion.notice", text, "notice"))
    if not plan.signed_on <= question.noticed_on <= today:
        problems.append(Problem("opinion.noticed_on", "送达日期须在签约之后、今天之前。", "noticed_on"))
    if not 0 < question.days <= LONGEST_CLOCK:
        problems.append(Problem("opinion.days", "答复时限填1到250个工作日。", "days"))
    if problems:
        raise DomainError(*problems)
    row = PlanOpinion(
        plan_id=plan.id,
        unit_id=question.unit_id,
        matter=question.matter.strip(),
        noticed_on=question.noticed_on,
        notice=question.notice.strip(),
        due_on=add_workdays(question.noticed_on, question.days),
        state=OpinionState.ASKED,
        by=actor.user_id,
        at=now,
    )
    session.add(row)
    session.flush()
    row.unit = units[question.unit_id]
    detail = {"unit": row.unit.name, "matter": row.matter}
    keep(session, plan, None, FactKind.ASKED, question.noticed_on, by=actor.user_id, now=now, **detail)
    return row


def answer(
    session: Session, actor: Actor, project_id: int, opinion_id: int, text: str, *, now: datetime, today: date
) -> PlanOpinion:
    """Write down what the department answered."""
    plan, row = _open(session, actor, project_id, opinion_id)
    if not text.strip():
        raise DomainError(Problem("opinion.text", "请写明部门的答复。", "answer"))
    row.state, row.answered_on, row.answer = OpinionState.ANSWERED, today, text.strip()
    detail = {"unit": row.unit.name, "answer": row.answer}
    keep(session, plan, None, FactKind.ANSWERED, today, by=actor.user_id, now=now, **detail)
    return row


def deem(
    session: Session,
    actor: Actor,
    project_id: int,
    opinion_id: int,
    *,
    responsible_id: int | None,
    now: datetime,
    today: date,
) -> PlanOpinion:
    """Take a department's silence for "no objection": after the clock, by a named person, if the office allows it.

    Raises :class:`DomainError` with every reason against it. The switch is that of the review (缺席默认、超时默认).
    """
    plan, row = _open(session, actor, project_id, opinion_id)
    staff = dict(admission.department_people(session, row.unit_id, today))
    problems = opinion_silence_problems(
        row.state,
        enabled=office.current(session).deemed,
        due_on=row.due_on,
        today=today,
        responsible=responsible_id in staff,
    )
    if problems:
        raise DomainError(*problems)
    row.state, row.answered_on, row.responsible_id = OpinionState.DEEMED, today, responsible_id
    detail = {"unit": row.unit.name, "matter": row.matter, "responsible": staff[responsible_id or 0]}
    keep(session, plan, None, FactKind.DEEMED, today, by=actor.user_id, now=now, **detail)
    return row


def _open(session: Session, actor: Actor, project_id: int, opinion_id: int) -> tuple[DeliveryPlan, PlanOpinion]:
    _project, plan = plan_for(session, actor, project_id)
    statement = select(PlanOpinion).where(PlanOpinion.id == opinion_id, PlanOpinion.plan_id == plan.id)
    row = session.scalar(statement)
    if row is None:
        raise NotFoundError(ABSENT)
    if row.state is not OpinionState.ASKED:
        raise DomainError(Problem("opinion.answered", "这条意见已经有结果了。"))
    return plan, row
