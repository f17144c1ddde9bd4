"""Notice to a department, and when its silence is taken for consent inside the office (缺席默认、超时默认)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.pipeline import queries as projects
from crm.pipeline.admission import queries
from crm.pipeline.admission import terms as office
from crm.pipeline.admission.models import OpinionAnswer, OpinionNotice
from crm.pipeline.admission.rules import Verdict, deeming_problems
from crm.pipeline.admission.services import open_opinion

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.admission.rules import NoticeWay


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """What is typed about a notice."""

    way: NoticeWay | None
    reference: str
    sent_on: date | None


def notify(
    session: Session,
    actor: Actor,
    project_id: int,
    opinion_id: int,
    draft: NoticeDraft,
    *,
    now: datetime,
    today: date,
) -> OpinionNotice:
    """Keep the proof that a department was told: how, with which reference, on which day, by whom."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_REVIEW)
    _case, opinion = open_opinion(session, project.id, opinion_id)
    problems = [] if draft.way is not None else [Problem("notice.way", "请选择送达方式。", "way")]
    if not draft.reference.strip():
        problems.append(Problem("notice.reference", "请填写送达凭据，例如文号、签收人、通话记录。", "reference"))
    if draft.sent_on is None or not opinion.asked_at.date() <= draft.sent_on <= today:
        problems.append(Problem("notice.sent_on", "送达日期须在征求意见之后、今天之前。", "sent_on"))
    if problems or draft.way is None or draft.sent_on is None:
        raise DomainError(*problems)
    row = OpinionNotice(
        opinion_id=opinion.id,
        way=draft.way,
        reference=draft.reference.strip(),
        sent_on=draft.sent_on,
        by=actor.user_id,
        at=now,
    )
    session.add(row)
    session.flush()
    detail = {"project": project.id, "way": str(draft.way), "reference": row.reference}
    audit.record(session, actor.user_id, "opinion.notify", ("opinion", opinion.id), now=now, **detail)
    return row


def deem(
    session: Session,
    actor: Actor,
    project_id: int,
    opinion_id: int,
    *,
    responsible_id: int,
    now: datetime,
    today: date,
) -> OpinionAnswer:
    """Take a department's silence for consent: only if the office allows it, never for a statutory opinion.

    Needs proof of notice and a due date that has passed; a named person of the department answers for it.
    """
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_REVIEW)
    _case, opinion = open_opinion(session, project.id, opinion_id)
    proofs = [notice for notice, _name in queries.notices(session, opinion.id)]
    answered = bool(queries.history(session, opinion.id))
    problems = deeming_problems(
        opinion.dimension,
        office.current(session),
        due_on=opinion.due_on,
        today=today,
        noticed_on=min((proof.sent_on for proof in proofs), default=None),
        answered=answered,
    )
    people = dict(queries.department_people(session, opinion.department_id, today))
    if responsible_id not in people:
        problems.append(Problem("deemed.responsible", "请选择该部门对逾期不答复负责的人。", "responsible_id"))
    if problems:
        raise DomainError(*problems)
    proof = min(proofs, key=lambda notice: notice.sent_on)
    answer = OpinionAnswer(
        opinion_id=opinion.id,
        dimension=opinion.dimension,
        verdict=Verdict.DEEMED,
        body=proof.reference,
        notice_id=proof.id,
        responsible_id=responsible_id,
        by=actor.user_id,
        at=now,
    )
    session.add(answer)
    session.flush()
    detail = {"project": project.id, "dimension": opinion.dimension, "responsible": people[responsible_id]}
    audit.record(session, actor.user_id, "opinion.deem", ("opinion", opinion.id), now=now, **detail)
    return answer
