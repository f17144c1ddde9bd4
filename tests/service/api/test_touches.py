from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from crm.api.scopes import Scope
from crm.assessment import queries as figures
from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.core.audit import AuditEvent
from crm.fieldwork.models import FollowUp, Touch
from tests.support import builders
from tests.support.builders import NOW
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def visit(firm_id: int, **fields: Any) -> dict[str, Any]:
    """A visit as a program sends it."""
    values = {"kind": "visit", "occurred_at": "2026-11-19T14:00:00+08:00", "summary": "看了两条产线，谈了扩产。"}
    return {"enterprise_id": firm_id, **values, **fields}


def test_a_visit_sent_twice_under_one_key_is_one_visit(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer)
    caller = program(app, session, office.officer, Scope.TOUCHES_WRITE, Scope.TOUCHES_READ)
    body = visit(firm.id, next_step="送政策清单", next_due="2026-11-27", headcount=3)
    made = caller.post("/touches", body, Idempotency_Key="v-1")
    again = caller.post("/touches", body, Idempotency_Key="v-1")
    assert (made.status, again.status, again.json) == (201, 201, made.json)
    assert made.json["occurred_at"] == "2026-11-19T06:00:00Z"
    assert (made.json["project_id"], made.json["unit"]["name"], made.json["author"]["name"]) == (
        deal.id,
        "长三角小分队",
        "陈晓",
    )
    assert caller.get(made.headers["Location"].partition("/api/v1")[2]).json == made.json
    assert session.scalar(select(func.count()).select_from(Touch)) == 1
    assert session.scalars(select(FollowUp.title)).all() == ["送政策清单"]
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "touch.log")).all()
    assert [one.detail["token_id"] > 0 for one in logged] == [True]


def test_the_very_same_visit_sent_in_bulk_without_a_key_is_counted_once(
    app: Flask, session: Session, office: Office
) -> None:
    caller = program(app, session, office.officer, Scope.TOUCHES_WRITE)
    bodies = [visit(builders.enterprise(session).id) for _ in range(2)]
    session.commit()
    made = [caller.post("/touches", body).json["id"] for body in (*bodies, *bodies)]
    assert made[:2] == made[2:]
    assert caller.post("/touches", bodies[0] | {"summary": "又去了一次。"}).json["id"] not in made
    window = Window(date(2026, 11, 1), date(2026, 11, 30), NOW)
    assert figures.by_unit(session, MEASURES["visit_batches"], window) == {office.east.id: 3}
    gone = session.get_one(Touch, made[0])
    gone.voided_at, gone.void_reason = NOW, "重复"
    session.commit()
    after = caller.post("/touches", bodies[0]).json["id"]
    assert after not in made, "what was voided may be logged again"
    assert caller.post("/touches", bodies[0]).json["id"] == after


def test_a_program_cannot_say_when_a_visit_was_recorded(app: Flask, session: Session, office: Office) -> None:
    body = visit(builders.enterprise(session).id, recorded_at="2026-11-12T16:00:00+08:00")
    caller = program(app, session, office.officer)
    assert caller.post("/touches", body, Idempotency_Key="v-1").status == 422
    assert session.scalar(select(func.count()).select_from(Touch)) == 0


def test_a_key_is_not_spent_by_another_persons_visit(app: Flask, session: Session, office: Office) -> None:
    firm_id = builders.enterprise(session).id
    for person in (office.officer, office.outsider):
        caller = program(app, session, person)
        assert caller.post("/touches", visit(firm_id), Idempotency_Key="same").status == 201
    assert session.scalar(select(func.count()).select_from(Touch)) == 2


def test_touches_are_listed_for_who_may_see_them(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    own = [builders.touch(session, firm, office.east, office.officer).id for _each in range(3)]
    foreign = builders.touch(session, firm, office.south, office.outsider).id
    caller = program(app, session, office.officer, Scope.TOUCHES_READ)
    first = caller.get("/touches?limit=2").json
    rest = caller.get(f"/touches?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + rest["items"]] == own[::-1]
    assert rest["next_cursor"] is None
    assert caller.get(f"/touches/{foreign}").status == 404
    assert caller.get(f"/touches?unit={office.south.id}").json["items"] == []
    assert caller.get("/touches?since=2026-11-19").json["items"] == []
    assert len(caller.get("/touches?since=2026-11-18&until=2026-11-18&kind=visit").json["items"]) == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"enterprise_id": 999_999}, "enterprise_id"),
        ({"kind": "dance"}, "kind"),
        ({"occurred_at": "2026-11-19T14:00:00"}, "occurred_at"),
        ({"occurred_at": 1763532000}, "occurred_at"),
        ({"occurred_at": "2026-11-29T14:00:00+08:00"}, "occurred_at"),
        ({"summary": "  "}, "summary"),
        ({"project_id": 999_999}, "project"),
        ({"unit_id": 999_999}, "unit_id"),
        ({"contact_ids": [999_999]}, "contact_ids"),
        ({"headcount": 501}, "headcount"),
        ({"next_step": "再访"}, "next_due"),
        ({"report": "考察报告"}, "report"),
    ],
)
def test_what_the_form_refuses_is_refused_by_its_field(
    app: Flask, session: Session, office: Office, wrong: dict[str, Any], field: str
) -> None:
    firm_id = builders.enterprise(session).id
    caller = program(app, session, office.officer)
    refused = caller.post("/touches", visit(firm_id, **wrong), Accept_Language="en")
    assert (refused.status, refused.fields) == (422, {field})
    assert not any("一" <= char <= "鿿" for char in str(refused.json))
    assert session.scalar(select(func.count()).select_from(Touch)) == 0
