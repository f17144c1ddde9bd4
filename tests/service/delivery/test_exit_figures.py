"""One contract ended in November: what it counted in September goes from every figure at once, closed months stay."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.assessment import mix, queries
from crm.assessment.measures import MEASURES
from crm.assessment.periods.models import PeriodCorrection, PeriodFigure
from crm.assessment.ratios import Ratio
from crm.assessment.summing import figures
from crm.assessment.window import Window
from crm.delivery.capital.models import CapitalDecision
from crm.delivery.capital.rules import VoucherState
from crm.delivery.exits.rules import StepKind
from crm.pipeline.rules import Stage
from tests.service.delivery.test_exit_cases import closed, gone_on, proposed
from tests.support import deliveries
from tests.support.builders import NOW
from tests.support.deliveries import SIGNED_AT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.delivery.exits.models import ExitCase
    from tests.support.builders import Office

D = Decimal
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
MONTH = (date(2026, 9, 1), date(2026, 9, 30))
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(days=1)
CREDIT = {
    "signings", "signed_amount", "signed_registered", "signed_capital", "recognized", "recognized_amount",
    "capital_recognized", "reached_signed", "reached_amount_signed",
}  # fmt: skip


def ended(session: Session, office: Office) -> ExitCase:
    """Let a contract of 12,000 and 3,000 of its capital count in September, and its end be proposed."""
    deal = deliveries.deal(session, office)
    paid = deliveries.voucher(
        session, office, deal, 3000, arrived_on=SIGNED_AT.date(), reported_at=SIGNED_AT, state=VoucherState.RECOGNISED,
        recognized_amount=D(3000),
    )  # fmt: skip
    both = {"reported_by": office.officer.id, "decided_by": office.recognizer.id}
    session.add(CapitalDecision(voucher_id=paid.id, amount=D(3000), decided_at=SIGNED_AT, **both))
    session.flush()
    return proposed(session, office, deal, office.lead)


def seen(session: Session, cutoff: datetime) -> dict[str, Decimal]:
    """Give what every measure says of the year, as known at a moment; nought is left out."""
    window = Window(*YEAR, cutoff)
    sums = figures(session, list(MEASURES.values()), window)
    return {key: sum(units.values(), D(0)) for key, units in sums.items() if sum(units.values(), D(0))}


def test_every_figure_loses_what_is_taken_back_and_a_closed_month_keeps_it(session: Session, office: Office) -> None:
    case = ended(session, office)
    september, before, earlier = closed(session, office, MONTH), seen(session, NOW), seen(session, BEFORE)
    kept = select(PeriodFigure.measure, PeriodFigure.value).where(PeriodFigure.period_id == september.id)
    frozen = dict(session.execute(kept).all())
    gone_on(session, office, case, StepKind.TERMINATE, office.leader)
    after = seen(session, AFTER)
    assert before.keys() - after.keys() == CREDIT
    assert {key: before[key] for key in after} == after  # what was reported stays reported
    assert seen(session, BEFORE) == earlier
    window = Window(*YEAR, AFTER)
    assert mix.ledger(session, window)[-1].amount == Ratio(D(0), D(12000))
    assert {step.stage: step.count for step in queries.funnel(session, window)}[Stage.SIGNED] == 0
    november = closed(session, office, (date(2026, 11, 1), date(2026, 11, 19)))
    noted = select(PeriodCorrection.measure, PeriodCorrection.difference).where(
        PeriodCorrection.in_period_id == november.id
    )
    taken = dict(session.execute(noted).all())
    assert taken == {key: -frozen[key] for key in CREDIT & frozen.keys()}
    assert {key: taken[key] for key in ("signings", "recognized_amount", "capital_recognized")} == {
        "signings": -1, "recognized_amount": -12000, "capital_recognized": -3000
    }  # fmt: skip
    assert dict(session.execute(kept).all()) == frozen
