"""Periods: handed in, checked, closed; a closed one never moves, corrections are dated in the next."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.assessment.periods import closing, queries, services
from crm.assessment.periods.models import Period, PeriodCorrection
from crm.assessment.periods.rules import PeriodDraft, PeriodKind, PeriodState, check_problems, period_problems
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.scheduling import SHANGHAI
from crm.core.tasks import Task
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.fieldwork.models import Touch
    from tests.conftest import Browser
    from tests.support.builders import Office

FIRST = (date(2026, 11, 2), date(2026, 11, 8))
SECOND = (date(2026, 11, 9), date(2026, 11, 15))


def silent(_percent: int, _note: str) -> None:
    """Take progress and tell nobody."""


def opened(session: Session, office: Office, days: tuple[date, date] = FIRST) -> Period:
    draft = PeriodDraft(PeriodKind.WEEK, f"{days[0]}周", *days, (office.east.id, office.south.id))
    return services.create(session, office.actor(session, office.registrar), draft, now=NOW)


def closed(session: Session, office: Office, days: tuple[date, date] = FIRST, *, now: datetime = NOW) -> Period:
    period = opened(session, office, days)
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    services.check(session, period_id=period.id, actor=registrar, reason="两队出差，电话核过", now=now, today=TODAY)
    services.close(session, leader, period.id, now=now)
    services.freeze(session, period.id, now=now, progress=silent)
    return period


def visit(session: Session, office: Office, day: date, **more: object) -> Touch:
    at = datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)
    fields = {"occurred_at": at, "recorded_at": at, **more}
    return builders.touch(session, builders.enterprise(session), office.east, office.officer, **fields)


def value(session: Session, period: Period, measure: str = "visits") -> Decimal:
    return queries.frozen_total(session, period.id, measure)


def test_units_hand_in_and_the_office_checks(session: Session, office: Office) -> None:
    period = opened(session, office)
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    services.submit(session, officer, period.id, office.east.id, note="已补录", now=NOW)
    with pytest.raises(ConflictError):
        services.submit(session, officer, period.id, office.east.id, note="", now=NOW)
    with pytest.raises(ForbiddenError):
        services.submit(session, officer, period.id, office.south.id, note="", now=NOW)
    with pytest.raises(DomainError, match=r"period\.missing_units"):
        services.check(session, registrar, period.id, reason="", now=NOW, today=TODAY)
    services.send_back(session, registrar, period.id, office.east.id, now=NOW)
    services.submit(session, officer, period.id, office.east.id, note="", now=NOW)
    outsider = office.actor(session, office.outsider)
    services.submit(session, outsider, period.id, office.south.id, note="", now=NOW)
    services.check(session, registrar, period.id, reason="", now=NOW, today=TODAY)
    assert (period.state, period.waived) == (PeriodState.CHECKED, None)
    services.reopen(session, registrar, period.id, now=NOW)
    assert period.state is PeriodState.OPEN


def test_only_a_checked_period_closes_by_a_leader_and_in_order(session: Session, office: Office) -> None:
    first, second = opened(session, office), opened(session, office, SECOND)
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    with pytest.raises(ConflictError):
        services.close(session, leader, second.id, now=NOW)
    services.check(session, registrar, second.id, reason="不等了，已电话核", now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"period\.earlier"):
        services.close(session, leader, second.id, now=NOW)
    services.check(session, registrar, first.id, reason="不等了，已电话核", now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError):
        services.close(session, office.actor(session, office.officer), first.id, now=NOW)
    services.close(session, leader, first.id, now=NOW)
    assert session.scalar(select(Task.payload).where(Task.kind == "close_period")) == {"period_id": first.id}
    with pytest.raises(ConflictError):
        services.reopen(session, registrar, first.id, now=NOW)


def test_closing_freezes_every_figure_with_its_rows(session: Session, office: Office) -> None:
    visit(session, office, date(2026, 11, 3))
    visit(session, office, date(2026, 11, 4))
    period = closed(session, office)
    rows, pieces = queries.frozen_rows(session, period.id, "visits", 0)
    assert period.state is PeriodState.CLOSED
    assert [value(session, period), len(rows), pieces] == [2, 2, 1]
    assert rows[0]["day"] == "2026-11-03"
    assert services.freeze(session, period.id, now=NOW, progress=silent) == 0


def test_a_closed_period_never_moves_and_corrections_are_dated_in_the_next(session: Session, office: Office) -> None:
    kept, voided = visit(session, office, date(2026, 11, 3)), visit(session, office, date(2026, 11, 4))
    assert kept.id != voided.id
    first = closed(session, office, now=NOW - timedelta(days=6))
    before = queries.frozen_rows(session, first.id, "visits", 0)
    voided.voided_at, voided.void_reason = NOW - timedelta(days=2), "记错了企业"
    late = {"recorded_at": NOW - timedelta(days=1)}
    visit(session, office, date(2026, 11, 5), **late)
    visit(session, office, date(2026, 11, 6), **late)
    session.flush()
    second = closed(session, office, SECOND)
    assert value(session, first) == 2
    assert queries.frozen_rows(session, first.id, "visits", 0) == before
    found = {row.measure: row for row in queries.corrections(session, second.id)}
    assert [found["visits"].difference, found["visits"].period_id] == [1, first.id]
    assert closing.known(session, first.id)["visits", office.east.id] == 3
    line = next(line for line in queries.lines(session, first.id) if line.measure.key == "visits")
    assert [line.value, line.since] == [2, 1]


def test_a_correction_is_noted_once_and_only_what_moved_since(session: Session, office: Office) -> None:
    first = closed(session, office, now=NOW - timedelta(days=9))
    visit(session, office, date(2026, 11, 5), recorded_at=NOW - timedelta(days=8))
    closed(session, office, SECOND, now=NOW - timedelta(days=2))
    visit(session, office, date(2026, 11, 6), recorded_at=NOW - timedelta(days=1))
    third = closed(session, office, (date(2026, 11, 16), date(2026, 11, 19)))
    statement = select(PeriodCorrection.in_period_id, PeriodCorrection.difference).where(
        PeriodCorrection.period_id == first.id, PeriodCorrection.measure == "visits"
    )
    noted = session.execute(statement.order_by(PeriodCorrection.id)).all()
    assert [number == third.id for number, _difference in noted] == [False, True]
    assert [difference for _number, difference in noted] == [1, 1]


@pytest.mark.parametrize(
    ("days", "name", "units", "key"),
    [
        ((FIRST[1], FIRST[0]), "周", (1,), "period.dates"),
        ((date(2025, 1, 1), date(2026, 6, 1)), "周", (1,), "period.long"),
        (FIRST, " ", (1,), "period.name"),
        (FIRST, "周", (), "period.units"),
        ((date(2026, 11, 8), date(2026, 11, 12)), "周", (1,), "period.overlap"),
    ],
)
def test_what_cannot_be_a_period_is_named(days: tuple[date, date], name: str, units: tuple[int, ...], key: str) -> None:
    draft = PeriodDraft(PeriodKind.WEEK, name, *days, units)
    others = [FIRST] if key == "period.overlap" else []
    assert [problem.key for problem in period_problems(draft, others)] == [key]


def test_a_period_that_runs_cannot_be_checked() -> None:
    assert [problem.key for problem in check_problems(TODAY, TODAY, 0, "")] == ["period.running"]
    assert check_problems(TODAY - timedelta(days=1), TODAY, 0, "") == []


def test_a_unit_that_need_not_hand_in_is_told(session: Session, office: Office) -> None:
    period = opened(session, office)
    with pytest.raises(NotFoundError):
        services.send_back(session, office.actor(session, office.registrar), period.id, office.bureau.id, now=NOW)
    with pytest.raises(NotFoundError):
        queries.get(session, 999)


def test_the_pages_take_a_period_from_opening_to_its_frozen_rows(
    session: Session, office: Office, as_registrar: Browser, as_officer: Browser, as_leader: Browser
) -> None:
    visit(session, office, date(2026, 11, 3))
    session.commit()
    form = {"kind": "week", "name": "第45周", "start_on": "2026-11-02", "end_on": "2026-11-08"}
    assert as_registrar.post("/periods/new", data=form).status_code == 422
    place = as_registrar.post("/periods/new", data={**form, "units": [str(office.east.id)]}).location
    east = office.east.id
    session.commit()
    assert as_officer.post(f"{place}/units/{east}/submit").status_code == 303
    assert as_registrar.post(f"{place}/check", data={"reason": ""}).status_code == 303
    assert as_leader.post(f"{place}/close").status_code == 303
    number = int(str(place).rsplit("/", 1)[1])
    services.freeze(session, number, now=NOW, progress=silent)
    session.commit()
    assert "外出走访企业" in as_leader.get(str(place)).text
    assert "2026-11-03" in as_leader.get(f"{place}/figures/visits").text
    assert as_officer.get(f"{place}/figures/visits").status_code == 403
    assert as_leader.get(f"{place}/figures/nothing").status_code == 404


def test_a_project_that_became_confidential_is_not_named_in_frozen_rows(
    session: Session, office: Office, as_registrar: Browser
) -> None:
    fields = {"name": "青鸾项目", "stage_since": NOW - timedelta(days=15)}
    project = builders.project(session, builders.enterprise(session), office.east, office.officer, **fields)
    period = closed(session, office)
    session.commit()
    place = f"/periods/{period.id}/figures/leads"
    assert "青鸾项目" in as_registrar.get(place).text
    project.confidential, project.code_name = True, "甲-7"
    session.commit()
    page = as_registrar.get(place).text
    assert "青鸾项目" not in page
    assert "（保密）" in page
