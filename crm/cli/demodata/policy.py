"""Policies of the demonstration: invented texts; one in force and reviewed, one running out, one still a draft."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.cli.demodata.office import REGISTRAR
from crm.resources.policies import queries, services
from crm.resources.policies.rules import (
    Basis,
    ClauseDraft,
    ClauseKind,
    PolicyLevel,
    Review,
    ReviewDraft,
    VersionDraft,
)

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk
    from crm.resources.policies.models import PolicyVersion

D = Decimal
ANSWERS = {
    "base": "云溪县（演示）：面积1,180平方公里，常住人口52万。高铁到省城40分钟，主导产业：高端装备、新能源。",
    "process": "首报首谈 → 实地考察 → 事前评估 → 会审 → 签约 → 代办证照。工业项目从签约到开工，最快60天。",
    "sites": "先看“选址”页的硬条件。承诺亩数和价格前，问土地科；不口头答应地价。",
    "policy": "只承诺手册里列出的条款。客商问到手册以外的，记下来，三天内答复。",
    "contact": "综合科值班电话见通讯录；周末由值班长答复。",
}
CLAUSES = (
    ClauseDraft(
        "第三条（一）", ClauseKind.INVESTMENT, "固定资产投资5000万元以上的，按设备投资的5%给予奖补，最高500万元。",
        Basis.EQUIPMENT, D(5), D(500), min_fixed=D(5000), min_intensity=D(300),
    ),
    ClauseDraft(
        "第四条", ClauseKind.RENT, "租用标准厂房的，每平方米补贴96元，连续三年。", Basis.FLOOR_SQM, D(96), D(200), 3,
    ),
    ClauseDraft(
        "第五条", ClauseKind.JOBS, "新增用工满一年的，每人补贴2000元。", Basis.STAFF, D(2000), D(100), min_staff=D(50),
    ),
    ClauseDraft("第六条", ClauseKind.SERVICE, "证照手续全程代办，指定专人负责。"),
)  # fmt: skip
FOREIGN = ClauseDraft(
    "第二条", ClauseKind.FOREIGN, "外资现汇到账，每美元奖励0.07元。", Basis.FOREIGN_USD, D("0.07"), only_foreign=True
)
TALENT = ClauseDraft("第七条", ClauseKind.TALENT, "引进的博士，安家补助20万元。", Basis.NONE, D(20))


def add_policies(desk: Desk) -> None:
    """Write the policies and the answers of the handbook."""
    since = desk.today - timedelta(days=500)  # every contract of the demonstration was signed under them
    fresh = VersionDraft(
        "云溪县工业项目招商政策（演示）", "云政发〔演示〕1号", "云溪县人民政府", PolicyLevel.COUNTY,
        desk.units["bureau"].id, since, since + timedelta(days=900), summary="投资奖补、厂房租金、用工三项为主。",
    )  # fmt: skip
    _publish(desk, fresh, CLAUSES)
    old = VersionDraft(
        "利用外资奖励办法（演示）", "云商〔演示〕6号", "云溪县商务局", PolicyLevel.COUNTY, fresh.unit_id, since,
        desk.today + timedelta(days=35),
    )  # fmt: skip
    _publish(desk, old, (FOREIGN,))
    at, actor = desk.at(3, 10), desk.actor(REGISTRAR)
    young = VersionDraft(
        "人才引进办法（演示，征求意见）", "无文号", "云溪县委组织部", PolicyLevel.COUNTY, fresh.unit_id, desk.today
    )
    draft = services.add(desk.session, actor, young, now=at)
    services.save_clause(desk.session, actor, draft.id, TALENT, clause_id=None, now=at)
    for key, body in ANSWERS.items():
        services.answer(desk.session, actor, key, body, now=at)


def _publish(desk: Desk, draft: VersionDraft, clauses: tuple[ClauseDraft, ...]) -> PolicyVersion:
    at, actor = desk.at(180, 10), desk.actor(REGISTRAR)
    row = services.add(desk.session, actor, draft, now=at)
    for clause in clauses:
        services.save_clause(desk.session, actor, row.id, clause, clause_id=None, now=at)
    _review(desk, row)
    return services.publish(desk.session, actor, row.id, now=at)


def _review(desk: Desk, row: PolicyVersion) -> None:
    at, actor = desk.at(180, 15), desk.actor(REGISTRAR)
    said = ReviewDraft(Review.PASSED, "普惠适用，不限定经营者；依据公平竞争审查条例", at.date(), "县市场监督管理局")
    for clause in queries.clauses(desk.session, row.id):
        services.review(desk.session, actor, clause.id, said, now=at, today=at.date())
