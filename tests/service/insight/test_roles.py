"""Who sees what in the management views: every role the own projects and no others, in every figure alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crm.assessment.sections import ANALYSIS
from crm.pipeline.rules import Stage
from tests.conftest import Browser
from tests.support import builders

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

TILE = re.compile(r'y-tile-value"><b>([\d,]+)</b><i>个')
OWN, ALL = 2, 3
SEEN = {
    "officer": OWN,
    "outsider": 1,
    "lead": OWN,
    "registrar": ALL,
    "recognizer": ALL,
    "supervisor": ALL,
    "leader": ALL,
}


@pytest.fixture
def deals(session: Session, office: Office) -> None:
    """Two projects of one unit, one of the other, and one that is confidential."""

    def make(name: str, **more: object) -> None:
        place, by = (office.south, office.outsider) if name == "南区项目" else (office.east, office.officer)
        builders.project(session, builders.enterprise(session), place, by, name=name, stage=Stage.VISITING, **more)

    make("东区甲项目")
    make("东区乙项目")
    make("南区项目")
    make("密项目", confidential=True, code_name="青鸟")
    session.commit()


def pages() -> list[str]:
    return [f"/insight/{name.partition('.')[2]}" for name in ANALYSIS if name.startswith("insight.")]


@pytest.mark.parametrize(("person", "count"), SEEN.items())
@pytest.mark.usefixtures("deals")
def test_each_role_counts_the_projects_it_may_see(app: Flask, office: Office, person: str, count: int) -> None:
    browser = Browser(app.test_client()).sign_in(getattr(office, person).username)
    for figure in ("of=groups&part=lead", "of=forecast", "of=cohorts&part=visiting", "of=stays&part=here"):
        text = browser.get(f"/insight/rows?{figure}").text
        assert TILE.findall(text)[:1] == [str(count)], figure
        assert ("南区项目" in text) is (person not in {"officer", "lead"}), figure
        assert "密项目" not in text
    assert f"期内新建的{count}个项目" in browser.get("/reports/funnel").text
    screen = browser.get("/insight/screen").text
    assert ("珠三角小分队" in screen) is (person not in {"officer", "lead"})
    assert "密项目" not in screen


@pytest.mark.parametrize("page", pages())
@pytest.mark.usefixtures("deals")
def test_no_view_shows_a_group_of_others(app: Flask, office: Office, page: str) -> None:
    browser = Browser(app.test_client()).sign_in(office.lead.username)
    for by in ("unit", "team", "owner"):
        main = browser.get(f"{page}?by={by}").text.partition("<main")[2]
        assert "珠三角小分队" not in main
        assert "何川" not in main


@pytest.mark.usefixtures("deals")
def test_an_address_with_another_units_group_has_no_rows(app: Flask, office: Office) -> None:
    browser = Browser(app.test_client()).sign_in(office.lead.username)
    for figure in ("of=groups&part=lead&by=unit&key=", "of=stays&part=here&by=unit&group="):
        text = browser.get(f"/insight/rows?{figure}{office.south.id}").text
        assert TILE.findall(text)[:1] == ["0"]


@pytest.mark.parametrize("page", [*pages(), "/insight/rows?of=forecast", "/reports/funnel"])
@pytest.mark.usefixtures("deals")
def test_who_reads_no_reports_opens_no_view(app: Flask, office: Office, page: str) -> None:
    browser = Browser(app.test_client()).sign_in(office.administrator.username)
    assert browser.get(page).status_code == 403
