"""Moving, editing and leaving through the pages: refusals, stale versions, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from tests.service.pipeline.helpers import agreed, inspected, proved
from tests.support.builders import stand

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


def test_a_drop_answers_with_the_renewed_card(as_officer: Browser, project: Project, session: Session) -> None:
    form = {"stage": "visiting", "version": project.version}
    answer = as_officer.post(f"/projects/{project.id}/move", form, headers=HTMX)
    assert answer.status_code == 200
    assert f'data-version="{project.version + 1}"' in answer.text
    session.expire_all()
    assert session.get_one(Project, project.id).stage is Stage.VISITING


def test_a_stage_jump_by_a_crafted_request_is_refused_and_changes_nothing(
    as_officer: Browser, project: Project, session: Session
) -> None:
    for wanted in ("signed", "full_capacity", "after"):
        answer = as_officer.post(f"/projects/{project.id}/move", {"stage": wanted, "version": project.version})
        assert answer.status_code == 422
        assert "不能跳过阶段：下一步是“走访对接”。" in answer.text
    assert as_officer.post(f"/projects/{project.id}/move", {"stage": "gold", "version": 1}).status_code == 422
    session.expire_all()
    kept = session.get_one(Project, project.id)
    assert (kept.stage, kept.version) == (Stage.LEAD, project.version)
    assert len(session.scalars(select(StageEntry)).all()) == 1


def test_a_blocked_drop_lists_what_is_missing_and_where_to_supply_it(
    as_officer: Browser, project: Project, session: Session, office: Office
) -> None:
    stand(session, project, Stage.INSPECTING)
    inspected(session, office, project, report=None)
    session.commit()
    form = {"stage": "reviewing", "version": project.version}
    answer = as_officer.post(f"/projects/{project.id}/move", form, headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert "还不能推进到“研判评审”" in answer.text
    assert f"/visits/new?enterprise={project.enterprise_id}&amp;project={project.id}&amp;kind=visit" in answer.text
    assert "补写考察报告" in answer.text


def test_without_scripts_the_same_refusal_is_a_page(as_officer: Browser, ready: Project) -> None:
    answer = as_officer.post(f"/projects/{ready.id}/move", {"stage": "signed", "version": ready.version})
    assert answer.status_code == 422
    assert "<html" in answer.text
    assert "登记合同" in answer.text


def test_after_signing_the_refusal_asks_for_the_evidence(
    as_officer: Browser, ready: Project, session: Session, office: Office
) -> None:
    agreed(session, office, ready)
    session.commit()
    signing = as_officer.post(f"/projects/{ready.id}/move", {"stage": "signed", "version": ready.version})
    assert signing.headers["Location"] == f"/projects/{ready.id}"
    form = {"stage": "after", "version": ready.version + 1}
    asked = as_officer.post(f"/projects/{ready.id}/move", form, headers=HTMX)
    assert (asked.status_code, f'href="/projects/{ready.id}/plan"' in asked.text) == (422, True)
    proved(session, ready, Stage.REGISTERED)
    session.commit()
    asked = as_officer.post(f"/projects/{ready.id}/move", form, headers=HTMX)
    assert asked.status_code == 422
    assert 'name="reason"' in asked.text
    done = as_officer.post(f"/projects/{ready.id}/move", {**form, "reason": "营业执照 91330000", "back": "board"})
    assert (done.status_code, done.headers["Location"]) == (303, "/projects")


def test_a_stale_version_answers_409_on_every_change(as_officer: Browser, project: Project, session: Session) -> None:
    stale = project.version + 7
    changes: dict[str, dict[str, Any]] = {
        "move": {"stage": "visiting"},
        "edit": {"name": "新名称", "capital": "private", "channel": "other"},
        "owner": {"owner_id": project.owner_id},
        "exit": {"kind": "lost", "reason": "elsewhere", "detail": "落户邻县", "place": "邻县"},
        "restore": {},
    }
    for action, form in changes.items():
        answer = as_officer.post(f"/projects/{project.id}/{action}", {**form, "version": stale})
        assert answer.status_code == 409, action
    session.expire_all()
    assert session.get_one(Project, project.id).version == project.version


def test_a_conflict_keeps_what_was_typed_and_shows_what_is_stored(as_officer: Browser, project: Project) -> None:
    form = {"version": project.version + 1, "name": "我改的名称", "capital": "private", "channel": "other"}
    answer = as_officer.post(f"/projects/{project.id}/edit", form)
    assert answer.status_code == 409
    assert 'value="我改的名称"' in answer.text
    assert project.name in answer.text
    assert f'name="version" type="hidden" value="{project.version}"' in answer.text


def test_a_forged_token_moves_nothing(as_officer: Browser, project: Project, session: Session) -> None:
    form = {"stage": "visiting", "version": project.version, "csrf_token": "forged"}
    answer = as_officer.client.post(f"/projects/{project.id}/move", data=form)
    assert answer.status_code == 400
    session.expire_all()
    assert session.get_one(Project, project.id).stage is Stage.LEAD


def test_a_project_that_left_is_kept_on_its_own_list_and_can_come_back(
    as_officer: Browser, session: Session, project: Project
) -> None:
    path, link = f"/projects/{project.id}", f'href="/projects/{project.id}"'
    form = {"version": project.version, "kind": "lost", "reason": "elsewhere", "detail": "落户邻县", "place": "邻县"}
    assert as_officer.post(f"{path}/exit", {**form, "detail": ""}).status_code == 422
    assert as_officer.post(f"{path}/exit", form).status_code == 303
    session.expire_all()
    left = session.get_one(Project, project.id)
    assert (left.exit_kind, left.exit_reason) == (ExitKind.LOST, ExitReason.ELSEWHERE)
    version = left.version
    session.rollback()
    assert link not in as_officer.get("/projects?view=list").text
    assert link in as_officer.get("/projects?state=left").text
    assert "落户邻县" in as_officer.get(path).text
    assert as_officer.post(f"{path}/restore", {"version": version}).status_code == 303
    assert link in as_officer.get("/projects").text
