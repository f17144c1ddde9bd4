from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from crm.aftercare.financing import queries as financing_reads
from crm.aftercare.financing import services as financing
from crm.aftercare.financing.rules import NeedDraft, NeedState, NeedStepKind
from crm.aftercare.financing.services import NeedStep
from crm.aftercare.firmplans import services as plans
from crm.aftercare.firmplans.services import ItemDraft
from crm.aftercare.rounds import queries as round_reads
from crm.aftercare.rounds import services as rounds
from crm.aftercare.rounds.rules import RoundDraft
from crm.aftercare.surveys import services as surveys
from crm.aftercare.surveys.models import SurveyAnswer
from crm.aftercare.surveys.rules import SurveyDraft
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.fieldwork.rules import TouchKind
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def test_a_round_is_done_by_the_visits_of_the_official_and_the_unit(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    officer = office.actor(session, office.officer)
    draft = RoundDraft(2026, firm.id, office.east.id, office.officer.id, 4)
    row = rounds.put(session, officer, draft, now=NOW, today=TODAY)
    builders.touch(session, firm, office.east, office.colleague)
    builders.touch(session, firm, office.east, office.officer, kind=TouchKind.CALL)
    builders.touch(session, firm, office.south, office.outsider)
    builders.touch(session, firm, office.east, office.officer, occurred_at=datetime(2025, 12, 31, 6, tzinfo=UTC))
    page = round_reads.listing(session, officer, 2026, user_id=None, cursor=None)
    assert [(one.round.id, one.done, one.cases) for one in page.rows] == [(row.id, 1, 0)]
    sums = round_reads.sums(session, officer, 2026)
    assert (sums.firms, sums.planned, sums.done, sums.unseen) == (1, 4, 1, 0)
    with pytest.raises(DomainError):
        rounds.put(session, officer, draft, now=NOW, today=TODAY)
    rounds.end(session, officer, row.id, now=NOW, today=TODAY)
    assert rounds.put(session, officer, draft, now=NOW, today=TODAY).id == row.id
    with pytest.raises(ForbiddenError):
        rounds.put(session, office.actor(session, office.outsider), draft, now=NOW, today=TODAY)
    with pytest.raises(NotFoundError):
        round_reads.get(session, office.actor(session, office.outsider), row.id)


def test_a_need_goes_to_a_bank_and_what_was_granted_adds_up(session: Session, office: Office) -> None:
    firm, officer = builders.enterprise(session), office.actor(session, office.officer)
    row = financing.register(session, officer, NeedDraft(firm.id, Decimal(1200), 36, "购买设备"), now=NOW)
    financing.go_on(session, officer, row.id, NeedStep(NeedStepKind.MATCH, "示例农商行"), now=NOW)
    won = NeedStep(NeedStepKind.GRANT, granted=Decimal("800.5"))
    with pytest.raises(NotFoundError):
        financing.go_on(session, office.actor(session, office.outsider), row.id, won, now=NOW)
    financing.go_on(session, officer, row.id, won, now=NOW)
    assert (row.state, row.granted, row.bank) == (NeedState.GRANTED, Decimal("800.5"), "示例农商行")
    sums = financing_reads.sums(session, officer)
    assert (sums.count, sums.amount, sums.open, sums.granted) == (1, Decimal(1200), 0, Decimal("800.5"))
    assert len(financing_reads.steps(session, row.id)) == 2


def test_one_firm_has_one_plan_whose_items_their_owners_finish(session: Session, office: Office) -> None:
    firm, officer = builders.enterprise(session), office.actor(session, office.officer)
    row = plans.make(session, officer, firm.id, "年内完成技改，亩均税收翻番", now=NOW)
    with pytest.raises(DomainError):
        plans.make(session, officer, firm.id, "再来一份计划", now=NOW)
    other = office.actor(session, office.outsider)
    with pytest.raises(NotFoundError):
        plans.get(session, other, row.id)
    draft = ItemDraft("协调用电增容", office.outsider.id, date(2026, 12, 1))
    item = plans.add_item(session, officer, row.id, draft, now=NOW, today=TODAY)
    listed = plans.listing(session, officer, date(2026, 12, 2), cursor=None).rows[0]
    assert (listed.items, listed.done, listed.late) == (1, 0, 1)
    plans.finish(session, other, row.id, item.id, "已送电", now=NOW, today=TODAY)
    assert (item.done_on, item.result) == (TODAY, "已送电")
    with pytest.raises(ForbiddenError):
        plans.add_item(session, other, row.id, draft, now=NOW, today=TODAY)


def test_a_firm_answers_once_on_its_own_link_without_an_account(
    session: Session, office: Office, as_officer: Browser, visitor: Browser
) -> None:
    firm = builders.enterprise(session, "云岭电子有限公司")
    draft = SurveyDraft("营商环境满意度", ("办事效率", "诉求办理"), date(2026, 12, 1))
    survey = surveys.begin(session, office.actor(session, office.officer), draft, now=NOW, today=TODAY)
    survey_id, firm_id = survey.id, firm.id
    session.commit()
    page = as_officer.get(f"/surveys/{survey_id}?enterprise_id={firm_id}").text
    path = page.split('readonly value="')[1].split('"')[0].removeprefix("http://localhost")
    assert visitor.get(f"{path}x").status_code == 404
    assert "云岭电子有限公司" in visitor.get(path).text
    assert visitor.post(path, {"q0": "5"}).status_code == 422
    assert visitor.post(path, {"q0": "5", "q1": "2", "remark": "办得快"}).status_code == 303
    assert "已收到" in visitor.get(path).text
    session.expire_all()
    kept = session.scalars(select(SurveyAnswer)).one()
    assert (kept.scores, kept.typed_by) == ([5, 2], None)
    session.rollback()  # SQLite: nobody writes while somebody reads on
    counted = as_officer.get(f"/surveys/{survey_id}").text
    assert "50.0%" not in counted
    assert "企业自填" in counted
    typed = as_officer.post(f"/surveys/{survey_id}/firms/{firm_id}", {"q0": "1", "q1": "1"})
    assert typed.status_code == 422
    session.execute(delete(SurveyAnswer))
    session.commit()
    assert as_officer.post(path, {"q0": "5", "q1": "5"}).status_code == 303
    assert session.scalars(select(SurveyAnswer.typed_by)).one() == office.officer.id  # signed in, not the firm itself


def test_the_pages_of_rounds_needs_and_plans_take_what_is_typed(
    session: Session, office: Office, as_officer: Browser
) -> None:
    firm = builders.enterprise(session)
    who, owner, firm_id = f"{office.east.id}:{office.officer.id}", office.officer.id, str(firm.id)
    session.commit()
    typed = {"enterprise_id": firm_id, "who": who, "year": "2026", "planned": "6"}
    assert "请选择企业" in as_officer.post("/rounds/new", {**typed, "enterprise_id": ""}).text
    assert as_officer.post("/rounds/new", typed).status_code == 303
    assert "0/6" in as_officer.get("/rounds").text
    assert as_officer.post("/rounds/1/edit", {"planned": "99"}).status_code == 422
    need = {"enterprise_id": firm_id, "amount": "1,200", "term": "36", "purpose": "买设备"}
    path = as_officer.post("/financing/new", need).headers["Location"]
    assert "请填写对接的银行" in as_officer.post(f"{path}/match", {"bank": ""}).text
    assert as_officer.post(f"{path}/match", {"bank": "示例银行"}).status_code == 303
    assert "示例银行" in as_officer.get("/financing").text
    plan = as_officer.post("/firm-plans/new", {"enterprise_id": firm_id, "goal": "年内上规"}).headers["Location"]
    item = {"title": "协调融资", "owner_id": str(owner), "due_on": "2026-12-01"}
    assert as_officer.post(f"{plan}/items", {**item, "due_on": "2026-01-01"}).status_code == 422
    assert as_officer.post(f"{plan}/items", item).status_code == 303
    assert "协调融资" in as_officer.get(plan).text
