"""The project bank of the demonstration: planned projects of two chains, a catalogue, a proposal, a public link."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.bank import editions, links, proposals, services
from crm.bank.links import Subject
from crm.bank.rules import BankDraft, BankState
from crm.bank.services import Ending
from crm.cli.demodata.office import REGISTRAR
from crm.enterprises.models import Enterprise
from crm.resources.carriers.models import Carrier
from crm.resources.chains.models import IndustryNode

if TYPE_CHECKING:
    from crm.bank.models import BankProject
    from crm.cli.demodata.desk import Desk

OFFICE = "云溪县招商局（演示）"
CONTACT = "云溪县招商局（演示）\n值班电话：0000-0000000（演示号码）\n地址：云溪县政务中心A座（演示）"
WRITER, SHOWN_TO = "hanzheng", "装备制造"
POST = "县招商局装备产业组"
VISITS = ((9, 0, "203.0.113.7"), (9, 1, "203.0.113.7"), (4, 0, "2001:db8:7:1::9"), (1, 2, "198.51.100.20"))
D = Decimal
S = BankState
LONG_AGO = 280
# name, node, industry, content, 万元, 亩, 年产值, 年纳税, carrier, how far it is
PLANNED: tuple[tuple[str, str, str, str, int, int, int, int, str, BankState], ...] = (
    ("年产5万套精密减速器项目", "减速器", "装备制造、高端装备", "建设RV、谐波减速器加工装配线六条，配检测中心。",
     68_000, 110, 90_000, 4_200, "DQ-D01", S.PUBLISHED),
    ("中高档数控系统产业化项目", "数控系统", "装备制造、高端装备", "建设伺服电机、驱动器和数控系统生产线，年产3万套。",
     52_000, 80, 70_000, 3_600, "DQ-D02", S.PUBLISHED),
    ("轴承钢精品棒材项目", "特种钢材", "装备制造、新材料", "建设真空精炼、连轧和探伤产线，年产轴承钢棒材12万吨。",
     120_000, 200, 160_000, 7_000, "DQ-D04", S.PUBLISHED),
    ("工业机器人本体项目", "工业机器人", "装备制造、智能制造", "建设六轴机器人本体装配和标定线，年产8000台。",
     45_000, 58, 60_000, 2_800, "DQ-D03", S.PUBLISHED),
    ("磷酸铁锂正极材料项目", "锂电材料", "新能源、新材料", "建设年产3万吨磷酸铁锂产线，配套余热回收。",
     90_000, 150, 180_000, 5_500, "", S.PUBLISHED),
    ("储能系统集成项目", "储能系统", "新能源、电子信息", "租用标准厂房，建设2吉瓦时电池簇、集装箱储能装配线。",
     36_000, 0, 80_000, 2_400, "NQ-C03", S.PUBLISHED),
    ("预制菜中央厨房项目", "", "食品", "建设净菜、调理和冷链一体的中央厨房，日产60吨。",
     15_000, 35, 26_000, 900, "", S.PUBLISHED),
    ("大圆柱电芯项目", "电芯", "新能源", "建设46系列大圆柱电芯产线，年产2吉瓦时。",
     150_000, 210, 240_000, 9_000, "", S.REVIEWED),
    ("汽车底盘轻量化项目", "汽车零部件", "装备制造、汽车零部件", "建设铝合金副车架、控制臂压铸机加线，年产40万套。",
     42_000, 70, 66_000, 2_900, "", S.DRAFT),
    ("铸锻件绿色改造项目", "精密铸锻件", "装备制造", "建设树脂砂再生和感应熔炼线，替换冲天炉。",
     18_000, 40, 24_000, 800, "", S.WITHDRAWN),
)  # fmt: skip
CONDITIONS = "供地或租用标准厂房，水、电、气、污水管网到边；可独资、合资、合作，县产业基金可参股。"


def add_bank(desk: Desk) -> None:
    """Write it all; the deputy of the equipment group enters, the registrar reviews."""
    session, actor = desk.session, desk.actor(REGISTRAR)
    services.set_goal(session, actor, 12, D(600_000), CONTACT, now=desk.at(LONG_AGO, 9))
    nodes = {name: key for key, name in session.execute(select(IndustryNode.id, IndustryNode.name))}
    places = {code: key for key, code in session.execute(select(Carrier.id, Carrier.code))}
    for number, row in enumerate(PLANNED):
        at_days = LONG_AGO - 24 * number
        kept = _enter(desk, row, at_days, nodes, places)
        _move(desk, kept, row[-1], at_days)
    at = desk.at(12, 10)
    edition = editions.freeze(session, actor, OFFICE, now=at, today=at.date())
    _propose(desk)
    _row, token = links.make(
        session, actor, Subject(edition_id=edition.id), "省装备行业协会会员（演示）",
        at.date() + timedelta(days=180), now=at, today=at.date(),
    )  # fmt: skip
    for days, page, ip in VISITS:
        seen = desk.at(days, 11, 7 * page)
        links.let_in(session, token, page, ip, now=seen, today=seen.date())


def _enter(
    desk: Desk,
    row: tuple[str, str, str, str, int, int, int, int, str, BankState],
    days: int,
    nodes: dict[str, int],
    places: dict[str, int],
) -> BankProject:
    name, node, industry, content, investment, land, output, tax, carrier, _state = row
    draft = BankDraft(
        name, desk.units["equipment"].id, content, D(investment), POST, nodes.get(node), industry,
        D(land) if land else None, None if land else D(9000), CONDITIONS, "产值、税收按同类项目亩均水平估算。",
        D(output), D(tax), (places[carrier],) if carrier in places else (),
    )  # fmt: skip
    return services.add(desk.session, desk.actor(WRITER), draft, now=desk.at(days, 10))


def _move(desk: Desk, kept: BankProject, until: BankState, days: int) -> None:
    steps = {S.DRAFT: (), S.REVIEWED: (S.REVIEWED,), S.WITHDRAWN: (S.WITHDRAWN,)}.get(until, (S.REVIEWED, S.PUBLISHED))
    for number, to in enumerate(steps, start=1):
        at = desk.at(days - 4 * number, 15)
        ending = Ending("并入技术改造计划" if to is S.WITHDRAWN else "")
        services.move(desk.session, desk.actor(REGISTRAR), kept.id, to, ending, now=at, today=at.date())


def _propose(desk: Desk) -> None:
    firm = desk.session.scalar(
        select(Enterprise.id)
        .where(Enterprise.industry == SHOWN_TO, Enterprise.deleted_at.is_(None))
        .order_by(Enterprise.id)
    )
    if firm is not None:
        at = desk.at(6, 16)
        proposals.make(desk.session, desk.actor(WRITER), firm, None, OFFICE, now=at, today=at.date())
