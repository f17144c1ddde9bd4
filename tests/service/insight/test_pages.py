"""Pages of management views: few statements, comparison in words, workbooks with the same figures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.assessment.window import Window
from crm.core.audit import AuditEvent
from crm.insight import comparing
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

DASHBOARDS = (
    "compare", "groups", "groups?by=band", "stays?by=owner", "cohorts?by=team", "forecast", "stalled", "screen",
)  # fmt: skip
MOST = 15
NOVEMBER = "from=2026-11-01&to=2026-11-20"


@pytest.fixture
def deals(session: Session, office: Office) -> list[Project]:
    """Two projects of November in one unit, one of October in the other."""

    def make(days: int, **more: object) -> Project:
        place, by = (office.south, office.outsider) if days > 20 else (office.east, office.officer)
        at = NOW - timedelta(days=days)
        return builders.project(session, builders.enterprise(session), place, by, created_at=at, stage_since=at, **more)

    return [make(2), make(5, stage=Stage.VISITING), make(30)]


@pytest.mark.parametrize("page", [*(f"/insight/{name}" for name in DASHBOARDS), "/reports/funnel"])
def test_a_dashboard_asks_at_most_fifteen_questions(
    session: Session, database: Database, as_leader: Browser, deals: list[Project], page: str
) -> None:
    assert deals
    session.commit()
    as_leader.get(page)
    with counted(database) as statements:
        assert as_leader.get(page).status_code == 200
    assert len(statements) <= MOST, "\n".join(statements)


@pytest.mark.parametrize("page", [f"/insight/{name}" for name in DASHBOARDS])
def test_an_empty_office_reads_what_to_do_instead(session: Session, as_leader: Browser, page: str) -> None:
    session.commit()
    text = as_leader.get(page).text
    assert "∞" not in text
    assert "None" not in text.partition("<main")[2]


def test_a_figure_without_a_base_says_so(session: Session, as_leader: Browser, deals: list[Project]) -> None:
    assert deals
    session.commit()
    text = as_leader.get(f"/insight/compare?{NOVEMBER}").text
    assert "+100.0%" in text  # two leads after one in the days before
    assert "没有基数，不算增幅" in text  # and none a year ago
    assert "∞" not in text


def test_a_comparison_counts_each_period_once(session: Session, office: Office, deals: list[Project]) -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 20), NOW + timedelta(hours=1))
    found, rates = comparing.chosen(session, office.actor(session, office.leader), ("leads",), ("new_faces",), window)
    assert [int(value) for value in found[0].values] == [1, 1, 0]
    assert rates[0].pairs[0].percent is None
    mine, _rates = comparing.chosen(session, office.actor(session, office.outsider), ("leads",), (), window)
    assert [int(value) for value in mine[0].values] == [0, 1, 0]
    assert len(deals) == 3


def test_the_page_of_comparison_shows_response_and_new_faces(
    session: Session, as_leader: Browser, deals: list[Project]
) -> None:
    assert deals
    session.commit()
    for page in ("/insight/compare", "/insight/screen"):
        text = as_leader.get(page).text
        assert "响应时限达标率" in text
        assert "新面孔率" in text


def test_a_workbook_holds_the_figures_of_the_page(session: Session, as_leader: Browser, deals: list[Project]) -> None:
    assert deals
    session.commit()
    answer = as_leader.get("/insight/forecast.xlsx?by=unit")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert book.sheet_names == ["逐月签约预测", "各组签约预测"]
    rows = book.get_sheet_by_name("各组签约预测").to_python()
    assert "沈立（shen）" in str(rows[0][0])
    assert rows[1][:4] == ["单位", "未签约项目", "总投资（万元）", "按概率加权（万元）"]
    whole = next(row for row in rows if row[0] == "合计")
    assert whole[1:3] == [3, 36000]
    assert Decimal(str(whole[3])) == Decimal(12000) * (5 + 15 + 5) / 100
    only = as_leader.get("/insight/forecast.xlsx?by=unit&figure=calendar")
    assert CalamineWorkbook.from_filelike(BytesIO(only.data)).sheet_names == ["逐月签约预测"]


@pytest.mark.parametrize("name", ["compare", "groups", "stays", "cohorts", "forecast", "stalled"])
def test_who_takes_a_workbook_is_on_record(
    session: Session, as_leader: Browser, deals: list[Project], name: str
) -> None:
    assert deals
    session.commit()
    assert as_leader.get(f"/insight/{name}.xlsx").status_code == 200
    row = session.scalars(select(AuditEvent).where(AuditEvent.action == "insight.export")).one()
    assert row.detail["view"] == name


def test_only_those_who_may_export_take_workbooks(
    session: Session, as_officer: Browser, as_leader: Browser, deals: list[Project]
) -> None:
    assert deals
    session.commit()
    for name in ("/insight/groups", "/reports/funnel"):
        assert as_officer.get(f"{name}.xlsx").status_code == 403
        assert ".xlsx" not in as_officer.get(name).text
        assert ".xlsx" in as_leader.get(name).text
    assert as_leader.get("/reports/funnel.xlsx").status_code == 200
    assert as_leader.get("/insight/nothing.xlsx").status_code == 404
    assert as_leader.get("/insight/groups.xlsx?from=2020-01-01&to=2020-02-01").status_code == 404


def test_a_page_without_scripts_has_its_tables(session: Session, as_leader: Browser, deals: list[Project]) -> None:
    assert deals
    session.commit()
    text = as_leader.get("/insight/groups").text
    assert text.count("data-chart=") == text.count('class="y-figure-table"') == 3
    assert 'name="show-groups" value="table"' in text


def test_what_stands_still_without_an_amount_is_said_so(
    session: Session, as_leader: Browser, deals: list[Project]
) -> None:
    (*_new, old) = deals
    old.total_investment = None
    session.commit()
    assert "都没有填总投资" in as_leader.get("/insight/stalled").text
    old.total_investment = Decimal(500)
    session.commit()
    assert "都没有填总投资" not in as_leader.get("/insight/stalled").text
