from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.auth.models import Roster
from crm.auth.rules import Role
from crm.core import filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.core.files import Attachment
from crm.core.filestore import Upload
from crm.pipeline import decisions, services
from crm.pipeline.limits import AgreementDraft
from crm.pipeline.models import Agreement, Review
from crm.pipeline.rules import AgreementKind, Stage
from tests.service.pipeline.helpers import EXE, PDF, PLAIN, agreed, at_signing, docx, go, lead, reviewed
from tests.support.builders import NOW, TODAY, agreement

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project
    from tests.support.builders import Office


def recognise(session: Session, actor: Actor, project: Project, agreement_id: int, amount: int, why: str = "") -> None:
    decisions.recognize_agreement(session, actor, project.id, agreement_id, amount=Decimal(amount), reason=why, now=NOW)


def report(session: Session, office: Office, project: Project, scan: Upload, folder: Path) -> Agreement:
    draft = AgreementDraft(AgreementKind.CONTRACT, TODAY, Decimal(12000), "YX-2026-001", covenant=PLAIN)
    actor = office.actor(session, office.officer)
    return decisions.add_agreement(session, actor, project.id, draft, now=NOW, today=TODAY, scan=scan, folder=folder)


def test_one_failed_opinion_makes_a_failed_review(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    reviewed(session, office, project, planning="fail")
    newest = session.scalars(select(Review).order_by(Review.id.desc())).first()
    assert newest is not None
    assert (newest.result, newest.opinions["planning"]) == ("failed", "fail")


def test_whoever_reports_cannot_recognise(session: Session, office: Office) -> None:
    session.add(
        Roster(user_id=office.officer.id, unit_id=office.bureau.id, role=Role.RECOGNIZER, valid_from=date(2026, 1, 1))
    )
    project = at_signing(session, office)
    contract = agreed(session, office, project)
    with pytest.raises(ForbiddenError):
        recognise(session, office.actor(session, office.officer), project, contract, 12000)
    assert session.get_one(Agreement, contract).recognized_at is None


def test_the_database_too_keeps_reporter_and_recogniser_apart(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    with pytest.raises(IntegrityError):
        agreement(session, project, office.officer, recognized_by=office.officer.id, recognized_at=NOW)


def test_reported_and_recognised_stand_side_by_side_with_the_reason(session: Session, office: Office) -> None:
    project, recognizer = at_signing(session, office), office.actor(session, office.recognizer)
    contract = agreed(session, office, project)
    with pytest.raises(DomainError):
        recognise(session, recognizer, project, contract, 10000)
    recognise(session, recognizer, project, contract, 10000, "扣除二手设备")
    row = session.get_one(Agreement, contract)
    assert (row.amount, row.recognized_amount, row.difference_reason) == (
        Decimal(12000),
        Decimal(10000),
        "扣除二手设备",
    )
    with pytest.raises(ConflictError):
        recognise(session, recognizer, project, contract, 12000)


def test_a_framework_is_not_recognised(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    paper = agreed(session, office, project, AgreementKind.FRAMEWORK)
    with pytest.raises(DomainError):
        recognise(session, office.actor(session, office.recognizer), project, paper, 12000)


def test_a_contract_cannot_be_reported_early_or_dated_tomorrow(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    early = go(session, officer, lead(session, office), Stage.VISITING)
    for project, day in ((early, TODAY), (at_signing(session, office), TODAY + timedelta(days=1))):
        draft = AgreementDraft(AgreementKind.CONTRACT, day, Decimal(1), covenant=PLAIN)
        with pytest.raises(DomainError):
            decisions.add_agreement(session, officer, project.id, draft, now=NOW, today=TODAY)


def test_one_number_counts_once_a_project(session: Session, office: Office, tmp_path: Path) -> None:
    project = at_signing(session, office)
    report(session, office, project, Upload("合同.pdf", PDF), tmp_path)
    with pytest.raises(DomainError) as refusal:
        report(session, office, project, Upload("合同.pdf", PDF), tmp_path)
    assert refusal.value.problems[0].key == "agreement.number"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("合同.pdf", PDF),
        ("合同.PNG", b"\x89PNG\r\n\x1a\n" + b"0" * 8),
        ("合同.jpeg", b"\xff\xd8\xff\xe0" + b"0" * 8),
        ("合同.docx", docx()),
    ],
)
def test_a_scan_is_kept_under_its_digest(
    session: Session, office: Office, tmp_path: Path, name: str, data: bytes
) -> None:
    paper = report(session, office, at_signing(session, office), Upload(name, data), tmp_path)
    row = session.scalars(select(Attachment)).one()
    assert (row.subject_type, row.subject_id, row.name, row.size) == ("agreement", paper.id, name, len(data))
    assert filestore.path_of(tmp_path, row.sha256).read_bytes() == data


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("合同.pdf", EXE),
        ("合同.exe", PDF),
        ("合同.pdf", b""),
        ("合同.docx", b"PK\x03\x04broken"),
        ("合同", PDF),
        ("合同.html", b"<script>alert(1)</script>"),
    ],
)
def test_a_file_is_told_by_its_content_and_its_name(
    session: Session, office: Office, tmp_path: Path, name: str, data: bytes
) -> None:
    project = at_signing(session, office)
    with pytest.raises(DomainError):
        report(session, office, project, Upload(name, data), tmp_path)
    assert session.scalars(select(Agreement)).all() == []
    assert list(tmp_path.rglob("*.part")) == []


def test_a_path_in_a_file_name_goes_nowhere(session: Session, office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    report(session, office, at_signing(session, office), Upload("..\\../../etc/合同.pdf", PDF), folder)
    assert session.scalars(select(Attachment.name)).one() == "合同.pdf"
    outside = [path for path in tmp_path.rglob("*.pdf") if folder not in path.parents]
    assert outside == []


def test_a_note_is_kept_and_a_blank_one_refused(session: Session, office: Office) -> None:
    officer, project = office.actor(session, office.officer), lead(session, office)
    assert services.add_note(session, officer, project.id, " 约下周再谈 ", now=NOW).body == "约下周再谈"
    with pytest.raises(DomainError):
        services.add_note(session, officer, project.id, " ", now=NOW)
