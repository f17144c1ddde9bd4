"""Carriers kept, held and given back; idle land reclaimed; what fits a project."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.land import holders, suspects
from crm.matching import needs, places
from crm.resources.carriers import queries, services
from crm.resources.carriers.models import CarrierHold
from crm.resources.carriers.queries import Wanted
from crm.resources.carriers.rules import Availability, CarrierDraft, CarrierKind, HoldKind
from crm.resources.carriers.services import HoldDraft
from crm.resources.idle import queries as cases
from crm.resources.idle import services as idle
from crm.resources.idle.rules import IdleKind, IdleStepKind, StepDraft
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.pipeline.models import Project
    from crm.resources.carriers.models import Carrier
    from tests.support.builders import Office

D = Decimal


@pytest.fixture
def plot(session: Session, office: Office) -> Carrier:
    return keep(session, office, office.registrar)


def keep(session: Session, office: Office, user: User, **fields: object) -> Carrier:
    draft = CarrierDraft(CarrierKind.PLOT, "东区1号地块", "DQ-D01", office.east.id, D(100))
    actor = office.actor(session, user)
    return services.save(session, actor, replace(draft, **fields), now=NOW, today=TODAY)  # type: ignore[arg-type]  # fields of the draft


def take(session: Session, office: Office, carrier: Carrier, area: int, **fields: object) -> int:
    draft = replace(HoldDraft(HoldKind.ALLOTTED, D(area), TODAY, holder="晟澜精密"), **fields)  # type: ignore[arg-type]  # fields of the draft
    return services.take(session, office.actor(session, office.registrar), carrier.id, draft, now=NOW).id


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    found = builders.project(session, builders.enterprise(session), office.east, office.officer, name="传动装备项目")
    found.land_mu, found.industry, found.fixed_investment = 60, "高端装备", D(30_000)
    session.flush()
    return found


def test_only_those_who_keep_the_unit_keep_its_carriers(session: Session, office: Office) -> None:
    assert keep(session, office, office.lead, code="A").unit_id == office.east.id
    for user in (office.officer, office.supervisor, office.leader):
        with pytest.raises(ForbiddenError):
            keep(session, office, user, code="B")
    with pytest.raises(ForbiddenError):
        keep(session, office, office.lead, code="C", unit_id=office.south.id)


def test_a_code_is_used_once(session: Session, office: Office, plot: Carrier) -> None:
    with pytest.raises(DomainError, match=r"carrier\.taken"):
        keep(session, office, office.registrar, name="另一块")


def test_a_carrier_changed_by_somebody_else_meanwhile_is_not_overwritten(
    session: Session, office: Office, plot: Carrier
) -> None:
    actor, seen = office.actor(session, office.registrar), plot.version
    draft = CarrierDraft(CarrierKind.PLOT, "东区一号", "DQ-D01", office.east.id, D(90))
    services.save(session, actor, draft, now=NOW, today=TODAY, carrier_id=plot.id, seen=seen)
    with pytest.raises(ConflictError):
        services.save(session, actor, draft, now=NOW, today=TODAY, carrier_id=plot.id, seen=seen)
    kept = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "carrier.change")).one()
    assert kept["changed"]["area"] == ["100", "90"]


def test_the_list_says_what_is_free_on_the_day_asked(session: Session, office: Office, plot: Carrier) -> None:
    take(session, office, plot, 70, until_on=TODAY + timedelta(days=9))
    page = queries.listing(session, Wanted(), TODAY, cursor=None)
    assert [(one.free, one.state) for one in page.rows] == [(D(30), Availability.PARTLY)]
    later = queries.listing(session, Wanted(availability=Availability.FREE), TODAY + timedelta(days=10), cursor=None)
    assert [one.free for one in later.rows] == [100]
    assert queries.listing(session, Wanted(least=D(31)), TODAY, cursor=None).rows == ()
    total = queries.total(session, Wanted(), TODAY)
    assert (total.land, total.land_area, total.land_free, total.floors) == (1, D(100), D(30), 0)


def test_no_more_is_held_than_there_is_and_what_is_given_back_is_free_again(
    session: Session, office: Office, plot: Carrier
) -> None:
    hold_id = take(session, office, plot, 70)
    with pytest.raises(DomainError, match=r"hold\.full"):
        take(session, office, plot, 31)
    actor = office.actor(session, office.registrar)
    services.give_back(session, actor, hold_id, until_on=TODAY, reason="合同终止，退回土地", now=NOW)
    assert take(session, office, plot, 100, from_on=TODAY + timedelta(days=1))
    with pytest.raises(ConflictError):
        services.give_back(session, actor, hold_id, until_on=TODAY, reason="合同终止，退回土地", now=NOW)


def test_every_hold_counts_however_many_there_were(session: Session, office: Office, plot: Carrier) -> None:
    take(session, office, plot, 70)
    long_ago = TODAY - timedelta(days=900)
    session.add_all(
        CarrierHold(
            carrier_id=plot.id, kind=HoldKind.LEASED, area=D(30), from_on=TODAY + timedelta(days=at),
            until_on=TODAY + timedelta(days=at), holder="临时", created_by=office.registrar.id, created_at=NOW,
        )
        for at in range(queries.MOST)
    )  # fmt: skip
    session.flush()
    with pytest.raises(DomainError, match=r"hold\.full"):
        take(session, office, plot, 1, from_on=long_ago)
    with pytest.raises(DomainError, match=r"hold\.full"):
        take(session, office, plot, 31, from_on=TODAY + timedelta(days=queries.MOST))
    assert take(session, office, plot, 100, from_on=long_ago, until_on=TODAY - timedelta(days=1))
    assert take(session, office, plot, 30, from_on=TODAY + timedelta(days=queries.MOST))
    actor = office.actor(session, office.registrar)
    smaller = CarrierDraft(CarrierKind.PLOT, "东区一号", "DQ-D01", office.east.id, D(99))
    with pytest.raises(DomainError, match=r"carrier\.smaller"):
        services.save(session, actor, smaller, now=NOW, today=TODAY, carrier_id=plot.id)
    with pytest.raises(DomainError, match=r"carrier\.held"):
        services.withdraw(session, actor, plot.id, reason="规划调整", today=TODAY + timedelta(days=800), now=NOW)


def test_a_plot_is_put_only_into_a_park_the_person_keeps(session: Session, office: Office) -> None:
    park = keep(session, office, office.registrar, kind=CarrierKind.PARK, code="P", unit_id=office.south.id)
    with pytest.raises(ForbiddenError, match=r"carrier\.park_of"):
        keep(session, office, office.lead, code="A", parent_id=park.id)
    plot = keep(session, office, office.registrar, code="B", parent_id=park.id)
    lead = office.actor(session, office.lead)
    assert queries.parks_to_choose(session, lead, None) == []
    assert queries.parks_to_choose(session, lead, plot) == [(park.id, park.name)]
    draft = CarrierDraft(CarrierKind.PLOT, "东区一号", "B", office.east.id, D(90), parent_id=park.id)
    kept = services.save(session, lead, draft, now=NOW, today=TODAY, carrier_id=plot.id)
    assert (kept.area, kept.parent_id) == (D(90), park.id)


def test_a_carrier_never_becomes_smaller_than_what_is_held(session: Session, office: Office, plot: Carrier) -> None:
    take(session, office, plot, 70)
    draft = CarrierDraft(CarrierKind.PLOT, "东区一号", "DQ-D01", office.east.id, D(69))
    with pytest.raises(DomainError, match=r"carrier\.smaller"):
        services.save(session, office.actor(session, office.registrar), draft, now=NOW, today=TODAY, carrier_id=plot.id)


def test_a_carrier_is_withdrawn_only_when_it_is_empty_and_then_takes_nobody(
    session: Session, office: Office, plot: Carrier
) -> None:
    actor = office.actor(session, office.registrar)
    hold_id = take(session, office, plot, 70, from_on=TODAY - timedelta(days=3))
    with pytest.raises(DomainError, match=r"carrier\.held"):
        services.withdraw(session, actor, plot.id, reason="规划调整", today=TODAY, now=NOW)
    services.give_back(session, actor, hold_id, until_on=TODAY - timedelta(days=1), reason="合同终止", now=NOW)
    services.withdraw(session, actor, plot.id, reason="规划调整", today=TODAY, now=NOW)
    with pytest.raises(DomainError, match=r"carrier\.withdrawn"):
        take(session, office, plot, 1)
    services.put_back(session, actor, plot.id, now=NOW)
    assert take(session, office, plot, 1)


def test_a_holder_is_named_only_to_those_who_may_see_the_project(
    session: Session, office: Office, plot: Carrier, project: Project
) -> None:
    take(session, office, plot, 60, project_id=project.id, holder="")
    held = queries.holds(session, plot.id)
    seen = {
        user.username: holders.names(session, office.actor(session, user), held)[held[0].id].name
        for user in (office.officer, office.outsider)
    }
    assert seen == {office.officer.username: "传动装备项目", office.outsider.username: "其他项目"}


def test_a_project_is_shown_what_fits_best_first_and_why_the_rest_does_not(
    session: Session, office: Office, project: Project
) -> None:
    for number, (area, words, barred) in enumerate(
        [(65, ("高端装备",), ()), (200, (), ()), (59, (), ()), (90, ("纺织",), ()), (90, (), ("装备",))], start=1
    ):
        name = f"{number}号地块"
        keep(session, office, office.registrar, code=name, name=name, area=D(area), industries=words, barred=barred)
    found = places.for_project(session, project, TODAY)
    assert [match.name for match in found.best] == ["1号地块", "2号地块"]
    assert (found.fitting, found.looked) == (2, 5)
    assert dict(found.why_not) == {"area": 1, "industry": 1, "barred": 1}
    assert found.best[0].verdict.points > found.best[1].verdict.points


def test_what_a_project_needs_is_stated_by_those_who_write_it(
    session: Session, office: Office, plot: Carrier, project: Project
) -> None:
    needs.save(session, office.actor(session, office.officer), project.id, {"energy": D(900)}, now=NOW)
    plot.energy = D(800)
    session.flush()
    assert dict(places.for_project(session, project, TODAY).why_not) == {"energy": 1}
    with pytest.raises(ForbiddenError):
        needs.save(session, office.actor(session, office.leader), project.id, {}, now=NOW)
    with pytest.raises(DomainError, match=r"need\.number"):
        needs.save(session, office.actor(session, office.officer), project.id, {"floor": D("NaN")}, now=NOW)


def test_idle_land_is_reclaimed_step_by_step_and_can_be_given_out_again(
    session: Session, office: Office, plot: Carrier
) -> None:
    actor, given = office.actor(session, office.registrar), TODAY - timedelta(days=1200)
    hold_id = take(session, office, plot, 100, from_on=given, start_due=TODAY - timedelta(days=800))
    assert [one.days for one in suspects.suspects(session, TODAY)] == [800]
    found = StepDraft(IdleStepKind.FOUND, TODAY - timedelta(days=60), "只有围墙，没有建筑")
    case = idle.start(session, actor, hold_id, IdleKind.CIRCLED, found, now=NOW, today=TODAY)
    assert suspects.suspects(session, TODAY) == []
    with pytest.raises(ConflictError):
        idle.start(session, actor, hold_id, IdleKind.CIRCLED, found, now=NOW, today=TODAY)
    on = TODAY - timedelta(days=50)
    deadline = StepDraft(IdleStepKind.DEADLINE, on, "限期一个月", on + timedelta(days=30), "云函1号")
    idle.go_on(session, actor, case.id, deadline, now=NOW, today=TODAY)
    reclaim = StepDraft(IdleStepKind.RECLAIM, TODAY, "逾期没有动工", None, "云函1号")
    with pytest.raises(DomainError, match=r"idle\.used"):
        idle.go_on(session, actor, case.id, reclaim, now=NOW, today=TODAY)
    idle.go_on(session, actor, case.id, replace(reclaim, document_no="云函2号"), now=NOW, today=TODAY)
    assert queries.show(session, plot, TODAY + timedelta(days=1)).free == 100
    assert [one.step.kind for one in cases.steps(session, case.id)] == ["found", "deadline", "reclaim"]
    with pytest.raises(ConflictError):
        idle.go_on(session, actor, case.id, reclaim, now=NOW, today=TODAY)
