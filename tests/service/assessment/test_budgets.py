"""Budgets and what was spent: each sum once, costs with their rows, entries taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.assessment.budgets import queries, services
from crm.assessment.budgets.queries import Span
from crm.assessment.budgets.rules import BudgetLine, Source, SpendDraft, SpendKind, whole
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.fieldwork.trips import services as trips
from crm.fieldwork.trips.rules import CostDraft, CostKind, TripDraft
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.budgets.models import Spending
    from crm.auth.models import User
    from tests.support.builders import Office

YEAR = Span(date(2026, 1, 1), TODAY, None)
D = Decimal


def draft(office: Office, amount: str = "1.25", **more: int) -> SpendDraft:
    base = SpendDraft(office.east.id, TODAY, D(amount), SpendKind.TRAVEL, "赴岚桥拜访机票", "票0117")
    return replace(base, **more)  # type: ignore[arg-type]  # fields of a draft


def spend(session: Session, office: Office, wanted: SpendDraft, who: User | None = None) -> Spending:
    actor = office.actor(session, who or office.officer)
    return services.spend(session, actor, wanted, now=NOW, today=TODAY)


def trip(session: Session, office: Office, spent: str | None) -> int:
    actor = office.actor(session, office.officer)
    row = trips.plan_trip(session, actor, TripDraft("赴岚桥", TODAY, TODAY, "看看"), now=NOW)
    costs = [CostDraft(CostKind.TRANSPORT, D("1.2"), None if spent is None else D(spent))]
    trips.set_costs(session, actor, row.id, costs, now=NOW)
    return row.id


def budget(session: Session, office: Office, **amounts: str) -> int:
    wanted = {getattr(office, name).id: D(amount) for name, amount in amounts.items()}
    registrar = office.actor(session, office.registrar)
    return services.set_budgets(session, registrar, 2026, wanted, basis="财预〔2026〕3号", now=NOW)


def lines(session: Session) -> dict[int | None, BudgetLine]:
    return {one.unit_id: one for one in queries.lines(session, 2026, YEAR, NOW)}


def test_cost_per_lead_and_per_signed_project_from_facts(session: Session, office: Office) -> None:
    budget(session, office, east="40", south="10")
    for _number in range(4):
        builders.project(session, builders.enterprise(session), office.east, office.officer)
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)
    builders.agreement(session, builders.stand(session, deal, Stage.SIGNED), office.officer)
    spend(session, office, draft(office, "10"))
    east = lines(session)[office.east.id]
    assert (east.budget, east.spent, east.leads, east.signings) == (D(40), D(10), D(5), D(1))
    assert (east.per_lead.each, east.per_signing.each, east.used) == (D("2.00"), D("10.00"), D("25.0"))
    assert lines(session)[office.south.id].per_lead.each is None


def test_the_rows_add_up_to_the_figure(session: Session, office: Office) -> None:
    spend(session, office, draft(office, "1.25"))
    spend(session, office, replace(draft(office, "2"), unit_id=office.south.id), office.outsider)
    trip(session, office, "1.1")
    rows, cut = queries.rows(session, YEAR)
    assert (sum(one.counted for one in rows), cut) == (D("4.35"), False)
    assert whole(list(lines(session).values())).spent == D("4.35")


def test_a_trip_that_tells_its_cost_is_counted_once(session: Session, office: Office) -> None:
    silent = trip(session, office, None)
    spend(session, office, draft(office, "1.1", trip_id=silent))
    assert queries.spent(session, YEAR) == {office.east.id: D("1.1")}
    actor = office.actor(session, office.officer)
    trips.set_costs(session, actor, silent, [CostDraft(CostKind.TRANSPORT, None, D("1.3"))], now=NOW)
    assert queries.spent(session, YEAR) == {office.east.id: D("1.3")}
    rows, _cut = queries.rows(session, YEAR)
    assert {one.source: one.counted for one in rows} == {Source.ENTRY: D(0), Source.TRIP: D("1.3")}
    with pytest.raises(DomainError, match=r"spend\.trip_told"):
        spend(session, office, draft(office, "1.3", trip_id=silent))


def test_an_entry_about_a_visit_takes_the_project_of_the_visit(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer)
    visit = builders.touch(session, firm, office.east, office.officer, project_id=deal.id)
    row = spend(session, office, draft(office, touch_id=visit.id))
    assert (row.touch_id, row.project_id) == (visit.id, deal.id)
    assert queries.spent(session, replace(YEAR, project_id=deal.id)) == {office.east.id: D("1.25")}


def test_what_a_person_does_not_see_is_no_cause(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    elsewhere = builders.touch(session, firm, office.south, office.outsider)
    secret = builders.project(session, firm, office.east, office.colleague, confidential=True, code_name="代号甲")
    inside = builders.touch(session, firm, office.east, office.colleague, project_id=secret.id)
    for touch in (elsewhere, inside):
        with pytest.raises(DomainError, match=r"spend\.touch"):
            spend(session, office, draft(office, touch_id=touch.id))
    with pytest.raises(DomainError, match=r"spend\.project"):
        spend(session, office, draft(office, project_id=secret.id), office.colleague)


def test_money_is_entered_for_the_own_unit(session: Session, office: Office) -> None:
    with pytest.raises(DomainError, match=r"spend\.unit"):
        spend(session, office, replace(draft(office), unit_id=office.south.id))
    with pytest.raises(ForbiddenError):
        spend(session, office, draft(office), office.supervisor)


def test_a_second_tap_enters_nothing_twice(session: Session, office: Office) -> None:
    first, second = (spend(session, office, draft(office)) for _tap in "ab")
    assert first.id == second.id


def test_an_entry_taken_back_stays_and_counts_no_more(session: Session, office: Office) -> None:
    row, officer = spend(session, office, draft(office)), office.actor(session, office.officer)
    with pytest.raises(ForbiddenError, match=r"spend\.other"):
        services.void(session, office.actor(session, office.colleague), row.id, reason="登记重了", now=NOW)
    with pytest.raises(DomainError, match=r"spend\.reason"):
        services.void(session, officer, row.id, reason="重", now=NOW)
    services.void(session, officer, row.id, reason="登记重了", now=NOW)
    (kept,), _cut = queries.rows(session, YEAR)
    assert (kept.counted, kept.void_reason, queries.spent(session, YEAR)) == (D(0), "登记重了", {})
    with pytest.raises(ConflictError, match=r"spend\.voided"):
        services.void(session, officer, row.id, reason="再来一次", now=NOW)


def test_another_squads_entry_is_not_there(session: Session, office: Office) -> None:
    row = spend(session, office, replace(draft(office), unit_id=office.south.id), office.outsider)
    with pytest.raises(NotFoundError):
        services.void(session, office.actor(session, office.officer), row.id, reason="不是我的", now=NOW)


def test_budgets_are_set_changed_and_taken_away(session: Session, office: Office) -> None:
    assert budget(session, office, east="40", south="10") == 2
    assert budget(session, office, east="45", south="10") == 1
    registrar = office.actor(session, office.registrar)
    services.set_budgets(session, registrar, 2026, {office.south.id: None}, basis="", now=NOW)
    held = queries.budgets(session, 2026, None)
    assert {unit_id: row.amount for unit_id, row in held.items()} == {office.east.id: D(45)}
    with pytest.raises(ForbiddenError):
        services.set_budgets(session, office.actor(session, office.lead), 2026, {}, basis="", now=NOW)


def test_money_of_another_year_or_unit_is_left_out(session: Session, office: Office) -> None:
    spend(session, office, draft(office))
    assert queries.spent(session, replace(YEAR, units=frozenset({office.south.id}))) == {}
    assert queries.spent(session, replace(YEAR, start=TODAY - timedelta(days=400), end=TODAY - timedelta(days=1))) == {}
