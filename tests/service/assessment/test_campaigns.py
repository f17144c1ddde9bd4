from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event, select

from crm.assessment import queries, services
from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.assessment.models import Campaign, Target
from crm.assessment.rules import METRIC_ORDER, Metric, TargetLevel, elapsed
from crm.assessment.standings import standing
from crm.core.errors import DomainError, ForbiddenError
from crm.fieldwork.rules import TouchKind
from crm.pipeline.rules import AgreementKind, Stage
from tests.support import builders, facts
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

START, END = date(2026, 10, 1), date(2026, 12, 31)
WINDOW = Window(START, END, NOW)
GOALS = {Metric.LEADS: 358, Metric.VISITS: 720, Metric.INSPECTIONS: 192, Metric.SIGNINGS: 55, Metric.STARTS: 26}
RATES = {"leads": "47.8", "visits": "7.9", "inspections": "48.4", "signings": "21.8", "starts": "11.5"}


def battle(session: Session, office: Office) -> None:
    """Write the facts of the table: 171 leads, 57 visits, 93 inspections, 12 signings, 3 starts."""
    firms = facts.firms(session, 171)
    facts.projects(session, office.east, office.officer, firms[:159])
    signed = facts.projects(session, office.south, office.outsider, firms[159:168], Stage.SIGNED)
    started = facts.projects(session, office.east, office.officer, firms[168:171], Stage.STARTED)
    facts.contracts(session, office.south, office.outsider, [*signed, *started])
    facts.touches(session, office.east, office.officer, firms[:40])
    facts.touches(session, office.east, office.officer, firms[:40])
    facts.touches(session, office.south, office.outsider, firms[:17])
    facts.touches(session, office.south, office.outsider, firms[:93], kind=TouchKind.INSPECTION)
    session.flush()


def draft(office: Office, name: str = "百日会战") -> services.CampaignDraft:
    tasks = {(office.east.id, metric): goal // 2 for metric, goal in GOALS.items()}
    tasks |= {(office.south.id, metric): goal - goal // 2 for metric, goal in GOALS.items()}
    return services.CampaignDraft(name, START, END, "决战决胜", tasks)


def test_the_five_rows_of_the_hundred_days_are_counted_from_facts(session: Session, office: Office) -> None:
    battle(session, office)
    made = services.create_campaign(session, office.actor(session, office.registrar), draft(office), now=NOW)
    done = queries.matrix(session, WINDOW)
    units = [(office.east.id, "东"), (office.south.id, "南")]
    table = standing(units, done, queries.tasks(session, made.id), elapsed(START, END, TODAY))
    told = {line.metric: (line.progress.done, line.progress.target, str(line.progress.rate)) for line in table.metrics}
    assert told == {
        "leads": (171, 358, RATES["leads"]),
        "visits": (57, 720, RATES["visits"]),
        "inspections": (93, 192, RATES["inspections"]),
        "signings": (12, 55, RATES["signings"]),
        "starts": (3, 26, RATES["starts"]),
    }
    assert (table.elapsed.days, table.elapsed.total) == (51, 92)


def test_the_parts_of_every_measure_add_up_to_the_whole_and_to_its_rows(session: Session, office: Office) -> None:
    battle(session, office)
    for measure in MEASURES.values():
        whole = queries.total(session, measure, WINDOW)
        parts = [
            queries.total(session, measure, Window(START, END, NOW, frozenset({unit.id})))
            for unit in (office.bureau, office.east, office.south)
        ]
        assert sum(parts) == whole, measure.key
        rows = queries.rows(session, measure, WINDOW)
        assert sum(row.amount for row in rows) == whole, measure.key
        assert len(rows) == queries.whole(session, measure, WINDOW)[0], measure.key


def test_facts_recorded_after_the_cut_off_do_not_count(session: Session, office: Office) -> None:
    firms = facts.firms(session, 3)
    facts.touches(session, office.east, office.officer, firms[:1])
    facts.touches(session, office.east, office.officer, firms[1:], recorded_at=NOW + timedelta(minutes=1))
    assert queries.total(session, MEASURES["visits"], WINDOW) == 1
    later = Window(START, END, NOW + timedelta(hours=1))
    assert queries.total(session, MEASURES["visits"], later) == 3


def test_a_touch_voided_by_the_cut_off_does_not_count_and_one_voided_later_does(
    session: Session, office: Office
) -> None:
    firms = facts.firms(session, 2)
    facts.touches(
        session, office.east, office.officer, firms[:1], voided_at=NOW - timedelta(hours=1), void_reason="重复"
    )
    facts.touches(
        session, office.east, office.officer, firms[1:], voided_at=NOW + timedelta(hours=1), void_reason="重复"
    )
    assert queries.total(session, MEASURES["visits"], WINDOW) == 1


def test_framework_and_intent_agreements_are_no_signings(session: Session, office: Office) -> None:
    ids = facts.projects(session, office.east, office.officer, facts.firms(session, 3), Stage.SIGNED)
    facts.contracts(session, office.east, office.officer, ids[:1])
    facts.contracts(session, office.east, office.officer, ids[1:2], kind=AgreementKind.FRAMEWORK)
    facts.contracts(session, office.east, office.officer, ids[2:], kind=AgreementKind.INTENT)
    assert queries.total(session, MEASURES["signings"], WINDOW) == 1
    assert queries.total(session, MEASURES["signed_amount"], WINDOW) == 5000
    assert queries.total(session, MEASURES["reported"], WINDOW) == 1


def test_a_day_ends_at_midnight_in_shanghai(session: Session, office: Office) -> None:
    firms = facts.firms(session, 2)
    for firm, hour in zip(firms, (15, 16), strict=True):
        moment = datetime(2026, 9, 30, hour, 30, tzinfo=UTC)
        facts.touches(session, office.east, office.officer, [firm], occurred_at=moment, recorded_at=moment)
    assert queries.total(session, MEASURES["visits"], WINDOW) == 1


def test_the_funnel_page_and_its_rows_tell_the_same_numbers(
    session: Session, office: Office, as_leader: Browser
) -> None:
    battle(session, office)
    session.commit()
    window = Window(date(2026, 1, 1), TODAY, NOW)
    for step in queries.funnel(session, window):
        assert queries.total(session, MEASURES[f"reached_{step.stage.value}"], window) == step.count
        assert queries.total(session, MEASURES[f"reached_amount_{step.stage.value}"], window) == step.amount
    page = as_leader.get("/reports/funnel")
    assert page.status_code == 200
    assert "measure=reached_signed" in page.text
    rows = as_leader.get("/reports/rows?measure=reached_signed")
    assert "<b>12</b>" in rows.text


def test_an_officer_counts_only_the_projects_of_the_own_unit(
    session: Session, office: Office, as_officer: Browser
) -> None:
    battle(session, office)
    session.commit()
    assert ">162<" in as_officer.get("/reports/funnel").text
    assert "<b>3</b>" in as_officer.get("/reports/rows?measure=reached_signed").text
    assert as_officer.get(f"/reports/rows?measure=leads&unit={office.south.id}").status_code == 404
    assert as_officer.get(f"/reports/funnel?unit={office.south.id}").status_code == 404


def test_an_unknown_measure_and_unusable_dates_are_answered_clearly(as_leader: Browser) -> None:
    assert as_leader.get("/reports/rows?measure=nothing").status_code == 404
    assert as_leader.get("/reports/rows?measure=leads&from=x&to=y&asof=z&after=!!").status_code == 200
    assert as_leader.get("/reports/funnel?from=2026-12-31&to=2026-01-01").status_code == 200


def test_the_campaign_page_tells_rates_days_and_who_finished(
    session: Session, office: Office, as_leader: Browser
) -> None:
    battle(session, office)
    made = services.create_campaign(session, office.actor(session, office.registrar), draft(office), now=NOW)
    session.commit()
    page = as_leader.get(f"/campaigns/{made.id}")
    for rate in RATES.values():
        assert f"{rate}%" in page.text
    assert "2个单位中0个单位完成信息任务（0.0%）" in page.text
    assert "measure=visits" in page.text
    assert "51/92" in as_leader.get("/campaigns").text
    assert f'href="/campaigns/{made.id}.xlsx"' in page.text
    book = CalamineWorkbook.from_filelike(BytesIO(as_leader.get(f"/campaigns/{made.id}.xlsx").data))
    assert set(RATES.values()) <= {str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row}


def test_eleven_of_forty_eight_units_are_22_9_percent(session: Session, office: Office, as_leader: Browser) -> None:
    units = [builders.unit(session, f"第{number}镇") for number in range(1, 49)]
    for unit in units[:11]:
        facts.projects(session, unit, office.officer, facts.firms(session, 2))
    tasks = {(unit.id, Metric.LEADS): 2 for unit in units}
    wanted = services.CampaignDraft("信息会战", START, END, "", tasks)
    made = services.create_campaign(session, office.actor(session, office.registrar), wanted, now=NOW)
    session.commit()
    assert "48个单位中11个单位完成信息任务（22.9%）" in as_leader.get(f"/campaigns/{made.id}").text


def test_an_officer_reads_the_ranking_but_opens_only_the_own_rows(
    session: Session, office: Office, as_officer: Browser
) -> None:
    battle(session, office)
    made = services.create_campaign(session, office.actor(session, office.registrar), draft(office), now=NOW)
    session.commit()
    page = as_officer.get(f"/campaigns/{made.id}").text
    assert "珠三角小分队" in page
    assert f"unit={office.east.id}" in page
    assert f"unit={office.south.id}" not in page


def test_the_registrar_writes_a_campaign_in_one_form(session: Session, office: Office, as_registrar: Browser) -> None:
    form = {"name": "百日会战", "start_on": "2026-10-01", "end_on": "2026-12-31", "slogan": ""}
    cell = f"task-{office.east.id}-leads"
    assert as_registrar.post("/campaigns/new", {**form, cell: "abc"}).status_code == 422
    assert as_registrar.post("/campaigns/new", form).status_code == 422
    backwards = as_registrar.post("/campaigns/new", {**form, "end_on": "2026-09-01", cell: "5"})
    assert backwards.status_code == 422
    assert 'value="5"' in backwards.text
    assert as_registrar.post("/campaigns/new", {**form, cell: "5"}).status_code == 302
    made = session.scalars(select(Campaign)).one()
    session.commit()
    assert as_registrar.post(f"/campaigns/{made.id}/edit", {**form, cell: "7"}).status_code == 302
    assert queries.tasks(session, made.id) == {(office.east.id, Metric.LEADS): 7}
    session.commit()
    assert as_registrar.post("/campaigns/new", {**form, cell: "5"}).status_code == 422


def test_targets_are_set_changed_and_dropped_by_those_who_may(
    session: Session, office: Office, as_registrar: Browser
) -> None:
    east, south = f"task-{office.east.id}-visits", f"task-{office.south.id}-visits"
    assert as_registrar.post("/targets/edit?year=2026", {east: "10", south: "20"}).status_code == 302
    assert as_registrar.post("/targets/edit?year=2026", {east: "12", south: ""}).status_code == 302
    row = session.scalars(select(Target)).one()
    assert (row.unit_id, int(row.value)) == (office.east.id, 12)
    session.commit()
    assert as_registrar.post("/targets/edit?year=2026", {east: "-3"}).status_code == 422
    facts.touches(session, office.east, office.officer, facts.firms(session, 3))
    session.commit()
    page = as_registrar.get("/targets?year=2026").text
    assert "25.0%" in page
    assert "3/12" in page


def test_nobody_else_may_set_tasks(session: Session, office: Office, as_officer: Browser, as_leader: Browser) -> None:
    for browser in (as_officer, as_leader):
        assert browser.post("/targets/edit", {}).status_code == 403
        assert browser.get("/campaigns/new").status_code == 403
    actor = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        services.set_targets(session, actor, 2026, TargetLevel.ENSURE, {}, now=NOW)


def test_a_target_out_of_range_is_refused(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    for value in (0, 1_000_001):
        with pytest.raises(DomainError):
            services.set_targets(
                session, actor, 2026, TargetLevel.ENSURE, {(office.east.id, METRIC_ORDER[0]): value}, now=NOW
            )


def test_no_page_of_figures_asks_the_database_more_than_twelve_times(
    session: Session, office: Office, as_registrar: Browser, database: Database
) -> None:
    battle(session, office)
    made = services.create_campaign(session, office.actor(session, office.registrar), draft(office), now=NOW)
    services.set_targets(
        session, office.actor(session, office.registrar), 2026, TargetLevel.ENSURE, draft(office).tasks, now=NOW
    )
    session.commit()
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for path in (f"/campaigns/{made.id}", "/campaigns", "/targets", "/reports/funnel", "/reports/rows?measure=visits"):
        asked.clear()
        assert as_registrar.get(path).status_code == 200
        told = [one for one in asked if one.startswith(("SELECT", "WITH"))]
        assert 0 < len(told) <= 12, (path, len(told))
