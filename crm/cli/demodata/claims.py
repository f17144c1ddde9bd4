"""First talks of the demonstration: claims, one of them contested, a split, and an old project in new clothes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import REGISTRAR
from crm.pipeline import services as pipeline
from crm.pipeline.claims import credit, disputes, services
from crm.pipeline.claims.models import ClaimDispute
from crm.pipeline.claims.rules import ClaimDraft
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.models import Project
from crm.pipeline.rules import Channel

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk
    from crm.pipeline.claims.models import Claim

SOON, QUIET, CONTESTED, SHARED, REPEATED = "沐岚新材", "熔岭铝业", "桦岳碳纤", "晓屿传感", "璞屿陶瓷"
RIVAL, COPIER = "xujiahe", "yenanxing"
OUTPUT_FACTOR, TAX_SHARE = 2, Decimal("0.04")


def add_claims(desk: Desk) -> None:
    """Write what happened about first talks in the last weeks."""
    _file(desk, SOON, _project(desk, SOON), _keeper(desk, SOON), desk.at(80, 10))
    _file(desk, QUIET, _project(desk, QUIET), _keeper(desk, QUIET), desk.at(20, 15))
    _contest(desk)
    _share(desk)
    _copy(desk)


def _keeper(desk: Desk, short: str) -> str:
    """Return who owns a firm's project by user name."""
    owner = _project(desk, short).owner_id
    return next(username for username, person in desk.people.items() if person.id == owner)


def _project(desk: Desk, short: str) -> Project:
    firm = desk.enterprises[short]
    return desk.session.scalars(
        select(Project).where(Project.enterprise_id == firm.id).order_by(Project.id).limit(1)
    ).one()


def _file(desk: Desk, short: str, project: Project, by: str, now: datetime) -> Claim:
    firm, contacts = desk.firms[short], desk.contacts.get(short) or []
    known = [one for one in contacts if one.enterprise_id == project.enterprise_id]
    draft = ClaimDraft(
        content=project.content or firm.project,
        total_investment=project.total_investment,
        fixed_investment=project.fixed_investment,
        land=f"约{project.land_mu or firm.land}亩",
        energy=f"年用电约{firm.land * 40}万千瓦时",
        environment="废水接入园区污水厂，无重金属排放",
        output=Decimal(firm.wan * OUTPUT_FACTOR),
        tax=(Decimal(firm.wan) * TAX_SHARE).quantize(Decimal(1)),
        contact_id=known[0].id if known else None,
    )
    actor = desk.actor(by)
    saved = services.save_draft(desk.session, actor, project.id, draft, now=now)
    if draft.contact_id is None:
        return saved
    return services.file(desk.session, actor, project.id, now=now, today=now.date())


def _contest(desk: Desk) -> None:
    firm = desk.firms[CONTESTED]
    first = _file(desk, CONTESTED, _project(desk, CONTESTED), _keeper(desk, CONTESTED), desk.at(6, 9))
    draft = ProjectDraft(
        name=f"{firm.short}深圳研发中心项目",
        content="在县科创园设研发中心，配套中试车间。",
        channel=Channel.BUSINESS,
        total_investment=Decimal(6000),
        fixed_investment=Decimal(3500),
        land_mu=12,
        industry=firm.industry,
        site="县科创园",
        product_line="研发与中试服务",
    )
    enterprise = desk.enterprises[CONTESTED]
    filed = desk.at(3, 10)
    rival = pipeline.register_lead(desk.session, desk.actor(RIVAL), enterprise.id, draft, now=filed)
    second = _file(desk, CONTESTED, rival, RIVAL, filed + timedelta(hours=1))
    ticket = desk.session.scalar(select(ClaimDispute).where(ClaimDispute.second_claim_id == second.id))
    if ticket is None:
        return
    keeper = _keeper(desk, CONTESTED)
    for by, claim, body in (
        (keeper, first, f"上月已到{firm.short}总部首谈，有洽谈纪要和对方签到表。"),
        (RIVAL, second, "深圳推介会上先与企业董事长洽谈，由商会秘书长见证。"),
    ):
        disputes.add_evidence(desk.session, desk.actor(by), ticket.id, claim.id, body, now=desk.at(2, 11))


def _share(desk: Desk) -> None:
    project = _project(desk, SHARED)
    other = desk.units["shanghai"].id
    parts: list[tuple[int, int | None]] = [(project.unit_id, 600), (other, 400)]
    if project.unit_id == other:
        parts[1] = (desk.units["shenzhen"].id, 400)
    reason = "由对方单位引荐，双方协议约定六四分成"
    credit.agree(desk.session, desk.actor(REGISTRAR), project.id, parts, reason, now=desk.at(2, 16))


def _copy(desk: Desk) -> None:
    """Register a project that was signed weeks ago once more, under another name."""
    old, firm = _project(desk, REPEATED), desk.firms[REPEATED]
    draft = ProjectDraft(
        name=f"{firm.short}先进材料产业园项目",
        content=f"建设先进材料产业园，生产{firm.product}。",
        total_investment=old.total_investment,
        industry=firm.industry,
        site=old.site,
        product_line=old.product_line,
    )
    actor, enterprise = desk.actor(COPIER), desk.enterprises[REPEATED]
    pipeline.register_lead(desk.session, actor, enterprise.id, draft, now=desk.at(1, 14))
