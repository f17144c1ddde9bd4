from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.api.scopes import Scope
from crm.fieldwork.models import FollowUp
from tests.support import builders
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_a_follow_up_is_added_listed_and_ticked_off_once(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer)
    caller = program(app, session, office.officer, Scope.TOUCHES_READ, Scope.TOUCHES_WRITE, Scope.PROJECTS_READ)
    body = {"title": "送政策清单", "due_on": "2026-11-27", "project_id": deal.id}
    made = caller.post("/follow-ups", body, Idempotency_Key="f-1")
    assert made.status == 201, made.json
    assert caller.post("/follow-ups", body, Idempotency_Key="f-1").json == made.json
    assert (made.status, made.json["enterprise"]["id"], made.json["owner"]["name"]) == (201, firm.id, "陈晓")
    assert [one["id"] for one in caller.get("/follow-ups?until=2026-11-27").json["items"]] == [made.json["id"]]
    assert caller.get("/follow-ups?until=2026-11-26").json["items"] == []
    for note in ("已送达", "又送了一次"):
        done = caller.post(f"/follow-ups/{made.json['id']}/done", {"note": note})
        assert (done.status, done.json["done_note"]) == (200, "已送达")
    assert caller.get("/follow-ups").json["items"] == []
    assert len(caller.get("/follow-ups?state=done&own=true").json["items"]) == 1
    assert len(session.scalars(select(FollowUp.id)).all()) == 1


def test_follow_ups_are_paged_and_those_of_other_units_not_found(app: Flask, session: Session, office: Office) -> None:
    firm_id = builders.enterprise(session).id
    outsider = program(app, session, office.outsider)
    foreign = outsider.post("/follow-ups", {"title": "回访", "enterprise_id": firm_id}).json["id"]
    caller = program(app, session, office.officer)
    own = [caller.post("/follow-ups", {"title": f"第{number}件"}).json["id"] for number in range(3)]
    first = caller.get("/follow-ups?limit=2").json
    rest = caller.get(f"/follow-ups?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + rest["items"]] == own[::-1]
    assert caller.post(f"/follow-ups/{foreign}/done", {}).status == 404
    colleague = program(app, session, office.colleague)
    assert colleague.post(f"/follow-ups/{own[0]}/done", {}).status == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"due_on": "2026-11-19"}, "due_on"),
        ({"enterprise_id": 999_999}, "enterprise_id"),
        ({"project_id": 999_999}, "project_id"),
        ({"owner_id": 1}, "owner_id"),
    ],
)
def test_what_the_form_refuses_is_refused_by_its_field(
    app: Flask, session: Session, office: Office, wrong: dict[str, object], field: str
) -> None:
    caller = program(app, session, office.officer)
    refused = caller.post("/follow-ups", {"title": "回访", **wrong})
    assert (refused.status, refused.fields) == (422, {field})
