from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.core.errors import NotFoundError
from crm.fieldwork.models import Touch
from crm.scores import explaining, words
from crm.scoring import services as scoring
from crm.scoring.models import EnterpriseScore, ScoreEvent, ScoreOverride
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office


def known(session: Session, office: Office) -> Enterprise:
    """An enterprise with a visit of each squad and a contact, scored a month ago and now."""
    firm = builders.enterprise(session, "云岭示例电子有限公司")
    builders.touch(
        session, firm, office.east, office.officer, occurred_at=NOW - timedelta(days=41),
        recorded_at=NOW - timedelta(days=41),
    )  # fmt: skip
    scoring.rescore(session, firm.id, now=NOW - timedelta(days=40), cause="nightly")
    builders.signal(session, firm, "CAPX", happened_at=NOW - timedelta(days=3), recorded_at=NOW - timedelta(days=3))
    builders.touch(session, firm, office.south, office.outsider)
    builders.contact(session, firm, office.east, office.officer, created_at=NOW - timedelta(days=5))
    scoring.rescore(session, firm.id, now=NOW, cause="change")
    session.commit()
    return firm


def test_every_point_is_told_and_the_parts_add_up_to_the_score(app: Flask, session: Session, office: Office) -> None:
    firm = known(session, office)
    found = explaining.explain(session, office.actor(session, office.officer), firm.id, now=NOW)
    assert found.score is not None
    with app.test_request_context():
        parts = words.parts(found.score, found.table, found.hrefs)
    told = [int(reason.points.replace("−", "-")) for part in parts for reason in part.reasons]
    assert told
    assert 50 + sum(told) == found.score.points
    assert [int(part.points.replace("−", "-")) for part in parts] == [found.score.fit, found.score.intent]


def test_reasons_lead_only_to_rows_that_the_person_may_open(session: Session, office: Office) -> None:
    firm = known(session, office)
    theirs = explaining.explain(session, office.actor(session, office.officer), firm.id, now=NOW)
    ours = explaining.explain(session, office.actor(session, office.outsider), firm.id, now=NOW)
    east, south = (row.id for row in session.query(Touch).order_by(Touch.id))
    assert {("touch", east), ("signal", 1), ("contact", 1)} == set(theirs.hrefs)
    assert {("touch", south), ("signal", 1)} == set(ours.hrefs)


def test_the_page_says_how_far_the_score_may_be_believed(as_officer: Browser, session: Session, office: Office) -> None:
    page = as_officer.get(f"/enterprises/{known(session, office).id}/score").text
    assert "专家权重，未校准" in page
    assert "比30天前高" in page
    assert "由区县领导带队走访一次" in page


def test_a_score_at_its_end_says_that_nothing_would_move_it(
    as_officer: Browser, session: Session, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = known(session, office)
    row = session.get_one(EnterpriseScore, firm.id)
    row.fit, row.points = 49 - row.intent, 99
    session.commit()
    monkeypatch.setattr(explaining, "_outcomes", lambda *_: [])
    page = as_officer.get(f"/enterprises/{firm.id}/score").text
    assert "已经是最高的99分" in page
    assert "暂时算不出" not in page


@pytest.mark.parametrize(
    ("mode", "fields", "figure"),
    [
        ("band", {"band_low": 0.083, "band_high": 0.214}, "8%–21%"),
        ("probability", {"probability": 0.123}, "12%"),
        ("probability", {"probability": 0.999}, "99%"),
    ],
)
def test_a_probability_is_shown_only_in_its_mode(
    session: Session, office: Office, mode: str, fields: dict[str, float], figure: str
) -> None:
    firm = known(session, office)
    found = explaining.explain(session, office.actor(session, office.officer), firm.id, now=NOW)
    score = found.score
    assert score is not None
    assert words.chance(score, found.table).figure == ""
    score.mode = mode
    for name, value in fields.items():
        setattr(score, name, value)
    assert words.chance(score, found.table).figure == figure


def test_why_it_moved_adds_up_to_the_difference(as_officer: Browser, session: Session, office: Office) -> None:
    firm = known(session, office)
    later, earlier = session.query(ScoreEvent).order_by(ScoreEvent.id.desc()).all()
    found = explaining.compare(session, office.actor(session, office.officer), firm.id, later.id, earlier.id)
    assert (found.before.id, found.after.id) == (earlier.id, later.id)
    assert sum(move.points for move in found.moves) == later.points - earlier.points != 0
    session.commit()
    page = as_officer.get(f"/enterprises/{firm.id}/score/moved?from={earlier.id}&to={later.id}").text
    assert f"{earlier.points}分变为{later.points}分" in page
    assert "资本扩张" in page


def test_rows_of_another_enterprise_cannot_be_compared(session: Session, office: Office) -> None:
    firm, other = known(session, office), builders.enterprise(session)
    rows = [row.id for row in session.query(ScoreEvent).all()]
    with pytest.raises(NotFoundError):
        explaining.compare(session, office.actor(session, office.officer), other.id, *rows[:2])
    with pytest.raises(NotFoundError):
        explaining.compare(session, office.actor(session, office.officer), firm.id, rows[0], 99_999)


@pytest.mark.parametrize("query", ["", "?from=x&to=y", "?from=1", "?from=1&to=999999"])
def test_a_comparison_of_nothing_is_not_found(
    as_officer: Browser, session: Session, office: Office, query: str
) -> None:
    assert as_officer.get(f"/enterprises/{known(session, office).id}/score/moved{query}").status_code == 404


def test_an_enterprise_without_a_score_says_what_to_expect(as_officer: Browser, session: Session) -> None:
    firm = builders.enterprise(session)
    session.commit()
    assert "还没有评分" in as_officer.get(f"/enterprises/{firm.id}/score").text
    assert as_officer.get("/enterprises/99999/score").status_code == 404


def test_a_person_sets_other_points_while_the_automatic_score_stays(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    firm = known(session, office)
    automatic = session.query(EnterpriseScore).one().points
    session.commit()
    path = f"/enterprises/{firm.id}/score"
    sent = {"points": "95", "reason": "董事长当面答应来考察", "days": "7"}
    assert as_registrar.post(f"{path}/override", sent).status_code == 303
    page = as_registrar.get(path).text
    assert f"系统评分 {automatic}分" in page
    assert "董事长当面答应来考察" in page
    row = session.query(ScoreOverride).one()
    assert row.expires_at - NOW > timedelta(days=7)
    session.commit()
    assert re.search(r"<b>95</b>", as_registrar.get(f"/enterprises/{firm.id}").text)
    assert as_registrar.post(f"{path}/override/end").status_code == 303
    assert "95" not in re.findall(r"<b>(\d+)</b>", as_registrar.get(f"/enterprises/{firm.id}").text)


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ({"points": "0", "reason": "x", "days": "7"}, "请填1到99之间的整数"),
        ({"points": "120", "reason": "x", "days": "7"}, "请填1到99之间的整数"),
        ({"points": "80", "reason": " ", "days": "7"}, "请写明系统不知道的情况"),
        ({"points": "80", "reason": "保留的原因", "days": "9999"}, "保留的原因"),
    ],
)
def test_a_refused_override_keeps_what_was_typed(
    as_registrar: Browser, session: Session, office: Office, sent: dict[str, str], word: str
) -> None:
    firm = known(session, office)
    answer = as_registrar.post(f"/enterprises/{firm.id}/score/override", sent)
    assert answer.status_code == 422
    assert word in answer.text
    assert session.query(ScoreOverride).count() == 0


def test_officers_may_not_set_points(as_officer: Browser, session: Session, office: Office) -> None:
    firm = known(session, office)
    sent = {"points": "95", "reason": "x", "days": "7"}
    assert as_officer.post(f"/enterprises/{firm.id}/score/override", sent).status_code == 403
    assert "/score/override" not in as_officer.get(f"/enterprises/{firm.id}/score").text
