"""Capital of the furnished office: one voucher that waits, one recognised in part."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import CapitalForm, SourceArea, VoucherKind, VoucherState
from crm.pipeline.models import Agreement
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def furnish(session: Session, office: Office) -> None:
    """Write the vouchers of the first project with an agreement."""
    paper = session.query(Agreement).order_by(Agreement.id).first()
    assert paper is not None
    common = {
        "project_id": paper.project_id, "unit_id": paper.unit_id, "form": CapitalForm.CASH, "payer": "岚桥储能",
        "area": SourceArea.OTHER_PROVINCE, "reported_by": office.officer.id, "reported_at": NOW,
    }  # fmt: skip
    waits = CapitalVoucher(
        kind=VoucherKind.BANK_SLIP, number="20261103-118", arrived_on=date(2026, 11, 3), amount=Decimal(2600),
        sha256="a" * 64, state=VoucherState.WAITING, **common,
    )  # fmt: skip
    part = CapitalVoucher(
        kind=VoucherKind.VERIFICATION, number="验字2026-9", arrived_on=date(2026, 10, 9), amount=Decimal(3000),
        sha256="b" * 64, state=VoucherState.RECOGNISED, recognized_amount=Decimal(1800), **common,
    )  # fmt: skip
    session.add_all([waits, part])
    session.flush()
    decided = {"reported_by": office.officer.id, "decided_by": office.recognizer.id, "decided_at": NOW}
    session.add(CapitalDecision(voucher_id=part.id, amount=Decimal(1800), reason="其余为股东借款", **decided))
