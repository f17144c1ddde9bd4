"""Every address of the interface read with a token of each role: nothing tells of a confidential project."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.routing import IntegerConverter

from tests.service.pipeline.confidential.test_nobody_else_knows import OUTSIDE, WORDS, Secret, secret
from tests.support.programs import ROOT, program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

__all__ = ["secret"]
KEYS = ("tips", "tips_answered", "leads")
HEARD = "密听外省来谈"


def addresses(app: Flask, secret: Secret) -> Iterator[str]:
    """Every address that is read; of figures a few, the tips among them."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(ROOT) or "GET" not in (rule.methods or ()):
            continue
        values: dict[str, Any] = {}
        for name, converter in rule._converters.items():  # noqa: SLF001 (the map offers no other way to its types)
            usual = 1 if isinstance(converter, IntegerConverter) else "2026-W47"
            values[name] = secret.values.get(name, usual)
        for key in KEYS if "key" in values else ("",):
            yield adapter.build(rule.endpoint, {**values, **({"key": key} if key else {})}, method="GET")


@pytest.mark.parametrize("role", [one for one in OUTSIDE if one != "administrator"])
def test_no_answer_tells_of_it(app: Flask, session: Session, office: Office, secret: Secret, role: str) -> None:
    caller = program(app, session, getattr(office, role))
    read = 0
    for address in addresses(app, secret):
        answer = caller.client.get(address, headers=caller.headers)
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, address
        assert answer.status_code != HTTPStatus.TOO_MANY_REQUESTS, address
        text = str(json.loads(answer.text)) if answer.is_json else answer.text
        assert not [word for word in (*WORDS, HEARD) if word in text], address
        read += answer.status_code == HTTPStatus.OK
    assert read > len(KEYS), "some answers say something"


@pytest.mark.parametrize("key", KEYS)
def test_no_figure_counts_it(app: Flask, session: Session, office: Office, secret: Secret, key: str) -> None:
    assert program(app, session, office.leader).get(f"/figures/{key}").json["value"] in {0, "0"}
