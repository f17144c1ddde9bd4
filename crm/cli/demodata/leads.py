"""Leads of the demonstration: rules of the office, triage, tips, the pool, referrers, leaders linked to things."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from crm.cli.demodata.office import LEADER, REGISTRAR, SECOND_LEADER
from crm.pipeline.intake import handovers, leaders, referrers, services, setup, tips
from crm.pipeline.intake.dimensions import (
    ChainRole,
    Cooperation,
    DealType,
    Dimensions,
    Industry,
    IndustryRole,
    LinkKind,
    ReferrerKind,
)
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.intake.rules import TipSource
from crm.pipeline.intake.setup import Setup
from crm.pipeline.intake.tips import TipDraft

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk, Diary
    from crm.cli.demodata.projects import Walk
    from crm.pipeline.limits import ProjectDraft

PLAN = (
    ("电子信息", IndustryRole.LEAD, ("芯片", "面板", "传感器"), "electronics"),
    ("装备制造", IndustryRole.AUXILIARY, ("机床", "泵阀", "机器人"), "equipment"),
    ("新材料", IndustryRole.AUXILIARY, ("新能源", "电解液", "储能"), "materials"),
    ("生物医药", IndustryRole.SPECIAL, ("中药", "原料药"), "squad1"),
)
REFERRERS: tuple[dict[str, object], ...] = (
    {"name": "深汇产业顾问有限公司", "kind": ReferrerKind.AGENT, "contract_no": "云溪招委3号"},
    {"name": "云溪在粤商会", "kind": ReferrerKind.CHAMBER},
    {"name": "李慕白（招商大使）", "kind": ReferrerKind.AMBASSADOR},
)
TIPS: tuple[tuple[str, str, str, TipSource, int], ...] = (
    (
        "sunliheng",
        "统计年报会上听说，青禾食品打算明年扩一条速冻线，正在看周边县的标准厂房。",
        "青禾食品",
        TipSource.EVENT,
        1,
    ),
    ("zhoumingyuan", "省商会年会上，做精密轴承的老板问过我们园区的用电价格，名片在办公室。", "", TipSource.CONTACT, 2),
    ("tangruoxi", "同学在一家做车载摄像头的公司，说总部要在中西部找第二基地。", "", TipSource.STAFF, 3),
)
REFUSED_TIP = ("muqinglan", "乡里有人说外地老板想来包一座山搞养殖，具体是谁还不清楚。", "", TipSource.STAFF, 12)
WAITING, HANDED, POOLED = {"铂砚智控", "峤山液压"}, {"衡屿磁材"}, {"炬岑电控"}
POOL_DAYS, REFERRED_EVERY = 3, 5


def found(desk: Desk, now: datetime) -> None:
    """Set the rules of the intake, and who brings projects."""
    actor = desk.actor(REGISTRAR)
    industries = tuple(Industry(name, role, words, desk.units[unit].id) for name, role, words, unit in PLAN)
    setup.save(desk.session, actor, Setup(dimensions=Dimensions(industries=industries)), now=now)
    for values in REFERRERS:
        dated = {"contract_from": now.date()} if "contract_no" in values else {}
        referrers.save(desk.session, actor, {**values, **dated}, now=now)
    links = (
        leaders.LinkDraft(desk.people[LEADER].id, LinkKind.REGION, "广东", now.date()),
        leaders.LinkDraft(desk.people[SECOND_LEADER].id, LinkKind.SQUAD, desk.units["squad1"].id, now.date()),
    )
    for draft in links:
        leaders.link(desk.session, actor, draft, now=now)


def with_dimensions(draft: ProjectDraft, number: int) -> ProjectDraft:
    """Give the project of that number its dimensions; every fifth came through a referrer."""
    deal = list(DealType)[number % len(DealType)]
    return replace(
        draft,
        deal_type=deal,
        cooperation=Cooperation.EQUITY if deal is DealType.JOINT_VENTURE else Cooperation.SOLE,
        chain_role=list(ChainRole)[number % len(ChainRole)],
        referrer_id=number // REFERRED_EVERY % len(REFERRERS) + 1 if number % REFERRED_EVERY == 0 else None,
    )


def triage(walk: Walk, now: datetime) -> None:
    """Pass a lead to whoever registered it; a few wait for triage, for another person, or go to the pool."""
    desk, project, short = walk.desk, walk.row, walk.plan.short
    if short in WAITING:
        return
    to = Receiver(project.unit_id, project.owner_id)
    if short in HANDED:
        to = Receiver(desk.units["shenzhen"].id, desk.people["xujiahe"].id)
    handovers.assign(desk.session, desk.actor(REGISTRAR), project.id, to, "", now=now, today=now.date())
    if short in POOLED:
        walk.step(POOL_DAYS, 17, partial(_give_away, walk))


def _give_away(walk: Walk, now: datetime) -> None:
    reason = "负责人将长期驻外，请熟悉这个行业的同事接手。"
    services.to_pool(walk.desk.session, walk.desk.actor(walk.owner), walk.row.id, reason, now=now)


def plan_tips(desk: Desk, diary: Diary) -> None:
    """Write the tips of the last days into the diary, and one that was answered."""
    for line in (*TIPS, REFUSED_TIP):
        diary.write(desk.at(line[-1], 16, 20), partial(_report, desk, diary, line))


def _report(desk: Desk, diary: Diary, line: tuple[str, str, str, TipSource, int], now: datetime) -> None:
    username, text, firm, source, days = line
    draft = TipDraft(text, firm, source=source)
    told = tips.report(desk.session, desk.actor(username), draft, client_id=f"demo-tip-{desk.number()}", now=now)
    if line == REFUSED_TIP:
        diary.write(desk.at(days - 1, 9, 30), partial(_answer, desk, told.id))


def _answer(desk: Desk, tip_id: int, now: datetime) -> None:
    reason = "没有投资方名称和联系方式，请再打听后重报。"
    tips.send_back(desk.session, desk.actor(REGISTRAR), tip_id, reason, now=now)
