from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.assessment import facts
from crm.assessment.facts import Window
from crm.core.errors import ConflictError, DomainError
from crm.pipeline import services
from crm.pipeline.exits import queries
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.moves import HandOver
from crm.pipeline.rules import Stage
from crm.reports.standing import in_talk
from tests.service.pipeline.helpers import (
    agreed,
    at_signing,
    counting,
    go,
    inspected,
    lead,
    prepare,
    refused,
    reviewed,
    visited,
    walk,
)
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

LATER = NOW + timedelta(hours=3)


def undo(
    session: Session, office: Office, project: Project, by: User, *, reason: str = "点错了", now: datetime = LATER
) -> str:
    """Take the newest move back; return the key of the first problem, empty if it went through."""
    actor = office.actor(session, by)
    try:
        services.undo_move(session, actor, project.id, reason=reason, version=project.version, now=now)
    except DomainError as error:
        return error.problems[0].key
    return ""


def test_an_undo_is_a_new_row_and_gives_the_days_before_the_mistake_back(session: Session, office: Office) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    prepare(session, office, project, Stage.INSPECTING)
    go(session, office.actor(session, office.officer), project, Stage.INSPECTING)
    assert undo(session, office, project, office.officer) == ""
    session.commit()
    rows = session.scalars(select(StageEntry).order_by(StageEntry.seq)).all()
    assert [(row.seq, row.to_stage, row.undoes) for row in rows][-2:] == [(3, "inspecting", None), (4, "visiting", 3)]
    assert (rows[2].undone_at, rows[3].reason, rows[3].first) == (LATER, "点错了", False)
    assert (project.stage, project.stage_since, project.stage_seq) == (Stage.VISITING, rows[1].at, 4)
    assert [talk.since for talk in in_talk(session, LATER)] == [rows[1].at]


def test_no_figure_counts_a_move_that_was_taken_back_and_the_next_one_is_the_first(
    session: Session, office: Office
) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    prepare(session, office, project, Stage.INSPECTING)
    officer = office.actor(session, office.officer)
    go(session, officer, project, Stage.INSPECTING)
    assert undo(session, office, project, office.officer) == ""
    session.flush()
    week = Window(TODAY - timedelta(days=4), TODAY + timedelta(days=2), LATER)
    entries, reached = facts.entries(Stage.INSPECTING), facts.furthest(week)
    assert session.execute(entries(week)).all() == []
    assert session.execute(entries(Window(week.start, week.end, NOW))).all() != []  # as it was known before the undo
    assert session.scalar(select(reached.c.place)) == 1
    go(session, officer, project, Stage.INSPECTING)
    assert session.scalars(select(StageEntry.first).order_by(StageEntry.seq.desc()).limit(1)).one()


@pytest.mark.parametrize(
    ("who", "reason", "hours", "key"),
    [
        ("colleague", "点错了", 1, "undo.role"),
        ("officer", "  ", 1, "undo.reason"),
        ("officer", "点错了", 25, "undo.late"),
        ("lead", "点错了", 24, ""),
        ("registrar", "点错了", 24, ""),
    ],
)
def test_a_move_is_taken_back_by_its_mover_or_the_lead_in_time_and_with_a_reason(
    session: Session, office: Office, who: str, reason: str, hours: int, key: str
) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    when = NOW + timedelta(hours=hours)
    assert undo(session, office, project, getattr(office, who), reason=reason, now=when) == key


def test_registration_and_an_undo_cannot_be_taken_back(session: Session, office: Office) -> None:
    project = lead(session, office)
    assert undo(session, office, project, office.officer) == "undo.none"
    walk(session, office, project, Stage.VISITING)
    assert undo(session, office, project, office.officer) == ""
    assert undo(session, office, project, office.officer) == "undo.none"


def test_taking_back_a_step_back_asks_the_gates_anew(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    go(session, office.actor(session, office.lead), project, Stage.REVIEWING, "材料不实")
    reviewed(session, office, project, law="fail")
    assert undo(session, office, project, office.lead) == "gate.review"


def test_a_stale_version_takes_nothing_back(session: Session, office: Office) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    actor = office.actor(session, office.officer)
    with pytest.raises(ConflictError):
        services.undo_move(session, actor, project.id, reason="点错了", version=project.version - 1, now=LATER)


def test_a_change_is_undone_once_in_the_database_too(session: Session, office: Office) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    assert undo(session, office, project, office.officer) == ""
    walk(session, office, project, Stage.VISITING)
    with pytest.raises(IntegrityError):
        session.execute(update(StageEntry).where(StageEntry.seq == 4).values(undoes=2))


def test_a_hand_over_is_kept_with_the_move_and_names_who_takes_over(session: Session, office: Office) -> None:
    project, officer = lead(session, office), office.actor(session, office.officer)
    prepare(session, office, project, Stage.VISITING)
    moment = {"reason": "", "version": project.version, "now": NOW}
    with pytest.raises(DomainError) as caught:
        services.move(session, officer, project.id, Stage.VISITING, **moment, note=HandOver(promised="承诺三天内回复"))  # type: ignore[arg-type]  # a moment is three values
    assert caught.value.problems[0].key == "handover.who"
    note = HandOver("周敏", "承诺三天内回复用地")
    services.move(session, officer, project.id, Stage.VISITING, **moment, note=note)  # type: ignore[arg-type]  # a moment is three values
    row = session.scalars(select(StageEntry).order_by(StageEntry.seq.desc())).first()
    assert row is not None
    assert (row.takes_over, row.promised) == ("周敏", "承诺三天内回复用地")


def test_a_skip_needs_the_lead_and_every_demand_on_the_way(session: Session, office: Office) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    officer, team_lead = office.actor(session, office.officer), office.actor(session, office.lead)
    assert refused(session, officer, project, Stage.REVIEWING, "补登") == ["stage.skip"]
    missing = ["gate.visit", "gate.inspection", "gate.inspection_report"]
    assert refused(session, team_lead, project, Stage.REVIEWING, "补登") == missing
    prepare(session, office, project, Stage.INSPECTING)
    prepare(session, office, project, Stage.REVIEWING)
    assert refused(session, team_lead, project, Stage.REVIEWING) == ["stage.skip_reason"]
    assert refused(session, team_lead, project, Stage.REVIEWING, "补登") == []
    assert project.stage is Stage.REVIEWING


def test_a_move_runs_at_most_twelve_statements_and_a_signing_makes_its_plan_in_eight(
    database: Database, session: Session, office: Office
) -> None:
    project = at_signing(session, office)
    prepare(session, office, project, Stage.SIGNED)
    session.commit()
    session.expire_all()
    actor, version = office.actor(session, office.officer), project.version
    with counting(database) as seen:
        services.move(session, actor, project.id, Stage.SIGNED, reason="", version=version, now=NOW)
        session.commit()
    writes = 4  # the row of history, the project, the audit row, and one to spare
    plan = 4  # the plan, its nodes, its fact and their audit row, each in one
    assert len(seen) + writes + plan <= 12 + 8, seen


def test_the_history_page_takes_a_mistaken_move_back(as_officer: Browser, session: Session, office: Office) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    session.commit()
    page = f"/projects/{project.id}/history"
    assert "撤销这次变动" in as_officer.get(page).text
    answer = as_officer.post(f"{page}/undo", {"reason": " ", "version": project.version})
    assert (answer.status_code, "请说明为什么撤销。" in answer.text) == (422, True)
    assert as_officer.post(f"{page}/undo", {"reason": "点错了", "version": project.version}).status_code == 303
    shown = as_officer.get(page).text
    assert "已撤销，不计入" in shown
    assert "撤销第2次" in shown


def test_the_first_visit_and_inspection_are_kept_whatever_comes_later(session: Session, office: Office) -> None:
    project = lead(session, office)
    visited(session, office, project, occurred_at=NOW - timedelta(days=9), voided_at=NOW, void_reason="重复录入")
    for days in (7, 3):
        visited(session, office, project, occurred_at=NOW - timedelta(days=days))
    assert queries.first_dates(session, [project.id]) == {project.id: queries.FirstDates(NOW - timedelta(days=7), None)}
    inspected(session, office, project)
    assert queries.first_dates(session, [project.id])[project.id].inspection is not None


@pytest.mark.parametrize(
    "path",
    ["history", "agreements", "agreements/1", "agreements/new", "team", "exceptions", "exit", "move?stage=signed"],
)
def test_a_page_of_deals_runs_at_most_twelve_queries(
    database: Database, as_officer: Browser, session: Session, office: Office, path: str
) -> None:
    project = at_signing(session, office)
    agreed(session, office, project)
    session.commit()
    as_officer.get(f"/projects/{project.id}/{path}")
    with counting(database) as seen:
        assert as_officer.get(f"/projects/{project.id}/{path}").status_code == 200
    assert len(seen) <= 12, (len(seen), seen)
