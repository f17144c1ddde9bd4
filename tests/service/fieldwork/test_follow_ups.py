from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.fieldwork import followups as services
from crm.fieldwork import queries
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import FollowUpDraft
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def add(session: Session, office: Office, title: str = "寄送用地方案", days: int | None = 2) -> FollowUp:
    due = None if days is None else TODAY + timedelta(days=days)
    firm = builders.enterprise(session)
    draft = FollowUpDraft(title, due, enterprise_id=firm.id)
    actor = office.actor(session, office.officer)
    return services.add_follow_up(session, actor, draft, now=NOW, today=TODAY if days is None or days >= 0 else due)  # type: ignore[arg-type]  # a day in the past is today then


def test_the_latest_come_first_and_undated_last(session: Session, office: Office) -> None:
    for title, days in (("无期限", None), ("后天", 2), ("超期", -3), ("今天", 0)):
        add(session, office, title, days)
    rows = queries.open_follow_ups(session, office.actor(session, office.officer))
    assert [row.title for row in rows] == ["超期", "今天", "后天", "无期限"]


def test_done_and_next_ticks_one_and_plans_the_next_about_the_same_matter(session: Session, office: Office) -> None:
    row = add(session, office)
    actor = office.actor(session, office.officer)
    draft = FollowUpDraft("电话确认收到", TODAY + timedelta(days=7))
    added = services.complete_and_next(session, actor, row.id, draft, now=NOW, today=TODAY)
    session.commit()
    assert (row.done_at, row.done_by) == (NOW, office.officer.id)
    assert (added.enterprise_id, added.done_at) == (row.enterprise_id, None)
    with pytest.raises(DomainError):
        services.complete_and_next(session, actor, row.id, draft, now=NOW, today=TODAY)


def test_a_refused_next_step_leaves_the_first_open(session: Session, office: Office) -> None:
    row = add(session, office)
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError):
        services.complete_and_next(session, actor, row.id, FollowUpDraft("", TODAY), now=NOW, today=TODAY)
    assert row.done_at is None


def test_a_tick_can_be_taken_back(session: Session, office: Office) -> None:
    row = add(session, office)
    actor = office.actor(session, office.officer)
    services.complete_follow_up(session, actor, row.id, now=NOW)
    services.reopen_follow_up(session, actor, row.id, now=NOW)
    session.commit()
    assert (row.done_at, row.done_by) == (None, None)


def test_a_deadline_moves_forward_only(session: Session, office: Office) -> None:
    row = add(session, office, days=-1)
    actor = office.actor(session, office.officer)
    services.postpone_follow_up(session, actor, row.id, TODAY + timedelta(days=1), now=NOW, today=TODAY)
    assert row.due_on == TODAY + timedelta(days=1)
    with pytest.raises(DomainError):
        services.postpone_follow_up(session, actor, row.id, TODAY - timedelta(days=1), now=NOW, today=TODAY)


def test_a_colleague_sees_but_may_not_tick_and_an_outsider_finds_nothing(session: Session, office: Office) -> None:
    row = add(session, office)
    with pytest.raises(ForbiddenError):
        services.complete_follow_up(session, office.actor(session, office.colleague), row.id, now=NOW)
    with pytest.raises(NotFoundError):
        services.complete_follow_up(session, office.actor(session, office.outsider), row.id, now=NOW)
    assert session.scalars(select(FollowUp.done_at)).all() == [None]
