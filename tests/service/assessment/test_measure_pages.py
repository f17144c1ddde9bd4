"""Figures taken apart, the two ledgers, the time between steps; pages of measures with rows of the same total."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import update

from crm.assessment import cycles, mix, queries
from crm.assessment.facts import Window
from crm.assessment.measures import CHOOSABLE, MEASURES
from crm.assessment.ratios import Ratio
from crm.core import ranks
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Agreement
from crm.pipeline.rules import Stage
from tests.support import battle, facts
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

WINDOW = Window(date(2026, 10, 1), date(2026, 12, 31), NOW)
D = Decimal


def test_each_way_to_take_a_figure_apart_sums_to_it(session: Session, office: Office) -> None:
    firms = facts.firms(session, 4)
    session.execute(update(Enterprise).where(Enterprise.id.in_(firms[:2])).values(industry_code="C36"))
    session.execute(update(Enterprise).where(Enterprise.id == firms[2]).values(industry_code="F51"))
    for firm, amount in zip(firms, (D(3_000), D(20_000), D(60_000), None), strict=True):
        facts.projects(session, office.east, office.officer, [firm], total_investment=amount)
    found = mix.mix(session, MEASURES["new_projects"], WINDOW)
    assert found.sectors == {"BCDE": 2, "FGHIJKLMNOPQRST": 1, "": 1}
    assert list(found.bands.values()) == [1, 1, 1, 1]
    assert None in found.bands
    for parts in (found.sectors, found.bands, found.capitals):
        assert sum(parts.values()) == found.total == 4


def test_the_ledger_sums_over_units_and_gives_a_reason_for_each_difference(
    session: Session, office: Office, as_leader: Browser
) -> None:
    ids = facts.projects(session, office.east, office.officer, facts.firms(session, 3), Stage.SIGNED)
    south = facts.projects(session, office.south, office.outsider, facts.firms(session, 1), Stage.SIGNED)
    facts.contracts(session, office.east, office.officer, ids)
    facts.contracts(session, office.south, office.outsider, south)
    known = {"recognized_by": office.recognizer.id, "recognized_at": NOW - timedelta(hours=1)}
    session.execute(update(Agreement).where(Agreement.project_id == ids[0]).values(recognized_amount=D(5_000), **known))
    less = {"recognized_amount": D(2_000), "difference_reason": "土地价款不计", **known}
    session.execute(update(Agreement).where(Agreement.project_id == ids[1]).values(**less))
    session.commit()
    *units, whole = mix.ledger(session, WINDOW)
    assert whole.count == Ratio(D(2), D(4))
    assert whole.amount == Ratio(D(7_000), D(20_000))
    assert sum((line.amount.done for line in units), D(0)) == whole.amount.done
    page, total = mix.differences(session, WINDOW, None)
    assert total == len(page.rows) == 3
    text = as_leader.get("/measures/ledger").text
    assert "土地价款不计" in text
    assert text.count("待认定") == 5  # of two units, of the whole, and of two contracts
    assert "35.0%" in text


def test_the_total_of_rows_is_written_as_in_the_table(session: Session, office: Office, as_leader: Browser) -> None:
    firms = facts.firms(session, 1)
    facts.projects(session, office.east, office.officer, firms, total_investment=D(28_400))
    session.commit()
    page = as_leader.get("/reports/rows?measure=reached_amount_lead").text
    assert "到达线索·总投资（万元）" in page
    assert "<b>28,400</b><i>万元</i>" in page
    assert "2.8亿元" in page


def test_no_two_measures_have_the_same_name() -> None:
    names = [one.label for one in MEASURES.values()]
    assert len(set(names)) == len(names)


def test_the_pages_of_measures_open_rows_with_the_same_total(
    session: Session, office: Office, as_leader: Browser, as_officer: Browser
) -> None:
    facts.projects(session, office.east, office.officer, facts.firms(session, 2))
    facts.projects(session, office.south, office.outsider, facts.firms(session, 3))
    session.commit()
    page = as_leader.get("/measures").text
    assert "measure=leads" in page
    for one in CHOOSABLE:
        assert as_leader.get(f"/reports/rows?measure={one.key}").status_code == 200, one.key
    rates = as_leader.get("/measures/rates?rate=fit&from=2026-01-01&to=2026-12-31").text
    assert "新建的规划产业项目 ÷ 新建项目" in rates
    assert as_leader.get("/measures/mix?measure=new_projects").status_code == 200
    narrow = as_leader.get(
        f"/reports/rows?measure=leads&low=5000&people={office.officer.id}&unit={office.east.id}"
    ).text
    assert "长三角小分队 · 陈晓 · 总投资5,000万元以上" in narrow
    own = as_officer.get("/measures/mix?measure=new_projects").text
    assert f"units={office.east.id}" in own
    assert as_officer.get("/measures?from=nonsense&to=2026-13-01").status_code == 200


def test_all_measures_at_once_are_a_handful_of_statements(session: Session, office: Office) -> None:
    facts.projects(session, office.east, office.officer, facts.firms(session, 2))
    found = queries.figures(session, CHOOSABLE, WINDOW)
    assert found["leads"] == {office.east.id: 2}
    assert set(found) == {one.key for one in CHOOSABLE}


def test_from_signing_to_start_is_told_by_median_and_by_nine_in_ten(
    session: Session, office: Office, as_leader: Browser
) -> None:
    for days in (10, 20, 40):
        start = NOW - timedelta(days=50)
        ids = facts.projects(session, office.east, office.officer, facts.firms(session, 1), Stage.LANDING, at=start)
        facts.contracts(session, office.east, office.officer, ids)
        battle.move(session, office.east, office.officer, ids, Stage.STARTED, at=start + timedelta(days=days))
    session.commit()
    cycle = next(one for one in cycles.CYCLES if one.key == "signed-started")
    walked = cycles.walks(session, cycle, WINDOW)
    assert [one.days for one in walked] == [40, 20, 10]
    assert ranks.percentile([10, 20, 40], 50) == 20
    assert ranks.percentile([10, 20, 40], 90) == 40
    assert ranks.percentile([], 50) is None
    page = as_leader.get("/measures/cycles").text
    assert "<b>20</b>" in page
    assert as_leader.get("/measures/cycles?cycle=nonsense").status_code == 200


def test_no_page_of_measures_asks_the_database_more_than_fourteen_times(
    session: Session, office: Office, as_leader: Browser, database: Database
) -> None:
    ids = facts.projects(session, office.east, office.officer, facts.firms(session, 4), Stage.STARTED)
    facts.contracts(session, office.east, office.officer, ids)
    session.commit()
    for path in ("/measures", "/measures/rates", "/measures/cycles", "/measures/mix", "/measures/ledger"):
        with counted(database) as statements:
            assert as_leader.get(path).status_code == 200
        assert len(statements) <= 14, (path, len(statements))
