"""What the demonstration expects to be signed, and one project kept under a code name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import LEADER, REGISTRAR
from crm.pipeline.confidential import services as confidential
from crm.pipeline.models import Project
from crm.pipeline.outlook import services
from crm.pipeline.outlook.rules import UNSIGNED, Outlook
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk

CODE_NAME = "青竹"
UNSAID_EVERY, OWN_EVERY, SLIPPED_EVERY = 5, 6, 9
SAID, SLIPPED, FIRST, APART = 12, 9, 20, 13
OWN, WHY = 70, "投资方董事会已经通过，县里已安排会见"


def add_outlooks(desk: Desk) -> None:
    """Say when projects are expected to be signed, and put one lead under a code name."""
    known = select(Project).where(Project.stage.in_(UNSIGNED), Project.exit_kind.is_(None)).order_by(Project.id)
    found = list(desk.session.scalars(known))
    actor, said = desk.actor(REGISTRAR), desk.at(SAID, 11)
    for number, project in enumerate(found):
        if number % UNSAID_EVERY == 1:
            continue
        days = SAID - SLIPPED if number % SLIPPED_EVERY == 0 else FIRST + APART * number % 200
        own = number % OWN_EVERY == 0
        outlook = Outlook(said.date() + timedelta(days=days), OWN if own else None, WHY if own else "")
        services.set_outlook(
            desk.session, actor, project.id, outlook, version=project.version, now=said, today=said.date()
        )
    secret = next((project for project in reversed(found) if project.stage is Stage.LEAD), None)
    if secret is None:
        return
    confidential.classify(desk.session, actor, secret.id, CODE_NAME, version=secret.version, now=desk.at(3, 9))
    leader = desk.people[LEADER].id
    confidential.name_person(desk.session, actor, secret.id, leader, now=desk.at(3, 9, 5), today=desk.today)
