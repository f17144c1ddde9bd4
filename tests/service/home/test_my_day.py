from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from crm.assessment.models import Campaign, CampaignTask
from crm.assessment.rules import Metric
from crm.fieldwork.models import FollowUp
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from tests.conftest import Browser
from tests.support import admission, builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}
PEOPLE = ("officer", "lead", "registrar", "recognizer", "supervisor", "leader", "administrator")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def promise(session: Session, office: Office, title: str, days: int | None) -> FollowUp:
    row = FollowUp(
        title=title,
        unit_id=office.east.id,
        owner_id=office.officer.id,
        due_on=None if days is None else TODAY + timedelta(days=days),
        created_by=office.officer.id,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def busy(session: Session, office: Office) -> None:
    """A day with something in every part of the page."""
    firm, fresh = builders.enterprise(session, "云岭电子有限公司"), builders.enterprise(session, "青禾装备有限公司")
    builders.touch(session, firm, office.east, office.officer)
    builders.signal(session, firm)
    builders.signal(session, fresh, "RELO", happened_at=NOW - timedelta(days=1))
    deal = builders.project(
        session, firm, office.east, office.officer, stage=Stage.REVIEWING, stage_since=NOW - timedelta(days=40)
    )
    builders.agreement(session, deal, office.officer)
    for title, days in (("超期的事", -2), ("今天的事", 0), ("后天的事", 2), ("不急的事", None)):
        promise(session, office, title, days)
    campaign = Campaign(
        name="百日会战",
        start_on=TODAY - timedelta(days=20),
        end_on=TODAY,
        created_by=office.registrar.id,
        created_at=NOW,
    )
    session.add(campaign)
    session.flush()
    session.add(CampaignTask(campaign_id=campaign.id, unit_id=office.east.id, metric=Metric.VISITS, value=60))
    session.commit()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.usefixtures("busy")
def test_my_day_opens_for_every_role_with_few_queries(app: Flask, office: Office, database: Database, who: str) -> None:
    person = Browser(app.test_client()).sign_in(getattr(office, who).username)
    with counted(database) as statements:
        page = person.get("/")
    assert page.status_code == 200
    assert getattr(office, who).name in page.text
    assert len(statements) <= 12, "\n".join(statements)


@pytest.mark.usefixtures("busy")
def test_an_officer_sees_what_is_due_new_and_idle(as_officer: Browser) -> None:
    page = as_officer.get("/").text
    for words in ("超期2天", "今天到期", "还有2天", "无期限", "停留40天", "青禾装备有限公司", "会战 1/60"):
        assert words in page, words


@pytest.mark.usefixtures("busy")
def test_a_signal_stands_with_those_i_follow_or_with_those_nobody_follows(as_officer: Browser) -> None:
    followed, untouched = as_officer.get("/").text.split("还没人跟的好线索")
    assert "云岭电子有限公司计划投资扩产" in followed
    assert "云岭电子有限公司计划投资扩产" not in untouched
    assert "青禾装备有限公司计划投资扩产" in untouched


def test_a_company_with_a_live_project_of_anybody_is_not_offered_as_untouched(
    as_leader: Browser, session: Session, office: Office
) -> None:
    taken, left = builders.enterprise(session, "云岭电子有限公司"), builders.enterprise(session, "青禾装备有限公司")
    for firm in (taken, left):
        builders.signal(session, firm)
        deal = builders.project(session, firm, office.east, office.officer, stage=Stage.LEAD)
    deal.exit_kind, deal.exit_reason, deal.exited_at = ExitKind.LOST, ExitReason.SILENT, NOW
    session.commit()
    untouched = as_leader.get("/").text.split("还没人跟的好线索")[1]
    assert "青禾装备有限公司计划投资扩产" in untouched
    assert "云岭电子有限公司计划投资扩产" not in untouched


@pytest.mark.usefixtures("busy")
def test_papers_wait_for_those_who_decide(as_leader: Browser, as_officer: Browser, app: Flask, office: Office) -> None:
    assert "待评审" in as_leader.get("/").text
    assert "等您办理" not in as_officer.get("/").text
    recognizer = Browser(app.test_client()).sign_in(office.recognizer.username)
    assert "待认定" in recognizer.get("/").text


def test_a_department_finds_the_opinions_it_owes_on_its_first_page(
    app: Flask, session: Session, office: Office, as_officer: Browser
) -> None:
    firm = builders.enterprise(session, "云岭电子有限公司")
    deal = builders.project(session, firm, office.east, office.officer, stage=Stage.REVIEWING)
    admission.opened(session, office, deal)
    reviewer = next(iter(admission.panel(session, office).reviewers.values()))
    session.commit()
    department = Browser(app.test_client()).sign_in(reviewer.username)
    page = department.get("/").text
    assert "待出具意见" in page
    assert 'href="/opinions"' in page.split("<main")[1]
    assert "待出具意见" not in as_officer.get("/").text
    admission.answered(session, office, deal)
    session.commit()
    page = department.get("/").text
    assert "没有等您办理的事项" in page
    assert "您还没有岗位" not in page


@pytest.mark.usefixtures("busy")
def test_another_squads_day_shows_nothing_of_ours(as_outsider: Browser) -> None:
    page = as_outsider.get("/").text
    assert "超期的事" not in page
    assert "年产零部件项目" not in page


def test_an_administrator_sees_the_plant_and_no_business(as_administrator: Browser) -> None:
    page = as_administrator.get("/").text
    assert "失败任务" in page
    assert "/visits/new" not in page.split("<main")[0]
    assert "本周走访" not in page


def test_a_new_office_is_led_through_four_steps(as_registrar: Browser, session: Session) -> None:
    page = as_registrar.get("/").text
    for step in ("建立机构与人员", "导入企业名单", "添加信源", "记第一次走访"):
        assert step in page
    assert page.count("h-step-done") == 1


def test_a_tick_answers_with_the_renewed_list_and_an_undo(
    as_officer: Browser, session: Session, office: Office
) -> None:
    row = promise(session, office, "寄送用地方案", 0)
    session.commit()
    answer = as_officer.post(f"/follow-ups/{row.id}/done", headers=HTMX)
    assert answer.status_code == 200
    assert "寄送用地方案" not in answer.text
    assert f"/follow-ups/{row.id}/reopen" in answer.headers["HX-Trigger"]
    assert as_officer.post(f"/follow-ups/{row.id}/reopen").status_code == 303
    assert "寄送用地方案" in as_officer.get("/").text


def test_done_and_next_takes_two_clicks(as_officer: Browser, session: Session, office: Office) -> None:
    row = promise(session, office, "寄送用地方案", 0)
    session.commit()
    form = as_officer.get(f"/follow-ups/{row.id}/next", headers=HTMX).text
    assert 'value="寄送用地方案"' in form
    assert 'value="2026-11-27"' in form
    data = {"title": "寄送用地方案", "due_on": "2026-11-27"}
    assert as_officer.post(f"/follow-ups/{row.id}/next", data, headers=HTMX).status_code == 200
    open_rows = session.scalars(select(FollowUp).where(FollowUp.done_at.is_(None))).all()
    assert [str(row.due_on) for row in open_rows] == ["2026-11-27"]


def test_a_past_date_for_the_next_step_is_refused_beside_the_field(
    as_officer: Browser, session: Session, office: Office
) -> None:
    row = promise(session, office, "寄送用地方案", 0)
    session.commit()
    data = {"title": "再去一次", "due_on": "2026-11-01"}
    answer = as_officer.post(f"/follow-ups/{row.id}/next", data, headers=HTMX)
    assert answer.status_code == 422
    assert "期限不能早于今天" in answer.text
    assert "再去一次" in answer.text


def test_a_quick_entry_lands_in_the_list(as_officer: Browser) -> None:
    assert as_officer.post("/follow-ups", {"title": "约李总", "due_on": "2026-11-23"}).status_code == 303
    assert "约李总" in as_officer.get("/follow-ups").text
    assert as_officer.post("/follow-ups", {"title": ""}).status_code == 422


def test_another_units_follow_up_is_not_found(as_outsider: Browser, session: Session, office: Office) -> None:
    row = promise(session, office, "寄送用地方案", 0)
    session.commit()
    assert as_outsider.get(f"/follow-ups/{row.id}/next").status_code == 404
    for action in ("done", "next", "postpone", "reopen"):
        answer = as_outsider.post(f"/follow-ups/{row.id}/{action}", {"title": "x"})
        assert answer.status_code == 404
