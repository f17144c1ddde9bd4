from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from crm.assessment import queries
from crm.assessment.facts import Lens, Window
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.ratios import Ratio
from crm.enterprises.models import ListEdition, ListEntry, TargetList
from crm.fieldwork.models import Touch, TouchContact
from crm.fieldwork.rules import TouchKind
from crm.pipeline.intake import setup
from crm.pipeline.intake.dimensions import Dimensions, Industry, IndustryRole
from crm.pipeline.intake.models import Handover, LeadTip
from crm.pipeline.intake.rules import Answer, TipSource, TipState
from crm.pipeline.rules import AgreementKind, Capital, Stage
from tests.support import builders, facts
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

WINDOW = Window(date(2026, 10, 1), date(2026, 12, 31), NOW)
D = Decimal


def pair(session: Session, key: str, window: Window = WINDOW) -> tuple[int, int]:
    found = queries.ratio(session, RATES[key], window)
    return int(found.done), int(found.of)


def listed(session: Session, firm_ids: list[int]) -> None:
    roll = TargetList(key="top", name="民营500强")
    session.add(roll)
    session.flush()
    edition = ListEdition(list_id=roll.id, year=2026, imported_at=NOW - timedelta(days=90))
    session.add(edition)
    session.flush()
    session.execute(
        insert(ListEntry), [{"edition_id": edition.id, "enterprise_id": firm, "printed_name": "x"} for firm in firm_ids]
    )


def test_talks_inspections_and_signings_are_followed_as_one_cohort(session: Session, office: Office) -> None:
    firms = facts.firms(session, 7)
    facts.projects(session, office.east, office.officer, firms[:2], Stage.VISITING)
    facts.projects(session, office.east, office.officer, firms[2:4], Stage.INSPECTING)
    signed = facts.projects(session, office.south, office.outsider, firms[4:6], Stage.SIGNED)
    facts.contracts(session, office.south, office.outsider, signed[:1])
    facts.projects(session, office.east, office.officer, firms[6:])
    assert pair(session, "inspection") == (4, 6)
    assert pair(session, "signing") == (1, 6)
    by_unit = queries.ratios(session, [RATES["signing"]], WINDOW)["signing"]
    assert by_unit == {office.east.id: Ratio(D(0), D(4)), office.south.id: Ratio(D(1), D(2))}


def test_after_signing_each_step_is_a_share_of_the_one_before(session: Session, office: Office) -> None:
    firms = facts.firms(session, 6)
    for firm, stage in zip(firms, (Stage.SIGNED, Stage.REGISTERED, *(Stage.STARTED,) * 2), strict=False):
        facts.contracts(
            session,
            office.east,
            office.officer,
            facts.projects(session, office.east, office.officer, [firm], stage),
        )
    for firm, stage in zip(firms[4:], (Stage.IN_PRODUCTION, Stage.FULL_CAPACITY), strict=True):
        facts.contracts(
            session,
            office.east,
            office.officer,
            facts.projects(session, office.east, office.officer, [firm], stage),
        )
    assert pair(session, "fulfilment") == (5, 6)
    assert pair(session, "start") == (4, 6)
    assert pair(session, "production") == (2, 4)
    assert pair(session, "capacity") == (1, 2)


def test_visits_hit_the_lists_and_calls_are_no_talks(session: Session, office: Office) -> None:
    firms = facts.firms(session, 4)
    listed(session, firms[:3])
    facts.touches(session, office.east, office.officer, firms[:1])
    facts.touches(session, office.east, office.officer, firms[1:3], kind=TouchKind.CALL)
    facts.touches(session, office.east, office.officer, firms[3:])
    assert pair(session, "talk") == (1, 3)
    assert pair(session, "listed_visit") == (1, 2)


def test_a_face_is_new_once_for_a_unit(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old, new = (builders.contact(session, firm, office.east, office.officer, name) for name in ("老友", "新友"))
    for person, day in ((old, 200), (old, 3), (new, 3), (new, 1)):
        at = NOW - timedelta(days=day)
        facts.touches(session, office.east, office.officer, [firm.id], occurred_at=at, recorded_at=at)
        session.flush()
        touch = session.query(Touch).order_by(Touch.id.desc()).first()
        assert touch is not None
        session.add(TouchContact(touch_id=touch.id, contact_id=person.id))
    session.flush()
    assert pair(session, "new_faces") == (1, 2)


@pytest.mark.parametrize(
    ("answered", "met"),
    [
        (datetime(2026, 11, 6, 10, 0, tzinfo=UTC), 1),  # Friday evening
        (datetime(2026, 11, 9, 15, 59, tzinfo=UTC), 1),  # Monday, a minute before midnight in Shanghai
        (datetime(2026, 11, 9, 16, 0, tzinfo=UTC), 0),
        (None, 0),
    ],
)
def test_a_tip_of_friday_is_answered_in_time_until_monday_midnight(
    session: Session, office: Office, answered: datetime | None, met: int
) -> None:
    session.add(
        LeadTip(
            client_id="tip",
            text="听说要扩产",
            source=TipSource.STAFF,
            reported_by=office.officer.id,
            unit_id=office.east.id,
            reported_at=datetime(2026, 11, 6, 1, 0, tzinfo=UTC),
            state=TipState.RETURNED if answered else TipState.NEW,
            answer="已有项目" if answered else None,
            answered_by=office.lead.id if answered else None,
            answered_at=answered,
        )
    )
    session.flush()
    assert pair(session, "answered") == (met, 1)
    ever = Window(date(2000, 1, 1), date(2100, 12, 31), NOW)
    assert pair(session, "answered", ever) == (met, 1)


def test_what_fits_is_what_the_office_planned(session: Session, office: Office) -> None:
    dimensions = Dimensions(industries=(Industry("装备制造", IndustryRole.LEAD, ("轴承",)),))
    actor = office.actor(session, office.registrar)
    setup.save(session, actor, setup.Setup(dimensions=dimensions), now=NOW)
    firms = facts.firms(session, 3)
    facts.projects(session, office.east, office.officer, firms[:1], industry="装备制造")
    facts.projects(session, office.east, office.officer, firms[1:2], product_line="精密轴承")
    facts.projects(session, office.east, office.officer, firms[2:], industry="餐饮")
    assert pair(session, "fit") == (2, 3)
    assert len(queries.rows(session, MEASURES["new_fitting"], WINDOW)) == 2


def test_intents_and_frameworks_stand_in_columns_of_their_own(session: Session, office: Office) -> None:
    ids = facts.projects(session, office.east, office.officer, facts.firms(session, 3), Stage.SIGNED)
    facts.contracts(session, office.east, office.officer, ids[:1])
    facts.contracts(session, office.east, office.officer, ids[1:2], kind=AgreementKind.FRAMEWORK, amount=D(90_000))
    facts.contracts(session, office.east, office.officer, ids[2:], kind=AgreementKind.INTENT, amount=D(70_000))
    told = {key: queries.total(session, MEASURES[key], WINDOW) for key in ("frameworks_amount", "intents_amount")}
    assert told == {"frameworks_amount": 90_000, "intents_amount": 70_000}
    assert queries.total(session, MEASURES["reported_amount"], WINDOW) == 5_000


def test_foreign_contracts_count_in_their_own_currency(session: Session, office: Office) -> None:
    ids = facts.projects(session, office.east, office.officer, facts.firms(session, 2), Stage.SIGNED)
    rate = {"rate": D(7), "rate_on": WINDOW.start, "rate_source": "中间价"}
    facts.contracts(
        session, office.east, office.officer, ids[:1], currency="USD", original_amount=D(100), amount=D(700), **rate
    )
    facts.contracts(
        session, office.east, office.officer, ids[1:], currency="EUR", original_amount=D(50), amount=D(400), **rate
    )
    assert queries.total(session, MEASURES["contract_foreign"], WINDOW) == 100
    euros = replace(WINDOW, lens=Lens(currency="EUR"))
    assert queries.total(session, MEASURES["contract_foreign"], euros) == 50


def test_a_lens_narrows_projects_and_what_was_done_for_them(session: Session, office: Office) -> None:
    firms = facts.firms(session, 2)
    big = facts.projects(
        session, office.east, office.officer, firms[:1], total_investment=D(20_000), capital=Capital.FOREIGN
    )
    facts.projects(session, office.east, office.colleague, firms[1:])
    facts.touches(session, office.east, office.officer, firms[:1], project_id=big[0])
    facts.touches(session, office.east, office.officer, firms[1:])
    for lens in (Lens(low=D(10_000)), Lens(capital=Capital.FOREIGN.value), Lens(people=frozenset({office.officer.id}))):
        narrowed = replace(WINDOW, lens=lens)
        assert queries.total(session, MEASURES["leads"], narrowed) == 1, lens
        assert queries.total(session, MEASURES["reached_lead"], narrowed) == 1, lens
    assert queries.total(session, MEASURES["visits"], replace(WINDOW, lens=Lens(low=D(10_000)))) == 1
    assert queries.total(session, MEASURES["visits"], WINDOW) == 2


def test_a_project_handed_over_later_stays_whose_it_was(session: Session, office: Office) -> None:
    ids = facts.projects(session, office.east, office.colleague, facts.firms(session, 1), Stage.SIGNED)
    facts.contracts(session, office.east, office.officer, ids)
    session.add(
        Handover(
            project_id=ids[0],
            from_user_id=office.officer.id,
            from_unit_id=office.east.id,
            to_user_id=office.colleague.id,
            to_unit_id=office.east.id,
            reason="轮岗",
            asked_by=office.officer.id,
            asked_at=NOW + timedelta(days=1),
            answer=Answer.ACCEPTED,
            answered_by=office.colleague.id,
            answered_at=NOW + timedelta(days=2),
        )
    )
    session.flush()
    assert queries.by_person(session, MEASURES["signings"], WINDOW) == {office.officer.id: 1}
    later = Window(WINDOW.start, WINDOW.end, NOW + timedelta(days=3))
    assert queries.by_person(session, MEASURES["signings"], later) == {office.colleague.id: 1}
