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
from crm.delivery.obligations import reviewing, services
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
    from datetime import date, datetime

    from crm.cli.demodata.desk import Desk
    from crm.pipeline.deals.models import Obligation

D = Decimal
KEPT, FOREIGN, DUNNED, PRESSED, ENDED = "溯岭储能", "澄江精密", "稻桥米业", "瑾禾中药", "砚池数据"
PLOT, CLAUSE = "DQ-D03", "第三条（一）"
LETTERS: tuple[tuple[int, str, StepKind | None, int | None], ...] = (
    (45, PRESSED, StepKind.REMIND, 10),
    (29, ENDED, StepKind.REMIND, 5),
    (24, PRESSED, StepKind.RECTIFY, 15),
    (20, ENDED, StepKind.RECTIFY, 10),
    (12, DUNNED, None, 10),
    (3, ENDED, StepKind.PROPOSE, None),
    (2, ENDED, StepKind.TERMINATE, None),
)
NO_WORD = "已电话催缴三次、上门一次，企业以资金紧张为由未缴纳。"


def add_deliveries(desk: Desk) -> None:
    """Write what contracts bind to and how it is kept."""
    if (found := _contract(desk, KEPT)) is not None:
        _kept(desk, found)
    if (found := _contract(desk, FOREIGN)) is not None:
        _foreign(desk, found)
    if (found := _contract(desk, ENDED)) is not None:
        _plot(desk, found.project_id)
    cases: dict[str, int] = {}
    for days_ago, short, kind, days in LETTERS:  # in the order of their days, as they are numbered
        if (found := _contract(desk, short)) is not None and _late(desk, found, days_ago):
            _letter(desk, cases, short, found.project_id, desk.at(days_ago, 10), kind, days)


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


def _clause(desk: Desk, day: date) -> int | None:
    """Give the clause that held on the day of the promise, of whichever text was in force."""
    found = desk.session.scalars(select(PolicyClause.id).where(PolicyClause.number == CLAUSE).order_by(PolicyClause.id))
    return next((one for one in found if reviewing.held(desk.session, one, day)), None)


def _kept(desk: Desk, contract: Agreement) -> None:
    """A firm that produces keeps its word, and is paid what was promised for it."""
    day, actor, project_id = contract.signed_on, desk.actor(REGISTRAR), contract.project_id
    owner = contract.project.owner
    keeper = desk.actor(owner.username) if owner is not None else actor  # who measures is not who pays
    clause = _clause(desk, day)
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
        services.record(desk.session, keeper, project_id, row.id, record, now=at, today=at.date())
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


def _letter(
    desk: Desk,
    cases: dict[str, int],
    short: str,
    project_id: int,
    at: datetime,
    kind: StepKind | None,
    days: int | None,
) -> None:
    """Send one letter on its day, a dunning one without ``kind``; the leader signs the end."""
    session, today = desk.session, at.date()
    actor = desk.actor(LEADER if kind is StepKind.TERMINATE else REGISTRAR)
    if kind is None:
        words = "已电话联系企业财务负责人。"
        services.dun(session, actor, project_id, LetterKind.DEPOSIT, words, days=days, now=at, today=today)
        return
    draft = StepDraft(kind, NO_WORD, days)
    try:
        if kind is StepKind.REMIND:
            cases[short] = exits.start(session, actor, project_id, Cause.DEPOSIT, draft, now=at, today=today).id
        elif short in cases:
            exits.go_on(session, actor, cases[short], draft, now=at, today=today)
    except DomainError:  # holidays moved a deadline: the case rests where it is
        cases.pop(short, None)
