"""Papers made from figures: the same numbers as elsewhere, only what the person may see, nothing confidential."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import docx
import pytest

from crm.assessment import queries as assessment
from crm.assessment import services
from crm.assessment.rules import Metric, TargetLevel
from crm.assessment.window import Window
from crm.papers import gathering, rules, writing
from crm.pipeline.cards import Clock
from crm.pipeline.instructions.models import Instruction
from crm.pipeline.instructions.rules import Urgency
from crm.pipeline.rules import Stage
from crm.word.check.checking import check
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.papers.facts import Facts
    from crm.pipeline.models import Project
    from tests.support.builders import Office

LATER = NOW + timedelta(hours=1)
CLOCK = Clock(LATER, TODAY, ZoneInfo("Asia/Shanghai"))
OLD = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
PERIODS = {"bulletin": "2026-11-2", "dispatch": "2026-11", "briefing": "2026-Q4", "ranking": "2026"}


@pytest.fixture
def deals(session: Session, office: Office) -> list[Project]:
    """One project that stands still in each squad, one that is signed, one that is confidential and stands still."""
    since = {"stage_since": OLD, "created_at": OLD, "stage": Stage.VISITING}
    firms = [builders.enterprise(session) for _ in range(4)]
    found = [
        builders.project(session, firms[0], office.east, office.officer, name="东区停滞项目", **since),
        builders.project(session, firms[1], office.south, office.outsider, name="南区停滞项目", **since),
        builders.project(session, firms[2], office.east, office.officer, name="已签约项目", stage=Stage.SIGNED),
        builders.project(
            session,
            firms[3],
            office.east,
            office.officer,
            name="机密大项目",
            confidential=True,
            code_name="青鸟",
            **since,
        ),
    ]
    builders.agreement(session, found[2], office.officer, signed_on=date(2026, 11, 18))
    builders.touch(session, firms[0], office.east, office.officer)
    goals = {(office.east.id, Metric.VISITS): 4, (office.south.id, Metric.VISITS): 2}
    services.set_targets(session, office.actor(session, office.registrar), 2026, TargetLevel.ENSURE, goals, now=NOW)
    for deal in (found[0], found[3]):
        session.add(
            Instruction(
                project_id=deal.id, body=f"请尽快推进{deal.name}。", urgency=Urgency.NORMAL, leader_id=office.leader.id,
                given_by=office.leader.id, given_at=OLD, unit_id=office.east.id, due_on=date(2026, 11, 1),
            )
        )  # fmt: skip
    session.commit()
    return found


def facts(session: Session, office: Office, user: User, key: str) -> Facts:
    kind = rules.PAPERS[key]
    period = rules.read_period(kind.period, PERIODS.get(key, "today"), TODAY)
    assert period is not None
    return gathering.gather(session, office.actor(session, user), kind, period, CLOCK)


def test_numbers_are_those_of_the_page_of_targets(session: Session, office: Office, deals: list[Project]) -> None:
    assert deals
    found = facts(session, office, office.leader, "bulletin").figures
    assert found is not None
    done = assessment.matrix(session, Window(date(2026, 1, 1), TODAY, LATER))
    for line in found.whole.metrics:
        assert line.progress.done == sum(value for (_unit, key), value in done.items() if key == line.metric)
    (group,) = found.groups
    ranks = {line.name: (line.cells[1].done, line.cells[1].target, line.rank) for line in group.standing.units}
    assert ranks == {"长三角小分队": (1, 4, 1), "珠三角小分队": (0, 2, 2)}


def test_what_stands_still_is_listed_to_who_may_see_it(session: Session, office: Office, deals: list[Project]) -> None:
    assert deals
    everything = facts(session, office, office.leader, "dispatch")
    assert [one.name for one in everything.stalled] == ["东区停滞项目", "南区停滞项目"]
    assert [one.subject for one in everything.instructions] == ["东区停滞项目"]
    mine = facts(session, office, office.outsider, "dispatch")
    assert [one.name for one in mine.stalled] == ["南区停滞项目"]
    assert mine.instructions == ()


def test_a_confidential_project_is_in_no_paper_even_of_its_owner(
    session: Session, office: Office, deals: list[Project]
) -> None:
    assert deals[3].confidential
    for user in (office.officer, office.leader):
        for key in rules.PAPERS:
            text = repr(writing.write(facts(session, office, user, key)))
            assert "机密大项目" not in text
            assert "青鸟" not in text


def test_signed_projects_are_listed_with_their_day(session: Session, office: Office, deals: list[Project]) -> None:
    assert deals
    (row,) = facts(session, office, office.officer, "signed").signed
    assert (row.name, row.signed_on, row.unit, row.stage) == ("已签约项目", date(2026, 11, 18), "长三角小分队", "签约")
    assert facts(session, office, office.outsider, "signed").signed == ()


@pytest.mark.parametrize("key", rules.PAPERS)
def test_each_paper_is_a_page_and_two_files(as_leader: Browser, deals: list[Project], key: str) -> None:
    assert deals
    address = f"/papers/{key}/{PERIODS.get(key, 'today')}"
    page = as_leader.get(address)
    assert page.status_code == 200
    assert rules.PAPERS[key].title in page.text
    word = as_leader.get(f"{address}/paper.docx").data
    assert check(word).passed
    tables = docx.Document(BytesIO(word)).tables
    assert [cell.text for cell in tables[0].rows[0].cells] if tables else key == "slips"
    assert as_leader.get(f"{address}/tables.xlsx").data.startswith(b"PK")


def test_the_list_of_papers_leads_to_each(as_leader: Browser) -> None:
    page = as_leader.get("/papers").text
    for key in rules.PAPERS:
        assert f'href="/papers/{key}/{PERIODS.get(key, "today")}"' in page
    assert "报告日历" in page


@pytest.mark.parametrize("key", rules.PAPERS)
def test_a_paper_that_is_not_out_is_for_who_reads_the_whole_office(app: Flask, office: Office, key: str) -> None:
    names = [one.username for one in (office.officer, office.lead, office.supervisor, office.registrar)]
    officer, lead, *others = [Browser(app.test_client()).sign_in(name) for name in names]
    address = f"/papers/{key}/{PERIODS.get(key, 'today')}"
    for path in (address, f"{address}/paper.docx", f"{address}/tables.xlsx"):
        for one in (officer, lead):
            refused = one.get(path)
            assert refused.status_code == 403
            assert "还没有印发" in refused.text
        assert [one.get(path).status_code for one in others] == [200, 200]


def test_who_reads_one_unit_is_led_to_what_is_out(as_officer: Browser) -> None:
    page = as_officer.get("/papers").text
    for key in rules.PAPERS:
        assert f'href="/papers/issues?kind={key}"' in page
        assert f'href="/papers/{key}/' not in page
    assert 'href="/papers"' not in as_officer.get("/papers/issues").text.partition("<main")[2].partition("y-empty")[2]


@pytest.mark.parametrize(
    "path", ["nothing/2026-11", "dispatch/2026-12", "dispatch/2026-13", "dispatch/x", "signed/2026-11-19"]
)
def test_no_paper_and_no_period_to_come(as_officer: Browser, path: str) -> None:
    assert as_officer.get(f"/papers/{path}").status_code == 404


def test_totals_open_their_rows(as_leader: Browser, deals: list[Project]) -> None:
    assert deals
    page = as_leader.get("/papers/dispatch/2026-11").text
    assert 'href="/reports/rows?measure=visits&amp;from=2026-01-01&amp;to=2026-11-20' in page
