from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.core.audit import AuditEvent
from crm.core.scheduling import SHANGHAI
from crm.pipeline.cards import Clock, Filters
from crm.pipeline.outlook import queries
from crm.pipeline.outlook.rules import Probabilities
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import counting
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

DECEMBER = date(2026, 12, 15)


def expecting(session: Session, office: Office, on: date | None, **fields: object) -> Project:
    made = builders.project(
        session, builders.enterprise(session), office.east, office.officer, expected_sign_on=on, **fields
    )
    session.commit()
    return made


def test_the_forecast_weighs_by_stage_or_by_the_projects_own_probability(session: Session, office: Office) -> None:
    expecting(session, office, DECEMBER, total_investment=Decimal(1000), stage=Stage.REVIEWING)
    expecting(session, office, DECEMBER, total_investment=Decimal(200), probability=90, probability_reason="已会见")
    expecting(session, office, date(2026, 11, 1), total_investment=Decimal(70))
    expecting(session, office, None, total_investment=None)
    expecting(session, office, DECEMBER, stage=Stage.SIGNED)
    actor = office.actor(session, office.officer)
    months = queries.forecast(session, actor, Filters(), Probabilities(), Clock(NOW, TODAY, SHANGHAI))
    found = [(month.key, month.count, month.amount, month.weighted) for month in months]
    assert found == [
        ("slipped", 1, Decimal(70), Decimal("3.5")),
        ("2026-12", 2, Decimal(1200), Decimal(680)),
        ("none", 1, Decimal(0), Decimal(0)),
    ]


def test_a_month_of_the_forecast_leads_to_its_projects(as_officer: Browser, session: Session, office: Office) -> None:
    here = expecting(session, office, DECEMBER, name="青柠电池项目")
    expecting(session, office, date(2027, 1, 5), name="白桦轴承项目")
    slipped = expecting(session, office, date(2026, 11, 1), name="红杉面板项目")
    page = as_officer.get("/projects?view=forecast").text
    assert "expect=2026-12" in page
    assert "滑期" in page
    listed = as_officer.get("/projects?view=list&expect=2026-12").text
    assert here.name in listed
    assert "白桦轴承项目" not in listed
    assert slipped.name in as_officer.get("/projects?view=list&expect=slipped").text


def test_the_calendar_shows_a_day_by_expected_signing(as_officer: Browser, session: Session, office: Office) -> None:
    for number in range(5):
        expecting(session, office, DECEMBER, name=f"冬日项目{number}")
    page = as_officer.get("/projects?view=calendar&by=sign&month=2026-12").text
    assert page.count("冬日项目") == 3
    assert "expect=2026-12-15" in page
    assert "冬日项目" not in as_officer.get("/projects?view=calendar&by=sign&month=2027-03").text


def test_the_views_cost_the_same_for_any_number_of_projects(
    as_officer: Browser, session: Session, office: Office, database: Database
) -> None:
    for number in range(12):
        expecting(session, office, date(2026, 12, 1 + number))
    for view in ("calendar&by=sign&month=2026-12", "calendar&month=2026-12", "forecast"):
        with counting(database) as seen:
            assert as_officer.get(f"/projects?view={view}").status_code == 200
        assert len(seen) <= 6, seen


def test_the_outlook_is_set_with_a_reason_and_kept_in_the_trail(
    as_officer: Browser, session: Session, office: Office
) -> None:
    project = expecting(session, office, None)
    path = f"/projects/{project.id}/outlook"
    refused = as_officer.post(path, {"version": 1, "probability": "60", "expected_on": "2026-12-15"})
    assert refused.status_code == 422
    assert "自定概率须说明理由" in refused.text
    assert 'value="60"' in refused.text
    saved = as_officer.post(
        path, {"version": 1, "probability": "60", "expected_on": "2026-12-15", "reason": "用地已落实"}
    )
    assert saved.status_code == 303
    stale = as_officer.post(path, {"version": 1, "expected_on": "2026-12-16"})
    assert stale.status_code == 409
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "project.outlook")).one()
    assert event.detail["after"] == {"expected_on": "2026-12-15", "probability": 60}
    assert "用地已落实" in as_officer.get(path).text


def test_the_registrar_sets_the_probability_of_a_stage(as_registrar: Browser, session: Session, office: Office) -> None:
    given = {"lead": "7", "visiting": "20", "inspecting": "30", "reviewing": "50", "pre_signing": "85"}
    path = "/projects/settings/outlook"
    assert as_registrar.post(path, {**given, "lead": "170"}).status_code == 422
    assert as_registrar.post(path, given).status_code == 303
    assert queries.probabilities(session).of(Stage.LEAD) == 7


def test_the_database_refuses_a_probability_without_a_reason(session: Session, office: Office) -> None:
    with pytest.raises(IntegrityError, match="probability"):
        expecting(session, office, None, probability=50)
