"""All open projects are matched by a job, step by step; the result is kept and shown to those who may see it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from sqlalchemy import select

from crm.core import clock
from crm.core.errors import DomainError, ForbiddenError
from crm.matching import bulk, listing
from crm.matching.models import MatchLine, RunState
from crm.notices.models import Notice
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from crm.resources.carriers import services as carriers
from crm.resources.carriers.rules import CarrierDraft, CarrierKind
from tests.support import builders
from tests.support.builders import NOW, TODAY, Office
from workers import inline

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.conftest import Browser

D = Decimal


@pytest.fixture
def projects(session: Session, office: Office) -> list[Project]:
    keeper = office.actor(session, office.registrar)
    draft = CarrierDraft(CarrierKind.PLOT, "东区1号地块", "DQ-D01", office.east.id, D(100))
    carriers.save(session, keeper, draft, now=NOW, today=TODAY)
    firm = builders.enterprise(session)
    made = [
        builders.project(session, firm, office.east, office.officer, name=f"{land}亩项目", land_mu=land)
        for land in (60, 90, 200)
    ]
    secret = {"confidential": True, "code_name": "青竹", "land_mu": 50}
    made.append(builders.project(session, firm, office.east, office.officer, name="青山计划", **secret))
    left = {"exit_kind": ExitKind.LOST, "exit_reason": next(iter(ExitReason)), "exited_at": NOW}
    builders.project(session, firm, office.east, office.officer, name="流失项目", land_mu=60, **left)
    builders.project(session, firm, office.east, office.officer, name="投产项目", stage=Stage.IN_PRODUCTION)
    session.commit()
    return made


def drain(database: Database, settings: Settings) -> None:
    with patch.object(clock, "now", lambda: NOW), patch.object(bulk, "STEP", 2):
        inline.drain(database, settings)


def test_open_projects_are_matched_in_steps_and_who_asked_is_told(
    database: Database, session: Session, settings: Settings, office: Office, projects: list[Project]
) -> None:
    actor = office.actor(session, office.registrar)
    run = bulk.start(session, actor, now=NOW, today=TODAY)
    session.commit()
    with pytest.raises(DomainError, match=r"matches\.busy"):
        bulk.start(session, actor, now=NOW, today=TODAY)
    session.rollback()
    drain(database, settings)
    session.refresh(run)
    assert (run.state, run.looked, run.total, bulk.percent(run)) == (RunState.DONE, 4, 4, 100)
    lines = {line.project_id: line for line in session.scalars(select(MatchLine))}
    assert [lines[project.id].carriers for project in projects] == [1, 1, 0, 1]
    assert [lines[project.id].carrier_id is None for project in projects] == [False, False, True, False]
    assert len(lines) == 4
    assert session.scalars(select(Notice.user_id).where(Notice.link == "/matches")).all() == [office.registrar.id]


def test_a_run_is_stopped_between_steps_and_the_next_begins_anew(
    database: Database, session: Session, settings: Settings, office: Office, projects: list[Project]
) -> None:
    actor = office.actor(session, office.lead)
    first = bulk.start(session, actor, now=NOW, today=TODAY)
    session.commit()
    seen: list[int] = []

    def told(percent: int, _done: str) -> None:
        seen.append(percent)
        with database.transaction() as other:
            bulk.stop(other, actor, first.id, now=NOW)

    with patch.object(bulk, "STEP", 2):
        assert bulk.work(database, first.id, lambda: NOW, told) == 2
    assert seen == [50, 50]
    with pytest.raises(ForbiddenError):
        bulk.stop(session, office.actor(session, office.officer), first.id, now=NOW)
    session.expire_all()
    second = bulk.start(session, actor, now=NOW, today=TODAY)
    session.commit()
    drain(database, settings)
    session.refresh(second)
    assert second.looked == len(projects)
    assert {line.run_id for line in session.scalars(select(MatchLine))} == {second.id}


def test_the_page_shows_each_person_the_projects_they_may_see(
    database: Database,
    session: Session,
    settings: Settings,
    office: Office,
    projects: list[Project],
    as_registrar: Browser,
    as_officer: Browser,
) -> None:
    assert as_officer.post("/matches").status_code == 403
    assert "正在匹配" in as_registrar.post("/matches", follow_redirects=True).text
    drain(database, settings)
    page = as_registrar.get("/matches").text
    assert "60亩项目" in page
    assert "东区1号地块" in page
    assert "青山计划" not in page
    assert "青山计划" in as_officer.get("/matches").text
    without = as_registrar.get("/matches?none=1").text
    assert "200亩项目" in without
    assert "60亩项目" not in without
    assert listing.counts(session, office.actor(session, office.outsider)) == (0, 0)
