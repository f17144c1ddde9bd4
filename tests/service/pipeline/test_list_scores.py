from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from crm.pipeline import board
from crm.pipeline.cards import Clock
from crm.pipeline.forms import filters_from, order_from
from crm.register import export, export_file, list_queries, list_state
from crm.register.models import ExportRun
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.queries import counted
from tests.support.scores import scored_firms

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from crm.core.db import Database
    from tests.support.builders import Office

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def projects(session: Session, office: Office) -> None:
    """One project on each of six enterprises, five of them scored."""
    for number, (name, firm) in enumerate(scored_firms(session, office).items()):
        since = NOW - timedelta(days=number)
        builders.project(session, firm, office.east, office.officer, name=f"{name}项目", stage_since=since)
    session.commit()


def listed(session: Session, office: Office, asked: dict[str, str], size: int = 30, days: int = 0) -> str:
    """First letters of the projects in the order of the list, over all its pages."""
    given, actor = MultiDict(asked), office.actor(session, office.officer)
    clock = Clock(NOW + timedelta(days=days), TODAY, ZONE)
    filters, order, found, cursor = filters_from(given), order_from(given), "", None
    while True:
        page = board.listing(session, actor, filters, clock, order, cursor, size=size)
        found += "".join(row.name[0] for row in page.rows)
        cursor = page.next
        if cursor is None:
            assert board.totals(session, actor, filters, clock)[0] == len(found)
            return found


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("size", [30, 2])
@pytest.mark.parametrize(
    ("sort", "order"),
    [("score", "己戊丙甲乙丁"), ("fit", "戊甲乙己丙丁"), ("intent", "己戊甲丙乙丁"), ("trend", "甲己戊乙丁丙")],
)
def test_the_list_sorts_by_points_and_each_part_those_at_99_by_their_whole_sum(
    session: Session, office: Office, sort: str, order: str, size: int
) -> None:
    assert listed(session, office, {"sort": sort}, size) == order
    assert listed(session, office, {"sort": sort, "dir": "asc"}, size) == order[::-1]


NARROWED = [
    ({"grade": "A"}, "甲丙戊己"), ({"grade": "B"}, "乙"), ({"grade": "D"}, ""), ({"fit": "18"}, "甲乙戊"),
    ({"fit": "-6"}, "甲乙丙戊己"), ({"intent": "13"}, "戊己"), ({"trend": "up"}, "甲己"), ({"trend": "down"}, "乙"),
    ({"fit": "10", "trend": "up"}, "甲"), ({"grade": "E", "fit": "x"}, "甲乙丙丁戊己"),
]  # fmt: skip


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize(("asked", "found"), NARROWED)
def test_projects_and_enterprises_are_narrowed_by_the_same_words(
    session: Session, office: Office, asked: dict[str, str], found: str
) -> None:
    assert set(listed(session, office, asked)) == set(found)
    state = list_state.from_args(MultiDict(asked))
    _page, lines = list_queries.page(session, office.actor(session, office.officer), state, cursor=None, now=NOW)
    assert {line.enterprise.name[0] for line in lines} == set(found)


@pytest.mark.usefixtures("projects")
def test_what_a_person_set_stops_narrowing_and_sorting_by_itself(session: Session, office: Office) -> None:
    assert "丙" in listed(session, office, {"grade": "A"})
    assert "丙" not in listed(session, office, {"grade": "A"}, days=8)
    assert listed(session, office, {"sort": "score"}, days=8) == "己戊甲乙丙丁"


@pytest.mark.usefixtures("projects")
def test_the_page_offers_the_boxes_keeps_what_is_chosen_and_names_the_whole_sum(as_officer: Browser) -> None:
    page = as_officer.get("/projects?view=list&sort=score&grade=A&fit=7").text
    assert "匹配度不低于7" in page
    assert re.search(r'<option value="A" selected>\s*A级', page)
    assert re.search(r'<option value="7" selected>', page)
    assert "各项合计137分" in page
    assert page.count("99+</b>") == 2
    assert "fit=7" in re.findall(r'href="(/projects\?[^"]*sort=intent[^"]*)"', page)[0]
    narrowed = as_officer.get("/projects?grade=B").text
    assert "乙项目" in narrowed
    assert "甲项目" not in narrowed
    assert re.search(r'<option value="B" selected>\s*B级', narrowed)
    register = as_officer.get("/enterprises?sort=score&fit=7").text
    assert register.count("99+</b>") == 2
    assert register.index("己示例公司") < register.index("戊示例公司")


@pytest.mark.usefixtures("projects")
def test_scores_cost_the_list_no_statement_per_row(session: Session, office: Office, database: Database) -> None:
    actor, given = office.actor(session, office.officer), MultiDict({"sort": "score", "grade": "A"})
    clock = Clock(NOW, TODAY, ZONE)
    filters, order = filters_from(given), order_from(given)
    with counted(database) as few:
        board.listing(session, actor, filters, clock, order, None, size=1)
    with counted(database) as many:
        board.listing(session, actor, filters, clock, order, None)
    assert len(many) == len(few) <= 2


@pytest.mark.usefixtures("projects")
def test_the_export_holds_the_rows_of_the_list_in_its_order(
    app: Flask, office: Office, session: Session, tmp_path: Path
) -> None:
    lead = Browser(app.test_client()).sign_in(office.lead.username)
    assert "/projects/export?grade=A&amp;sort=score" in lead.get("/projects?view=list&grade=A&sort=score").text
    assert "共4个" in lead.get("/projects/export?grade=A&sort=score").text
    assert lead.post("/projects/export", {"grade": "A", "sort": "score", "view": "list"}).status_code == 303
    path = tmp_path / "out.xlsx"
    with Session(session.get_bind()) as own:
        run = own.scalars(select(ExportRun)).one()
        made = export_file.write(own, run, path, ("招商局", ZONE), NOW, lambda _percent, _note: None)
        export.finish(own, run.id, made, "", now=NOW)
        own.commit()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("项目").to_python()
    assert str(rows[0][0]).startswith("导出人 林涛（lin）")
    assert [str(row[0])[0] for row in rows[2:]] == list("己戊丙甲")
    assert rows[2][4:9] == [99, "A", 9, 40, 9]
    assert rows[4][4:6] == [99, "A"]
    assert "项目" in lead.get("/exports").text


@pytest.mark.usefixtures("projects")
def test_an_officer_exports_no_projects(as_officer: Browser) -> None:
    assert as_officer.get("/projects/export").status_code == 403
    assert as_officer.post("/projects/export").status_code == 403
    assert "/projects/export" not in as_officer.get("/projects?view=list").text
