from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.core.errors import ConflictError, DomainError
from crm.fieldwork.models import FollowUp
from crm.pipeline.exits import queries, services
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.limits import Exit
from crm.pipeline.rules import ExitKind, ExitReason
from tests.service.pipeline.helpers import lead
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

LESSON = "报价晚了一周，下次先约再报。"


def leave(session: Session, office: Office, project: Project, kind: ExitKind, **fields: Any) -> ProjectExit:
    leaving = Exit(kind, ExitReason.ELSEWHERE, "落户邻县", **fields)
    actor = office.actor(session, office.officer)
    services.leave(session, actor, project.id, leaving, version=project.version, now=NOW, today=TODAY)
    return session.scalars(select(ProjectExit).where(ProjectExit.restored_at.is_(None))).one()


def refusal(session: Session, office: Office, project: Project, kind: ExitKind, **fields: Any) -> str:
    with pytest.raises(DomainError) as caught:
        leave(session, office, project, kind, **fields)
    return caught.value.problems[0].key


def test_a_loss_says_where_to_and_is_gone_over_by_a_day(session: Session, office: Office) -> None:
    row = leave(session, office, lead(session, office), ExitKind.LOST, place="邻县工业园")
    assert (row.place, row.learn_by) == ("邻县工业园", TODAY + timedelta(days=15))
    reminder = session.scalars(select(FollowUp)).one()
    assert (reminder.title, reminder.due_on) == ("复盘流失的项目", row.learn_by)


def test_a_merger_and_a_transfer_name_what_they_lead_to(session: Session, office: Office) -> None:
    project, other = lead(session, office), lead(session, office, name="先登记的项目")
    assert refusal(session, office, project, ExitKind.MERGED) == "exit.merged"
    assert refusal(session, office, project, ExitKind.MERGED, merged_into_id=project.id) == "exit.merged"
    assert refusal(session, office, project, ExitKind.TRANSFERRED, to_unit_id=office.east.id) == "exit.unit"
    assert leave(session, office, project, ExitKind.MERGED, merged_into_id=other.id).merged_into_id == other.id
    assert leave_other(session, office, other).to_unit_id == office.south.id


def leave_other(session: Session, office: Office, project: Project) -> ProjectExit:
    actor = office.actor(session, office.officer)
    leaving = Exit(ExitKind.TRANSFERRED, ExitReason.INDUSTRY, "原料在那边", to_unit_id=office.south.id)
    services.leave(session, actor, project.id, leaving, version=project.version, now=NOW, today=TODAY)
    return session.scalars(select(ProjectExit).where(ProjectExit.project_id == project.id)).one()


def test_coming_back_ends_an_exit_and_keeps_it(session: Session, office: Office) -> None:
    project, officer = lead(session, office), office.actor(session, office.officer)
    leave(session, office, project, ExitKind.LOST, place="邻县")
    services.restore(session, officer, project.id, version=project.version, now=NOW)
    leave(session, office, project, ExitKind.LOST, place="外省")
    found = queries.of_project(session, officer, project.id)
    assert [(left.row.place, left.row.restored_at is None) for left in found] == [("外省", True), ("邻县", False)]


def test_a_loss_is_gone_over_once_and_leaves_the_list(session: Session, office: Office) -> None:
    project, officer = lead(session, office), office.actor(session, office.officer)
    row = leave(session, office, project, ExitKind.LOST, place="邻县")
    assert [left.project for left in queries.unlearned(session, officer)] == [project.name]
    assert queries.unlearned(session, office.actor(session, office.outsider)) == []
    with pytest.raises(DomainError):
        services.learn(session, officer, project.id, row.id, "太短", now=NOW)
    services.learn(session, officer, project.id, row.id, LESSON, now=NOW)
    assert queries.unlearned(session, officer) == []
    with pytest.raises(ConflictError):
        services.learn(session, officer, project.id, row.id, LESSON, now=NOW)


@pytest.mark.parametrize(
    "columns",
    [{"place": None}, {"learn_by": None}, {"kind": "merged"}, {"kind": "transferred"}, {"learned": "没有署名"}],
)
def test_the_database_refuses_an_exit_without_its_target(
    session: Session, office: Office, columns: dict[str, object]
) -> None:
    leave(session, office, lead(session, office), ExitKind.LOST, place="邻县")
    with pytest.raises(IntegrityError):
        session.execute(update(ProjectExit).values(**columns))


def test_the_pages_ask_where_to_and_keep_the_lesson(as_officer: Browser, session: Session, office: Office) -> None:
    project = lead(session, office)
    session.commit()
    path = f"/projects/{project.id}"
    form = {"version": project.version, "kind": "lost", "reason": "elsewhere", "detail": "落户邻县"}
    answer = as_officer.post(f"{path}/exit", form)
    assert (answer.status_code, "请写明流失到哪里" in answer.text) == (422, True)
    assert as_officer.post(f"{path}/exit", {**form, "place": "邻县"}).status_code == 303
    assert project.name in as_officer.get("/projects/losses").text
    number = session.scalars(select(ProjectExit.id)).one()
    session.rollback()
    assert as_officer.post(f"{path}/history/exits/{number}/learn", {"learned": "短"}).status_code == 422
    assert as_officer.post(f"{path}/history/exits/{number}/learn", {"learned": LESSON}).status_code == 303
    assert LESSON in as_officer.get(f"{path}/history").text
    assert project.name not in as_officer.get("/projects/losses").text
