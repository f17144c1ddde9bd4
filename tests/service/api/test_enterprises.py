from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.api.scopes import Scope
from crm.core.audit import AuditEvent
from tests.support import builders
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_a_program_lists_enterprises_page_by_page(app: Flask, session: Session, office: Office) -> None:
    for name in ("甲", "乙", "丙"):
        builders.enterprise(session, f"云岭{name}电子有限公司")
    caller = program(app, session, office.officer, Scope.ENTERPRISES_READ)
    first = caller.get("/enterprises?limit=2").json
    second = caller.get(f"/enterprises?limit=2&cursor={first['next_cursor']}").json
    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [2, 1, None]
    assert caller.get("/enterprises?industry=医药").json["items"] == []


def test_a_filter_that_cannot_be_read_is_named(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    answer = caller.get("/enterprises?f=shoe:big")
    assert (answer.status, answer.mimetype) == (422, "application/problem+json")
    assert "shoe:big" in answer.json["errors"][0]["message"]


def test_an_enterprise_is_added_and_changed_by_its_version(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    made = caller.post("/enterprises", {"name": "云岭新材料有限公司", "registered_capital": "12000.5"})
    assert made.status == 201, made.json
    path = f"/enterprises/{made.json['id']}"
    assert made.headers["Location"].endswith(path)
    changed = caller.patch(path, {"region": "江苏省苏州市"}, made.tag)
    assert (changed.json["region_code"], changed.json["registered_capital"]) == ("320500", "12000.5")
    assert caller.patch(path, {"region": None}, made.tag).status == 412
    assert caller.call("PATCH", path, json={"region": None}).status == 428
    assert caller.get(path, If_None_Match=changed.tag).status == 304


def test_what_a_program_writes_names_its_token(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    caller.post("/enterprises", {"name": "云岭新材料有限公司"})
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "enterprise")).all()
    assert [(row.action, row.actor_id) for row in rows] == [("enterprise.create", office.officer.id)]
    assert rows[0].detail["token_id"] > 0


def test_the_rules_of_the_page_refuse_with_fields(app: Flask, session: Session, office: Office) -> None:
    builders.enterprise(session, "云岭电子有限公司")
    caller = program(app, session, office.officer)
    same = caller.post("/enterprises", {"name": "云岭电子有限公司"})
    assert (same.status, same.json["errors"][0]["field"]) == (422, "confirmed")
    odd = caller.post("/enterprises", {"name": "云岭", "colour": 1, "revenue": "viel"}, Accept_Language="en")
    assert odd.fields == {"colour", "revenue"}
    assert not any("一" <= char <= "鿿" for char in str(odd.json))
