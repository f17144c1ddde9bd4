from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.fieldwork import followups
from crm.fieldwork.models import FollowUp
from crm.register import coverage
from tests.support import builders
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser


@pytest.fixture
def roll(session: Session, office: builders.Office) -> TargetList:
    """Two editions of an invented list: 甲 rose, 乙 fell, 丙 is new, 丁 fell off."""
    assert office
    target = TargetList(key="own_yunling", name="云岭百强", weight=5)
    session.add(target)
    session.flush()
    firms = {name: builders.enterprise(session, f"云岭{name}有限公司") for name in "甲乙丙丁"}
    ranks = {2024: {"甲": 3, "乙": 1, "丁": 2}, 2025: {"甲": 1, "乙": 2, "丙": 3}}
    for year, places in ranks.items():
        edition = ListEdition(list_id=target.id, year=year, source="示例来源", imported_at=builders.NOW)
        session.add(edition)
        session.flush()
        for name, rank in places.items():
            session.add(
                ListEntry(edition_id=edition.id, enterprise_id=firms[name].id, rank=rank, printed_name=firms[name].name)
            )
    session.commit()
    return target


def firm(session: Session, name: str) -> Enterprise:
    return session.scalars(select(Enterprise).where(Enterprise.name == f"云岭{name}有限公司")).one()


def visit(session: Session, office: builders.Office, name: str, *, south: bool = False) -> None:
    one = firm(session, name)
    place, by = (office.south, office.outsider) if south else (office.east, office.officer)
    touch = builders.touch(session, one, place, by)
    one.last_touch_at = touch.occurred_at
    session.commit()


def test_the_newest_edition_is_shown_with_the_rank_before(
    session: Session, office: builders.Office, roll: TargetList
) -> None:
    which = coverage.edition(session, roll.id, None)
    actor = office.actor(session, office.registrar)
    _page, lines = coverage.lines(session, actor, which, "", cursor=None, now=builders.NOW)
    assert which.row.year == 2025
    assert [(line.entry.rank, line.before) for line in lines] == [(1, 3), (2, 1), (3, None)]
    assert [(one.name, rank) for one, rank in coverage.dropped(session, which)] == [("云岭丁有限公司", 2)]


def test_the_badge_of_an_enterprise_knows_the_rank_before(session: Session, roll: TargetList) -> None:
    one = firm(session, "甲")
    (place,) = enterprises.places(session, [one.id])[one.id]
    assert (place.key, place.year, place.rank, place.before) == (roll.key, 2025, 1, 3)


def test_contacted_others_and_never_add_up_to_the_list(
    session: Session, office: builders.Office, roll: TargetList
) -> None:
    visit(session, office, "甲")
    visit(session, office, "乙", south=True)
    which = coverage.edition(session, roll.id, 2025)
    own = coverage.tally(session, office.actor(session, office.officer), which.row.id, now=builders.NOW)
    everything = coverage.tally(session, office.actor(session, office.registrar), which.row.id, now=builders.NOW)
    assert (own.members, own.contacted, own.others, own.never) == (3, 1, 1, 1)
    assert (everything.contacted, everything.others, everything.never, everything.recent) == (2, 0, 1, 2)


def test_a_colleague_elsewhere_is_named_without_particulars(
    session: Session, office: builders.Office, roll: TargetList
) -> None:
    visit(session, office, "乙", south=True)
    which = coverage.edition(session, roll.id, 2025)
    actor = office.actor(session, office.officer)
    _page, (line,) = coverage.lines(session, actor, which, coverage.OTHERS, cursor=None, now=builders.NOW)
    assert line.elsewhere
    assert (line.times, line.person, line.unit, line.last_at) == (0, "", "", None)


def test_a_visit_to_a_subsidiary_counts_for_the_group(
    session: Session, office: builders.Office, roll: TargetList
) -> None:
    child = builders.enterprise(session, "云岭甲分厂有限公司", parent_id=firm(session, "甲").id)
    builders.touch(session, child, office.east, office.officer)
    session.commit()
    which = coverage.edition(session, roll.id, 2025)
    actor = office.actor(session, office.officer)
    _page, (line,) = coverage.lines(session, actor, which, coverage.CONTACTED, cursor=None, now=builders.NOW)
    assert (line.enterprise.name, line.times, line.person) == ("云岭甲有限公司", 1, "陈晓")


def test_units_are_counted_by_enterprises_met(session: Session, office: builders.Office, roll: TargetList) -> None:
    visit(session, office, "甲")
    visit(session, office, "乙")
    visit(session, office, "乙", south=True)
    which = coverage.edition(session, roll.id, 2025)
    found = coverage.by_unit(session, office.actor(session, office.registrar), which.row.id)
    assert [(name, count) for name, count, _at in found] == [("长三角小分队", 2), ("珠三角小分队", 1)]


def test_one_click_gives_tasks_for_the_never_contacted_once(
    as_officer: Browser, session: Session, office: builders.Office, roll: TargetList
) -> None:
    visit(session, office, "甲")
    seat = f"{office.officer.id}-{office.east.id}"
    data = {"owner": seat, "due_on": "2026-12-01", "count": "10"}
    assert as_officer.post(f"/lists/{roll.id}/tasks?year=2025", data).status_code == 303
    as_officer.post(f"/lists/{roll.id}/tasks?year=2025", data)
    titles = list(session.scalars(select(FollowUp.title).order_by(FollowUp.id)))
    assert titles == ["首次联系云岭乙有限公司", "首次联系云岭丙有限公司"]


def test_tasks_go_to_nobody_who_was_not_chosen(as_officer: Browser, session: Session, roll: TargetList) -> None:
    answer = as_officer.post(f"/lists/{roll.id}/tasks", {"owner": "", "due_on": "2026-12-01", "count": "10"})
    assert answer.status_code == 422
    assert "请选择交给谁。" in answer.text
    assert session.scalar(select(func.count()).select_from(FollowUp)) == 0


def test_a_task_cannot_be_given_to_another_squad(
    as_officer: Browser, session: Session, office: builders.Office, roll: TargetList
) -> None:
    seat = f"{office.outsider.id}-{office.south.id}"
    answer = as_officer.post(f"/lists/{roll.id}/tasks", {"owner": seat, "due_on": "2026-12-01", "count": "10"})
    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(FollowUp)) == 0


def test_the_service_itself_refuses_other_squads_and_past_days(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.officer)
    today = builders.TODAY
    with pytest.raises(ForbiddenError):
        followups.assign_first_calls(
            session, actor, [], (office.outsider.id, office.south.id), today, now=builders.NOW, today=today
        )
    with pytest.raises(DomainError):
        followups.assign_first_calls(
            session, actor, [], (office.officer.id, office.east.id), date(2026, 1, 1), now=builders.NOW, today=today
        )
    with pytest.raises(DomainError):
        followups.assign_first_calls(
            session,
            actor,
            [],
            (office.outsider.id, office.east.id),
            today + timedelta(days=1),
            now=builders.NOW,
            today=today,
        )


def test_a_list_that_is_not_there_is_not_found(session: Session, roll: TargetList) -> None:
    with pytest.raises(NotFoundError):
        coverage.edition(session, roll.id, 1999)


def test_the_page_of_a_list_needs_few_queries(
    as_registrar: Browser, database: Database, session: Session, office: builders.Office, roll: TargetList
) -> None:
    visit(session, office, "甲")
    with counted(database) as statements:
        page = as_registrar.get(f"/lists/{roll.id}")
    assert page.status_code == 200
    for words in ("云岭百强 2025年", "升2", "降1", "新上榜", "云岭丁有限公司", "长三角小分队"):
        assert words in page.text
    assert len(statements) <= 12


def test_the_list_of_lists_names_every_edition(as_officer: Browser, roll: TargetList) -> None:
    page = as_officer.get("/lists").text
    assert f"/lists/{roll.id}?year=2024" in page
    assert "2025年 3家" in page
