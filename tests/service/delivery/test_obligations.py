"""Obligations: fulfilled by vouchers, stages, land and records; payouts locked; dunning letters filed."""

from __future__ import annotations

import contextlib
import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.delivery.capital import services as capital
from crm.delivery.letters import queries as letters
from crm.delivery.letters.models import DeliveryLetter
from crm.delivery.letters.rules import LetterKind
from crm.delivery.obligations import due, queries, services
from crm.delivery.obligations.due import What
from crm.delivery.obligations.models import Payout
from crm.delivery.obligations.rules import DutyDraft, PayoutDraft, Rate, RecordDraft, Standing
from crm.pipeline.deals import covenants
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.rules import ForeignMoney, ObligationState, Promise, Side
from crm.pipeline.rules import Stage
from crm.resources.carriers.models import Carrier
from crm.resources.carriers.rules import CarrierKind
from crm.resources.policies import services as policies
from crm.resources.policies.models import PolicyClause, PolicyVersion
from crm.resources.policies.rules import ClauseDraft, ClauseKind, PolicyLevel, Review, ReviewDraft, VersionDraft
from tests.support import builders, deliveries
from tests.support.builders import NOW, TODAY
from tests.support.deliveries import LONG_AGO, SIGNED_AT, Deal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.deals.models import Obligation
    from tests.support.builders import Office

D = Decimal
SIGNED = SIGNED_AT.date()
PAY = PayoutDraft(D(300), TODAY, "拨付〔2026〕8号")


@pytest.fixture
def deal(session: Session, office: Office) -> Deal:
    return deliveries.deal(session, office)


def stands(session: Session, deal: Deal, row: Obligation) -> tuple[object, ...]:
    line = queries.ledger(session, deal.project, TODAY).line(row.id)
    return line.standing, line.met_on, line.done


def clause(session: Session, office: Office, result: Review | None = Review.PASSED, since: date = SIGNED) -> int:
    actor = office.actor(session, office.registrar)
    head = VersionDraft("工业政策", "云政发9号", "云溪县政府", PolicyLevel.COUNTY, office.bureau.id, since)
    version = policies.add(session, actor, head, now=NOW)
    draft = ClauseDraft("第三条", ClauseKind.INVESTMENT, "按设备投资奖补")
    row = policies.save_clause(session, actor, version.id, draft, clause_id=None, now=NOW)
    policies.publish(session, actor, version.id, now=NOW)
    if result is not None:
        reviewed(session, office, row.id, result)
    return row.id


def reviewed(session: Session, office: Office, clause_id: int, result: Review) -> None:
    said = ReviewDraft(result, "公平竞争审查条例第十二条", TODAY, "县市场监管局")
    policies.review(session, office.actor(session, office.registrar), clause_id, said, now=NOW, today=TODAY)


def payout(session: Session, office: Office, deal: Deal, clause_id: int | None) -> tuple[Obligation, Obligation]:
    tax = deliveries.tax(session, office, deal)
    draft = DutyDraft(Duty.PAYOUT, "设备奖补300万元", None, D(300), needs=(tax.id,), clause_id=clause_id)
    return tax, deliveries.duty(session, office, deal, draft)


def paid(session: Session, office: Office, deal: Deal, row: Obligation, draft: PayoutDraft = PAY) -> Payout:
    actor = office.actor(session, office.lead)  # who did not measure
    return services.pay(session, actor, deal.project.id, row.id, draft, now=NOW, today=TODAY)


def recorded(session: Session, office: Office, deal: Deal, row: Obligation, value: int) -> None:
    actor = office.actor(session, office.officer)
    draft = RecordDraft(TODAY, "完税证明云税9号", D(value))
    services.record(session, actor, deal.project.id, row.id, draft, now=NOW, today=TODAY)


def test_capital_in_euros_is_fulfilled_by_recognised_euros(session: Session, office: Office, deal: Deal) -> None:
    money = ForeignMoney("EUR", D(120), D("8.1537"), LONG_AGO, "人民银行中间价")
    row = deliveries.duty(session, office, deal, DutyDraft(Duty.CAPITAL, "首期出资", LONG_AGO, foreign=money))
    euros = {"currency": "EUR", "original_amount": D(120), "rate": D("8.2"), "rate_on": TODAY, "rate_source": "中间价"}
    slip = deliveries.voucher(session, office, deal, 984, **euros)
    assert stands(session, deal, row) == (Standing.OVERDUE, None, 0)
    actor = office.actor(session, office.recognizer)
    capital.recognise(session, actor, slip.id, amount=D(492), reason="另一半待核", now=NOW)
    assert stands(session, deal, row) == (Standing.OVERDUE, None, 60)
    capital.recognise(session, actor, slip.id, amount=D(492), reason="", now=NOW)
    assert stands(session, deal, row) == (Standing.LATE, slip.arrived_on, 120)
    assert (row.state, row.settled_by) == (ObligationState.MET, office.recognizer.id)


def test_stages_and_land_speak_for_themselves(session: Session, office: Office, deal: Deal) -> None:
    start = deliveries.duty(session, office, deal, DutyDraft(Duty.START, "按期开工", TODAY))
    land = deliveries.duty(session, office, deal, DutyDraft(Duty.LAND, "供地60亩", TODAY, D(60)))
    assert stands(session, deal, start)[0] is Standing.OPEN
    assert stands(session, deal, land) == (Standing.MET, deal.hold.from_on, 60)
    builders.stand(session, deal.project, Stage.STARTED)
    assert stands(session, deal, start)[:2] == (Standing.MET, TODAY)
    with pytest.raises(DomainError, match=r"record\.kind"):
        recorded(session, office, deal, start, 1)


def test_a_payout_waits_for_the_firm_and_for_the_review(session: Session, office: Office, deal: Deal) -> None:
    number = clause(session, office, None)
    tax, row = payout(session, office, deal, number)
    with pytest.raises(DomainError) as refused:
        paid(session, office, deal, row)
    assert [problem.key for problem in refused.value.problems] == ["payout.need", "payout.review"]
    recorded(session, office, deal, tax, 499)
    with pytest.raises(DomainError, match=r"payout\.need"):
        paid(session, office, deal, row)
    recorded(session, office, deal, tax, 500)
    reviewed(session, office, number, Review.FAILED)
    with pytest.raises(DomainError, match=r"payout\.review"):
        paid(session, office, deal, row)
    reviewed(session, office, number, Review.PASSED)
    paid(session, office, deal, row, replace(PAY, amount=D(100)))
    with pytest.raises(DomainError, match=r"payout\.used"):
        paid(session, office, deal, row, replace(PAY, amount=D(1)))
    paid(session, office, deal, row, PayoutDraft(D(200), TODAY, "拨付〔2026〕9号"))
    assert stands(session, deal, row) == (Standing.MET, TODAY, 300)


def test_who_measured_does_not_pay_and_no_day_lies_before_the_signing(
    session: Session, office: Office, deal: Deal
) -> None:
    young = clause(session, office, since=TODAY)
    with pytest.raises(DomainError, match=r"duty\.lapsed"):
        payout(session, office, deal, young)
    number = clause(session, office)
    tax, row = payout(session, office, deal, number)
    officer, early = office.actor(session, office.officer), SIGNED - timedelta(days=1)
    draft = RecordDraft(early, "完税证明云税9号", D(500))
    with pytest.raises(DomainError, match=r"record\.early"):
        services.record(session, officer, deal.project.id, tax.id, draft, now=NOW, today=TODAY)
    recorded(session, office, deal, tax, 500)
    with pytest.raises(ForbiddenError, match=r"payout\.confirmed"):
        services.pay(session, officer, deal.project.id, row.id, PAY, now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"payout\.early"):
        paid(session, office, deal, row, replace(PAY, paid_on=early))
    text = policies_of(session, number)
    text.valid_from = TODAY  # the term was written before its clause was asked for its day
    with pytest.raises(DomainError, match=r"payout\.clause"):
        paid(session, office, deal, row)


def policies_of(session: Session, clause_id: int) -> PolicyVersion:
    return session.get_one(PolicyVersion, session.get_one(PolicyClause, clause_id).version_id)


def test_a_start_that_was_sent_back_unlocks_nothing(session: Session, office: Office, deal: Deal) -> None:
    start = deliveries.duty(session, office, deal, DutyDraft(Duty.START, "按期开工", LONG_AGO))
    actor = office.actor(session, office.leader)

    def late() -> int:
        page = due.listing(session, actor, What.THEIRS, late=True, unit_id=None, today=TODAY, cursor=None)
        return len(page.rows)

    builders.stand(session, deal.project, Stage.STARTED)
    assert (stands(session, deal, start)[1], late()) == (TODAY, 0)
    builders.stand(session, deal.project, Stage.LANDING)
    assert (stands(session, deal, start)[1], late()) == (None, 1)


def test_land_is_given_by_land_alone(session: Session, office: Office, deal: Deal) -> None:
    land = deliveries.duty(session, office, deal, DutyDraft(Duty.LAND, "供地80亩", TODAY, D(80)))
    actor = office.actor(session, office.officer)
    for value in (None, D(60)):
        draft = RecordDraft(TODAY, "用地批复云政地9号", value)
        with contextlib.suppress(DomainError):
            services.record(session, actor, deal.project.id, land.id, draft, now=NOW, today=TODAY)
        assert stands(session, deal, land)[0] is Standing.OPEN
    session.get_one(Carrier, deal.hold.carrier_id).kind = CarrierKind.FACTORY
    assert stands(session, deal, land)[2] == 0  # a hall is no land
    recorded(session, office, deal, land, 80)
    assert stands(session, deal, land)[0] is Standing.MET


def test_no_other_door_pays_out(session: Session, office: Office, deal: Deal) -> None:
    """The page of the agreement settles by a word; the database asks for condition and review too."""
    actor = office.actor(session, office.officer)
    _tax, row = payout(session, office, deal, None)
    promise = Promise(Side.OURS, "兑现设备奖补300万元", TODAY)
    words = covenants.add_promise(session, actor, deal.project.id, deal.contract.id, promise, now=NOW)
    promise = replace(promise, text="给予设备支持300万元")
    plain = covenants.add_promise(session, actor, deal.project.id, deal.contract.id, promise, now=NOW)

    def settled(target: Obligation, kind: Duty | None = None) -> str:
        to = ObligationState.MET
        with pytest.raises(DomainError) as refused:
            covenants.settle(session, actor, deal.project.id, target.id, to, evidence="已拨付", now=NOW, kind=kind)
        return refused.value.problems[0].key

    assert (settled(row), settled(words, Duty.OTHER)) == ("obligation.by_facts", "obligation.payout")
    kinds = (None, Duty.PAYOUT, Duty.LAND)
    assert [settled(plain, kind).split(".")[1] for kind in kinds] == ["kind", "payout", "by_kind"]
    session.add(Payout(obligation_id=row.id, amount=D(1), paid_on=TODAY, voucher="x", by=office.officer.id, at=NOW))
    with pytest.raises(IntegrityError):
        session.flush()


def test_what_was_only_written_in_words_becomes_measured_once(session: Session, office: Office, deal: Deal) -> None:
    actor, other = office.actor(session, office.officer), office.actor(session, office.outsider)
    promise = Promise(Side.THEIRS, "用工120人", TODAY)
    words = covenants.add_promise(session, actor, deal.project.id, deal.contract.id, promise, now=NOW)
    draft = DutyDraft(Duty.JOBS, "用工120人", TODAY, D(120))
    where = (deal.project.id, deal.contract.id)
    with pytest.raises(NotFoundError):
        services.add(session, other, *where, draft, now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError):
        services.add(session, office.actor(session, office.leader), *where, draft, now=NOW, today=TODAY)
    kept = services.add(session, actor, *where, draft, now=NOW, today=TODAY, written=words.id)
    assert kept.id == words.id
    with pytest.raises(ConflictError, match=r"duty\.typed"):
        services.add(session, actor, *where, draft, now=NOW, today=TODAY, written=words.id)


def test_a_dunning_letter_is_numbered_and_never_changes(session: Session, office: Office, deal: Deal) -> None:
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError, match=r"letter\.nothing_late"):
        services.dun(session, actor, deal.project.id, LetterKind.CAPITAL, "", days=10, now=NOW, today=TODAY)
    first = services.dun(session, actor, deal.project.id, LetterKind.DEPOSIT, "", days=10, now=NOW, today=TODAY)
    second = services.dun(session, actor, deal.project.id, LetterKind.DEPOSIT, "", days=10, now=NOW, today=TODAY)
    assert [(row.year, row.seq, row.due_on) for row in (first, second)] == [
        (2026, 1, date(2026, 12, 4)),
        (2026, 2, date(2026, 12, 4)),
    ]
    whole = letters.whole(session, actor, first.id)
    text = zipfile.ZipFile(io.BytesIO(whole.document)).read("word/document.xml").decode()
    for words in ("招商函〔2026〕1号", "200万元", "云溪县招商局", deal.project.enterprise.name, "2026年10月9日"):
        assert words in text
    with pytest.raises(NotFoundError):
        letters.whole(session, office.actor(session, office.outsider), first.id)
    session.execute(update(DeliveryLetter).where(DeliveryLetter.id == first.id).values(document=b"PK"))
    session.expire_all()
    with pytest.raises(ConflictError, match=r"letter\.broken"):
        letters.whole(session, actor, first.id)


def test_the_list_shows_what_is_late_and_who_keeps_their_word(session: Session, office: Office, deal: Deal) -> None:
    deliveries.tax(session, office, deal)
    deliveries.duty(session, office, deal, DutyDraft(Duty.LAND, "供地60亩", LONG_AGO, D(60)))
    deliveries.duty(session, office, deal, DutyDraft(Duty.UTILITIES, "通水通电", TODAY + timedelta(days=20)))
    hidden = deliveries.deal(session, office, name="保密项目")
    hidden.project.confidential, hidden.project.code_name = True, "甲项目"
    session.flush()
    actor = office.actor(session, office.leader)

    def listed(what: What, *, late: bool) -> list[str]:
        page = due.listing(session, actor, what, late=late, unit_id=None, today=TODAY, cursor=None)
        return [one.obligation.body if one.obligation else "保证金" for one in page.rows]

    assert [listed(what, late=True) for what in What] == [["年纳税500万元"], [], ["保证金"]]
    assert listed(What.OURS, late=False) == ["通水通电"]
    assert due.rates(session, actor, TODAY) == {office.east.id: {Side.THEIRS: Rate(2, 0), Side.OURS: Rate(1, 1)}}
