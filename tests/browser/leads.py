"""Leads in the furnished office: tips, one in triage, one to accept, one in the pool, and who brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.pipeline import services as projects
from crm.pipeline.intake import handovers, leaders, referrers, services, setup, tips
from crm.pipeline.intake.dimensions import Dimensions, Industry, IndustryRole, LinkKind, ReferrerKind
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.intake.setup import Setup
from crm.pipeline.limits import ProjectDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office


def furnish(session: Session, office: Office, firms: list[Enterprise], person: User) -> None:
    """Write one of each; ``person`` is asked to take one over."""
    registrar, officer = office.actor(session, office.registrar), office.actor(session, office.officer)
    plan = (Industry("新能源", IndustryRole.LEAD, ("储能",), office.east.id),)
    setup.save(session, registrar, Setup(dimensions=Dimensions(industries=plan)), now=NOW)
    agent: dict[str, object] = {
        "name": "深汇产业顾问有限公司",
        "kind": ReferrerKind.AGENT,
        "contract_no": "委〔2026〕3号",
        "contract_from": TODAY,
    }
    referrers.save(session, registrar, agent, now=NOW)
    draft = leaders.LinkDraft(office.leader.id, LinkKind.SQUAD, office.east.id, TODAY)
    leaders.link(session, registrar, draft, now=NOW)
    names = ("储能电芯二期项目", "特种橡胶改性项目", "精密仪器装配项目")
    waiting, handed, given = (
        projects.register_lead(session, officer, firm.id, ProjectDraft(name=name), now=NOW)
        for firm, name in zip(firms, names, strict=False)
    )
    services.begin(session, registrar, waiting.id, now=NOW)
    to = Receiver(office.east.id, person.id)
    handovers.assign(session, registrar, handed.id, to, "请您接着跟，客商周五来。", now=NOW, today=TODAY)
    services.to_pool(session, officer, given.id, "负责人长期驻外，请熟悉的同事接手。", now=NOW)
    for number, (by, text) in enumerate(
        ((office.leader, "年会上听说有家做轴承的企业想找第二基地。"), (person, "同学的公司要在中西部建厂。")), start=1
    ):
        told = tips.TipDraft(text, "云岭轴承")
        tips.report(session, office.actor(session, by), told, client_id=f"browser-tip-{number}", now=NOW)
    mine = tips.TipDraft("有人想包山搞养殖。")
    back = tips.report(session, office.actor(session, person), mine, client_id="browser-tip-3", now=NOW)
    tips.send_back(session, registrar, back.id, "没有投资方，请再打听。", now=NOW)
