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
from crm.delivery.plans.keeping import plan_for
from crm.delivery.plans.models import PlanOpinion
from crm.delivery.plans.rules import LONGEST_CLOCK, SHORTEST_REASON, OpinionState, opinion_silence_problems
from crm.notices.receivers import people_of
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.pipeline.admission import queries as admission
from crm.pipeline.admission import terms as office
from crm.pipeline.landing.making import keep
from crm.pipeline.landing.nodes import FactKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.landing.models import DeliveryPlan
    from crm.pipeline.models import Project

ABSENT = Problem("opinion.absent", "没有这条意见。")
ASKED = "征求您单位的内部意见，请在%(due)s前答复：%(matter)s（%(project)s）"
SILENT = "您单位逾期未答复，已记为视同无意见：%(matter)s（%(project)s）"


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
    """Ask a department for its internal opinion, with proof that it was told (送达凭据).

    Its clock runs from the day this is written down, however early the notice is said to be: the department hears of
    it here at the latest.
    """
    project, plan = plan_for(session, actor, project_id)
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
        due_on=add_workdays(max(question.noticed_on, today), question.days),
        state=OpinionState.ASKED,
        by=actor.user_id,
        at=now,
    )
    session.add(row)
    session.flush()
    row.unit = units[question.unit_id]
    detail = {"unit": row.unit.name, "matter": row.matter}
    keep(session, plan, None, FactKind.ASKED, question.noticed_on, by=actor.user_id, now=now, **detail)
    _tell(session, actor, project, row, ASKED, now=now, today=today)
    return row


def answer(
    session: Session, actor: Actor, project_id: int, opinion_id: int, text: str, *, now: datetime, today: date
) -> PlanOpinion:
    """Write down what the department answered."""
    _project, plan, row = _open(session, actor, project_id, opinion_id)
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

    Never by who asked; the department is told. Raises :class:`DomainError` with every reason against it.
    The switch is that of the review (缺席默认、超时默认).
    """
    project, plan, row = _open(session, actor, project_id, opinion_id)
    staff = dict(admission.department_people(session, row.unit_id, today))
    problems = opinion_silence_problems(
        row.state,
        enabled=office.current(session).deemed,
        due_on=row.due_on,
        today=today,
        responsible=responsible_id in staff,
        own=row.by == actor.user_id,
    )
    if problems:
        raise DomainError(*problems)
    row.state, row.answered_on, row.responsible_id = OpinionState.DEEMED, today, responsible_id
    detail = {"unit": row.unit.name, "matter": row.matter, "responsible": staff[responsible_id or 0]}
    keep(session, plan, None, FactKind.DEEMED, today, by=actor.user_id, now=now, **detail)
    _tell(session, actor, project, row, SILENT, now=now, today=today)
    return row


def _tell(
    session: Session, actor: Actor, project: Project, row: PlanOpinion, text: str, *, now: datetime, today: date
) -> None:
    """Tell the people of the department, in words that need no page they may not open."""
    params = {"project": project.name, "matter": row.matter, "due": row.due_on.isoformat()}
    to = people_of(session, [row.unit_id], today) - {actor.user_id}
    about = ("plan_opinion", row.id)
    tell(session, to, NoticeKind.OPINION, text, None, about, now, params=params, project_id=project.id)


def _open(
    session: Session, actor: Actor, project_id: int, opinion_id: int
) -> tuple[Project, DeliveryPlan, PlanOpinion]:
    project, plan = plan_for(session, actor, project_id)
    statement = select(PlanOpinion).where(PlanOpinion.id == opinion_id, PlanOpinion.plan_id == plan.id)
    locked = statement.with_for_update().execution_options(populate_existing=True)
    row: PlanOpinion | None = session.scalar(locked)
    if row is None:
        raise NotFoundError(ABSENT)
    if row.state is not OpinionState.ASKED:
        raise DomainError(Problem("opinion.answered", "这条意见已经有结果了。"))
    return project, plan, row
