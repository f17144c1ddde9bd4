"""Deliveries of the demonstration: obligations kept and late, a payout, letters, two roads out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import LEADER, REGISTRAR
from crm.core.errors import DomainError
from crm.delivery.exits import services as exits
from crm.delivery.exits.rules import Cause, StepDraft, StepKind
from crm.delivery.letters.rules import LetterKind
from crm.delivery.obligations import services
from crm.delivery.obligations.rules import DutyDraft, PayoutDraft, RecordDraft
from crm.enterprises.models import Enterprise
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.models import PerformanceDeposit
from crm.pipeline.deals.rules import ForeignMoney
from crm.pipeline.models import Agreement, Project
from crm.pipeline.words import AgreementKind
from crm.resources.carriers import services as carriers
from crm.resources.carriers.models import Carrier
from crm.resources.carriers.rules import HoldKind
from crm.resources.carriers.services import HoldDraft
from crm.resources.policies.models import PolicyClause

if TYPE_CHECKING:
    from datetime import date

    from crm.cli.demodata.desk import Desk
    from crm.pipeline.deals.models import Obligation

D = Decimal
KEPT, FOREIGN, DUNNED, PRESSED, ENDED = "溯岭储能", "澄江精密", "稻桥米业", "瑾禾中药", "砚池数据"
PLOT, CLAUSE = "DQ-D03", "第三条（一）"
NO_WORD = "已电话催缴三次、上门一次，企业以资金紧张为由未缴纳。"


def add_deliveries(desk: Desk) -> None:
    """Write what contracts bind to and how it is kept."""
    if (found := _contract(desk, KEPT)) is not None:
        _kept(desk, found)
    if (found := _contract(desk, FOREIGN)) is not None:
        _foreign(desk, found)
    if (found := _contract(desk, DUNNED)) is not None and _late(desk, found, 12):
        at = desk.at(12, 10)
        actor = desk.actor(REGISTRAR)
        where = (found.project_id, LetterKind.DEPOSIT, "已电话联系企业财务负责人。")
        services.dun(desk.session, actor, *where, days=10, now=at, today=at.date())
    if (found := _contract(desk, PRESSED)) is not None and _late(desk, found, 45):
        _case(desk, found.project_id, ((45, StepKind.REMIND, 10), (24, StepKind.RECTIFY, 15)))
    if (found := _contract(desk, ENDED)) is not None and _late(desk, found, 29):
        _plot(desk, found.project_id)
        steps = ((29, StepKind.REMIND, 5), (20, StepKind.RECTIFY, 10), (3, StepKind.PROPOSE, None))
        _case(desk, found.project_id, (*steps, (2, StepKind.TERMINATE, None)))


def _contract(desk: Desk, short: str) -> Agreement | None:
    statement = (
        select(Agreement)
        .join(Project, Project.id == Agreement.project_id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .where(
            Enterprise.id == desk.enterprises[short].id,
            Agreement.kind == AgreementKind.CONTRACT,
            Project.exit_kind.is_(None),
        )
    )
    return desk.session.scalars(statement.order_by(Agreement.id).limit(1)).first()


def _late(desk: Desk, contract: Agreement, days_ago: int) -> bool:
    """Whether an instalment of the deposit was late by then."""
    statement = select(PerformanceDeposit.id).where(
        PerformanceDeposit.project_id == contract.project_id,
        PerformanceDeposit.paid_on.is_(None),
        PerformanceDeposit.due_on < desk.at(days_ago, 10).date(),
    )
    return desk.session.scalar(statement.limit(1)) is not None


def _duty(desk: Desk, contract: Agreement, draft: DutyDraft, signed: date) -> Obligation:
    at = desk.on(min(signed + timedelta(days=3), desk.today - timedelta(days=1)), 16)
    actor = desk.actor(REGISTRAR)
    return services.add(
        desk.session, actor, contract.project_id, contract.id, draft, now=at, today=max(at.date(), signed)
    )


def _kept(desk: Desk, contract: Agreement) -> None:
    """A firm that produces keeps its word, and is paid what was promised for it."""
    day, actor, project_id = contract.signed_on, desk.actor(REGISTRAR), contract.project_id
    clause = desk.session.scalars(select(PolicyClause.id).where(PolicyClause.number == CLAUSE).limit(1)).first()
    start = _duty(desk, contract, DutyDraft(Duty.START, "取得施工许可后开工", day + timedelta(days=120)), day)
    jobs = _duty(desk, contract, DutyDraft(Duty.JOBS, "投产时用工200人", day + timedelta(days=190), D(200)), day)
    tax = DutyDraft(Duty.TAX, "投产首年纳税600万元", desk.today + timedelta(days=300), D(600))
    _duty(desk, contract, tax, day)
    power = DutyDraft(Duty.UTILITIES, "双回路供电、供水到红线", day + timedelta(days=100))
    utilities = _duty(desk, contract, power, day)
    grant = DutyDraft(Duty.PAYOUT, "设备投资奖补300万元", None, D(300), needs=(start.id, jobs.id), clause_id=clause)
    payout = _duty(desk, contract, grant, day)
    for row, days_ago, value, words in (
        (utilities, 110, None, "供电公司送电单、水务公司接水单"),
        (jobs, 20, D(186), "10月社保缴纳名册186人"),
        (jobs, 6, D(214), "11月社保缴纳名册214人"),
    ):
        at = desk.at(days_ago, 11)
        record = RecordDraft(at.date(), words, value)
        services.record(desk.session, actor, project_id, row.id, record, now=at, today=at.date())
    at = desk.at(3, 15)
    money = PayoutDraft(D(100), at.date(), f"云财拨〔{at.year}〕{desk.number()}号")
    services.pay(desk.session, actor, project_id, payout.id, money, now=at, today=at.date())


def _foreign(desk: Desk, contract: Agreement) -> None:
    """A firm from abroad promised its capital in euros, and waits for the land."""
    day = contract.signed_on
    for days, amount, text in (
        (20, D(1200), "首期注册资本1200万欧元到位"),
        (200, D(3000), "二期注册资本3000万欧元到位"),
    ):
        money = ForeignMoney("EUR", amount, D("8.1537"), day, "人民银行中间价")
        _duty(desk, contract, DutyDraft(Duty.CAPITAL, text, day + timedelta(days=days), foreign=money), day)
    land = DutyDraft(Duty.LAND, "按净地标准供地150亩", day + timedelta(days=60), D(150))
    _duty(desk, contract, land, day)
    density = DutyDraft(Duty.INTENSITY, "投资强度不低于400万元/亩", day + timedelta(days=600), D(400))
    _duty(desk, contract, density, day)


def _plot(desk: Desk, project_id: int) -> None:
    """The firm that is let go held a part of a plot."""
    plot, at = desk.session.scalars(select(Carrier).where(Carrier.code == PLOT)).one(), desk.at(70, 15)
    draft = HoldDraft(HoldKind.ALLOTTED, D(8), at.date(), project_id=project_id, document_no=f"云供地〔{at.year}〕9号")
    carriers.take(desk.session, desk.actor(REGISTRAR), plot.id, draft, now=at)


def _case(desk: Desk, project_id: int, steps: tuple[tuple[int, StepKind, int | None], ...]) -> None:
    """Go the road out, a step on its day; the leader signs the end."""
    case_id = 0
    for days_ago, kind, days in steps:
        at = desk.at(days_ago, 10)
        draft = StepDraft(kind, NO_WORD, days)
        actor = desk.actor(LEADER if kind is StepKind.TERMINATE else REGISTRAR)
        try:
            if kind is StepKind.REMIND:
                case_id = exits.start(desk.session, actor, project_id, Cause.DEPOSIT, draft, now=at, today=at.date()).id
            else:
                exits.go_on(desk.session, actor, case_id, draft, now=at, today=at.date())
        except DomainError:  # holidays moved a deadline: the case rests where it is
            return
