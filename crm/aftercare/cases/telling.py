"""What a case tells people (事事有回音): units that are to act, those who call back, leaders when it is escalated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.aftercare.cases.words import CaseStepKind
from crm.auth.queries import units
from crm.auth.rules import Role
from crm.notices.receivers import people_of
from crm.notices.rules import NoticeKind
from crm.notices.services import tell

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.aftercare.cases.models import ServiceCase
    from crm.auth.rules import Actor

K = CaseStepKind
ASSIGNED = "企业诉求交您单位办理，%(due)s前答复：%(title)s"
AGAIN = "企业不满意，诉求重新办理，%(due)s前答复：%(title)s"
LEADERS = "企业诉求提级办理，%(due)s前答复：%(title)s"
REPLIED = "诉求已答复企业，请回访评价：%(title)s"
WORDS = {K.ACCEPT: ASSIGNED, K.ASSIGN: ASSIGNED, K.REOPEN: AGAIN, K.ESCALATE: AGAIN}


def stepped(session: Session, actor: Actor, row: ServiceCase, kind: K, *, now: datetime, today: date) -> None:
    """Tell whose turn it is after a step; nobody is told what they did themselves."""
    if kind in WORDS:
        _tell(session, actor, row, people_of(session, row.unit_ids, today), WORDS[kind], now)
    if kind is K.ESCALATE:
        leaders = people_of(session, [unit.id for unit in units(session, today)], today, (Role.LEADER,))
        _tell(session, actor, row, leaders, LEADERS, now)
    if kind is K.REPLY:
        _tell(session, actor, row, {row.created_by}, REPLIED, now)


def _tell(session: Session, actor: Actor, row: ServiceCase, people: set[int], text: str, now: datetime) -> None:
    params = {"title": row.title, "due": f"{row.due_on:%m-%d}" if row.due_on else ""}
    about = ("service_case", row.id)
    to = people - {actor.user_id}
    tell(session, to, NoticeKind.OTHER, text, f"/cases/{row.id}", about, now, params=params, project_id=row.project_id)
