"""The board and the list as pages: columns, filters, order, queries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.service.pipeline.helpers import counting, due, lead
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}
SIGN_IN_QUERIES = 2


def many(session: Session, office: Office, count: int) -> None:
    for number in range(count):
        firm = builders.enterprise(session)
        when = NOW - timedelta(hours=number)
        builders.project(session, firm, office.east, office.officer, stage_since=when, name=f"项目第{number:02d}号")
    session.commit()


def test_the_board_shows_a_column_for_each_stage_and_the_clock_of_a_card(
    as_officer: Browser, session: Session, office: Office, project: Project
) -> None:
    due(session, office, project, -2)
    session.commit()
    page = as_officer.get("/projects").text
    for label in ("线索", "走访对接", "考察", "研判评审", "拟签约", "签约", "签约后"):
        assert f'data-label="{label}"' in page
    assert project.name in page
    assert "超期2天" in page
    assert 'aria-label="超期 1"' in page


def test_columns_page_by_themselves(as_officer: Browser, session: Session, office: Office) -> None:
    many(session, office, 15)
    page = as_officer.get("/projects").text
    assert page.count("data-card=") == 10
    assert '<span class="y-count" data-count>15</span>' in page
    more = page.split('hx-get="')[2].split('"')[0].replace("&amp;", "&")
    rest = as_officer.get(more, headers=HTMX).text
    assert rest.count("data-card=") == 5
    assert "项目第14号" in rest
    assert "更多" not in rest
    assert as_officer.get(more).status_code == 302


def test_the_board_costs_the_same_for_any_number_of_projects(
    as_officer: Browser, session: Session, office: Office, database: Database
) -> None:
    many(session, office, 24)
    with counting(database) as seen:
        assert as_officer.get("/projects?q=项目&capital=private").status_code == 200
    assert len(seen) <= SIGN_IN_QUERIES + 5, seen


def test_filters_stand_in_the_address_as_chips(as_registrar: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.project(session, firm, office.east, office.officer, name="东部轴承项目")
    builders.project(session, firm, office.south, office.outsider, name="南部面板项目")
    session.commit()
    page = as_registrar.get(f"/projects?unit={office.south.id}").text
    assert "南部面板项目" in page
    assert "东部轴承项目" not in page
    assert 'href="/projects" aria-label="去掉条件：珠三角小分队"' in page
    assert "没有项目" in as_registrar.get("/projects?capital=foreign").text
    assert as_registrar.get("/projects?unit=x&capital=gold&q=%00").status_code == 200


def test_the_list_sorts_and_pages_without_gaps(as_officer: Browser, session: Session, office: Office) -> None:
    many(session, office, 33)
    for sort in ("since", "stage", "amount", "score"):
        first = as_officer.get(f"/projects?view=list&sort={sort}&dir=asc").text
        assert first.count("<tr data-row>") == 30
        following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        assert as_officer.get(following).text.count("<tr data-row>") == 3


def test_names_are_escaped_everywhere(as_officer: Browser, session: Session, office: Office) -> None:
    made = lead(session, office, name="<script>alert(1)</script>项目", content="<img src=x>")
    session.commit()
    for path in ("/projects", "/projects?view=list", f"/projects/{made.id}", f"/projects/{made.id}/edit"):
        page = as_officer.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
