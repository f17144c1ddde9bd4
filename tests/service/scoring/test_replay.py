"""Every stored score can be told again from the log, whatever happened since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import options
from crm.core.changes import Via, note
from crm.scoring import ledger, queries, services, sumstore
from crm.scoring.facts import from_raw
from crm.scoring.levels import LevelHit, levels_of
from crm.scoring.live import live_table
from crm.scoring.models import EnterpriseScore, ScoreEvent, ScoreFact
from crm.scoring.standing import PLAN
from crm.signals.models import Signal
from tests.support import builders
from tests.support.builders import NOW
from tests.support.scorehistory import RandomOffice

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tests.support.builders import Office

SEEDS = range(3)


@dataclass(frozen=True)
class Shown:
    """What was stored once."""

    firm: int
    at: datetime
    z: float
    points: int
    codes: list[int]


def lived(session: Session, office: Office, seed: int, steps: int = 50) -> tuple[RandomOffice, list[Shown]]:
    """Let things happen, score now and then, and note everything that was stored."""
    place = RandomOffice(session, office, seed)
    shown: list[Shown] = []
    for _ in range(steps):
        place.happen()
        if place.random.random() < 0.6:
            firms = place.random.sample(place.firms, place.random.randint(1, len(place.firms)))
            late = place.now - timedelta(minutes=place.random.choice((0, 0, 5)))
            services.rescore_many(session, [firm.id for firm in firms], now=late, cause="change")
            for firm in firms:
                row = session.get_one(EnterpriseScore, firm.id)
                shown.append(Shown(firm.id, row.as_of, row.z or 0.0, row.points, list(row.codes or ())))
                assert row.points == 50 + row.fit + row.intent == 50 + sum(one["points"] for one in row.reasons)
    return place, shown


@pytest.mark.parametrize("seed", SEEDS)
def test_any_score_of_the_past_is_told_again_from_the_log(session: Session, office: Office, seed: int) -> None:
    _place, shown = lived(session, office, seed)
    for one in shown:
        again = queries.scores_at(session, [one.firm], one.at)[one.firm]
        assert abs(again.z - one.z) <= 1e-9
        assert (again.points, list(again.codes)) == (one.points, one.codes)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_of_history_is_told_again(session: Session, office: Office, seed: int) -> None:
    lived(session, office, seed)
    events = session.scalars(select(ScoreEvent).order_by(ScoreEvent.id)).all()
    assert len(events) > 5
    for event in events:
        again = queries.replayed(session, event)
        assert again is not None
        assert abs(again.z - (event.z or 0.0)) <= 1e-9
        assert (again.points, again.grade, list(again.codes)) == (event.points, event.grade, event.codes)


@pytest.mark.parametrize("seed", SEEDS)
def test_running_sums_equal_the_sums_over_all_rows(session: Session, office: Office, seed: int) -> None:
    place, _shown = lived(session, office, seed)
    ids = [firm.id for firm in place.firms]
    services.rescore_many(session, ids, now=place.now, cause="change")
    running, logged = sumstore.load(session, ids), ledger.dated_logged(session, ids)
    for key in ids:
        raw = from_raw(logged.get(key, ()), place.now, live_table(session)).masses
        assert running.get(key, {}).keys() == raw.keys()
        for name, one in running.get(key, {}).items():
            mass = one.mass(place.now)
            assert mass.value == pytest.approx(raw[name].value, rel=1e-7, abs=1e-9)
            assert (mass.count, mass.newest_at, mass.newest_id) == (
                raw[name].count, raw[name].newest_at, raw[name].newest_id,
            )  # fmt: skip


def test_signals_may_come_in_any_order(session: Session) -> None:
    stories = [
        (kind, NOW - timedelta(days=7 * number), 0.3 + number / 20)
        for number, kind in enumerate(["CAPX", "RELO", "NEG", "CAPX", "SUPP", "CAPX", "RELO", "EXEC"])
    ]
    found = []
    for seed in range(4):
        firm = builders.enterprise(session)
        Random(seed).shuffle(stories)  # noqa: S311 (a test that can be repeated)
        for number, (kind, happened, weight) in enumerate(stories):
            builders.signal(session, firm, kind, happened_at=happened, weight=weight)
            services.rescore(session, firm.id, now=NOW + timedelta(minutes=number), cause="signal")
        services.rescore(session, firm.id, now=NOW + timedelta(hours=1), cause="signal")
        row = session.get_one(EnterpriseScore, firm.id)
        found.append((row.points, row.codes, row.z))
    assert found == [found[0]] * 4


def test_what_becomes_known_later_is_invisible_before(session: Session) -> None:
    firm = builders.enterprise(session)
    services.rescore(session, firm.id, now=NOW, cause="test")
    late = NOW + timedelta(days=9)
    builders.signal(session, firm, "RELO", happened_at=NOW - timedelta(days=3), recorded_at=late)
    services.rescore(session, firm.id, now=late, cause="signal")
    assert queries.scores_at(session, [firm.id], NOW)[firm.id].points == 50
    assert queries.scores_at(session, [firm.id], late - timedelta(seconds=1))[firm.id].points == 50
    assert queries.scores_at(session, [firm.id], late)[firm.id].points > 50


def test_an_office_that_was_never_scored_gets_its_past_from_the_rows_themselves(
    session: Session, office: Office
) -> None:
    firm = builders.enterprise(session, created_at=NOW - timedelta(days=900))
    builders.signal(session, firm, "CAPX", happened_at=NOW - timedelta(days=400), recorded_at=NOW - timedelta(days=399))
    gone = builders.touch(
        session, firm, office.east, office.officer, occurred_at=NOW - timedelta(days=300),
        recorded_at=NOW - timedelta(days=299),
    )  # fmt: skip
    gone.voided_at, gone.void_reason = NOW - timedelta(days=200), "记错了"
    services.rescore(session, firm.id, now=NOW, cause="test")
    at = [NOW - timedelta(days=days) for days in (500, 390, 298, 100)]
    known = [{hit.feature for hit in hits_of(session, firm.id, moment)} for moment in at]
    assert known == [
        set(),
        {"signal_CAPX"},
        {"signal_CAPX", "touches", "silence", "leader", "intention"},
        {"signal_CAPX"},
    ]


def test_earlier_fields_of_an_office_that_was_never_scored_are_told_too(session: Session, office: Office) -> None:
    options.write(session, office.administrator.id, PLAN, {"list": [{"name": "储能", "role": "lead"}]}, now=NOW)
    office.east.region = "长三角"
    firm = builders.enterprise(session, industry="储能电池", region="甘肃省兰州市", created_at=NOW - timedelta(days=90))
    for days, field, before, after in ((60, "industry", "纺织", None), (30, "industry", None, "储能电池")):
        note(
            session, ("enterprise", firm.id), {field: (before, after)}, by=None, via=Via.FORM,
            now=NOW - timedelta(days=days),
        )  # fmt: skip
    note(
        session, ("enterprise", firm.id), {"region": ("江苏省苏州市", "甘肃省兰州市")}, by=None, via=Via.FORM,
        now=NOW - timedelta(days=45),
    )  # fmt: skip
    services.rescore(session, firm.id, now=NOW, cause="test")
    told = [
        queries.scores_at(session, [firm.id], NOW - timedelta(days=days))[firm.id].fit for days in (99, 70, 50, 35, 9)
    ]
    assert told == [0, -1, 3, 0, 8]


def hits_of(session: Session, firm: int, moment: datetime) -> list[LevelHit]:
    facts = queries.facts_at(session, [firm], moment)[firm]
    return [hit for hit in levels_of(facts, live_table(session)) if hit.code]


def test_a_plan_that_changes_is_dated_too(session: Session, office: Office) -> None:
    firm = builders.enterprise(session, industry="储能电池")
    services.rescore(session, firm.id, now=NOW, cause="test")
    later = NOW + timedelta(days=1)
    options.write(session, office.administrator.id, PLAN, {"list": [{"name": "储能", "role": "lead"}]}, now=later)
    services.rescore(session, firm.id, now=later, cause="nightly")
    assert session.get_one(EnterpriseScore, firm.id).points == 58
    assert queries.scores_at(session, [firm.id], NOW)[firm.id].points == 50


def test_a_clock_that_goes_back_does_not_disturb_the_log(session: Session) -> None:
    firm = builders.enterprise(session)
    services.rescore(session, firm.id, now=NOW, cause="test")
    row = builders.signal(session, firm, "CAPX", recorded_at=NOW - timedelta(seconds=9))
    row.happened_at = NOW - timedelta(seconds=9)
    session.flush()
    services.rescore(session, firm.id, now=NOW - timedelta(seconds=5), cause="signal")
    assert session.get_one(EnterpriseScore, firm.id).as_of > NOW
    assert session.scalars(select(ScoreFact.known_at).where(ScoreFact.kind == "signal")).one() > NOW
    assert session.scalars(select(Signal.id)).all() == [row.id]
