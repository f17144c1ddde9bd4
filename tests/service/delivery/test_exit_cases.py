"""The road out: letters in turn, a second person, land offered again, credit taken back in the current period."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.assessment.measures import MEASURES
from crm.assessment.periods import queries as periods
from crm.assessment.periods import services as closing
from crm.assessment.periods.models import PeriodCorrection, PeriodFigure
from crm.assessment.periods.rules import PeriodDraft, PeriodKind
from crm.assessment.summing import by_unit
from crm.assessment.window import Window
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.delivery.exits import queries, services
from crm.delivery.exits.models import ExitCase
from crm.delivery.exits.rules import Cause, ReversalKind, StepDraft, StepKind
from crm.matching import places
from crm.pipeline.deals import covenants
from crm.pipeline.deals.rules import Payment
from crm.pipeline.exits import services as exits
from crm.pipeline.limits import Exit
from crm.pipeline.models import Project
from crm.pipeline.words import ExitKind, ExitReason
from crm.resources.carriers import queries as carriers
from crm.resources.carriers import services as keeping
from crm.resources.carriers.queries import Wanted
from crm.resources.carriers.rules import HoldKind
from crm.resources.carriers.services import HoldDraft
from crm.resources.matching.rules import Need
from tests.support import deliveries
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.periods.models import Period
    from crm.auth.models import User
    from tests.support.builders import Office
    from tests.support.deliveries import Deal

D = Decimal
WORDS = "多次电话催缴，对方没有答复"
TOMORROW = TODAY + timedelta(days=1)
OVER = timedelta(days=30)


@pytest.fixture
def deal(session: Session, office: Office) -> Deal:
    return deliveries.deal(session, office)


def started(session: Session, office: Office, deal: Deal, today: date = TODAY) -> ExitCase:
    actor = office.actor(session, office.officer)
    draft = StepDraft(StepKind.REMIND, WORDS, 10)
    return services.start(session, actor, deal.project.id, Cause.DEPOSIT, draft, now=NOW, today=today)


def gone_on(
    session: Session, office: Office, case: ExitCase, kind: StepKind, by: User, *, today: date = TODAY
) -> ExitCase:
    days = 10 if kind is StepKind.RECTIFY else None
    draft = StepDraft(kind, WORDS, days)
    return services.go_on(session, office.actor(session, by), case.id, draft, now=NOW, today=today)


def expired(session: Session, case: ExitCase) -> None:
    """Let the deadline of the last letter be over."""
    case.due_on = TODAY - timedelta(days=1)
    session.flush()


def proposed(session: Session, office: Office, deal: Deal, by: User) -> ExitCase:
    case = started(session, office, deal)
    expired(session, case)
    gone_on(session, office, case, StepKind.RECTIFY, office.lead)
    expired(session, case)
    return gone_on(session, office, case, StepKind.PROPOSE, by)


def test_each_letter_waits_for_the_deadline_and_the_right_person(session: Session, office: Office, deal: Deal) -> None:
    case = started(session, office, deal)
    assert case.due_on == date(2026, 12, 4)  # ten working days
    with pytest.raises(ConflictError, match=r"exit_case\.open"):
        started(session, office, deal)
    with pytest.raises(DomainError, match=r"exit_case\.early"):
        gone_on(session, office, case, StepKind.RECTIFY, office.lead)
    expired(session, case)
    with pytest.raises(ForbiddenError, match=r"exit_case\.right"):
        gone_on(session, office, case, StepKind.RECTIFY, office.officer)
    gone_on(session, office, case, StepKind.RECTIFY, office.lead)
    steps = queries.steps(session, case.id)
    assert [(one.letter.seq, one.letter.title) for one in steps if one.letter] == [
        (1, "关于按约履行合同义务的提醒函"),
        (2, "限期整改通知书"),
    ]
    with pytest.raises(DomainError, match=r"exit_case\.order"):
        gone_on(session, office, case, StepKind.TERMINATE, office.leader)


def test_who_pays_in_time_is_not_let_go(session: Session, office: Office, deal: Deal) -> None:
    case = proposed(session, office, deal, office.lead)
    actor = office.actor(session, office.officer)
    payment = Payment(TODAY, "收据88")
    covenants.pay(session, actor, deal.project.id, deal.deposit.id, payment, now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"exit_case\.nothing_late"):
        gone_on(session, office, case, StepKind.TERMINATE, office.leader)
    gone_on(session, office, case, StepKind.RETURN, office.leader)
    gone_on(session, office, case, StepKind.RESOLVE, office.officer)
    assert (case.closed_on, deal.project.exit_kind) == (TODAY, None)


def test_a_second_person_signs_and_the_database_agrees(session: Session, office: Office, deal: Deal) -> None:
    case = proposed(session, office, deal, office.registrar)
    for person, key in ((office.lead, "exit_case.sign"), (office.registrar, "exit_case.same")):
        with pytest.raises(ForbiddenError, match=key):
            gone_on(session, office, case, StepKind.TERMINATE, person)
    gone_on(session, office, case, StepKind.TERMINATE, office.leader)
    assert (case.proposed_by, case.signed_by) == (office.registrar.id, office.leader.id)
    with pytest.raises(IntegrityError):
        session.execute(update(ExitCase).where(ExitCase.id == case.id).values(signed_by=office.registrar.id))


def test_the_end_takes_the_project_off_the_road_for_good(session: Session, office: Office, deal: Deal) -> None:
    actor, project = office.actor(session, office.registrar), deal.project
    direct = Exit(ExitKind.TERMINATED, ExitReason.BEHIND_PLAN, "不履行合同")
    with pytest.raises(DomainError, match=r"exit\.notice"):
        exits.leave(session, actor, project.id, direct, version=project.version, now=NOW, today=TODAY)
    gone_on(session, office, proposed(session, office, deal, office.lead), StepKind.TERMINATE, office.leader)
    left = session.get_one(Project, project.id)
    assert (left.exit_kind, left.exit_reason) == (ExitKind.TERMINATED, ExitReason.DEPOSIT_OVERDUE)
    with pytest.raises(DomainError, match=r"exit\.final"):
        exits.restore(session, actor, project.id, version=project.version, now=NOW)


def test_the_plot_is_back_and_offered_again_until_it_is_taken(session: Session, office: Office, deal: Deal) -> None:
    gone_on(session, office, proposed(session, office, deal, office.lead), StepKind.TERMINATE, office.leader)
    assert (deal.hold.until_on, deal.hold.ended_by) == (TODAY, office.leader.id)
    assert "二次招商" in str(deal.hold.end_reason)
    listed = carriers.listing(session, Wanted(again=True), TOMORROW, cursor=None).rows
    assert [(shown.carrier.id, shown.free) for shown in listed] == [(deal.hold.carrier_id, D(100))]
    best = places.best_for(session, Need(land=D(80)), TOMORROW).best[0]
    assert any("二次招商" in reason.text for reason in best.verdict.reasons)
    registrar = office.actor(session, office.registrar)
    again = HoldDraft(HoldKind.RESERVED, D(80), TOMORROW, holder="晟澜精密")
    keeping.take(session, registrar, deal.hold.carrier_id, again, now=NOW)
    assert carriers.listing(session, Wanted(again=True), TOMORROW, cursor=None).rows == ()


def closed(session: Session, office: Office, days: tuple[date, date]) -> Period:
    draft = PeriodDraft(PeriodKind.MONTH, f"{days[0]:%m}月", *days, (office.east.id,))
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    period = closing.create(session, registrar, draft, now=NOW)
    closing.check(session, registrar, period.id, reason="已核过", now=NOW, today=days[1] + OVER)
    closing.close(session, leader, period.id, now=NOW)
    closing.freeze(session, period.id, now=NOW, progress=lambda _percent, _note: None)
    return periods.get(session, period.id)


def test_credit_is_taken_back_now_and_closed_periods_stay(session: Session, office: Office, deal: Deal) -> None:
    september = closed(session, office, (date(2026, 9, 1), date(2026, 9, 30)))
    case = proposed(session, office, deal, office.lead)
    gone_on(session, office, case, StepKind.TERMINATE, office.leader)
    back = queries.reversals(session, case.id)
    assert [(one.kind, one.amount, one.reversed_on) for one in back] == [
        (ReversalKind.CONTRACT, D(12000), TODAY),
        (ReversalKind.STAGE, None, TODAY),
    ]
    window = Window(date(2026, 9, 1), date(2026, 9, 30), NOW)
    assert by_unit(session, MEASURES["signings"], window) == {}
    kept = select(PeriodFigure.value).where(PeriodFigure.period_id == september.id, PeriodFigure.measure == "signings")
    assert session.scalar(kept) == 1
    november = closed(session, office, (date(2026, 11, 1), date(2026, 11, 19)))
    noted = select(PeriodCorrection.difference).where(
        PeriodCorrection.in_period_id == november.id, PeriodCorrection.measure == "signings"
    )
    assert session.scalar(noted) == -1
    assert session.scalar(kept) == 1
