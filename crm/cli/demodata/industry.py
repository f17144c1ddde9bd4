"""Chains of the demonstration: one worked out with firms and gaps, one just begun."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import REGISTRAR
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Project
from crm.pipeline.rules import ORDER, Stage
from crm.resources.chains import placing, services
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import ChainDraft, NodeDraft, Side, Tier

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk

BEGUN = 240
EQUIPMENT = (
    (Tier.UPSTREAM, "特种钢材", ("特钢", "轴承钢"), True),
    (Tier.UPSTREAM, "精密铸锻件", ("铸件", "锻件"), False),
    (Tier.UPSTREAM, "数控系统", ("数控系统", "伺服"), True),
    (Tier.MIDSTREAM, "减速器", ("减速器", "减速机"), True),
    (Tier.MIDSTREAM, "机床整机", ("机床",), False),
    (Tier.MIDSTREAM, "工业机器人", ("机器人",), True),
    (Tier.DOWNSTREAM, "智能产线集成", ("智能制造", "自动化"), False),
    (Tier.DOWNSTREAM, "汽车零部件", ("汽车零部件", "底盘"), False),
)
SUPPLY = ((0, 1), (1, 3), (1, 4), (2, 4), (2, 5), (3, 5), (4, 6), (5, 6), (5, 7), (3, 7))
HERE = ((1, "18000"), (4, "26000"), (7, "42000"))
NEW_ENERGY = (
    NodeDraft("锂电材料", Tier.UPSTREAM, ("正极", "负极", "电解液", "隔膜")),
    NodeDraft("电芯", Tier.MIDSTREAM, ("电芯", "电池")),
    NodeDraft("储能系统", Tier.DOWNSTREAM, ("储能",)),
)


def add_chains(desk: Desk) -> None:
    """Draw the chains; firms that have begun to build stand on nodes as local ones."""
    session, actor, at = desk.session, desk.actor(REGISTRAR), desk.at(BEGUN, 10)
    unit = desk.units["bureau"].id
    head = ChainDraft(
        "高端装备", "高端装备制造", "本地有铸锻和机床基础，缺核心部件。", "分管工业的副县长", unit,
        "招商局、工信局、经开区各一人，每周碰头", "先看减速器和数控系统：整机企业都在外地采购。",
    )  # fmt: skip
    chain = services.add_chain(session, actor, head, now=at)
    ids = [
        services.add_node(session, actor, chain.id, NodeDraft(name, tier, words, key=key), now=at).id
        for tier, name, words, key in EQUIPMENT
    ]
    for place, node_id in enumerate(ids):
        tier, name, words, key = EQUIPMENT[place]
        wanted = tuple(ids[second] for first, second in SUPPLY if first == place)
        draft = NodeDraft(name, tier, words, key=key, goal=Decimal(50_000) if key else None, supplies=wanted)
        services.change_node(session, actor, node_id, draft, version=None, now=at)
    late = [stage for stage in Stage if ORDER.index(stage) >= ORDER.index(Stage.SIGNED)]
    built = select(Project.enterprise_id).where(Project.stage.in_(late), Project.exited_at.is_(None))
    firms = list(session.scalars(select(Enterprise.id).where(Enterprise.id.in_(built)).order_by(Enterprise.id)))
    for (place, scale), firm in zip(HERE, firms, strict=False):
        here = PlaceDraft(firm, Side.LOCAL, leading=place == HERE[-1][0], scale=Decimal(scale))
        placing.place(session, actor, ids[place], here, now=desk.at(60, 11))
    begun = ChainDraft("新能源", "新能源", "刚刚梳理，只列了三个环节。", unit_id=unit)
    young = services.add_chain(session, actor, begun, now=desk.at(20, 10))
    for node in NEW_ENERGY:
        services.add_node(session, actor, young.id, node, now=desk.at(20, 10))
