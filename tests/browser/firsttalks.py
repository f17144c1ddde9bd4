"""First talks in the furnished office: a contested investor, a split, a transfer, an old project in new clothes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.pipeline.claims import credit, disputes, services
from crm.pipeline.claims.models import ClaimDispute
from crm.pipeline.claims.rules import ClaimDraft
from crm.pipeline.models import Project
from crm.pipeline.repeats import finding
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

PLACE = {"site": "园区二期A地块", "product_line": "磷酸铁锂储能电芯"}


def furnish(session: Session, office: Office, firms: list[Enterprise]) -> None:
    """Write one of each; ids begin with 1."""
    deal = session.get_one(Project, 1)
    rival = builders.project(session, firms[0], office.south, office.outsider, name="岚桥储能研发中心项目")
    for project, by in ((deal, office.officer), (rival, office.outsider)):
        _claim(session, office, project, by)
    ticket = session.scalars(select(ClaimDispute)).one()
    actor = office.actor(session, office.officer)
    body = "10月已在企业总部首谈，有纪要和签到表。"
    disputes.add_evidence(session, actor, ticket.id, ticket.first_claim_id, body, now=NOW)
    moved = session.get_one(Project, 2)
    credit.propose(session, actor, moved.id, office.south.id, "原址用地不符", 500, now=NOW, today=TODAY)
    parts: list[tuple[int, int | None]] = [(office.east.id, 625), (office.south.id, 375)]
    credit.agree(session, office.actor(session, office.registrar), 6, parts, "双方协议〔2026〕3号", now=NOW)
    old = builders.project(session, firms[4], office.south, office.outsider, name="晟澜电芯材料项目", **PLACE)
    again = builders.project(session, firms[4], office.south, office.outsider, name="晟澜先进材料项目", **PLACE)
    for project in (old, again):
        finding.notice(session, project, now=NOW)


def _claim(session: Session, office: Office, project: Project, by: User) -> None:
    actor = office.actor(session, by)
    person = builders.contact(session, project.enterprise, project.unit, by, f"{by.name}的联系人")
    draft = ClaimDraft(
        content="建设储能电芯生产线",
        total_investment=Decimal(12000),
        fixed_investment=Decimal(8000),
        land="约80亩",
        energy="年用电3000万度",
        environment="废水接管",
        output=Decimal(30000),
        tax=Decimal(1500),
        contact_id=person.id,
    )
    services.save_draft(session, actor, project.id, draft, now=NOW)
    services.file(session, actor, project.id, now=NOW, today=TODAY)
