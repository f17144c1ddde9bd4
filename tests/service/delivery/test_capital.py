"""Vouchers of capital: reported with a paper, recognised by somebody else, once, in whole or part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.assessment.measures import MEASURES
from crm.assessment.summing import by_unit
from crm.assessment.window import Window
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.filestore import Upload
from crm.delivery.capital import queries, services
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import CapitalForm, SourceArea, VoucherDraft, VoucherKind, VoucherState
from crm.delivery.capital.services import Paper
from crm.notices import reading
from crm.notices.models import Notice
from crm.pipeline.deals.rules import ForeignMoney
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.pipeline.models import Project
    from tests.support.builders import Office

DRAFT = VoucherDraft(
    VoucherKind.BANK_SLIP,
    CapitalForm.CASH,
    SourceArea.OTHER_PROVINCE,
    "118",
    "晟澜精密",
    date(2026, 11, 3),
    Decimal(2600),
)


def pdf(text: str = "1") -> Upload:
    return Upload("进账单.pdf", f"%PDF-1.7\n{text}\n%%EOF\n".encode())


@pytest.fixture
def deal(session: Session, office: Office) -> Project:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer)
    builders.stand(session, project, Stage.SIGNED)
    builders.agreement(session, project, office.officer, amount=Decimal(10_000))
    return project


def reported(
    session: Session, office: Office, deal: Project, folder: Path, *, scan: Upload | None = None, **more: object
) -> CapitalVoucher:
    actor = office.actor(session, office.officer)
    paper = Paper(scan or pdf(), folder)
    draft = replace(DRAFT, **more)  # type: ignore[arg-type]  # fields by name
    return services.report(session, actor, deal.id, draft, paper, now=NOW, today=TODAY)


def recognised(
    session: Session, office: Office, voucher: CapitalVoucher, amount: int, reason: str = "", by: User | None = None
) -> CapitalDecision:
    actor = office.actor(session, by or office.recognizer)
    return services.recognise(session, actor, voucher.id, amount=Decimal(amount), reason=reason, now=NOW)


def test_a_voucher_waits_then_counts_as_recognised(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    assert [voucher.state, queries.sums(session, deal.id).recognised] == [VoucherState.WAITING, 0]
    recognised(session, office, voucher, 2600)
    sums = queries.sums(session, deal.id)
    assert str(voucher.state) == "recognised"
    assert [sums.reported, sums.recognised, sums.rate] == [2600, 2600, Decimal("0.26")]
    actions = select(AuditEvent.action).where(AuditEvent.action.startswith("capital.")).order_by(AuditEvent.id)
    assert session.scalars(actions).all() == ["capital.report", "capital.recognise"]


def test_a_part_is_recognised_with_a_reason_and_the_rest_later(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    with pytest.raises(DomainError, match=r"capital\.reason"):
        recognised(session, office, voucher, 2000)
    recognised(session, office, voucher, 2000, "600万元是借款，缺转增手续")
    with pytest.raises(DomainError, match=r"capital\.more"):
        recognised(session, office, voucher, 700)
    recognised(session, office, voucher, 600)
    assert voucher.recognized_amount == 2600
    with pytest.raises(ConflictError):
        recognised(session, office, voucher, 1)


def test_who_reported_does_not_recognise_and_the_database_agrees(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    for person in (office.officer, office.lead, office.leader):
        with pytest.raises(ForbiddenError):
            recognised(session, office, voucher, 2600, by=person)
    me = office.recognizer.id
    row = CapitalDecision(voucher_id=voucher.id, amount=1, reported_by=me, decided_by=me, decided_at=NOW)
    session.add(row)
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_paper_is_used_once_in_the_office_until_it_is_sent_back(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    other = builders.project(session, builders.enterprise(session), office.east, office.officer)
    builders.agreement(session, other, office.officer)
    with pytest.raises(DomainError, match=r"capital\.used"):
        reported(session, office, other, tmp_path, number="119")
    services.refuse(session, office.actor(session, office.recognizer), voucher.id, reason="缺银行盖章", now=NOW)
    assert reported(session, office, other, tmp_path).state is VoucherState.WAITING


def test_the_database_refuses_the_same_paper_twice(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    first = reported(session, office, deal, tmp_path)
    second = reported(session, office, deal, tmp_path, scan=pdf("2"), number="119")
    second.sha256 = first.sha256
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_refuses_the_same_paper_scanned_twice(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    reported(session, office, deal, tmp_path)
    second = reported(session, office, deal, tmp_path, scan=pdf("2"), number="119")
    second.number = DRAFT.number
    with pytest.raises(IntegrityError):
        session.flush()


def test_foreign_money_keeps_what_it_was_and_the_rate_of_its_day(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    money = ForeignMoney("USD", Decimal(200), Decimal("7.1"), DRAFT.arrived_on, "人民银行中间价")
    voucher = reported(session, office, deal, tmp_path, area=SourceArea.ABROAD, amount=Decimal(1420), foreign=money)
    session.expire(voucher)
    assert [voucher.original_amount, voucher.rate, voucher.amount] == [200, Decimal("7.1"), 1420]
    late = replace(money, rate_on=DRAFT.arrived_on - timedelta(days=30))
    with pytest.raises(DomainError, match=r"capital\.rate_on"):
        reported(session, office, deal, tmp_path, scan=pdf("3"), area=SourceArea.ABROAD, foreign=late)


def test_only_the_reporter_takes_back_and_only_what_nobody_decided(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    with pytest.raises(ForbiddenError):
        services.withdraw(session, office.actor(session, office.lead), voucher.id, now=NOW)
    services.withdraw(session, office.actor(session, office.officer), voucher.id, now=NOW)
    with pytest.raises(ConflictError):
        recognised(session, office, voucher, 2600)
    assert queries.sums(session, deal.id).reported == 0


def test_an_unsigned_project_and_a_missing_paper_are_refused_in_words(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    bare = builders.project(session, builders.enterprise(session), office.east, office.officer)
    with pytest.raises(DomainError, match=r"capital\.unsigned"):
        reported(session, office, bare, tmp_path)
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError, match=r"capital\.file"):
        services.report(session, actor, deal.id, DRAFT, Paper(None, tmp_path), now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"file\.kind"):
        reported(session, office, deal, tmp_path, scan=Upload("进账单.pdf", b"MZ"))


def test_another_squad_neither_sees_nor_reports(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    outsider = office.actor(session, office.outsider)
    with pytest.raises(NotFoundError):
        queries.get(session, outsider, voucher.id)
    with pytest.raises(NotFoundError):
        services.report(session, outsider, deal.id, DRAFT, Paper(pdf("4"), tmp_path), now=NOW, today=TODAY)
    page = queries.queue(session, outsider, state=None, unit_id=None, cursor=None)
    assert (page.rows, queries.waiting(session, outsider)) == ((), 0)


def test_the_queue_shows_what_waits_longest_first(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    rows = [reported(session, office, deal, tmp_path, scan=pdf(str(n)), number=str(n)) for n in range(3)]
    recognizer = office.actor(session, office.recognizer)
    page = queries.queue(session, recognizer, state=VoucherState.WAITING, unit_id=None, cursor=None)
    assert [entry.voucher.id for entry in page.rows] == [row.id for row in rows]
    assert queries.waiting(session, recognizer) == 3


def test_a_second_tap_recognises_no_second_part(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    actor = office.actor(session, office.recognizer)

    def tap() -> None:
        services.recognise(
            session, actor, voucher.id, amount=Decimal(100), reason="其余待补材料", now=NOW, seen=Decimal(0)
        )

    tap()
    with pytest.raises(ConflictError, match=r"capital\.moved"):
        tap()
    assert voucher.recognized_amount == 100


def test_money_finer_than_a_fen_is_refused_in_words(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    with pytest.raises(DomainError, match=r"capital\.fine"):
        reported(session, office, deal, tmp_path, amount=Decimal("0.00000001"))


def test_a_voucher_sent_back_and_reported_anew_counts_once(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    first = reported(session, office, deal, tmp_path)
    recognizer = office.actor(session, office.recognizer)
    services.refuse(session, recognizer, first.id, reason="缺银行盖章", now=NOW)
    reported(session, office, deal, tmp_path)
    month = Window(date(2026, 11, 1), date(2026, 11, 30), NOW)
    assert by_unit(session, MEASURES["capital_reported"], month) == {deal.unit_id: Decimal(2600)}


def test_recognisers_are_told_of_the_queue_once_until_they_look(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    def told() -> list[tuple[int, str | None]]:
        mine = select(Notice.user_id, Notice.link).where(Notice.link == "/capital").order_by(Notice.id)
        return [(user_id, link) for user_id, link in session.execute(mine)]

    reported(session, office, deal, tmp_path)
    reported(session, office, deal, tmp_path, scan=pdf("2"), number="119")
    assert told() == [(office.recognizer.id, "/capital")]
    reading.read_all(session, office.actor(session, office.recognizer), None, now=NOW)
    reported(session, office, deal, tmp_path, scan=pdf("3"), number="120")
    assert len(told()) == 2
    deal.confidential, deal.code_name = True, "云杉"
    reading.read_all(session, office.actor(session, office.recognizer), None, now=NOW)
    reported(session, office, deal, tmp_path, scan=pdf("4"), number="121")
    assert len(told()) == 2, "who may not know of the project is not told"
