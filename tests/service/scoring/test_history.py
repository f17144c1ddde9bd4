"""The history of a score: why it moved, when it is written, and that nobody changes it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from crm.core import options
from crm.enterprises.models import Enterprise
from crm.fieldwork.rules import LeaderLevel
from crm.scoring import queries, services
from crm.scoring.live import ensured, live
from crm.scoring.models import EnterpriseScore, ModelKind, ScoreEvent, ScoreModel
from crm.scoring.standing import PLAN
from crm.scoring.tablejson import to_json
from crm.signals.models import SignalState
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from tests.support.builders import Office

DAY = timedelta(days=1)


def causes(session: Session, firm: Enterprise) -> list[tuple[str | None, int | None]]:
    return [(row.cause_kind, row.cause_id) for row in reversed(queries.history(session, firm.id))]


def score(session: Session, firm: Enterprise, days: float, cause: str = "nightly") -> EnterpriseScore:
    services.rescore(session, firm.id, now=NOW + days * DAY, cause=cause)
    return session.get_one(EnterpriseScore, firm.id)


def drafted(session: Session, points: Mapping[str, Mapping[str, float]], version: str = "expert-3") -> ScoreModel:
    table = ensured(session, NOW).table.with_points(points, version=version)
    row = ScoreModel(version=version, kind=ModelKind.EXPERT, label="试验", table=to_json(table), created_at=NOW)
    session.add(row)
    session.flush()
    return row


def test_each_change_names_the_row_behind_it(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    score(session, firm, 0)
    signal = builders.signal(session, firm, "CAPX")
    score(session, firm, 1, "signal")
    visit = builders.touch(session, firm, office.east, office.officer, leader_level=LeaderLevel.COUNTY)
    builders.contact(session, firm, office.east, office.officer)
    score(session, firm, 2, "change")
    signal.state, signal.decided_at = SignalState.REJECTED, NOW
    session.flush()
    score(session, firm, 3, "signal")
    found = causes(session, firm)
    assert found == [("first", None), ("signal", signal.id), ("touch", visit.id), ("signal", signal.id)]


def test_time_alone_moves_a_score_and_says_so(session: Session) -> None:
    firm = builders.enterprise(session)
    builders.signal(session, firm, "RELO")
    before = score(session, firm, 0).points
    assert score(session, firm, 200).points < before
    assert causes(session, firm)[-1] == ("decay", None)


def test_another_table_in_force_is_named_as_the_cause(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.contact(session, firm, office.east, office.officer)
    assert score(session, firm, 0).points == 53
    draft = drafted(session, {"contacts": {"1": 9.0}})
    run = services.publish(session, office.actor(session, office.administrator), draft.id, now=NOW + DAY)
    assert (run.cause, run.model_id, run.total) == ("model", draft.id, 1)
    assert live(session).table.version == "expert-3"
    row = score(session, firm, 2, "model")
    assert (row.points, row.table_version, row.model_id) == (59, "expert-3", draft.id)
    assert causes(session, firm)[-1] == ("model", draft.id)
    event = queries.history(session, firm.id)[-1]
    told = queries.replayed(session, event)
    assert told is not None
    assert (told.points, told.version) == (53, "expert-2")


def test_other_half_lives_are_told_from_the_log(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.signal(session, firm, "CAPX", happened_at=NOW - 60 * DAY)
    before = score(session, firm, 0).points
    draft = drafted(session, {})
    draft.table = {**draft.table, "half_lives": {**draft.table["half_lives"], "CAPX": 15.0}}
    services.publish(session, office.actor(session, office.administrator), draft.id, now=NOW)
    row = score(session, firm, 0)
    assert row.points < before
    again = queries.scores_at(session, [firm.id], row.as_of)[firm.id]
    assert (again.points, list(again.codes)) == (row.points, row.codes)


def test_an_earlier_version_can_be_published_again(session: Session, office: Office) -> None:
    actor = office.actor(session, office.administrator)
    first = ensured(session, NOW).model_id
    draft = drafted(session, {})
    services.publish(session, actor, draft.id, now=NOW)
    assert first is not None
    services.publish(session, actor, first, now=NOW + DAY)
    assert live(session).model_id == first
    states = dict(session.execute(select(ScoreModel.id, ScoreModel.state)).all())
    assert sorted(state.value for state in states.values()) == ["live", "retired"]


def test_a_score_that_does_not_move_is_noted_every_thirty_days(session: Session) -> None:
    firm = builders.enterprise(session)
    for days in (0, 10, 29, 30, 31, 59, 61):
        score(session, firm, days)
    noted = [(row.scored_at - NOW).days for row in reversed(queries.history(session, firm.id))]
    assert noted == [0, 30, 61]


def test_the_trend_looks_thirty_days_back(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    assert score(session, firm, 0).points_30d is None
    builders.contact(session, firm, office.east, office.officer)
    assert score(session, firm, 20).points_30d is None
    row = score(session, firm, 30)
    assert (row.points, row.points_30d) == (53, 50)
    assert score(session, firm, 51).points_30d == 53
    assert session.scalar(select(queries.trend())) == 0


def test_the_office_plan_is_a_cause(session: Session, office: Office) -> None:
    firm = builders.enterprise(session, industry="储能电池")
    score(session, firm, 0)
    options.write(session, office.administrator.id, PLAN, {"list": [{"name": "储能", "role": "lead"}]}, now=NOW)
    assert score(session, firm, 1).fit == 8
    assert causes(session, firm)[-1] == ("enterprise", firm.id)


def test_the_database_refuses_to_change_the_history(session: Session) -> None:
    firm = builders.enterprise(session)
    score(session, firm, 0)
    for statement in (update(ScoreEvent).values(points=99), delete(ScoreEvent)):
        with pytest.raises(IntegrityError, match="never changed"), session.begin_nested():
            session.execute(statement)
    assert session.scalars(select(ScoreEvent.points)).all() == [50]


def test_the_history_goes_with_its_enterprise(session: Session) -> None:
    firm = Enterprise(
        name="云岭一次性有限公司", folded_name="云岭一次性", sort_key="yl", created_at=NOW, updated_at=NOW
    )
    session.add(firm)
    session.flush()
    score(session, firm, 0)
    session.execute(delete(Enterprise).where(Enterprise.id == firm.id))
    assert session.scalars(select(ScoreEvent)).all() == []
