from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.api.scopes import Scope
from crm.auth.rules import SYSTEM
from crm.reports import road, services
from tests.service.assessment.test_figures_agree import history
from tests.support.builders import NOW
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.reports.models import WeeklyReport
    from tests.support.builders import Office


def publish(session: Session, office: Office, report: WeeklyReport) -> None:
    """Send a report in, approve and freeze it."""
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    road.submit(session, registrar, report, report.version, now=NOW)
    road.approve(session, leader, report, report.version, now=NOW)
    services.freeze(session, leader, report, report.version, now=NOW)


def test_an_issue_is_told_once_it_is_published_and_as_it_was(app: Flask, session: Session, office: Office) -> None:
    history(session, office, random.Random(5))  # noqa: S311 (any quarter will do)
    report = services.build_weekly(session, SYSTEM, 2026, 46, now=NOW)
    session.commit()
    caller = program(app, session, office.officer, Scope.REPORTS_READ)
    assert caller.get("/reports/weekly").json["items"] == []
    assert caller.get("/reports/weekly/2026-W46").status == 404
    publish(session, office, report)
    figures = {one.key: (Decimal(one.value), one.row_count) for one in report.figures}
    session.commit()
    issue = caller.get("/reports/weekly/2026-W46").json
    assert (issue["week"], issue["start"], issue["as_of"]) == ("2026-W46", "2026-11-09", "2026-11-13T02:00:00Z")
    assert {one["key"]: (Decimal(one["value"]), one["row_count"]) for one in issue["figures"]} == figures
    assert any(value for value, _rows in figures.values())
    assert issue["sections"][0]["text"]
    heads = caller.get("/reports/weekly").json["items"]
    assert [(one["week"], one["title"]) for one in heads] == [("2026-W46", issue["title"])]
    for week in ("2026-W47", "2026-W60", "yesterday"):
        assert caller.get(f"/reports/weekly/{week}").status == 404


def test_issues_are_paged_newest_first(app: Flask, session: Session, office: Office) -> None:
    for week in (44, 45, 46):
        report = services.build_weekly(session, SYSTEM, 2026, week, now=NOW)
        publish(session, office, report)
    session.commit()
    caller = program(app, session, office.officer, Scope.REPORTS_READ)
    first = caller.get("/reports/weekly?limit=2").json
    rest = caller.get(f"/reports/weekly?limit=2&cursor={first['next_cursor']}").json
    assert [one["week"] for one in first["items"] + rest["items"]] == ["2026-W46", "2026-W45", "2026-W44"]
    assert rest["next_cursor"] is None
