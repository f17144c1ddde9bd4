"""Management views: groups add up to the funnel, days in stage, cohorts, the big screen, only what is theirs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import literal, select

from crm.assessment import queries as assessment
from crm.assessment.window import Window
from crm.core.scheduling import SHANGHAI
from crm.core.types import UtcDateTime
from crm.insight import by_group, queries
from crm.insight.rules import Dimension
from crm.pipeline.models import StageEntry
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit, User
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), NOW + timedelta(hours=1))
EDGES = (Decimal(5000), Decimal(10000))


def moved(session: Session, deal: Project, *steps: tuple[Stage, int]) -> Project:
    """Take a project through stages, each so many days before the test day."""
    for stage, days in steps:
        deal.stage_seq += 1
        session.add(
            StageEntry(
                project_id=deal.id,
                from_stage=deal.stage,
                to_stage=stage,
                seq=deal.stage_seq,
                at=NOW - timedelta(days=days),
                by=deal.created_by,
                unit_id=deal.unit_id,
            )
        )
        deal.stage = stage
        session.flush()
    return deal


@pytest.fixture
def projects(session: Session, office: Office) -> list[Project]:
    old = {"stage_since": NOW - timedelta(days=60), "created_at": NOW - timedelta(days=60)}

    def make(place: OrgUnit, by: User, **more: object) -> Project:
        return builders.project(session, builders.enterprise(session), place, by, **old, **more)

    first = moved(session, make(office.east, office.officer), (Stage.VISITING, 50), (Stage.INSPECTING, 20))
    second = moved(session, make(office.east, office.officer, total_investment=Decimal(800)), (Stage.VISITING, 10))
    third = make(office.south, office.outsider, industry="新能源")
    return [first, second, third]


@pytest.mark.parametrize("dimension", list(Dimension))
def test_groups_add_up_to_the_funnel(session: Session, projects: list[Project], dimension: Dimension) -> None:
    groups = queries.groups(session, YEAR, dimension, EDGES)
    funnel = {step.stage: step for step in assessment.funnel(session, YEAR)}
    for at, stage in enumerate(queries.STEPS):
        assert sum(group.counts[at] for group in groups) == funnel[stage].count
        assert sum((group.amounts[at] for group in groups), Decimal(0)) == funnel[stage].amount
    assert len(projects) == sum(group.total for group in groups)


def test_groups_carry_their_names(session: Session, projects: list[Project]) -> None:
    assert len(projects) == 3
    labels = {one: [group.label for group in queries.groups(session, YEAR, one, EDGES)] for one in Dimension}
    assert labels[Dimension.UNIT] == ["长三角小分队", "珠三角小分队"]
    assert labels[Dimension.OWNER] == ["陈晓", "何川"]
    assert labels[Dimension.BAND] == ["≥1亿", "<5000万"]
    assert "未填" in labels[Dimension.INDUSTRY]


def test_days_in_a_stage_are_those_between_entries(session: Session, projects: list[Project]) -> None:
    assert projects
    found = {stay.label: stay for stay in queries.stays(session, YEAR)}
    lead, talks = found["线索"], found["走访对接"]
    assert (lead.left, lead.median, lead.most, lead.inside) == (2, 10, 50, 1)
    assert (talks.left, talks.median, talks.inside, talks.inside_median) == (1, 30, 1, 10)


def test_days_in_a_stage_are_days_of_the_calendar(session: Session) -> None:
    late, early = (datetime(2026, 11, day, hour, tzinfo=SHANGHAI) for day, hour in ((2, 23), (3, 1)))
    both = (literal(late, UtcDateTime()), literal(early, UtcDateTime()))
    assert session.scalar(select(queries.days_between(session, *both))) == 1


def test_cohorts_follow_projects_from_the_month_of_their_first_talk(session: Session, projects: list[Project]) -> None:
    assert projects
    found = queries.cohorts(session, YEAR)
    assert [(cohort.month, cohort.counts[:3]) for cohort in found] == [("2026-10", (1, 1, 0)), ("2026-11", (1, 0, 0))]


@pytest.mark.parametrize("dimension", list(Dimension))
def test_stays_and_first_talks_of_groups_add_up_to_the_whole(
    session: Session, projects: list[Project], dimension: Dimension
) -> None:
    assert projects
    stays, talks = (
        by_group.stays(session, YEAR, (dimension, EDGES)),
        by_group.cohorts(session, YEAR, (dimension, EDGES)),
    )
    assert sum(one.left for one in stays) == sum(one.left for one in queries.stays(session, YEAR)) == 3
    for at in range(len(queries.GONE)):
        whole = sum(one.counts[at] for one in queries.cohorts(session, YEAR))
        assert sum(one.counts[at] for one in talks) == whole


def test_days_in_a_stage_of_one_unit_are_those_of_its_projects(session: Session, projects: list[Project]) -> None:
    assert projects
    (east,) = by_group.stays(session, YEAR, (Dimension.UNIT, EDGES))
    assert east.label == "长三角小分队"
    assert east.stays[:2] == ((2, 10, 50), (1, 30, 30))


def test_a_confidential_project_is_in_no_view(session: Session, projects: list[Project]) -> None:
    projects[0].confidential, projects[0].code_name = True, "青鸟"
    session.flush()
    assert sum(group.total for group in queries.groups(session, YEAR, Dimension.UNIT, EDGES)) == 2
    assert sum(cohort.counts[0] for cohort in queries.cohorts(session, YEAR)) == 1


def test_pages_show_only_what_is_theirs(
    session: Session, as_leader: Browser, as_officer: Browser, projects: list[Project]
) -> None:
    assert projects
    session.commit()
    assert "珠三角小分队" in as_leader.get("/insight/groups?by=unit").text
    mine = as_officer.get("/insight/groups?by=owner").text
    assert "陈晓" in mine
    assert "何川" not in mine.partition("<main")[2]
    for page in ("/insight/stays", "/insight/cohorts", "/insight/groups?by=nonsense&from=x"):
        assert as_officer.get(page).status_code == 200


def test_the_big_screen_gives_only_its_content_when_it_asks_anew(
    session: Session, as_leader: Browser, projects: list[Project]
) -> None:
    assert projects
    session.commit()
    whole = as_leader.get("/insight/screen").text
    part = as_leader.client.get("/insight/screen", headers={"HX-Request": "true"}).text
    assert "js/screen.js" in whole
    assert "refresh" not in whole.partition("</head>")[0]
    assert "<html" not in part
    assert "长三角小分队" in part
    assert as_leader.client.get("/insight/screen").headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_signed_out_screen_is_told_so(visitor: Browser) -> None:
    assert visitor.client.get("/insight/screen", headers={"HX-Request": "true"}).status_code == 401
