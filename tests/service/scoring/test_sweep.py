"""A pass over all enterprises leaves what scoring one by one leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.scoring import passes, queries, services
from crm.scoring.live import ensured
from crm.scoring.models import EnterpriseScore, ModelKind, ScoreEvent, ScoreModel
from crm.scoring.tablejson import to_json
from tests.support import builders
from tests.support.builders import NOW
from tests.support.scorehistory import RandomOffice

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from tests.support.builders import Office

COLUMNS = ("points", "fit", "intent", "grade", "z", "codes", "table_version", "model_id", "mode", "as_of")


def swept(session: Session, now: datetime) -> dict[int, dict[str, Any]]:
    night = services.start_pass(session, "nightly", now=now)
    while passes.step(session, night.id, now=now):
        pass
    session.expire_all()
    return {row.enterprise_id: shown(row) for row in session.scalars(select(EnterpriseScore))}


def shown(row: EnterpriseScore) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in COLUMNS}, "reasons": row.reasons, "logged_at": row.logged_at}


def published(session: Session, actor: Actor, version: str, **changes: object) -> int:
    table = ensured(session, NOW).table
    points = {one.key: {level.key: level.points * 1.3 + 0.7 for level in one.levels} for one in table.features}
    new = to_json(table.with_points(points, version=version))
    row = ScoreModel(version=version, kind=ModelKind.FITTED, label="试验", table=new | changes, created_at=NOW)
    session.add(row)
    session.flush()
    services.publish(session, actor, row.id, now=NOW)
    return row.id


@pytest.mark.parametrize("seed", range(2))
def test_who_has_no_news_is_scored_like_everybody_else(session: Session, office: Office, seed: int) -> None:
    place = RandomOffice(session, office, seed, firms=6)
    for _ in range(80):
        place.happen()
    swept(session, place.now)
    for days in (3, 40, 300):
        at = place.now + timedelta(days=days)
        many = swept(session, at)
        told = queries.scores_at(session, sorted(many), at)
        for key, row in many.items():
            one = told[key]
            assert row["reasons"] == services.stored_reasons(one.reasons)
            assert (row["points"], row["fit"], row["intent"], row["grade"]) == (
                one.points, one.fit, one.intent, one.grade,
            )  # fmt: skip
            assert (row["codes"], row["as_of"]) == (list(one.codes), at)
            assert abs(row["z"] - one.z) <= 1e-9


def test_another_table_reaches_everybody_with_reasons_that_add_up(session: Session, office: Office) -> None:
    place = RandomOffice(session, office, 5, firms=6)
    for _ in range(80):
        place.happen()
    swept(session, place.now)
    model = published(session, office.actor(session, office.administrator), "fitted-1")
    at = place.now + timedelta(minutes=1)
    many = swept(session, at)
    told = queries.scores_at(session, sorted(many), at)
    for key, row in many.items():
        assert (row["model_id"], row["table_version"]) == (model, "fitted-1")
        assert row["reasons"] == services.stored_reasons(told[key].reasons)
        assert 50 + sum(reason["points"] for reason in row["reasons"]) == row["points"]
    events = session.scalars(select(ScoreEvent).where(ScoreEvent.model_id == model)).all()
    assert {event.cause_kind for event in events} == {"model"}
    for event in events:
        again = queries.replayed(session, event)
        assert again is not None
        assert (event.points, event.reasons) == (again.points, services.stored_reasons(again.reasons))


def test_a_table_with_other_half_lives_reaches_everybody(session: Session, office: Office) -> None:
    firms = [builders.enterprise(session) for _ in range(3)]
    builders.signal(session, firms[1], "CAPX", happened_at=NOW - timedelta(days=60))
    swept(session, NOW)
    published(session, office.actor(session, office.administrator), "fitted-1", half_lives={"CAPX": 20.0})
    many = swept(session, NOW + timedelta(minutes=1))
    told = queries.scores_at(session, sorted(many), NOW + timedelta(minutes=1))
    assert {key: row["points"] for key, row in many.items()} == {key: one.points for key, one in told.items()}


def test_who_stays_is_marked_as_looked_at_and_gets_the_trend(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.contact(session, firm, office.east, office.officer)
    swept(session, NOW)
    later = NOW + timedelta(days=29)
    assert swept(session, later)[firm.id]["as_of"] == later
    assert len(queries.history(session, firm.id)) == 1
    swept(session, NOW + timedelta(days=31))
    row = session.get_one(EnterpriseScore, firm.id)
    assert (row.points_30d, len(queries.history(session, firm.id))) == (53, 2)


def test_a_reason_may_hold_any_sign(session: Session) -> None:
    firm = builders.enterprise(session, industry='100%"\\储\t能', region="江苏省")
    swept(session, NOW)
    assert swept(session, NOW + timedelta(days=31))[firm.id]["points"] == 50
