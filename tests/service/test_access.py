from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.routing import AnyConverter

from crm.auth.rules import ROLE_PERMISSIONS, ROLE_SCOPES, Permission, Role, Scope
from crm.cli.accessmap import table
from crm.web.access import PUBLIC, SIGNED_IN, access_of
from crm.web.i18n import API_ROOT
from tests.conftest import Browser

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

DOCS = Path(__file__).resolve().parents[2] / "docs" / "access.md"
PEOPLE = ("officer", "lead", "registrar", "recognizer", "supervisor", "leader", "administrator")
BUSINESS = {
    permission for permission in Permission if permission.value.split(".")[0] in {"contact", "project", "touch"}
}


def plain_pages(app: Flask) -> list[tuple[str, tuple[str, ...]]]:
    """Pages without parameters, and what each demands; programs have a door of their own."""
    return [
        (rule.rule, access_of(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and not rule.rule.startswith(API_ROOT)
    ]


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    silent = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not access_of(app.view_functions[rule.endpoint])
    ]
    assert silent == []


def test_the_table_of_routes_and_roles_is_fresh(app: Flask) -> None:
    assert table(app) == DOCS.read_text(encoding="utf-8"), "run: make access-map"


@pytest.mark.parametrize("person", PEOPLE)
def test_each_role_opens_its_pages_and_no_others(app: Flask, session: Session, office: Office, person: str) -> None:
    user = getattr(office, person)
    username, role = user.username, user.rosters[0].role
    session.rollback()  # some pages write who took what
    browser = Browser(app.test_client()).sign_in(username)
    for path, demanded in plain_pages(app):
        allowed = demanded in {(PUBLIC,), (SIGNED_IN,)} or bool(ROLE_PERMISSIONS[role] & set(demanded))
        status = browser.get(path).status_code
        assert status < 500, path
        assert (status == 403) is not allowed, (path, status)


def test_a_stranger_is_sent_to_sign_in_from_every_page(app: Flask, office: Office, visitor: Browser) -> None:
    for path, demanded in plain_pages(app):
        answer = visitor.get(path)
        if demanded != (PUBLIC,):
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/login"), path


def test_an_unsafe_request_without_a_token_is_refused_on_every_route(app: Flask, as_registrar: Browser) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith(API_ROOT):
            continue
        words = {name: min(kind.items) for name, kind in rule._converters.items() if isinstance(kind, AnyConverter)}  # noqa: SLF001 (no other way)
        path = rule.build({**dict.fromkeys(rule.arguments, 1), **words})[1]  # type: ignore[index]  # every argument is given
        answer = as_registrar.client.post(path, data={"name": "x"})
        assert answer.status_code == 400, path
        assert "页面已过期" in answer.text, path


def test_no_role_both_reports_and_recognises() -> None:
    for role, granted in ROLE_PERMISSIONS.items():
        assert not {Permission.PROJECT_WRITE, Permission.AGREEMENT_RECOGNIZE} <= granted, role


def test_the_administrator_holds_no_business_rights() -> None:
    assert not ROLE_PERMISSIONS[Role.ADMINISTRATOR] & BUSINESS
    assert ROLE_SCOPES[Role.ADMINISTRATOR] is Scope.NONE
