from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import func, select, update

from crm.api import document
from crm.api.models import ApiAnswer, ApiToken
from crm.api.scopes import Scope
from crm.enterprises.models import Enterprise
from tests.support.programs import ROOT, Program, program

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def every_operation(app: Flask) -> list[tuple[str, str, dict[str, Any]]]:
    """Path below the root, method and description of each operation, with numbers for its arguments."""
    found = document.operations(document.described(cast("APIFlask", app)))
    return [(path.removeprefix(ROOT).replace("{key}", "leads"), method.upper(), one) for path, method, one in found]


def numbered(path: str) -> str:
    head, brace, rest = path.partition("{")
    return f"{head}1{numbered(rest.partition('}')[2])}" if brace else head


def test_every_operation_refuses_without_a_token(app: Flask, office: Office) -> None:
    nobody = Program(app, None)
    for path, method, _one in every_operation(app):
        refused = nobody.call(method, numbered(path), json={} if method != "GET" else None)
        assert (refused.status, refused.mimetype) == (401, "application/problem+json"), path
        assert refused.headers["WWW-Authenticate"].startswith("Bearer"), path


def test_every_operation_refuses_a_token_of_all_other_scopes(app: Flask, session: Session, office: Office) -> None:
    for scope in Scope:
        caller = program(app, session, office.registrar, *(set(Scope) - {scope}))
        for path, method, one in every_operation(app):
            if one.get("x-scope") != scope:
                continue
            refused = caller.call(method, numbered(path), json={} if method != "GET" else None)
            assert (refused.status, refused.codes) == (403, {"token.scope"}), path
            assert f'scope="{scope}"' in refused.headers["WWW-Authenticate"]


def test_every_operation_refuses_a_person_without_the_right(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.administrator)
    for path, method, one in every_operation(app):
        if "x-right" in one:
            refused = caller.call(method, numbered(path), json={} if method != "GET" else None)
            assert (refused.status, refused.codes) == (403, {"access.forbidden"}), path


def test_a_cookie_opens_nothing(as_registrar: Browser) -> None:
    for header in ({}, {"Authorization": "Basic eDp5"}, {"Cookie": "remember_token=1|x"}):
        answer = as_registrar.client.get("/api/v1/enterprises", headers=header)
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers


def test_a_token_opens_no_page(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.registrar)
    answer = app.test_client().get("/enterprises", headers=caller.headers)
    assert (answer.status_code, answer.headers["Location"][:6]) == (302, "/login")


def test_unknown_addresses_and_ways_are_told_as_problems(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", "/enterprises", 405),
        ("GET", "/enterprises/0", 404),
    ):
        answer = caller.call(method, path)
        assert (answer.status, answer.mimetype, answer.json["status"]) == (status, "application/problem+json", status)


def test_a_body_that_is_no_json_is_unreadable(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    for sent in (b"{", b"[]", b"null", b"\xff", b'"x"'):
        answer = app.test_client().post("/api/v1/enterprises", data=sent, headers=caller.headers)
        assert answer.status_code in {400, 422}, sent
        assert answer.mimetype == "application/problem+json"


def test_too_many_calls_are_told_when_to_come_back(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    session.execute(update(ApiToken).values(tokens=1.0))
    session.commit()
    assert caller.get("/me").status == 200
    refused = caller.get("/me")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")


def test_the_same_key_and_body_again_get_the_same_answer(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    body = {"name": "云岭新材料有限公司"}
    first = caller.post("/enterprises", body, Idempotency_Key="k-1")
    again = caller.post("/enterprises", body, Idempotency_Key="k-1")
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    assert (again.tag, again.headers["Idempotency-Replayed"]) == (first.tag, "true")
    other = caller.post("/enterprises", {"name": "云岭另一家公司"}, Idempotency_Key="k-1")
    assert (other.status, other.codes) == (422, {"idempotency.other"})
    assert session.scalar(select(func.count()).select_from(Enterprise)) == 1
    session.rollback()
    colleague = program(app, session, office.colleague)
    assert colleague.post("/enterprises", body, Idempotency_Key="k-1").status == 422


def test_a_refusal_is_not_kept_under_its_key(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer)
    assert caller.post("/enterprises", {"name": "!"}, Idempotency_Key="k").status == 422
    assert session.scalars(select(ApiAnswer)).all() == []
    session.rollback()
    assert caller.post("/enterprises", {"name": "云岭新材料有限公司"}, Idempotency_Key="k").status == 201


@pytest.mark.parametrize("key", ["", "x" * 81, "a\tb"])
def test_an_odd_key_is_refused(app: Flask, session: Session, office: Office, key: str) -> None:
    caller = program(app, session, office.officer)
    refused = caller.post("/enterprises", {"name": "云岭新材料有限公司"}, Idempotency_Key=key)
    assert (refused.status, refused.codes) == (422, {"idempotency.key"})
