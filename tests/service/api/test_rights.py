"""Each operation, as a token of each role, on records of the own unit, of another unit, and confidential ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from crm.api import document
from crm.auth.rules import ROLE_PERMISSIONS, Permission, Role
from crm.fieldwork.models import FollowUp
from tests.support import builders
from tests.support.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit, User
    from tests.support.builders import Office
    from tests.support.programs import Program

PEOPLE = ("officer", "lead", "registrar", "recognizer", "supervisor", "leader", "administrator")
SHARED = {"enterprise_id", "signal_id", "key", "week"}
OWN_UNIT = ("officer", "lead")


def records(session: Session, unit: OrgUnit, by: User, mark: str, **project: Any) -> dict[str, Any]:
    """One record of each kind in a unit, all bearing a mark, by the names of the arguments in addresses."""
    firm = builders.enterprise(session, f"云岭{mark}企业有限公司")
    deal = builders.project(session, firm, unit, by, name=f"{mark}项目", **project)
    builders.agreement(session, deal, by, number=f"{mark}号")
    touch = builders.touch(session, firm, unit, by, summary=f"{mark}走访", project_id=deal.id)
    contact = builders.contact(session, firm, unit, by, name=f"{mark}总")
    signal = builders.signal(session, firm)
    promised = {"title": f"{mark}待办", "project_id": deal.id, "unit_id": unit.id, "owner_id": by.id}
    step = FollowUp(**promised, created_by=by.id, created_at=builders.NOW)
    session.add(step)
    session.commit()
    ids = {"project_id": deal.id, "touch_id": touch.id, "contact_id": contact.id, "follow_up_id": step.id}
    return {**ids, "enterprise_id": firm.id, "signal_id": signal.id, "key": "leads", "week": "2026-W46"}


def operations(app: Flask, ids: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation as (method, path on these records, what the document says of it)."""
    for path, method, one in document.operations(document.described(cast("APIFlask", app))):
        yield method.upper(), path.removeprefix("/api/v1").format(**ids), one


def call(caller: Program, method: str, path: str) -> tuple[int, str]:
    answer = caller.call(method, path, json=None if method == "GET" else {}, If_Match='"1"')
    return answer.status, str(answer.json)


def role_of(office: Office, person: str) -> Role:
    return cast("User", getattr(office, person)).rosters[0].role


@pytest.mark.parametrize("person", PEOPLE)
def test_each_role_gets_through_where_its_rights_do(app: Flask, session: Session, office: Office, person: str) -> None:
    ids = records(session, office.east, office.officer, "东队")
    rights = ROLE_PERMISSIONS[role_of(office, person)]
    caller = program(app, session, getattr(office, person))
    for method, path, one in operations(app, ids):
        status, _body = call(caller, method, path)
        demanded = one.get("x-right")
        allowed = demanded is None or Permission(demanded) in rights
        assert (status == 403) is not allowed, (method, path, status)
        assert status < 500, (method, path)
        assert str(status) in one["responses"], (method, path, status)


@pytest.mark.parametrize("person", OWN_UNIT)
def test_no_record_of_another_unit_comes_through_any_operation(
    app: Flask, session: Session, office: Office, person: str
) -> None:
    ids = records(session, office.south, office.outsider, "南队")
    absent = {f"/enterprises/{ids['enterprise_id']}/score", "/reports/weekly/2026-W46"}
    caller = program(app, session, getattr(office, person))
    for method, path, one in operations(app, ids):
        status, body = call(caller, method, path)
        own = {argument["name"] for argument in one["parameters"] if argument["in"] == "path"} - SHARED
        assert not own or status in {404, 422}, (method, path, status)
        if own and method == "GET":
            assert status == 404, path
        for word in ("南队项目", "南队走访", "南队总", "南队号", "南队待办"):
            assert word not in body, (method, path)
        assert status == 200 or method != "GET" or own or path in absent, (method, path, status)


@pytest.mark.parametrize("person", [one for one in PEOPLE if one != "officer"])
def test_a_confidential_project_comes_through_no_operation(
    app: Flask, session: Session, office: Office, person: str
) -> None:
    ids = records(session, office.east, office.officer, "密件", confidential=True, code_name="云雀")
    caller = program(app, session, getattr(office, person))
    for method, path, _one in operations(app, ids):
        status, body = call(caller, method, path)
        if f"/projects/{ids['project_id']}" in path or "/touches/" in path or "/follow-ups/" in path:
            assert status in {403, 404, 422}, (method, path)
        for word in ("密件项目", "密件走访", "密件号", "密件待办", "云雀"):
            assert word not in body, (method, path)
