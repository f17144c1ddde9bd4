"""The acceptance set: a table of a campaign and the figures of a year, counted from facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.assessment import queries, services, target_tree, targets
from crm.assessment.facts import Window
from crm.assessment.goals import Scope
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.ratios import Ratio
from crm.assessment.rules import TargetLevel, elapsed
from crm.assessment.standings import standing
from crm.assessment.targets import TargetDraft
from crm.assessment.window import Lens
from crm.auth.units import names_on
from tests.support import battle
from tests.support.battle import BIG, END, ITEMS, START
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.battle import Battle
    from tests.support.builders import Office

WINDOW = Window(START, END, NOW)
YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), NOW)
TABLE = {
    "leads": (171, 358, "47.8"),
    "visits": (57, 720, "7.9"),
    "inspections": (93, 192, "48.4"),
    BIG.key: (12, 55, "21.8"),
    "starts": (3, 26, "11.5"),
}


@pytest.fixture
def fought(session: Session, office: Office) -> Battle:
    return battle.load(session, office)


@pytest.fixture
def campaign_id(session: Session, office: Office, fought: Battle) -> int:
    draft = services.CampaignDraft("百日会战", START, END, "", fought.tasks, ITEMS)
    return services.create_campaign(session, office.actor(session, office.registrar), draft, now=NOW).id


def test_the_five_rows_come_out_with_their_raw_pairs(session: Session, campaign_id: int) -> None:
    items = queries.items(session, campaign_id)
    done = queries.matrix(session, WINDOW, items)
    goals = queries.tasks(session, campaign_id)
    names = list(names_on(session, END, sorted({unit for unit, _key in goals})).items())
    table = standing(names, done, goals, elapsed(START, END, TODAY), [item.key for item in items])
    told = {line.metric: (line.progress.done, line.progress.target, str(line.progress.rate)) for line in table.metrics}
    assert told == TABLE
    leads = table.metrics[0]
    assert (leads.units_met, leads.units) == (11, 48)
    assert table.elapsed.total == 92
    for item, line in zip(items, table.metrics, strict=True):
        rows = queries.rows(session, item.measure, Window(START, END, NOW, lens=item.lens))
        assert sum(row.amount for row in rows) == line.progress.done


def test_sixteen_were_signed_for_929_million_and_twelve_of_them_count(session: Session, fought: Battle) -> None:
    assert queries.total(session, MEASURES["signings"], WINDOW) == 16
    assert queries.total(session, MEASURES["signed_amount"], WINDOW) == Decimal(92_900)
    over = Window(START, END, NOW, lens=Lens(low=Decimal(10_000)))
    assert queries.total(session, MEASURES["signings"], over) == 1
    assert len(fought.signed) == 16


def test_the_board_tells_the_table_and_who_finished(as_leader: Browser, session: Session, campaign_id: int) -> None:
    session.commit()
    page = as_leader.get(f"/campaigns/{campaign_id}").text
    for _done, _goal, rate in TABLE.values():
        assert f"{rate}%" in page
    assert "48个单位中11个单位完成信息任务（22.9%）" in page
    assert "low=5000" in page


def test_capital_in_place_is_106_percent_of_the_task_and_42_1_of_what_was_reported(
    session: Session, office: Office, fought: Battle
) -> None:
    actor = office.actor(session, office.registrar)
    home = Scope("capital_recognized", 2026, currency="CNY")
    row = targets.create(session, actor, TargetDraft(home, Decimal(50_000)), now=NOW)
    node, _below = target_tree.around(session, row, now=NOW, today=TODAY)
    assert (node.progress.done, str(node.progress.rate)) == (53_000, "106.0")
    ratio = queries.ratio(session, RATES["recognition_capital"], replace(YEAR, lens=node.window.lens))
    assert ratio == Ratio(Decimal(53_000), Decimal(126_000))
    assert str(ratio.percent) == "42.1"
    assert len(fought.signed) == 16


def test_foreign_capital_is_79_95_percent_of_the_task_375_of_it_in_cash(
    session: Session, office: Office, fought: Battle
) -> None:
    actor = office.actor(session, office.registrar)
    row = targets.create(session, actor, TargetDraft(Scope("fdi", 2026), Decimal(2_000)), now=NOW)
    (node, *_rest), _more = target_tree.forest(session, 2026, TargetLevel.ENSURE, now=NOW, today=TODAY)
    assert node.row.id == row.id
    assert node.progress.done == 1_599
    ratio = Ratio(Decimal(node.progress.done), Decimal(node.progress.target))
    assert str(ratio.rounded(2)) == "79.95"
    assert queries.total(session, MEASURES["fdi_cash"], YEAR) == 375
    assert fought.units


def test_every_figure_is_the_sum_of_its_units_and_of_its_people(session: Session, fought: Battle) -> None:
    for measure in MEASURES.values():
        whole = queries.total(session, measure, YEAR)
        assert sum(queries.by_unit(session, measure, YEAR).values()) == whole, measure.key
        assert sum(queries.by_person(session, measure, YEAR).values()) == whole, measure.key
        assert sum(row.amount for row in queries.rows(session, measure, YEAR)) == whole, measure.key
    assert fought.units
