"""One paper is one voucher, whatever it is called and however it is written; and who decides on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import text

from crm.core.errors import DomainError, ForbiddenError
from crm.delivery.capital import queries, services
from crm.delivery.capital.models import CapitalVoucher
from crm.delivery.capital.rules import VoucherKind, VoucherState
from crm.delivery.capital.services import Paper
from crm.pipeline.rules import Stage
from tests.conftest import Browser
from tests.service.delivery.test_capital import DRAFT, pdf, recognised, reported
from tests.service.test_migrations import config_for
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.support.builders import Office


@pytest.fixture
def deal(session: Session, office: Office) -> Project:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer, stage=Stage.SIGNED)
    builders.agreement(session, project, office.officer)
    return project


def test_the_same_paper_scanned_anew_is_still_the_same_paper(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    reported(session, office, deal, tmp_path)
    with pytest.raises(DomainError, match=r"capital\.twice"):
        reported(session, office, deal, tmp_path, scan=pdf("2"))
    reported(session, office, deal, tmp_path, scan=pdf("3"), number="119")


@pytest.mark.parametrize("kind", [one for one in VoucherKind if one is not DRAFT.kind])
def test_the_same_paper_under_another_name_is_still_the_same(
    session: Session, office: Office, deal: Project, tmp_path: Path, kind: VoucherKind
) -> None:
    reported(session, office, deal, tmp_path)
    with pytest.raises(DomainError, match=r"capital\.twice"):
        reported(session, office, deal, tmp_path, scan=pdf("2"), kind=kind)


@pytest.mark.parametrize(
    ("field", "written"),
    [("number", one) for one in ("１１８", "118\u200b", "0118", " 1 18", "١١٨", "118\ufe0f")]
    + [("payer", one) for one in ("晟澜 精密", "晟澜\u3000精密", "晟澜\u2060精密")],
)
def test_the_same_paper_written_otherwise_is_still_the_same(
    session: Session, office: Office, deal: Project, tmp_path: Path, field: str, written: str
) -> None:
    reported(session, office, deal, tmp_path)
    with pytest.raises(DomainError, match=r"capital\.twice"):
        reported(session, office, deal, tmp_path, scan=pdf("2"), **{field: written})


def test_the_refusal_names_the_earlier_voucher_to_who_may_see_it(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    reported(session, office, deal, tmp_path)
    with pytest.raises(DomainError) as refused:
        reported(session, office, deal, tmp_path, scan=pdf("2"), number="0118")
    said = refused.value.problems[0]
    assert f"“{deal.name}”的银行进账单，凭证号118，出资方晟澜精密" in said.message % said.params
    other = builders.project(session, builders.enterprise(session), office.south, office.outsider)
    builders.agreement(session, other, office.outsider)
    actor, paper = office.actor(session, office.outsider), Paper(pdf("3"), tmp_path)
    with pytest.raises(DomainError) as refused:
        services.report(session, actor, other.id, DRAFT, paper, now=NOW, today=TODAY)
    said = refused.value.problems[0]
    assert (said.key, said.params) == ("capital.twice", {})


def test_a_number_nobody_sees_is_no_number(session: Session, office: Office, deal: Project, tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refused:
        reported(session, office, deal, tmp_path, number="\u200b", payer="\u3164")
    assert [one.key for one in refused.value.problems] == ["capital.number", "capital.payer"]


@pytest.mark.parametrize("part", ["owner_id", "created_by"])
def test_who_owns_or_registered_the_project_does_not_decide_on_its_capital(
    session: Session, office: Office, deal: Project, tmp_path: Path, part: str
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    me = office.actor(session, office.recognizer)
    assert queries.waiting(session, me) == 1
    setattr(deal, part, office.recognizer.id)
    session.flush()
    with pytest.raises(ForbiddenError, match=r"capital\.involved"):
        recognised(session, office, voucher, 2600)
    with pytest.raises(ForbiddenError, match=r"capital\.involved"):
        services.refuse(session, me, voucher.id, reason="缺银行盖章", now=NOW)
    assert queries.waiting(session, me) == 0


def test_the_page_tells_the_owner_that_somebody_else_decides(
    app: Flask, session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    voucher = reported(session, office, deal, tmp_path)
    deal.owner_id = office.recognizer.id
    session.commit()
    browser = Browser(app.test_client()).sign_in(office.recognizer.username)
    page = browser.get(f"/capital/{voucher.id}").text
    assert "您是这个项目的登记人或负责人" in page
    assert "认定金额" not in page
    assert browser.post(f"/capital/{voucher.id}/recognise", data={"amount": "2600"}).status_code == 403


def test_vouchers_from_before_are_folded_and_a_paper_used_twice_stays(
    database: Database, session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    first = reported(session, office, deal, tmp_path).id
    second = reported(session, office, deal, tmp_path, scan=pdf("2"), number="Ａ 119").id
    session.commit()
    session.close()
    with database.engine.begin() as connection:
        command.downgrade(config_for(connection), "0034")
        connection.execute(text("UPDATE capital_voucher SET number = '０118' WHERE id = :id"), {"id": second})
        command.upgrade(config_for(connection), "head")
    keys = [session.get_one(CapitalVoucher, one).number_key for one in (first, second)]
    assert keys == ["118", f"118#{second}"]
    again = session.get_one(CapitalVoucher, second)
    assert (again.payer_key, again.state) == ("晟澜精密", VoucherState.WAITING)
