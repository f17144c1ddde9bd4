from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.rules import Role, UnitKind
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.core.scheduling import SHANGHAI
from crm.pipeline.intake import pool, services, setup
from crm.pipeline.intake.clocks import Clocks, Light, cutoffs
from crm.pipeline.intake.lights import light_column
from crm.pipeline.intake.models import LeadEvent, LeadIntake
from crm.pipeline.intake.rules import LeadState, PoolRules
from crm.pipeline.intake.setup import Setup
from crm.pipeline.models import Project, ProjectNote
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import lead
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.core.db import Database
    from tests.support.builders import Office

SEVEN_MONTHS = NOW - timedelta(days=215)


def pooled(session: Session, office: Office, name: str = "放出的项目") -> Project:
    project = lead(session, office, name)
    services.to_pool(session, office.actor(session, office.officer), project.id, "腾不出人手", now=NOW)
    return project


def old(session: Session, office: Office, since: datetime = SEVEN_MONTHS, **fields: object) -> Project:
    """Add a lead that stands since then."""
    firm = builders.enterprise(session)
    return builders.project(session, firm, office.east, office.officer, stage_since=since, created_at=since, **fields)


def names_in_pool(session: Session, office: Office, user: User, rules: Setup | None = None) -> list[str]:
    actor = office.actor(session, user)
    return [row.name for row in pool.page(session, actor, rules or setup.load(session), cursor=None).rows]


def state(session: Session, project: Project) -> LeadIntake:
    return session.scalars(select(LeadIntake).where(LeadIntake.project_id == project.id)).one()


def test_a_lead_given_to_the_pool_is_claimed_by_another_unit_and_moves_there(session: Session, office: Office) -> None:
    project = pooled(session, office)
    assert names_in_pool(session, office, office.outsider) == [project.name]
    pool.claim(session, office.actor(session, office.outsider), project.id, now=NOW)
    assert (project.owner_id, project.unit_id) == (office.outsider.id, office.south.id)
    assert (state(session, project).state, state(session, project).claimed_by) == (
        LeadState.ACCEPTED,
        office.outsider.id,
    )
    assert names_in_pool(session, office, office.outsider) == []


def test_whoever_clicks_second_is_told_who_was_first(session: Session, office: Office) -> None:
    project = pooled(session, office)
    pool.claim(session, office.actor(session, office.outsider), project.id, now=NOW)
    with pytest.raises(ConflictError) as refusal:
        pool.claim(session, office.actor(session, office.colleague), project.id, now=NOW)
    problem = refusal.value.problems[0]
    assert problem.message % problem.params == "这条线索刚被何川认领。"


def test_of_two_people_who_claim_at_the_same_time_one_wins(
    database: Database, session: Session, office: Office
) -> None:
    project = pooled(session, office)
    actors = [office.actor(session, user) for user in (office.outsider, office.colleague)]
    session.commit()

    def run(place: int) -> str:
        try:
            with database.transaction() as own:
                pool.claim(own, actors[place], project.id, now=NOW)
        except ConflictError:
            return "late"
        return "won"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(run, range(2))) == ["late", "won"]
    with database.reading() as fresh:
        assert len(fresh.scalars(select(LeadEvent).where(LeadEvent.reason == "从公海认领")).all()) == 1


def test_the_limits_of_claims_hold(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    rules = Setup(pool=PoolRules(most_claims=1, rest_days=30))
    setup.save(session, actor, rules, now=NOW)
    first, second = pooled(session, office, "甲"), pooled(session, office, "乙")
    outsider = office.actor(session, office.outsider)
    pool.claim(session, outsider, first.id, now=NOW)
    with pytest.raises(DomainError) as refusal:
        pool.claim(session, outsider, second.id, now=NOW)
    assert refusal.value.problems[0].key == "claim.most"
    officer = office.actor(session, office.officer)
    with pytest.raises(DomainError) as refusal:
        pool.claim(session, officer, second.id, now=NOW + timedelta(days=29))
    assert refusal.value.problems[0].key == "claim.rest"
    pool.claim(session, officer, second.id, now=NOW + timedelta(days=30))
    assert second.owner_id == officer.user_id


def test_a_pool_of_the_own_bureau_is_closed_to_others(session: Session, office: Office) -> None:
    project = pooled(session, office)
    away = builders.unit(session, "外县招商局", UnitKind.BUREAU)
    stranger = builders.user(session, "shi", "石岩", (away, Role.OFFICER))
    rules = Setup(pool=PoolRules(all_units=False))
    assert names_in_pool(session, office, stranger) == [project.name]
    assert names_in_pool(session, office, stranger, rules) == []
    assert names_in_pool(session, office, office.outsider, rules) == [project.name]
    setup.save(session, office.actor(session, office.registrar), rules, now=NOW)
    with pytest.raises(NotFoundError):
        pool.claim(session, office.actor(session, stranger), project.id, now=NOW)


def test_a_confidential_project_is_never_shown_in_the_pool(session: Session, office: Office) -> None:
    project = pooled(session, office)
    project.confidential, project.code_name = True, "海燕"
    session.flush()
    assert names_in_pool(session, office, office.outsider) == []
    with pytest.raises(NotFoundError):
        pool.claim(session, office.actor(session, office.outsider), project.id, now=NOW)


def test_a_lead_can_be_taken_back_into_triage(session: Session, office: Office) -> None:
    project = pooled(session, office)
    services.recall(session, office.actor(session, office.lead), project.id, "本组另有人接", now=NOW)
    assert (state(session, project).state, state(session, project).pooled_at) == (LeadState.TRIAGE, None)


def test_the_night_puts_out_what_nobody_worked_on_for_six_months_and_says_so(session: Session, office: Office) -> None:
    forgotten, touched, noted = (old(session, office) for _ in range(3))
    builders.touch(session, touched.enterprise, office.east, office.officer, project_id=touched.id)
    session.add(ProjectNote(project_id=noted.id, by=office.officer.id, at=NOW, body="电话联系过"))
    later = old(session, office, stage=Stage.REVIEWING)
    secret = old(session, office, confidential=True, code_name="白鹭")
    fresh = old(session, office, NOW - timedelta(days=150))
    left = old(session, office, exit_kind="lost", exit_reason="elsewhere", exited_at=NOW)
    session.flush()
    assert pool.recycle(session, now=NOW, zone=SHANGHAI) == [forgotten.id]
    row = state(session, forgotten)
    assert (row.state, row.pooled_from) == (LeadState.POOLED, office.officer.id)
    event = session.scalars(select(LeadEvent).where(LeadEvent.project_id == forgotten.id)).one()
    assert (event.by, event.reason) == (None, "超过规定月数没有走访或备注，按规则转入公海。")
    assert {state(session, one).state for one in (touched, noted, later, secret, fresh, left)} == {LeadState.ACCEPTED}
    assert pool.recycle(session, now=NOW, zone=SHANGHAI) == []


def test_a_voided_touch_does_not_keep_a_lead(session: Session, office: Office) -> None:
    project = old(session, office)
    values = {"project_id": project.id, "voided_at": NOW, "void_reason": "重复"}
    builders.touch(session, project.enterprise, office.east, office.officer, **values)
    assert pool.recycle(session, now=NOW, zone=SHANGHAI) == [project.id]


def test_an_office_that_keeps_its_leads_turns_the_clock_off(session: Session, office: Office) -> None:
    old(session, office)
    setup.save(session, office.actor(session, office.registrar), Setup(clocks=Clocks(pool_months=0)), now=NOW)
    assert pool.recycle(session, now=NOW, zone=SHANGHAI) == []


def test_the_light_of_the_database_is_that_of_the_rules(session: Session, office: Office) -> None:
    days = {old(session, office, NOW - timedelta(days=age)).id: age for age in (10, 70, 100)}
    waked = old(session, office, NOW - timedelta(days=100))
    builders.touch(session, waked.enterprise, office.east, office.officer, project_id=waked.id)
    shown = select(Project.id, light_column(cutoffs(Clocks(), TODAY, SHANGHAI)))
    lights = {row[0]: row[1] for row in session.execute(shown)}
    expected = {10: Light.NONE, 70: Light.YELLOW, 100: Light.RED}
    assert {project_id: expected[age] for project_id, age in days.items()} | {waked.id: Light.NONE} == lights
