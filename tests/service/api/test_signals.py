from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.api.scopes import Scope
from crm.scoring import services as scoring
from crm.signals.models import SignalState
from tests.support import builders
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_signals_come_with_the_page_they_were_read_from(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    rows = [builders.signal(session, firm, kind).id for kind in ("CAPX", "LAND", "CAPX")]
    taken = builders.signal(session, firm, state=SignalState.ACCEPTED, decided_at=builders.NOW)
    caller = program(app, session, office.officer, Scope.SIGNALS_READ)
    first = caller.get("/signals?limit=2").json
    rest = caller.get(f"/signals?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + rest["items"]] == rows[::-1]
    assert len(caller.get("/signals?kind=CAPX").json["items"]) == 2
    assert len(caller.get("/signals?kind=CAPX&kind=LAND&state=all").json["items"]) == 4
    one = caller.get(f"/signals/{taken.id}").json
    assert (one["state"], one["enterprise"]["name"], one["quote"]) == (
        "accepted",
        firm.name,
        f"{firm.name}计划投资扩产。",
    )
    assert one["article"]["url"].startswith("https://news.example/")
    assert caller.get("/signals/999999").status == 404


@pytest.mark.parametrize("asked", ["kind=SHOE", "days=many", "since=yesterday", "confidence=200", "amount=viel"])
def test_a_filter_that_cannot_be_read_is_named(app: Flask, session: Session, office: Office, asked: str) -> None:
    caller = program(app, session, office.officer)
    refused = caller.get(f"/signals?{asked}", Accept_Language="en")
    assert (refused.status, refused.fields) == (422, {asked.partition("=")[0]})
    assert not any("一" <= char <= "鿿" for char in str(refused.json))


def scored(session: Session, office: Office) -> int:
    """An enterprise with news, a visit and a score, and points that a person set instead."""
    firm = builders.enterprise(session)
    builders.signal(session, firm, state=SignalState.ACCEPTED, decided_at=builders.NOW)
    builders.touch(session, firm, office.east, office.officer)
    scoring.rescore(session, firm.id, now=builders.NOW, cause="test")
    actor, expires_at = office.actor(session, office.registrar), builders.NOW + timedelta(days=7)
    scoring.set_override(
        session, actor, firm.id, points=90, reason="县领导对接中", expires_at=expires_at, now=builders.NOW
    )
    session.commit()
    return firm.id


def test_a_score_is_the_sum_of_its_reasons(app: Flask, session: Session, office: Office) -> None:
    firm_id = scored(session, office)
    caller = program(app, session, office.officer, Scope.ENTERPRISES_READ)
    one = caller.get(f"/enterprises/{firm_id}/score").json
    assert len(one["reasons"]) >= 2
    assert all(reason["text"] for reason in one["reasons"])
    assert one["points"] == one["start"] + sum(reason["points"] for reason in one["reasons"])
    assert one["points"] == one["start"] + one["fit"] + one["intent"]
    assert (one["override"]["points"], one["override"]["set_by"]) == (90, "许静")
    english = caller.get(f"/enterprises/{firm_id}/score", Accept_Language="en").json
    assert [reason["points"] for reason in english["reasons"]] == [reason["points"] for reason in one["reasons"]]
    assert english["reasons"] != one["reasons"]


def test_an_enterprise_without_a_score_says_so(app: Flask, session: Session, office: Office) -> None:
    firm_id = builders.enterprise(session).id
    refused = program(app, session, office.officer).get(f"/enterprises/{firm_id}/score")
    assert (refused.status, refused.codes) == (404, {"score.absent"})


def test_reasons_link_to_what_the_token_may_read_alone(app: Flask, session: Session, office: Office) -> None:
    path = f"/enterprises/{scored(session, office)}/score"
    pages = [
        {reason["page"] for reason in program(app, session, office.officer, *scopes).get(path).json["reasons"]}
        for scopes in (tuple(Scope), (Scope.ENTERPRISES_READ,))
    ]
    assert any(page and page.startswith("/visits/") for page in pages[0])
    assert not any(page and page.startswith(("/visits/", "/signals/")) for page in pages[1])
