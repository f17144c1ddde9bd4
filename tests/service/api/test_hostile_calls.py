"""Calls made to do harm: too fine, too deep, of any version, truths as numbers, answers told once too often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crm.pipeline.confidential import services as confidential
from crm.pipeline.models import Project
from tests.support import builders
from tests.support.builders import NOW
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

LEVELS = (900, 1_000, 3_000, 20_000)


@pytest.mark.parametrize("bound", ["low", "high"])
@pytest.mark.parametrize("path", ["/figures", "/figures/leads", "/figures/leads/rows"])
def test_a_bound_finer_than_a_fen_is_told_to_be_too_fine(
    app: Flask, session: Session, office: Office, path: str, bound: str
) -> None:
    caller = program(app, session, office.leader)
    for value in ("0.0000001", "1e-30", "1e-400", "NaN", "-1"):
        refused = caller.get(f"{path}?{bound}={value}")
        assert (refused.status, refused.fields) == (422, {bound}), value
    assert caller.get(f"{path}?{bound}=0.000001").status == 200


def test_a_bound_too_fine_is_told_in_words(app: Flask, session: Session, office: Office) -> None:
    refused = program(app, session, office.leader).get("/figures?low=0.0000001")
    assert refused.json["errors"][0]["message"] == "最多6位小数。"


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("shape", [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_a_body_nested_without_end_is_unreadable(
    app: Flask, session: Session, office: Office, levels: int, shape: tuple[str, str]
) -> None:
    caller = program(app, session, office.officer)
    head, foot = shape
    deep = head * levels + "1" + foot * levels
    for sent in (deep, f'{{"name": {deep}}}'):
        answer = caller.client.post("/api/v1/enterprises", data=sent, headers=caller.headers)
        assert answer.status_code in {400, 422}
        assert answer.mimetype == "application/problem+json"


def test_any_version_is_no_version(app: Flask, session: Session, office: Office) -> None:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer)
    session.commit()
    caller = program(app, session, office.officer)
    path = f"/projects/{project.id}"
    for method, where, body in (("PATCH", path, {"site": "甲"}), ("POST", f"{path}/moves", {"target": "visiting"})):
        refused = caller.call(method, where, json=body, If_Match="*")
        assert (refused.status, refused.codes) == (428, {"version.missing"})
    assert caller.patch(path, {"site": "甲"}, 'W/"1"').status == 412


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/projects", {"enterprise_id": True}),
        ("/projects", {"land_mu": True}),
        ("/projects", {"total_investment": True}),
        ("/projects", {"referrer_id": True}),
        ("/touches", {"headcount": True}),
        ("/touches", {"contact_ids.0": [True]}),
        ("/follow-ups", {"project_id": True}),
        ("/enterprises", {"revenue": True}),
    ],
)
def test_truth_is_no_number(app: Flask, session: Session, office: Office, path: str, body: dict[str, Any]) -> None:
    firm = builders.enterprise(session)
    session.commit()
    whole: dict[str, dict[str, Any]] = {
        "/projects": {"enterprise_id": firm.id, "name": "真假项目"},
        "/touches": {"enterprise_id": firm.id, "kind": "visit", "occurred_at": "2026-11-19T02:00:00Z", "summary": "谈"},
        "/follow-ups": {"title": "送材料"},
        "/enterprises": {"name": "云岭新材料有限公司"},
    }
    sent = {**whole[path], **{field.split(".")[0]: value for field, value in body.items()}}
    refused = program(app, session, office.officer).post(path, sent)
    assert (refused.status, refused.fields) == (422, set(body))


def test_a_kept_answer_is_not_told_to_who_may_no_longer_read_it(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    session.commit()
    caller = program(app, session, office.officer)
    body = {"enterprise_id": firm.id, "name": "机密前的项目"}
    made = caller.post("/projects", body, Idempotency_Key="p-1")
    assert made.status == 201
    visit = {"enterprise_id": firm.id, "kind": "visit", "occurred_at": "2026-11-19T02:00:00Z", "summary": "机密内容"}
    touch = caller.post("/touches", {**visit, "project_id": made.json["id"]}, Idempotency_Key="t-1")
    assert touch.status == 201
    assert caller.post("/projects", body, Idempotency_Key="p-1").headers["Idempotency-Replayed"] == "true"
    row = session.get_one(Project, made.json["id"])
    row.owner_id, row.created_by = office.lead.id, office.lead.id
    session.flush()
    confidential.classify(session, office.actor(session, office.lead), row.id, "青竹计划", version=row.version, now=NOW)
    session.commit()
    for path, sent, key in (("/projects", body, "p-1"), ("/touches", {**visit, "project_id": row.id}, "t-1")):
        refused = caller.post(path, sent, Idempotency_Key=key)
        assert (refused.status, refused.mimetype) == (404, "application/problem+json"), path
        assert "机密" not in str(refused.json)
