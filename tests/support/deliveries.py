"""A signed project that is late with its deposit and its tax, holds a plot, and has counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.delivery.capital.models import CapitalVoucher
from crm.delivery.capital.rules import CapitalForm, SourceArea, VoucherKind, VoucherState
from crm.delivery.obligations import services as obligations
from crm.delivery.obligations.rules import DutyDraft
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.models import PerformanceDeposit
from crm.pipeline.models import StageEntry
from crm.pipeline.rules import Stage
from crm.resources.carriers import services as carriers
from crm.resources.carriers.rules import CarrierDraft, CarrierKind, HoldKind
from crm.resources.carriers.services import HoldDraft
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.deals.models import Obligation
    from crm.pipeline.models import Agreement, Project
    from crm.resources.carriers.models import CarrierHold
    from tests.support.builders import Office

D = Decimal
SIGNED_AT = datetime.fromisoformat("2026-09-02T10:00:00+08:00")
LONG_AGO = date(2026, 10, 9)


@dataclass
class Deal:
    """The project, its contract, the deposit that is late and the plot it holds."""

    project: Project
    contract: Agreement
    deposit: PerformanceDeposit
    hold: CarrierHold


def deal(session: Session, office: Office, *, name: str = "岚桥储能项目") -> Deal:
    """Sign a project in September; its contract was recognised then."""
    firm = builders.enterprise(session)
    row = builders.project(session, firm, office.east, office.officer, name=name, stage_since=SIGNED_AT)
    before, row.stage, row.stage_seq = row.stage, Stage.SIGNED, 2
    entry = {"from_stage": before, "to_stage": Stage.SIGNED, "at": SIGNED_AT, "by": office.officer.id}
    session.add(StageEntry(project_id=row.id, seq=2, unit_id=row.unit_id, first=True, **entry))
    contract = builders.agreement(
        session, row, office.officer, number="云招合〔2026〕5号", signed_on=SIGNED_AT.date(), reported_at=SIGNED_AT,
        recognized_amount=D(12000), recognized_by=office.recognizer.id, recognized_at=SIGNED_AT,
    )  # fmt: skip
    common = {"project_id": row.id, "agreement_id": contract.id, "created_by": office.officer.id, "created_at": NOW}
    deposit = PerformanceDeposit(amount=D(200), due_on=LONG_AGO, **common)
    session.add(deposit)
    session.flush()
    return Deal(row, contract, deposit, _hold(session, office, row))


def _hold(session: Session, office: Office, row: Project) -> CarrierHold:
    actor = office.actor(session, office.registrar)
    draft = CarrierDraft(CarrierKind.PLOT, f"岚桥{row.id}号地", f"LQ-{row.id}", office.east.id, D(100))
    plot = carriers.save(session, actor, draft, now=NOW, today=SIGNED_AT.date())
    held = HoldDraft(HoldKind.ALLOTTED, D(60), SIGNED_AT.date(), project_id=row.id)
    return carriers.take(session, actor, plot.id, held, now=NOW)


def duty(session: Session, office: Office, one: Deal, draft: DutyDraft) -> Obligation:
    """Register a measured obligation."""
    actor = office.actor(session, office.officer)
    return obligations.add(session, actor, one.project.id, one.contract.id, draft, now=NOW, today=TODAY)


def tax(session: Session, office: Office, one: Deal, amount: int = 500) -> Obligation:
    """Let the firm promise tax by a day that is over."""
    return duty(session, office, one, DutyDraft(Duty.TAX, "年纳税500万元", LONG_AGO, D(amount)))


def voucher(session: Session, office: Office, one: Deal, amount: int, **more: object) -> CapitalVoucher:
    """Let capital arrive and wait for recognition."""
    values = {
        "kind": VoucherKind.BANK_SLIP, "form": CapitalForm.CASH, "area": SourceArea.ABROAD, "payer": "岚桥储能",
        "number": f"B{amount}-{len(str(more))}", "arrived_on": TODAY - timedelta(days=9), "amount": D(amount),
        "sha256": f"{amount:064}", "state": VoucherState.WAITING, "reported_by": office.officer.id, "reported_at": NOW,
        "project_id": one.project.id, "unit_id": one.project.unit_id, **more,
    }  # fmt: skip
    row = CapitalVoucher(**values)
    session.add(row)
    session.flush()
    return row
