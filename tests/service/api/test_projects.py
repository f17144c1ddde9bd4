from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.api.scopes import Scope
from crm.core.audit import AuditEvent
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_projects_are_listed_narrowed_and_paged(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    for stage in (Stage.LEAD, Stage.VISITING, Stage.VISITING):
        builders.project(session, firm, office.east, office.officer, stage=stage)
    builders.project(session, firm, office.south, office.outsider)
    caller = program(app, session, office.officer, Scope.PROJECTS_READ)
    first = caller.get("/projects?limit=2").json
    rest = caller.get(f"/projects?limit=2&cursor={first['next_cursor']}").json
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    visiting = caller.get("/projects?stage=visiting&sort=amount").json["items"]
    assert [(one["stage"], one["stage_name"], one["amount"]) for one in visiting] == [
        ("visiting", "走访对接", "12000")
    ] * 2
    assert caller.get("/projects?stage=married").fields == {"stage"}


def test_a_lead_is_registered_read_and_changed_by_its_version(app: Flask, session: Session, office: Office) -> None:
    firm_id = builders.enterprise(session).id
    caller = program(app, session, office.officer, Scope.PROJECTS_READ, Scope.PROJECTS_WRITE)
    body = {"enterprise_id": firm_id, "name": "年产一万套轴承项目", "total_investment": "12000.5", "channel": "squad"}
    made = caller.post("/projects", body)
    assert (made.status, made.json["stage"], made.json["total_investment"]) == (201, "lead", "12000.5")
    path = f"/projects/{made.json['id']}"
    assert made.headers["Location"].endswith(path)
    changed = caller.patch(path, {"site": "东区", "total_investment": None}, made.tag)
    assert (changed.json["site"], changed.json["total_investment"], changed.json["channel"]) == ("东区", None, "squad")
    assert caller.patch(path, {"site": "西区"}, made.tag).status == 412
    assert caller.get(path).tag == changed.tag
    assert caller.patch(path, {"stage": "signed"}, changed.tag).fields == {"stage"}
    again = caller.post("/projects", body)
    assert (again.status, again.codes) == (422, {"project.duplicate"})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"enterprise_id": 999_999}, "enterprise_id"),
        ({"referrer_id": 999_999}, "referrer_id"),
        ({"name": " "}, "name"),
        ({"total_investment": "-1"}, "total_investment"),
        ({"fixed_investment": "13000", "total_investment": "12000"}, "fixed_investment"),
        ({"land_mu": -1}, "land_mu"),
        ({"capital": None}, "capital"),
        ({"owner_id": 1}, "owner_id"),
    ],
)
def test_what_the_form_refuses_is_refused_by_its_field(
    app: Flask, session: Session, office: Office, wrong: dict[str, object], field: str
) -> None:
    firm_id = builders.enterprise(session).id
    caller = program(app, session, office.officer)
    refused = caller.post("/projects", {"enterprise_id": firm_id, "name": "轴承项目", **wrong}, Accept_Language="en")
    assert (refused.status, refused.fields) == (422, {field})
    assert not any("一" <= char <= "鿿" for char in str(refused.json))
    assert session.scalar(select(func.count()).select_from(Project)) == 0


def test_the_gate_names_what_is_missing_and_keeps_the_stage(app: Flask, session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, stage=Stage.VISITING)
    path = f"/projects/{deal.id}"
    caller = program(app, session, office.officer)
    gate = caller.get(f"{path}/gate").json
    assert (gate["target"], [one["code"] for one in gate["missing"]]) == ("inspecting", ["gate.visit"])
    assert {one["key"]: one["passed"] for one in gate["checks"]} == {"owner": True, "accepted": True, "visit": False}
    before = caller.get(path)
    refused = caller.call("POST", f"{path}/moves", json={"target": "inspecting"}, If_Match=before.tag)
    assert (refused.status, refused.codes) == (422, {"gate.visit"})
    skip = caller.call("POST", f"{path}/moves", json={"target": "signed"}, If_Match=before.tag)
    assert (skip.status, skip.codes) == (422, {"stage.skip"})
    back = caller.call("POST", f"{path}/moves", json={"target": "lead"}, If_Match=before.tag)
    assert (back.status, back.codes) == (422, {"stage.back_role"})
    assert caller.get(path).tag == before.tag
    assert session.scalar(select(func.count()).select_from(StageEntry)) == 1


def test_a_move_goes_through_the_gate_of_the_page_and_is_history(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer, stage=Stage.VISITING)
    builders.touch(session, firm, office.east, office.officer, project_id=deal.id)
    path = f"/projects/{deal.id}"
    caller = program(app, session, office.officer)
    tag = caller.get(path).tag
    note = {"target": "inspecting", "takes_over": "林涛", "promised": "接站、食宿"}
    assert caller.post(f"{path}/moves", note).status == 428
    moved = caller.call("POST", f"{path}/moves", json=note, If_Match=tag, Idempotency_Key="m-1")
    assert (moved.status, moved.json["stage"]) == (200, "inspecting")
    replay = caller.call("POST", f"{path}/moves", json=note, If_Match=tag, Idempotency_Key="m-1")
    assert (replay.status, replay.tag, replay.headers["Idempotency-Replayed"]) == (200, moved.tag, "true")
    assert caller.call("POST", f"{path}/moves", json=note, If_Match=tag).status == 412
    steps = caller.get(f"{path}/stages").json["items"]
    assert [(one["from_stage"], one["to_stage"], one["by"], one["takes_over"]) for one in steps] == [
        ("visiting", "inspecting", "陈晓", "林涛"),
        (None, "visiting", "陈晓", None),
    ]
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "project.move")).all()
    assert [(one.actor_id, one.detail["to"]) for one in events] == [(office.officer.id, "inspecting")]
    assert events[0].detail["token_id"] > 0


def test_agreements_stand_reported_beside_recognised(app: Flask, session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, stage=Stage.SIGNED)
    known = {"recognized_amount": Decimal(9000), "recognized_by": office.recognizer.id, "recognized_at": builders.NOW}
    builders.agreement(session, deal, office.officer, **known)
    caller = program(app, session, office.officer, Scope.AGREEMENTS_READ)
    items = caller.get(f"/projects/{deal.id}/agreements").json["items"]
    assert [(one["amount"], one["recognized_amount"], one["recognized_by"]) for one in items] == [
        ("12000", "9000", "唐宁")
    ]


def test_a_foreign_project_is_not_found_by_any_door(app: Flask, session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.south, office.outsider)
    caller = program(app, session, office.officer)
    assert caller.get("/projects").json["items"] == []
    for rest in ("", "/stages", "/gate", "/agreements"):
        assert caller.get(f"/projects/{deal.id}{rest}").status == 404, rest
    assert caller.patch(f"/projects/{deal.id}", {"site": "东区"}, '"1"').status == 404
    moved = caller.call("POST", f"/projects/{deal.id}/moves", json={"target": "visiting"}, If_Match='"1"')
    assert moved.status == 404


def test_a_confidential_project_shows_to_the_privy_alone(app: Flask, session: Session, office: Office) -> None:
    secret = {"confidential": True, "code_name": "云雀"}
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer, **secret)
    builders.touch(session, firm, office.east, office.officer, project_id=deal.id)
    own = program(app, session, office.officer)
    assert own.get(f"/projects/{deal.id}").json["code_name"] == "云雀"
    assert [len(own.get(path).json["items"]) for path in ("/projects", "/touches")] == [1, 1]
    for person in (
        office.colleague,
        office.lead,
        office.registrar,
        office.leader,
        office.recognizer,
        office.supervisor,
    ):
        caller = program(app, session, person)
        assert caller.get(f"/projects/{deal.id}").status == 404, person.name
        assert [caller.get(path).json["items"] for path in ("/projects", "/touches")] == [[], []], person.name
        assert caller.get(f"/projects?q={deal.name[-6:]}").json["items"] == [], person.name
