"""The clocks of idle land: what may be done after one and two full years, delays left out, who may say so."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.land import suspects
from crm.resources.carriers import services as carriers
from crm.resources.carriers.rules import CarrierDraft, CarrierKind, HoldKind
from crm.resources.carriers.services import HoldDraft
from crm.resources.idle import clocking, services
from crm.resources.idle.clocking import DelayDraft
from crm.resources.idle.clocks import Delay, DelayCause, Progress
from crm.resources.idle.rules import IdleKind, IdleStepKind, StepDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from tests.conftest import Browser
    from tests.support.builders import Office

D = Decimal


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def actor(session: Session, office: Office) -> Actor:
    return office.actor(session, office.registrar)


def given(session: Session, actor: Actor, office: Office, due: int | None) -> int:
    draft = CarrierDraft(CarrierKind.PLOT, "东区1号地块", "DQ-D01", office.east.id, D(90))
    row = carriers.save(session, actor, draft, now=NOW, today=TODAY)
    start = None if due is None else ago(due)
    hold = HoldDraft(HoldKind.ALLOTTED, D(90), ago(1100), holder="晟澜精密", start_due=start)
    return carriers.take(session, actor, row.id, hold, now=NOW).id


def delayed(session: Session, actor: Actor, hold_id: int, start: int, end: int | None) -> int:
    days = Delay(ago(start), None if end is None else ago(end))
    draft = DelayDraft(DelayCause.HANDOVER, days, "土地晚交付", "云函9号")
    return clocking.add_delay(session, actor, hold_id, draft, now=NOW, today=TODAY).id


def found(session: Session, actor: Actor, hold_id: int, kind: IdleKind = IdleKind.CIRCLED) -> int:
    step = StepDraft(IdleStepKind.FOUND, ago(9), "只有围墙，没有建筑")
    return services.start(session, actor, hold_id, kind, step, now=NOW, today=TODAY).id


def test_days_of_a_delay_keep_land_from_being_found_idle_and_reclaimed(
    session: Session, office: Office, actor: Actor
) -> None:
    hold_id = given(session, actor, office, 760)
    delay_id = delayed(session, actor, hold_id, 400, None)
    assert suspects.suspects(session, TODAY) == []
    with pytest.raises(DomainError, match=r"idle\.young"):
        found(session, actor, hold_id)
    clocking.end_delay(session, actor, delay_id, ago(361), now=NOW, today=TODAY)
    with pytest.raises(ConflictError):
        clocking.end_delay(session, actor, delay_id, ago(361), now=NOW, today=TODAY)
    assert [(one.days, one.clock.excluded) for one in suspects.suspects(session, TODAY)] == [(720, 40)]
    case_id = found(session, actor, hold_id)
    deadline = StepDraft(IdleStepKind.DEADLINE, ago(8), "限期一周", ago(1), "云函1号")
    services.go_on(session, actor, case_id, deadline, now=NOW, today=TODAY)
    reclaim = StepDraft(IdleStepKind.RECLAIM, TODAY, "逾期没有动工", None, "云函2号")
    with pytest.raises(DomainError, match=r"idle\.young"):
        services.go_on(session, actor, case_id, reclaim, now=NOW, today=TODAY)
    fee = StepDraft(IdleStepKind.FEE, TODAY, "逾期没有动工", None, "云函3号")
    assert services.go_on(session, actor, case_id, fee, now=NOW, today=TODAY).last is IdleStepKind.FEE


def test_land_at_rest_with_too_little_built_is_found_idle_and_land_being_built_is_not(
    session: Session, office: Office, actor: Actor
) -> None:
    hold_id = given(session, actor, office, 900)
    building = Progress(ago(500), ago(800), None, D(20), D(100), D(1000))
    clocking.note_progress(session, actor, hold_id, building, now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"idle\.building"):
        found(session, actor, hold_id)
    rested = Progress(ago(10), ago(800), ago(390), D(20), D(100), D(1000))
    clocking.note_progress(session, actor, hold_id, rested, now=NOW, today=TODAY)
    assert [(one.days, one.clock.kind) for one in suspects.suspects(session, TODAY)] == [(390, IdleKind.OCCUPIED)]
    with pytest.raises(DomainError, match=r"idle\.which"):
        found(session, actor, hold_id)
    assert found(session, actor, hold_id, IdleKind.OCCUPIED)


def test_where_no_start_was_agreed_a_year_after_the_land_was_given_counts(
    session: Session, office: Office, actor: Actor
) -> None:
    given(session, actor, office, None)
    assert [one.days for one in suspects.suspects(session, TODAY)] == [1100 - 365]


def test_only_those_who_keep_the_land_say_what_was_found_and_what_does_not_count(
    session: Session, office: Office, actor: Actor
) -> None:
    hold_id = given(session, actor, office, 500)
    delayed(session, office.actor(session, office.lead), hold_id, 90, 80)
    officer = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        delayed(session, officer, hold_id, 90, 80)
    with pytest.raises(ForbiddenError):
        clocking.note_progress(session, officer, hold_id, Progress(TODAY), now=NOW, today=TODAY)


def test_the_page_of_the_land_keeps_what_was_typed_and_shows_both_clocks(
    as_registrar: Browser, as_officer: Browser, session: Session, office: Office, actor: Actor
) -> None:
    hold_id = given(session, actor, office, 500)
    session.commit()
    at = f"/carriers/holds/{hold_id}"
    bad = as_registrar.post(f"{at}/progress", data={"on": TODAY.isoformat(), "built": "91"})
    assert (bad.status_code, 'value="91"' in bad.text, "不能大于供地面积" in bad.text) == (422, True, True)
    delay = {"cause": "plan", "from_on": ago(90).isoformat(), "until_on": ago(91).isoformat(), "detail": "规划调整"}
    assert as_registrar.post(f"{at}/delays", data=delay).status_code == 422
    assert as_registrar.post(f"{at}/delays", data={**delay, "until_on": ""}).status_code == 303
    assert "暂停计算" in as_registrar.get(f"{at}/clock").text
    refused = as_registrar.post("/carriers/delays/1/end", data={"until_on": "2020-01-01"})
    assert refused.status_code == 422
    assert "延误的结束日期不能早于开始日期" in refused.text
    assert 'value="2020-01-01"' in refused.text
    assert as_registrar.post("/carriers/delays/1/end", data={"until_on": ago(81).isoformat()}).status_code == 303
    page = as_registrar.get(f"{at}/clock").text
    assert all(word in page for word in ("已计490天", "扣除不计的10天", "满一年，可征20%闲置费", "满两年"))
    assert "已计490天" in as_officer.get("/carriers/idle").text
    assert as_officer.get(f"{at}/clock").status_code == 403
