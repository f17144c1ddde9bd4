from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.core.errors import ConflictError, DomainError
from crm.pipeline import decisions
from crm.pipeline.deals import covenants, queries
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.models import Obligation, PerformanceDeposit
from crm.pipeline.deals.rules import (
    Covenant,
    DepositDraft,
    ForeignMoney,
    ObligationState,
    Payment,
    Promise,
    Side,
    in_yuan,
)
from crm.pipeline.limits import AgreementDraft
from crm.pipeline.models import Agreement
from crm.pipeline.rules import AgreementKind, Stage
from tests.service.pipeline.helpers import PDF, PLAIN, agreed, at_signing, lead, refused, walk
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

FULL = Covenant(
    promises=(Promise(Side.OURS, "交付净地", date(2026, 12, 31)), Promise(Side.THEIRS, "开工建设", date(2027, 3, 31))),
    deposits=(DepositDraft(Decimal(50), date(2026, 12, 1)), DepositDraft(Decimal(50), date(2027, 1, 1))),
)
DOLLARS = ForeignMoney("USD", Decimal(3000), Decimal("7.1234"), TODAY, "人民银行中间价")


def report(session: Session, office: Office, project: Project, **fields: Any) -> Agreement:
    values = {"kind": AgreementKind.CONTRACT, "signed_on": TODAY, "amount": Decimal(12000), "covenant": FULL}
    draft = AgreementDraft(**{**values, **fields})
    actor = office.actor(session, office.officer)
    return decisions.add_agreement(session, actor, project.id, draft, now=NOW, today=TODAY)


def problem_of(call: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.problems[0].key


def test_a_contract_keeps_what_both_sides_promised_and_the_deposit(session: Session, office: Office) -> None:
    paper = report(session, office, at_signing(session, office))
    found = queries.obligations(session, paper.id)
    assert [(row.side, row.body, row.state) for row in found] == [
        (Side.OURS, "交付净地", ObligationState.OPEN),
        (Side.THEIRS, "开工建设", ObligationState.OPEN),
    ]
    assert [(row.amount, row.due_on) for row in queries.deposits(session, paper.id)] == [
        (Decimal(50), date(2026, 12, 1)),
        (Decimal(50), date(2027, 1, 1)),
    ]


def test_a_contract_without_obligations_or_deposit_says_why(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    with pytest.raises(DomainError) as caught:
        report(session, office, project, covenant=Covenant())
    assert [problem.key for problem in caught.value.problems] == ["covenant.side", "covenant.side", "covenant.deposit"]
    paper = report(session, office, project, covenant=PLAIN)
    assert (paper.none_ours, paper.none_theirs, paper.no_deposit) == ("没有", "没有", "按约定不收")


def test_foreign_money_keeps_currency_rate_and_source_and_is_exact_to_the_fen(session: Session, office: Office) -> None:
    paper = report(session, office, at_signing(session, office), amount=in_yuan(DOLLARS), foreign=DOLLARS)
    session.commit()
    session.expire_all()
    kept = session.get_one(Agreement, paper.id)
    assert (kept.amount, kept.currency, kept.original_amount) == (Decimal("21370.2"), "USD", Decimal(3000))
    assert (kept.rate, kept.rate_on, kept.rate_source) == (Decimal("7.1234"), TODAY, "人民银行中间价")


@pytest.mark.parametrize(
    ("money", "amount", "key"),
    [
        (DOLLARS, Decimal(21370), "agreement.yuan"),
        (ForeignMoney("XYZ", Decimal(1), Decimal(1), TODAY, "行"), Decimal(1), "money.currency"),
        (ForeignMoney("CHF", Decimal(1), Decimal(1), TODAY, "行"), Decimal(1), "money.currency"),
        (ForeignMoney("USD", Decimal(1), Decimal(1), TODAY + timedelta(days=1), "行"), Decimal(1), "money.rate_on"),
        (ForeignMoney("USD", Decimal(1), Decimal(1), TODAY, " "), Decimal(1), "money.rate_source"),
    ],
)
def test_a_wrong_rate_is_refused(
    session: Session, office: Office, money: ForeignMoney, amount: Decimal, key: str
) -> None:
    project = at_signing(session, office)
    assert problem_of(lambda: report(session, office, project, amount=amount, foreign=money)) == key


@pytest.mark.parametrize("columns", [{"currency": "USD"}, {"rate": Decimal(7)}, {"original_amount": Decimal(7)}])
def test_the_database_keeps_currency_and_rate_together(
    session: Session, office: Office, columns: dict[str, object]
) -> None:
    report(session, office, at_signing(session, office))
    with pytest.raises(IntegrityError):
        session.execute(update(Agreement).values(**columns))


def test_an_obligation_is_settled_once_with_evidence(session: Session, office: Office) -> None:
    project, officer = at_signing(session, office), office.actor(session, office.officer)
    row = queries.obligations(session, report(session, office, project).id)[0]

    def settle(evidence: str) -> Obligation:
        met = ObligationState.MET
        return covenants.settle(session, officer, project.id, row.id, met, evidence=evidence, now=NOW, kind=Duty.OTHER)

    assert problem_of(lambda: settle(" ")) == "obligation.evidence"
    settle("交地确认书 3号")
    with pytest.raises(ConflictError):
        settle("又一份")
    with pytest.raises(IntegrityError):
        session.execute(update(Obligation).values(state="broken", evidence=None))


def test_a_deposit_arrives_once_with_its_voucher(session: Session, office: Office) -> None:
    project, officer = at_signing(session, office), office.actor(session, office.officer)
    row = queries.deposits(session, report(session, office, project).id)[0]
    moment = {"now": NOW, "today": TODAY}

    def pay(day: date | None, voucher: str) -> PerformanceDeposit:
        return covenants.pay(session, officer, project.id, row.id, Payment(day, voucher), **moment)  # type: ignore[arg-type]  # two values

    assert problem_of(lambda: pay(TODAY + timedelta(days=1), "回单1")) == "deposit.paid_on"
    assert problem_of(lambda: pay(TODAY, " ")) == "deposit.voucher"
    pay(TODAY, "回单1")
    with pytest.raises(ConflictError):
        pay(TODAY, "回单2")
    with pytest.raises(IntegrityError):
        session.execute(update(PerformanceDeposit).values(voucher=None))


def test_a_framework_agreement_never_counts_as_signed(as_officer: Browser, session: Session, office: Office) -> None:
    project = at_signing(session, office)
    agreed(session, office, project, AgreementKind.FRAMEWORK)
    assert refused(session, office.actor(session, office.officer), project, Stage.SIGNED) == ["gate.contract"]
    session.commit()
    page = as_officer.get(f"/projects/{project.id}/agreements").text
    assert "计入签约的只有正式合同：0" in page
    assert "不计签约" in page


def test_an_intention_without_a_contract_grows_old_and_is_listed(
    as_officer: Browser, session: Session, office: Office
) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    old = report(session, office, project, kind=AgreementKind.INTENT, signed_on=date(2026, 5, 19), covenant=Covenant())
    report(session, office, project, kind=AgreementKind.INTENT, signed_on=date(2026, 5, 20), covenant=Covenant())
    session.commit()
    found = queries.ageing(session, office.actor(session, office.officer), 6, TODAY)
    assert [entry.agreement.id for entry in found] == [old.id]
    assert project.name in as_officer.get("/projects/intents").text
    session.rollback()


def upload(browser: Browser, path: str, **fields: Any) -> int:
    form = {
        "kind": "contract",
        "signed_on": "2026-11-18",
        "amount": "3,000",
        "none_ours": "没有",
        "none_theirs": "没有",
    }
    form |= {"no_deposit": "不收", **fields}
    form["scan"] = (io.BytesIO(PDF), "合同.pdf")  # type: ignore[assignment]  # a file among texts
    return browser.post(path, form, content_type="multipart/form-data").status_code


def test_the_same_scan_on_two_contracts_is_named(as_officer: Browser, session: Session, office: Office) -> None:
    one = at_signing(session, office)
    two = walk(session, office, lead(session, office, name="另一个项目"), Stage.PRE_SIGNING)
    session.commit()
    for project in (one, two):
        assert upload(as_officer, f"/projects/{project.id}/agreements/new", number=f"合{project.id}") == 303
    papers = session.scalars(select(Agreement).order_by(Agreement.id)).all()
    page = as_officer.get(f"/projects/{two.id}/agreements/{papers[1].id}").text
    assert f"同一份文件也附在“{one.name}”合{one.id}上，请核对。" in page
    assert "SHA-256" in page


def test_a_foreign_contract_is_reported_on_the_page_and_shows_its_rate(
    as_officer: Browser, session: Session, office: Office
) -> None:
    project = at_signing(session, office)
    session.commit()
    path = f"/projects/{project.id}/agreements/new"
    assert upload(as_officer, path, currency="USD") == 422
    rate = {"currency": "USD", "rate": "7.1234", "rate_on": "2026-11-18", "rate_source": "人民银行中间价"}
    assert upload(as_officer, path, **rate, ours="没有日期的一行\n2026-13-01") == 422
    assert upload(as_officer, path, **rate, ours="交付净地 2026-12-31\n协助办证") == 303
    paper = session.scalars(select(Agreement)).one()
    page = as_officer.get(f"/projects/{project.id}/agreements/{paper.id}").text
    assert "3,000万美元 × 7.1234" in page
    assert [row.due_on for row in queries.obligations(session, paper.id)] == [date(2026, 12, 31), None]


def test_obligations_and_deposits_are_kept_on_the_page_of_the_contract(
    as_officer: Browser, session: Session, office: Office
) -> None:
    project = at_signing(session, office)
    paper = report(session, office, project)
    promise, deposit = queries.obligations(session, paper.id)[0].id, queries.deposits(session, paper.id)[0].id
    session.commit()
    page = f"/projects/{project.id}/agreements/{paper.id}"
    assert as_officer.post(f"{page}/obligations/{promise}", {"state": "met", "evidence": ""}).status_code == 422
    kept = {"state": "met", "evidence": "交地书"}
    assert as_officer.post(f"{page}/obligations/{promise}", kept).status_code == 422  # of which kind is it?
    assert as_officer.post(f"{page}/obligations/{promise}", {**kept, "kind": "other"}).status_code == 303
    assert as_officer.post(f"{page}/obligations/{promise}", {"state": "met", "evidence": "又"}).status_code == 409
    assert as_officer.post(f"{page}/deposits/{deposit}", {"paid_on": "2026-11-19"}).status_code == 422
    paid = {"paid_on": "2026-11-19", "voucher": "回单1"}
    assert as_officer.post(f"{page}/deposits/{deposit}", paid).status_code == 303
    adding = {"side": "theirs", "text": "投产", "due_on": "2028-01-01"}
    assert as_officer.post(f"{page}/obligations", adding).status_code == 303
    shown = as_officer.get(page).text
    assert all(words in shown for words in ("已履行", "交地书", "回单1", "投产"))
