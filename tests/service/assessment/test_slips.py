"""Supervision slips, and who may do what after whom in an assessment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.assessment.books import services, slips
from crm.assessment.books.rules import SlipState, lamp
from crm.auth.rules import Role
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.core.lamps import Lamp
from tests.support import builders
from tests.support.assessing import opened, published, typed, visits
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.books.models import AssessmentRun, RuleBook, SupervisionSlip
    from crm.auth.rules import Actor
    from tests.support.builders import Office


@pytest.fixture
def book(session: Session, office: Office) -> RuleBook:
    return published(session, office)


def second(session: Session, office: Office) -> Actor:
    """Another person of the promotion office."""
    return office.actor(session, builders.user(session, "qin", "秦越", (office.bureau, Role.REGISTRAR)))


def reckoned(session: Session, office: Office, book: RuleBook) -> AssessmentRun:
    visits(session, office, 3, 1)
    run = opened(session, office, book)
    typed(session, office, run)
    services.compute(session, run.id, now=NOW)
    return run


def test_who_typed_values_does_not_confirm_them(session: Session, office: Office, book: RuleBook) -> None:
    run = reckoned(session, office, book)
    with pytest.raises(ForbiddenError, match=r"run\.own_hand"):
        services.confirm(session, office.actor(session, office.registrar), run.id, now=NOW)
    assert services.confirm(session, second(session, office), run.id, now=NOW).confirmed_at == NOW


def test_who_signed_an_adjustment_does_not_confirm(session: Session, office: Office, book: RuleBook) -> None:
    run, leader = reckoned(session, office, book), office.actor(session, office.leader)
    services.adjust(session, leader, run.id, office.east.id, points=Decimal(-1), reason="迟报两次月报", now=NOW)
    services.compute(session, run.id, now=NOW)
    with pytest.raises(ForbiddenError, match=r"run\.own_hand"):
        services.confirm(session, leader, run.id, now=NOW)


def test_who_confirmed_does_not_issue_the_slips(session: Session, office: Office, book: RuleBook) -> None:
    run, other = reckoned(session, office, book), second(session, office)
    services.confirm(session, other, run.id, now=NOW)
    with pytest.raises(ForbiddenError, match=r"slip\.own_result"):
        slips.issue(session, other, run.id, demand="补足走访任务", due_on=TODAY, now=NOW, today=TODAY)
    registrar = office.actor(session, office.registrar)
    (slip,) = slips.issue(session, registrar, run.id, demand="补足走访任务", due_on=TODAY, now=NOW, today=TODAY)
    assert slip.issued_by == office.registrar.id


def test_slips_go_to_the_bottom_once_are_answered_and_closed(session: Session, office: Office, book: RuleBook) -> None:
    visits(session, office, 3, 1)
    run = opened(session, office, book)
    typed(session, office, run)
    services.compute(session, run.id, now=NOW)
    registrar = office.actor(session, office.registrar)
    due_on = TODAY + timedelta(days=7)

    def issue() -> list[SupervisionSlip]:
        return slips.issue(session, registrar, run.id, demand="一周内补足走访任务", due_on=due_on, now=NOW, today=TODAY)

    with pytest.raises(DomainError, match=r"slip\.open_run"):
        issue()
    services.confirm(session, office.actor(session, office.leader), run.id, now=NOW)
    (slip,) = issue()
    assert (slip.unit_id, slip.number) == (office.south.id, 1)
    with pytest.raises(DomainError, match=r"slip\.nobody"):
        issue()
    with pytest.raises(ConflictError):
        slips.close(session, registrar, slip.id, verdict="", now=NOW)
    with pytest.raises(ForbiddenError):
        slips.reply(session, office.actor(session, office.officer), slip.id, text="已补三家", now=NOW)
    slips.reply(session, office.actor(session, office.outsider), slip.id, text="已补走访三家", now=NOW)
    slips.close(session, registrar, slip.id, verdict="同意销号", now=NOW)
    assert slip.state is SlipState.CLOSED


def test_who_answered_a_slip_does_not_close_it(session: Session, office: Office, book: RuleBook) -> None:
    visits(session, office, 3, 1)
    run = opened(session, office, book)
    typed(session, office, run)
    services.compute(session, run.id, now=NOW)
    registrar = office.actor(session, office.registrar)
    services.confirm(session, office.actor(session, office.leader), run.id, now=NOW)
    (slip,) = slips.issue(session, registrar, run.id, demand="补足走访任务", due_on=TODAY, now=NOW, today=TODAY)
    slips.reply(session, registrar, slip.id, text="代为回复：已补三家", now=NOW)
    with pytest.raises(ForbiddenError, match=r"slip\.self"):
        slips.close(session, registrar, slip.id, verdict="", now=NOW)


@pytest.mark.parametrize(
    ("state", "days", "shown"),
    [
        (SlipState.ISSUED, 5, Lamp.GREEN), (SlipState.ISSUED, 3, Lamp.YELLOW), (SlipState.REPLIED, -1, Lamp.RED),
        (SlipState.CLOSED, -9, Lamp.OFF),
    ],
)  # fmt: skip
def test_the_lamp_of_a_slip_follows_its_day(state: SlipState, days: int, shown: Lamp) -> None:
    assert lamp(state, TODAY + timedelta(days=days), TODAY) is shown
