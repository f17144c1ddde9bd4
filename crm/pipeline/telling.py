"""What the pipeline tells people: hand-overs asked for, leads assigned, instructions given, opinions asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Role
from crm.core.scheduling import local_day
from crm.notices.receivers import people_of
from crm.notices.rules import NoticeKind, without_contact_data
from crm.notices.services import tell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.instructions.models import Instruction
    from crm.pipeline.intake.models import Handover
    from crm.pipeline.models import Project

EXCERPT = 60
ASSIGNED = "%(who)s把线索分给您：%(project)s，请接收或退回"
ASKED = "%(who)s请您接手项目：%(project)s，请答复"
DECIDED = "%(who)s把项目交由您负责：%(project)s"
INSTRUCTED = "新批示，%(due)s前办结：%(text)s"
OPINION = "请出具评审意见，%(due)s前：%(project)s"


def handover_asked(
    session: Session, actor: Actor, project: Project, asked: Handover, *, assigned: bool, now: datetime
) -> None:
    """Tell who is to answer: the person, else the heads of the unit."""
    people = {asked.to_user_id} if asked.to_user_id else _heads(session, asked.to_unit_id, now)
    kind, words = (NoticeKind.LEAD, ASSIGNED) if assigned else (NoticeKind.HANDOVER, ASKED)
    params = {"who": actor.name, "project": project.name}
    about = ("project", project.id)
    tell(session, _others(people, actor), kind, words, "/leads", about, now, params=params)


def handover_decided(session: Session, actor: Actor, project: Project, to_user_id: int, *, now: datetime) -> None:
    """Tell who was made the owner."""
    params = {"who": actor.name, "project": project.name}
    link, about = f"/projects/{project.id}", ("project", project.id)
    tell(session, _others([to_user_id], actor), NoticeKind.HANDOVER, DECIDED, link, about, now, params=params)


def instruction_given(session: Session, actor: Actor, row: Instruction, *, now: datetime, today: date) -> None:
    """Tell who has to do it: the person, else everybody of the unit."""
    people = {row.person_id} if row.person_id else people_of(session, [row.unit_id], today)
    body = without_contact_data(row.body)  # before it is cut: most of a number tells the number
    text = body if len(body) <= EXCERPT else f"{body[:EXCERPT]}…"
    params = {"due": f"{row.due_on:%m-%d}", "text": text}
    link, about = f"/instructions/{row.id}", ("instruction", row.id)
    tell(
        session,
        _others(people, actor),
        NoticeKind.INSTRUCTION,
        INSTRUCTED,
        link,
        about,
        now,
        params=params,
        project_id=row.project_id,
    )


def opinions_asked(
    session: Session, actor: Actor, project: Project, departments: Iterable[int], due_on: date, *, now: datetime
) -> None:
    """Tell the reviewers of the departments whose opinions are wanted."""
    people = people_of(session, set(departments), local_day(now), (Role.REVIEWER,))
    params = {"due": f"{due_on:%m-%d}", "project": project.name}
    about = ("project", project.id)
    tell(session, _others(people, actor), NoticeKind.OPINION, OPINION, "/opinions", about, now, params=params)


def _heads(session: Session, unit_id: int, now: datetime) -> set[int]:
    return people_of(session, [unit_id], local_day(now), (Role.TEAM_LEAD,))


def _others(people: Iterable[int | None], actor: Actor) -> set[int]:
    return {one for one in people if one is not None and one != actor.user_id}
