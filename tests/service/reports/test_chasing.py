"""Units that owe something for the week are reminded once, never after they reported, and named in the report."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from crm.assessment.periods import services as periods
from crm.assessment.periods.rules import PeriodDraft, PeriodKind
from crm.auth.models import Roster
from crm.auth.rules import Role
from crm.core.errors import ConflictError, ForbiddenError, NotFoundError
from crm.notices.models import Notice
from crm.pipeline.rules import Stage
from crm.reports import services as reports
from crm.reports.chasing import queries, rules, services
from crm.reports.chasing.models import WeeklyChase, WeeklySilence
from crm.reports.chasing.rules import Naming, Setup
from crm.reports.period import week_of
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

CUTOFF = NOW  # Friday, 20 November 2026, 10:00
WEEK = week_of(2026, 47)
DAY_BEFORE, MORNING = CUTOFF - timedelta(hours=24), CUTOFF - timedelta(hours=2)
PATH = "/reports/weekly/returns"


@pytest.fixture
def due(session: Session, office: Office) -> Office:
    """Both squads have to report weekly."""
    wanted = Setup(units=(office.east.id, office.south.id))
    services.save_setup(session, office.actor(session, office.registrar), wanted, now=DAY_BEFORE)
    session.commit()
    return office


def told(session: Session) -> list[tuple[int, str]]:
    rows = session.scalars(select(Notice).order_by(Notice.id)).all()
    return [(row.user_id, row.text % row.params) for row in rows]


def test_each_hour_reminds_a_missing_unit_once(session: Session, due: Office) -> None:
    assert services.chase(session, now=DAY_BEFORE - timedelta(minutes=1)) == {"units": 0, "people": 0}
    first = services.chase(session, now=DAY_BEFORE)
    assert first == {"units": 2, "people": 2}, "the lead of the east, the one person of the south"
    assert services.chase(session, now=DAY_BEFORE + timedelta(hours=5)) == {"units": 0, "people": 0}
    assert services.chase(session, now=MORNING)["units"] == 2
    assert services.chase(session, now=MORNING + timedelta(minutes=15))["units"] == 0
    assert services.chase(session, now=CUTOFF)["units"] == 0
    people = [user for user, _text in told(session)]
    assert people == [due.lead.id, due.outsider.id] * 2
    assert told(session)[0][1].startswith("“长三角小分队”2026-W47周报还没有报送信息，11月20日10:00截稿。")


def test_a_worker_killed_before_it_is_done_doubles_nothing(session: Session, due: Office) -> None:
    services.chase(session, now=DAY_BEFORE)
    session.rollback()
    assert told(session) == [], "the reminder and its note go together"
    services.chase(session, now=DAY_BEFORE)
    session.commit()
    services.chase(session, now=DAY_BEFORE)
    session.commit()
    assert len(told(session)) == 2
    assert len(session.scalars(select(WeeklyChase)).all()) == 2


def test_what_a_unit_logged_or_said_stops_the_reminders(session: Session, due: Office) -> None:
    services.chase(session, now=DAY_BEFORE)
    firm = builders.enterprise(session)
    at = DAY_BEFORE + timedelta(hours=1)
    builders.touch(session, firm, due.east, due.officer, occurred_at=at, recorded_at=at)
    outsider_lead = due.actor(session, due.registrar)
    services.say_nothing(session, outsider_lead, WEEK, due.south.id, now=at)
    assert services.chase(session, now=MORNING) == {"units": 0, "people": 0}
    east, south = queries.standings(session, WEEK, MORNING, queries.setup(session))
    assert (east.touches, east.reported, east.reminded) == (1, True, 1)
    assert (south.silent, south.reported) == (True, True)


def test_a_void_touch_or_one_of_last_week_is_no_report(session: Session, due: Office) -> None:
    firm, old = builders.enterprise(session), WEEK.before - timedelta(hours=1)
    builders.touch(session, firm, due.east, due.officer, occurred_at=old, recorded_at=old)
    late = builders.touch(session, firm, due.east, due.officer, occurred_at=DAY_BEFORE, recorded_at=DAY_BEFORE)
    late.voided_at, late.void_reason = DAY_BEFORE + timedelta(hours=1), "记错"
    session.flush()
    east, _south = queries.standings(session, WEEK, MORNING, queries.setup(session))
    assert not east.reported


def test_progress_of_a_project_by_ones_own_people_is_a_report(session: Session, due: Office) -> None:
    firm = builders.enterprise(session)
    at = DAY_BEFORE + timedelta(hours=1)
    builders.project(session, firm, due.east, due.officer, stage=Stage.LEAD, created_at=at, stage_since=at)
    east, south = queries.standings(session, WEEK, MORNING, queries.setup(session))
    assert east.moves == 1
    assert not south.reported


def test_units_of_a_weekly_period_have_to_report_too(session: Session, office: Office) -> None:
    draft = PeriodDraft(PeriodKind.WEEK, "第47周", date(2026, 11, 16), date(2026, 11, 22), (office.east.id,))
    period = periods.create(session, office.actor(session, office.registrar), draft, now=DAY_BEFORE)
    (east,) = queries.standings(session, WEEK, MORNING, Setup())
    assert not east.reported
    at = DAY_BEFORE + timedelta(hours=1)
    periods.submit(session, office.actor(session, office.lead), period.id, office.east.id, note="", now=at)
    (east,) = queries.standings(session, WEEK, MORNING, Setup())
    assert (east.handed_in, east.reported) == (True, True)
    assert not queries.standings(session, WEEK, DAY_BEFORE, Setup())[0].reported, "as it was known then"


def test_only_the_head_of_a_unit_speaks_for_it_and_not_after_the_cut_off(session: Session, due: Office) -> None:
    lead, officer = due.actor(session, due.lead), due.actor(session, due.officer)
    with pytest.raises(ForbiddenError):
        services.say_nothing(session, officer, WEEK, due.east.id, now=MORNING)
    with pytest.raises(ForbiddenError):
        services.say_nothing(session, lead, WEEK, due.south.id, now=MORNING)
    with pytest.raises(ConflictError):
        services.say_nothing(session, lead, WEEK, due.east.id, now=CUTOFF)
    with pytest.raises(NotFoundError):
        services.say_nothing(session, due.actor(session, due.registrar), WEEK, due.bureau.id, now=MORNING)
    for _twice in range(2):
        services.say_nothing(session, lead, WEEK, due.east.id, now=MORNING)
    assert len(session.scalars(select(WeeklySilence)).all()) == 1
    services.take_back(session, lead, WEEK, due.east.id, now=MORNING)
    assert session.scalars(select(WeeklySilence)).all() == []


def test_who_logged_something_cannot_say_there_was_nothing(session: Session, due: Office) -> None:
    firm = builders.enterprise(session)
    builders.touch(session, firm, due.east, due.officer, occurred_at=DAY_BEFORE, recorded_at=DAY_BEFORE)
    with pytest.raises(ConflictError):
        services.say_nothing(session, due.actor(session, due.lead), WEEK, due.east.id, now=MORNING)


def test_the_report_names_the_missing_as_of_its_cut_off(session: Session, due: Office) -> None:
    registrar = due.actor(session, due.registrar)
    services.say_nothing(session, due.actor(session, due.lead), WEEK, due.east.id, now=MORNING)
    report = reports.build_weekly(session, registrar, 2026, 47, now=NOW)
    text = report.texts["text"]["issues"]
    assert text.endswith(
        "# 信息报送\n本周应报送信息的单位2个，已报送1个（其中1个单位报本周无动态），未报送1个：珠三角小分队。"
    )
    wanted = Setup(units=(due.east.id, due.south.id), naming=Naming.NOTHING)
    services.save_setup(session, registrar, wanted, now=NOW)
    assert "信息报送" not in reports.build_weekly(session, registrar, 2026, 47, now=NOW).texts["text"]["issues"]


def test_a_cut_off_moved_by_a_holiday_moves_the_reminders(session: Session, due: Office) -> None:
    # 1 October 2026 is a Thursday: the week of the holiday is cut off on Wednesday, 30 September.
    wednesday = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
    week = queries.open_week(session, wednesday - timedelta(hours=3))
    assert week.cutoff == wednesday
    services.chase(session, now=wednesday - timedelta(hours=2))
    assert told(session)[0][1].count("9月30日10:00截稿") == 1


def test_pages_show_who_reported_and_offer_the_button_to_the_head_only(
    session: Session, due: Office, as_registrar: Browser, as_officer: Browser
) -> None:
    week = queries.open_week(session, NOW)
    session.commit()
    assert week.name == "2026-W48", "the clock of these pages stands at the cut-off of week 47"
    page = as_registrar.get("/reports/weekly").text
    assert page.count("未报送") >= 2
    assert "本周无动态" in page
    mine = as_officer.get(PATH)
    assert "长三角小分队" in mine.text
    assert "珠三角小分队" not in mine.text
    assert f"{PATH}/2026-W48/silence" not in mine.text
    assert as_officer.post(f"{PATH}/2026-W48/silence", {"unit": str(due.east.id)}).status_code == 403
    done = as_registrar.post(f"{PATH}/2026-W48/silence", {"unit": str(due.east.id)})
    assert done.status_code == 303
    assert f"{PATH}/2026-W48/silence/back" in as_registrar.get(PATH).text
    assert as_registrar.get(f"{PATH}?week=2026-W99").status_code == 404


def test_settings_keep_what_was_typed_and_say_what_is_wrong(
    session: Session, office: Office, as_registrar: Browser, as_officer: Browser
) -> None:
    form = {"units": [str(office.east.id)], "hours": "二十四", "naming": "count"}
    refused = as_registrar.post(f"{PATH}/settings", form)
    assert refused.status_code == 422
    assert "例如 24,2" in refused.text
    assert "二十四" in refused.text
    assert as_registrar.post(f"{PATH}/settings", {**form, "hours": "48，3"}).status_code == 303
    assert queries.setup(session) == Setup((office.east.id,), (48, 3), rules.Naming.COUNT)
    session.commit()
    assert as_officer.get(f"{PATH}/settings").status_code == 403


def test_a_unit_without_anybody_who_can_report_is_named_before_it_is_reminded(
    session: Session, due: Office, as_registrar: Browser, as_officer: Browser
) -> None:
    warning = "该单位没有可报送的人，请先在人员里添加"
    assert warning not in as_registrar.get(f"{PATH}/settings").text + as_registrar.get(PATH).text
    session.execute(update(Roster).where(Roster.user_id == due.outsider.id).values(role=Role.REVIEWER))
    session.commit()
    settings = as_registrar.get(f"{PATH}/settings").text
    assert "珠三角小分队" in settings[settings.index("y-alert") : settings.index(warning)]
    page = as_registrar.get(PATH).text
    assert page.count(warning) == 1
    assert page.count(f'action="{PATH}/2026-W48/remind"') == 2, "the other unit, and all"
    assert warning not in as_officer.get(PATH).text


def test_the_office_reminds_by_hand_and_sees_when_it_last_did(session: Session, due: Office) -> None:
    registrar = due.actor(session, due.registrar)
    with pytest.raises(ForbiddenError):
        services.remind(session, due.actor(session, due.lead), WEEK, due.east.id, now=MORNING)
    at = MORNING - timedelta(hours=3)
    assert services.remind(session, registrar, WEEK, due.east.id, now=at) == {"units": 1, "people": 1}
    with pytest.raises(ConflictError) as again:
        services.remind(session, registrar, WEEK, due.east.id, now=at + timedelta(minutes=59))
    assert again.value.problems == (services.SOON,)
    east, south = queries.standings(session, WEEK, MORNING, queries.setup(session))
    assert (east.reminded, east.told_at) == (1, at)
    assert (south.reminded, south.told_at) == (0, None)
    every = services.remind(session, registrar, WEEK, None, now=at + timedelta(minutes=59))
    assert every == {"units": 1, "people": 1}, "who was just told is left out"
    assert services.remind(session, registrar, WEEK, None, now=MORNING)["units"] == 2
    services.say_nothing(session, registrar, WEEK, due.east.id, now=MORNING)
    with pytest.raises(ConflictError):
        services.remind(session, registrar, WEEK, due.east.id, now=CUTOFF - timedelta(minutes=1))
    with pytest.raises(ConflictError):
        services.remind(session, registrar, WEEK, due.south.id, now=CUTOFF)
    with pytest.raises(NotFoundError):
        services.remind(session, registrar, WEEK, due.bureau.id, now=MORNING)


def test_the_button_of_the_office_reminds(
    session: Session, due: Office, as_registrar: Browser, as_officer: Browser
) -> None:
    session.commit()
    assert as_registrar.get(PATH).text.count(f'action="{PATH}/2026-W48/remind"') == 3, "each unit, and all"
    assert "/remind" not in as_officer.get(PATH).text
    assert as_officer.post(f"{PATH}/2026-W48/remind").status_code == 403
    assert as_registrar.post(f"{PATH}/2026-W48/remind", {"unit": str(due.east.id)}).status_code == 303
    page = as_registrar.get(PATH).text
    assert "已提醒1个单位的1人" in page
    assert "1次，最近" in page
    assert page.count(f'action="{PATH}/2026-W48/remind"') == 2


def test_the_draft_shows_how_complete_it_is(session: Session, due: Office, as_registrar: Browser) -> None:
    registrar = due.actor(session, due.registrar)
    services.say_nothing(session, registrar, WEEK, due.east.id, now=MORNING)
    reports.build_weekly(session, registrar, 2026, 47, now=NOW)
    session.commit()
    page = as_registrar.get("/reports/weekly/2026-W47").text
    assert "应报送2个单位，已报送1个，未报送1个。" in page
    assert f'href="{PATH}?week=2026-W47"' in page
