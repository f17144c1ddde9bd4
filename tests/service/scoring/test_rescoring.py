from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from crm.core import jobs
from crm.core.tasks import Task
from crm.enterprises.models import ListEdition, ListEntry, TargetList
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.scoring import passes, queries, services
from crm.scoring.display import shown_reasons
from crm.scoring.models import EnterpriseScore, ScoreEvent
from crm.signals.models import SignalState
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office


def score_of(session: Session, firm: Enterprise, **fields: object) -> EnterpriseScore:
    services.rescore(session, firm.id, now=NOW, cause="test")
    row = session.get_one(EnterpriseScore, firm.id)
    assert row.points == 50 + sum(reason["points"] for reason in row.reasons)
    assert row.points == 50 + row.fit + row.intent
    return row


def listed(session: Session, firm: Enterprise, key: str, year: int, rank: int) -> None:
    found = session.scalar(select(TargetList).where(TargetList.key == key))
    target = found or TargetList(key=key, name=key)
    session.add(target)
    session.flush()
    edition = session.scalar(select(ListEdition).where(ListEdition.list_id == target.id, ListEdition.year == year))
    edition = edition or ListEdition(list_id=target.id, year=year, imported_at=NOW)
    session.add(edition)
    session.flush()
    session.add(ListEntry(edition_id=edition.id, enterprise_id=firm.id, rank=rank, printed_name=firm.name))
    session.flush()


def test_a_signal_and_a_visit_move_the_score_and_the_reasons_add_up(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    assert score_of(session, firm).points == 50
    signal = builders.signal(session, firm, "CAPX")
    with_signal = score_of(session, firm).points
    assert with_signal > 50
    builders.touch(session, firm, office.east, office.officer, leader_level=LeaderLevel.COUNTY)
    row = score_of(session, firm)
    assert row.points > with_signal
    refs = {reason["key"]: reason["ref"] for reason in row.reasons}
    assert refs["signal_CAPX"] == {"type": "signal", "id": signal.id}
    assert refs["leader"]["type"] == "touch"
    events = session.scalars(select(ScoreEvent).order_by(ScoreEvent.id)).all()
    assert [entry.points for entry in events] == [50, with_signal, row.points]


def test_an_unchanged_score_leaves_no_history(session: Session) -> None:
    firm = builders.enterprise(session)
    assert services.rescore(session, firm.id, now=NOW, cause="test")
    assert not services.rescore(session, firm.id, now=NOW + timedelta(days=1), cause="nightly")
    assert len(session.scalars(select(ScoreEvent)).all()) == 1
    assert session.get_one(EnterpriseScore, firm.id).as_of == NOW + timedelta(days=1)


def test_what_is_rejected_voided_or_not_yet_known_does_not_count(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.signal(session, firm, "CAPX", state=SignalState.REJECTED, decided_at=NOW)
    builders.signal(session, firm, "RELO", recorded_at=NOW + timedelta(days=1))
    builders.touch(session, firm, office.east, office.officer, voided_at=NOW, void_reason="记错了")
    builders.touch(session, firm, office.east, office.officer, recorded_at=NOW + timedelta(days=1))
    builders.touch(session, firm, office.east, office.officer, kind=TouchKind.CALL, intention=Intention.UNKNOWN)
    assert score_of(session, firm).reasons == []


def test_bad_news_lowers_the_score(session: Session) -> None:
    firm = builders.enterprise(session)
    builders.signal(session, firm, "NEG")
    assert score_of(session, firm).points < 50


def test_only_the_newest_edition_of_a_list_counts(session: Session) -> None:
    stays, left = builders.enterprise(session), builders.enterprise(session)
    listed(session, left, "china_500", 2024, 10)
    listed(session, stays, "china_500", 2024, 300)
    listed(session, stays, "china_500", 2025, 20)
    assert [reason["label"] for reason in score_of(session, stays).reasons] == ["中国500强第20位"]
    assert score_of(session, left).reasons == []


def test_many_enterprises_cost_as_many_queries_as_one(session: Session, office: Office) -> None:
    firms = [builders.enterprise(session) for _ in range(31)]
    for firm in firms:
        builders.signal(session, firm, "CAPX")
        builders.contact(session, firm, office.east, office.officer)
    services.rescore(session, firms.pop().id, now=NOW, cause="test")
    seen: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: seen.append(args[2]))
    services.rescore_many(session, [firm.id for firm in firms], now=NOW, cause="test")
    many, seen[:] = len(seen), []
    services.rescore(session, firms[0].id, now=NOW, cause="test")
    assert many <= len(seen) + 6
    assert len(queries.scores(session, [firm.id for firm in firms])) == 30


def test_the_nightly_pass_goes_on_where_it_stopped(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "CHUNK", 2)
    for _ in range(3):
        builders.enterprise(session)
    night = services.start_pass(session, "nightly", now=NOW)
    assert passes.step(session, night.id, now=NOW)
    assert (night.done, night.total, night.changed) == (2, 3, 2)
    passes.go_on(session, night.id, now=NOW)
    tasks = session.scalars(select(Task).where(Task.kind == jobs.RESCORE_ALL)).all()
    assert [task.payload for task in tasks] == [{"pass_id": night.id}] * 2
    assert not passes.step(session, night.id, now=NOW)
    assert (night.done, night.finished_at) == (3, NOW)


def test_a_new_pass_overtakes_one_that_still_runs_and_a_person_may_stop_it(session: Session, office: Office) -> None:
    builders.enterprise(session)
    first = services.start_pass(session, "nightly", now=NOW)
    second = services.start_pass(session, "nightly", now=NOW)
    session.refresh(first)
    assert first.cancelled_at == NOW
    assert not passes.step(session, first.id, now=NOW)
    assert queries.running_pass(session) is second
    services.cancel_pass(session, office.actor(session, office.administrator), second.id, now=NOW)
    assert not passes.step(session, second.id, now=NOW)
    assert session.scalars(select(EnterpriseScore)).all() == []


def test_the_database_itself_refuses_a_score_that_does_not_add_up(session: Session) -> None:
    firm = builders.enterprise(session)
    row = score_of(session, firm)
    row.points += 1
    with pytest.raises(IntegrityError, match="adds_up"):
        session.flush()


def test_an_unknown_enterprise_is_passed_over(session: Session) -> None:
    assert not services.rescore(session, 99, now=NOW, cause="test")
    assert queries.history(session, 99) == []


def test_reasons_are_shown_with_their_sign_and_proof() -> None:
    rows = [
        {
            "key": "signal_NEG",
            "label": "负面信号1条",
            "points": -8,
            "kind": "intent",
            "ref": {"type": "signal", "id": 3},
        },
        {"key": "list_listed", "label": "上市公司", "points": 3, "kind": "fit", "ref": None},
    ]
    shown = shown_reasons(rows)
    assert [(line.points, line.href) for line in shown] == [("−8", "/signals/3"), ("+3", None)]
