"""What colleagues of the demonstration say about projects and companies in their streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import User
from crm.cli.demodata.office import LEADER, REGISTRAR
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage
from crm.stream import services, subject

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk

TALKED_OF = 3
ASKED = "@%(owner)s 对方董事会日期定了没有？会见安排要提前一周报县办。"
ANSWERED = "@%(leader)s 定在下周三，行程和参会名单明天送到招商办。"
ADVISED = "协议草案里的用能条款，请先和发改、供电两家对一遍，再送审。"
OF_FIRM = "这家企业华东总部也在看地，走访前先看看集团其他公司的记录，口径保持一致。"


def add_talk(desk: Desk) -> None:
    """Let leader, owner and registrar talk about the projects nearest to signing, and pin one advice."""
    near = (Stage.PRE_SIGNING, Stage.REVIEWING)
    statement = (
        select(Project, User.username)
        .join(User, User.id == Project.owner_id)
        .where(Project.stage.in_(near), Project.exit_kind.is_(None), Project.confidential.is_(False))
        .order_by(Project.id)
        .limit(TALKED_OF)
    )
    for days, (project, owner) in enumerate(desk.session.execute(statement).all(), start=1):
        _about(desk, project, owner, desk.at(days, 10))


def _about(desk: Desk, project: Project, owner: str, at: datetime) -> None:
    leader, registrar = desk.actor(LEADER), desk.actor(REGISTRAR)
    names = {"owner": desk.people[owner].name, "leader": desk.people[LEADER].name}
    about = subject.of_project(desk.session, leader, project.id)
    asked = services.say(desk.session, leader, about, ASKED % names, now=at, today=at.date())
    quoted, later = ("comment", asked.id), at.replace(hour=at.hour + 1)
    words = ANSWERED % names
    services.say(desk.session, desk.actor(owner), about, words, quotes=quoted, now=later, today=at.date())
    advised = services.say(desk.session, registrar, about, ADVISED, now=at, today=at.date())
    services.pin(desk.session, registrar, about, ("comment", advised.id), now=at)
    firm = subject.of_enterprise(desk.session, registrar, project.enterprise_id)
    services.say(desk.session, registrar, firm, OF_FIRM, now=at, today=at.date())
