"""The calendar and its secret link: the own days, the week of a team, a feed that tells only what may be seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar
from sqlalchemy import select, update

from crm.agenda import services
from crm.agenda.models import CalendarLink
from crm.auth.models import Roster
from crm.auth.rules import Role
from crm.fieldwork.models import FollowUp
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.conftest import Browser
    from tests.support.builders import Office


def promise(session: Session, office: Office, who: User, title: str, due_on: date, **fields: object) -> FollowUp:
    row = FollowUp(
        title=title, unit_id=office.east.id, owner_id=who.id, due_on=due_on, created_by=who.id, created_at=NOW, **fields
    )
    session.add(row)
    session.flush()
    return row


def feed_of(browser: Browser) -> str:
    """Make a link and return the path of its feed."""
    page = browser.post("/calendar/link").text
    assert "复制链接" in page
    return page.split('<code class="y-once">', 1)[1].split("<", 1)[0].removeprefix("http://localhost")


def summaries(browser: Browser, path: str) -> list[str]:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/calendar"
    return [str(event["summary"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")]


def test_a_person_sees_the_own_week_and_the_week_of_the_team(
    session: Session, office: Office, as_officer: Browser, as_outsider: Browser
) -> None:
    firm = builders.enterprise(session, "云岭精工")
    promise(session, office, office.officer, "送规划图", TODAY)
    promise(session, office, office.colleague, "约考察", TODAY)
    builders.touch(session, firm, office.east, office.officer)
    deal = builders.project(session, firm, office.east, office.officer, name="云岭扩产")
    deal.expected_sign_on = TODAY + timedelta(days=1)
    session.commit()
    mine = as_officer.get("/calendar").text
    assert all(words in mine for words in ("送规划图", "云岭精工", "云岭扩产"))
    assert "约考察" not in mine
    assert "约考察" in as_officer.get("/calendar?view=team").text
    assert "送规划图" not in as_officer.get("/calendar?view=month&on=2026-09-01").text
    assert "云岭精工" not in as_officer.get("/calendar?kind=todo").text
    theirs = as_outsider.get(f"/calendar?view=team&unit={office.east.id}").text
    assert "约考察" not in theirs
    assert "云岭扩产" not in theirs


def test_a_feed_holds_what_the_person_may_see_and_no_numbers(
    session: Session, office: Office, as_officer: Browser, visitor: Browser
) -> None:
    firm = builders.enterprise(session, "云岭精工")
    deal = builders.project(session, firm, office.east, office.officer, name="青松项目")
    promise(session, office, office.officer, "给王总13812345678回电话", TODAY)
    promise(session, office, office.officer, "送图", TODAY, project_id=deal.id, enterprise_id=firm.id)
    promise(session, office, office.colleague, "别人的事", TODAY)
    deal.confidential, deal.code_name = True, "青松"
    session.commit()
    found = summaries(visitor, feed_of(as_officer))
    assert found == ["待办 给王总〔号码已隐去〕回电话", "待办 保密事项"]


def test_a_link_is_shown_once_kept_hashed_and_dies_when_renewed_or_revoked(
    session: Session, office: Office, as_officer: Browser, visitor: Browser
) -> None:
    first = feed_of(as_officer)
    token = first.removeprefix("/calendar/feed/").removesuffix(".ics")
    assert token not in as_officer.get("/calendar/link").text
    assert token not in "".join(session.scalars(select(CalendarLink.token_hash)))
    session.commit()
    second = feed_of(as_officer)
    assert visitor.get(first).status_code == 404
    assert visitor.get(second).status_code == 200
    as_officer.post("/calendar/link/revoke")
    assert visitor.get(second).status_code == 404
    third = feed_of(as_officer)
    office.officer.active = False
    session.add(office.officer)
    session.commit()
    assert visitor.get(third).status_code == 404
    assert visitor.get("/calendar/feed/guessed.ics").status_code == 404


def test_a_link_stops_with_the_role_that_reads_the_calendar(
    session: Session, office: Office, as_officer: Browser, visitor: Browser
) -> None:
    path = feed_of(as_officer)
    promise(session, office, office.officer, "送规划图", TODAY)
    session.execute(update(Roster).where(Roster.user_id == office.officer.id).values(role=Role.ADMINISTRATOR))
    session.commit()
    assert visitor.get(path).status_code == 404


def test_a_link_asked_too_often_is_told_to_wait(
    session: Session, office: Office, as_officer: Browser, visitor: Browser
) -> None:
    path = feed_of(as_officer)
    assert visitor.get(path).status_code == 200
    session.execute(update(CalendarLink).values(fetched=services.MOST_FETCHES))
    session.commit()
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    session.execute(update(CalendarLink).values(window_start=datetime(2026, 11, 20, 0, tzinfo=UTC)))
    session.commit()
    assert visitor.get(path).status_code == 200
