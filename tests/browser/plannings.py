"""Delivery plan of the furnished office: a node done, one with the department, a check, an opinion asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from crm.core.filestore import Upload
from crm.delivery.plans import checks, opinions, queries, services
from crm.delivery.plans.checks import CheckDraft
from crm.delivery.plans.opinions import Question
from crm.delivery.plans.rules import Finish
from crm.delivery.plans.services import Files
from crm.pipeline.landing.nodes import NodeKind
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

SIGNED = 6  # the project of the furnished office that stands at its signing
K = NodeKind


def furnish(session: Session, office: Office) -> None:
    """Plan the signed project; its nodes are numbered from 1 in their order."""
    actor = office.actor(session, office.officer)
    plan = services.open_plan(session, actor, SIGNED, now=NOW, today=TODAY)
    plan.signed_on = date(2026, 9, 1)
    nodes = {node.kind: node.id for node in queries.nodes(session, plan.id)}
    services.set_agent(session, actor, SIGNED, office.colleague.id, now=NOW, today=TODAY)
    with TemporaryDirectory() as folder:
        paper = Files([Upload("filing.pdf", b"%PDF-1.7\n%%EOF\n")], Path(folder))
        filed, day = Finish(date(2026, 10, 12), "2026-118", 1, "公示不计时"), date(2026, 9, 28)
        services.accept(session, actor, SIGNED, nodes[K.FILING], day, now=NOW, today=TODAY)
        services.finish(session, actor, SIGNED, nodes[K.FILING], filed, files=paper, now=NOW, today=TODAY)
    services.accept(session, actor, SIGNED, nodes[K.LAND], date(2026, 11, 2), now=NOW, today=TODAY)
    services.exempt(session, actor, SIGNED, nodes[K.ENERGY], "能耗低于审查标准", now=NOW, today=TODAY)
    draft = CheckDraft("设计方案已经定稿", "施工便道未通", "下周现场办公")
    checks.fill(session, actor, SIGNED, draft, after=0, now=NOW, today=TODAY)
    asked = Question(office.south.id, "排水口接入意见", "电话记录8", date(2026, 11, 2), 3)
    opinions.ask(session, actor, SIGNED, asked, now=NOW, today=asked.noticed_on)
