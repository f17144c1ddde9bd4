"""Obligations of the furnished office: late ones of the signed project, a locked payout, letters, an open exit case."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.delivery.exits import services as exits
from crm.delivery.exits.rules import Cause, StepDraft, StepKind
from crm.delivery.letters.rules import LetterKind
from crm.delivery.obligations import services
from crm.delivery.obligations.rules import DutyDraft, RecordDraft
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.models import PerformanceDeposit
from crm.pipeline.deals.rules import ForeignMoney
from crm.pipeline.models import Agreement
from crm.pipeline.rules import AgreementKind
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

D = Decimal
WORDS = "岚桥方面没有答复"


def furnish(session: Session, office: Office) -> None:
    """Bind both sides of the first contract, let the firm be late, remind it."""
    actor = office.actor(session, office.registrar)
    contract = session.scalars(
        select(Agreement).where(Agreement.kind == AgreementKind.CONTRACT).order_by(Agreement.id).limit(1)
    ).one()
    contract.signed_on = TODAY - timedelta(days=60)
    late, where = TODAY - timedelta(days=20), (contract.project_id, contract.id)
    money = ForeignMoney("EUR", D(120), D("8.1537"), late, "岚桥中间价")
    drafts = (
        DutyDraft(Duty.TAX, "岚桥年纳税", late, D(500)),
        DutyDraft(Duty.CAPITAL, "岚桥首期出资", late, foreign=money),
        DutyDraft(Duty.UTILITIES, "岚桥通水通电", TODAY + timedelta(days=9)),
    )
    made = [services.add(session, actor, *where, draft, now=NOW, today=TODAY) for draft in drafts]
    payout = DutyDraft(Duty.PAYOUT, "岚桥设备款", None, D(300), needs=(made[0].id,))
    services.add(session, actor, *where, payout, now=NOW, today=TODAY)
    record = RecordDraft(TODAY, "岚桥完税证明", D(200))
    services.record(session, actor, contract.project_id, made[0].id, record, now=NOW, today=TODAY)
    common = {"project_id": contract.project_id, "agreement_id": contract.id, "created_by": office.registrar.id}
    session.add(PerformanceDeposit(amount=D(200), due_on=late, created_at=NOW, **common))
    session.flush()
    project, letter = contract.project_id, LetterKind.DEPOSIT
    services.dun(session, actor, project, letter, WORDS, days=10, now=NOW, today=TODAY)
    remind = StepDraft(StepKind.REMIND, WORDS, 10)
    exits.start(session, actor, project, Cause.MILESTONE, remind, now=NOW, today=TODAY)
