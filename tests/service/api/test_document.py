from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from crm.api import document
from crm.api.scopes import SCOPE_PERMISSIONS, Scope
from crm.api.titles import GROUPS, TITLES
from crm.auth.rules import Permission
from crm.web.access import SIGNED_IN, access_of
from crm.web.i18n import API_ROOT
from tests.support.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

OPEN_TO_ANY_TOKEN = {"/api/v1/me", "/api/v1/openapi.json"}


def references(part: Any) -> Iterator[str]:
    """Every ``$ref`` below a part of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_address_of_the_interface_declares_scope_and_right(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(API_ROOT) or rule.rule in OPEN_TO_ANY_TOKEN:
            continue
        view = app.view_functions[rule.endpoint]
        scope, rights = getattr(view, "scope", None), access_of(view)
        assert isinstance(scope, Scope), rule
        assert rights not in {(), (SIGNED_IN,)}, rule
        assert set(rights) <= SCOPE_PERMISSIONS[scope], rule


def test_only_the_interface_goes_without_a_form_token(app: Flask) -> None:
    exempt = app.extensions["csrf"]._exempt_blueprints  # noqa: SLF001 (no other way)
    assert app.extensions["csrf"]._exempt_views == set()  # noqa: SLF001 (no other way)
    for rule in app.url_map.iter_rules():
        bare = app.blueprints.get(rule.endpoint.rpartition(".")[0]) in exempt
        assert bare is rule.rule.startswith(API_ROOT), rule


def test_the_document_describes_every_operation_and_nothing_else(app: Flask) -> None:
    spec = document.described(cast("APIFlask", app))
    assert spec["openapi"] == "3.1.0"
    told = {(path.replace("{", "<").replace("}", ">"), method) for path, method, _one in document.operations(spec)}
    served = {
        (rule.rule.replace("int:", ""), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(API_ROOT) and not rule.rule.endswith("/openapi.json")
    }
    assert told == served
    names = [one["operationId"] for _path, _method, one in document.operations(spec)]
    assert len(names) == len(set(names))


def test_every_operation_is_called_something_on_the_page(app: Flask) -> None:
    spec = document.described(cast("APIFlask", app))
    assert set(TITLES) == {one["operationId"] for _path, _method, one in document.operations(spec)}
    assert set(GROUPS) == {tag for _path, _method, one in document.operations(spec) for tag in one["tags"]}


def test_the_page_for_people_shows_operations_in_their_language(as_officer: Browser, session: Session) -> None:
    page = as_officer.get("/account/api").text
    assert all(title in page for title in TITLES.values())
    assert "云岭精密机械有限公司" in page


def test_every_reference_of_the_document_leads_somewhere(app: Flask) -> None:
    spec = document.described(cast("APIFlask", app))
    for reference in references(spec):
        found: Any = spec
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found, reference


def test_every_scope_lets_through_permissions_that_exist() -> None:
    assert set(SCOPE_PERMISSIONS) == set(Scope)
    assert all(found and found <= set(Permission) for found in SCOPE_PERMISSIONS.values())


def test_a_program_reads_the_document_and_whom_it_acts_for(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.officer, Scope.SIGNALS_READ)
    assert caller.get("/openapi.json").json["info"]["title"] == document.TITLE
    assert caller.get("/me").json["permissions"] == ["signal.read"]
