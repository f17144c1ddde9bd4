"""The description is valid, its examples are what the interface takes, and answers are what it promises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from crm.auth.rules import SYSTEM
from crm.reports import services as reports
from crm.scoring import services as scoring
from tests.service.api.test_rights import records
from tests.service.api.test_weekly import publish
from tests.support import builders
from tests.support.contract import Contract
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_the_description_is_valid_openapi(app: Flask) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(Contract(app).spec).iter_errors()] == []


def test_the_description_is_english_but_for_its_examples(app: Flask) -> None:
    spec = {**Contract(app).spec}
    schemas = [{**one, "examples": []} for one in spec["components"]["schemas"].values()]
    for part in (spec["info"], spec["paths"], spec["components"]["responses"], schemas):
        assert re.findall(r"[\u4e00-\u9fff]+", str(part)) == []
        assert "``" not in str(part)


def test_every_body_has_an_example_that_fits_its_schema(app: Flask) -> None:
    contract = Contract(app)
    for method, path, one in contract.operations():
        schema = contract.body(one)
        assert bool(schema) is (method != "GET"), (method, path)
        if schema:
            examples = schema["examples"]
            assert examples, (method, path)
            assert [contract.mistakes(schema, example) for example in examples] == [[]] * len(examples), (method, path)


def with_ids(example: dict[str, Any], ids: dict[str, Any]) -> dict[str, Any]:
    """An example about records that exist here."""
    return {name: ids.get(name, value) for name, value in example.items()}


def test_every_operation_takes_its_example_and_answers_as_described(
    app: Flask, session: Session, office: Office
) -> None:
    ids = records(session, office.east, office.officer, "样例")
    scoring.rescore(session, ids["enterprise_id"], now=builders.NOW, cause="test")
    publish(session, office, reports.build_weekly(session, SYSTEM, 2026, 46, now=builders.NOW))
    session.commit()
    contract, caller = Contract(app), program(app, session, office.officer)
    tried = set()
    for method, path, one in contract.operations():
        address, schema = path.format(**ids), contract.body(one)
        body = with_ids(schema["examples"][0], ids) if schema else None
        tag = caller.get(address.removesuffix("/moves")).headers.get("ETag") if "412" in one["responses"] else None
        answer = caller.call(method, address, json=body, **({"If_Match": tag} if tag else {}))
        assert answer.status < 300, (method, path, answer.json)
        assert contract.broken(one, answer) == [], (method, path)
        tried.add((method, path))
    assert len(tried) == len(list(contract.operations()))


def test_refusals_are_answered_as_described(app: Flask, session: Session, office: Office) -> None:
    ids = records(session, office.south, office.outsider, "样例")
    contract, caller = Contract(app), program(app, session, office.officer)
    nobody, expected = program(app, session, office.administrator), {"GET": {200, 404}, "POST": {404, 422, 428}}
    for method, path, one in contract.operations():
        address, body = path.format(**ids), None if method == "GET" else {"unknown": 1}
        for person in (caller, nobody):
            answer = person.call(method, address, json=body)
            assert contract.broken(one, answer) == [], (method, path, answer.status)
            if person is nobody and "x-right" in one:
                assert answer.status == 403, path
            elif person is caller and method in expected:
                assert answer.status in expected[method], (method, path, answer.json)


def test_the_check_notices_an_answer_that_breaks_the_promise(app: Flask, session: Session, office: Office) -> None:
    contract, caller = Contract(app), program(app, session, office.officer)
    one = next(one for _method, path, one in contract.operations() if path == "/me")
    answer = caller.get("/me")
    assert contract.broken(one, answer) == []
    answer.json["user_id"] = "seven"
    assert contract.broken(one, answer) == ["'seven' is not of type 'integer'"]
