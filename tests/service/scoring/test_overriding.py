"""Points set by a person: beside the automatic ones, with a reason and an end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError
from crm.scoring import queries, services
from crm.scoring.models import EnterpriseScore, ScoreOverride
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

WEEK = timedelta(days=7)


@pytest.fixture
def firm(session: Session) -> Enterprise:
    row = builders.enterprise(session)
    services.rescore(session, row.id, now=NOW, cause="test")
    return row


@pytest.fixture
def actor(session: Session, office: Office) -> Actor:
    return office.actor(session, office.lead)


def points(session: Session, now: datetime) -> int | None:
    return session.scalar(select(queries.effective(now)).select_from(EnterpriseScore))


def test_an_override_counts_until_its_day_and_ends_by_itself(session: Session, firm: Enterprise, actor: Actor) -> None:
    row = services.set_override(
        session, actor, firm.id, points=88, reason=" 董事长已口头承诺 ", expires_at=NOW + WEEK, now=NOW
    )
    assert row.reason == "董事长已口头承诺"
    assert points(session, NOW) == 88
    assert queries.overrides(session, [firm.id], NOW) == {firm.id: row}
    assert session.get_one(EnterpriseScore, firm.id).points == 50
    assert points(session, NOW + WEEK) == 50
    assert queries.overrides(session, [firm.id], NOW + WEEK) == {}
    assert services.end_expired(session, now=NOW + 2 * WEEK) == 1
    assert row.ended_at == NOW + WEEK


def test_a_new_override_ends_the_one_before_and_the_log_keeps_both(
    session: Session, firm: Enterprise, actor: Actor
) -> None:
    for number in (70, 80):
        services.set_override(session, actor, firm.id, points=number, reason="重新评估", expires_at=NOW + WEEK, now=NOW)
    assert points(session, NOW) == 80
    assert [row.points for row in queries.override_history(session, firm.id)] == [80, 70]
    actions = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "score.override")).all()
    assert [detail["points"] for detail in actions] == [70, 80]


def test_a_person_may_end_it_before(session: Session, firm: Enterprise, actor: Actor) -> None:
    services.set_override(session, actor, firm.id, points=88, reason="口头承诺", expires_at=NOW + WEEK, now=NOW)
    services.end_override(session, actor, firm.id, now=NOW + timedelta(days=1))
    assert points(session, NOW + timedelta(days=1)) == 50
    assert session.scalars(select(ScoreOverride.ended_by_id)).all() == [actor.user_id]
    with pytest.raises(ConflictError):
        services.end_override(session, actor, firm.id, now=NOW + timedelta(days=1))


def test_everything_wrong_is_told_at_once(session: Session, firm: Enterprise, actor: Actor) -> None:
    with pytest.raises(DomainError) as refused:
        services.set_override(session, actor, firm.id, points=100, reason=" ", expires_at=NOW, now=NOW)
    keys = {problem.key for problem in refused.value.problems}
    assert keys == {"override.points", "override.reason", "override.expires"}


@pytest.mark.parametrize("days", [0, -1, 200])
def test_it_must_end_within_half_a_year(session: Session, firm: Enterprise, actor: Actor, days: int) -> None:
    end = NOW + timedelta(days=days)
    with pytest.raises(DomainError, match=r"override\.expires"):
        services.set_override(session, actor, firm.id, points=60, reason="试", expires_at=end, now=NOW)


def test_an_unknown_enterprise_is_refused(session: Session, actor: Actor) -> None:
    with pytest.raises(DomainError, match=r"override\.unscored"):
        services.set_override(session, actor, 999, points=60, reason="试", expires_at=NOW + WEEK, now=NOW)
