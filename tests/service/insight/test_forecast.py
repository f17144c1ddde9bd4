"""Forecast and standstill by group: parts make the whole, numbers open their rows, each sees only what is theirs."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

import pytest

from crm.assessment.window import Window
from crm.core.scheduling import SHANGHAI
from crm.insight import ahead, drill, idle
from crm.insight.buckets import BEYOND, SLIPPED, UNDATED
from crm.insight.drill import Chosen, Eyes, Of
from crm.insight.rules import Dimension
from crm.pipeline.cards import Clock, card_from, select_rows
from crm.pipeline.models import Project, ProjectNote
from crm.pipeline.outlook.queries import probabilities
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from crm.web.i18n import tr
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.conftest import Browser
    from tests.support.builders import Office

EDGES = (Decimal(5000), Decimal(10000))
ROWS = re.compile(r'href="(/insight/rows\?[^"]+)"[^>]*>(?:<span[^>]*>)?([\d,]+)(?:<|\s)')
TOTAL = re.compile(r'y-tile-value"><b>([\d,]+)</b><i>(?:个|projects)')


@pytest.fixture
def deals(session: Session, office: Office) -> list[Project]:
    """Six projects on the road in two units, and three that no view counts."""

    def make(by: User, days: int, **more: object) -> Project:
        place = office.south if by is office.outsider else office.east
        since = NOW - timedelta(days=days)
        more = {"stage_since": since, "created_at": since, **more}
        return builders.project(session, builders.enterprise(session), place, by, **more)

    found = [
        make(office.officer, 3, stage=Stage.PRE_SIGNING, expected_sign_on=TODAY),
        make(office.officer, 40, stage=Stage.VISITING, expected_sign_on=date(2026, 12, 31), industry="新能源"),
        make(office.officer, 200, expected_sign_on=date(2026, 11, 19), total_investment=None),
        make(office.colleague, 15, expected_sign_on=date(2028, 1, 1), total_investment=Decimal(800)),
        make(office.outsider, 95, stage=Stage.INSPECTING, expected_sign_on=date(2027, 5, 1)),
        make(office.outsider, 14, probability=60, probability_reason="已发邀请函"),
    ]
    signed = make(office.officer, 90, stage=Stage.SIGNED)
    secret = make(office.officer, 90, confidential=True, code_name="青鸟")
    gone = make(office.officer, 90)
    gone.exit_kind, gone.exit_reason, gone.exited_at = ExitKind.LOST, next(iter(ExitReason)), NOW
    builders.touch(session, found[1].enterprise, office.east, office.officer, project_id=found[1].id)
    session.add(ProjectNote(project_id=found[4].id, by=office.outsider.id, at=NOW - timedelta(days=61), body="等回话"))
    session.flush()
    assert {signed.id, secret.id, gone.id}
    return found


def eyes(session: Session, office: Office, user: User) -> Eyes:
    window = Window(date(2026, 1, 1), TODAY, NOW + timedelta(hours=1))
    return Eyes(office.actor(session, user), window, TODAY, EDGES, probabilities(session))


@pytest.mark.parametrize("dimension", list(Dimension))
def test_every_part_of_a_forecast_is_the_total_of_its_rows(
    session: Session, office: Office, deals: list[Project], dimension: Dimension
) -> None:
    looking = eyes(session, office, office.leader)
    found = ahead.outlooks(session, looking.actor, (dimension, EDGES), looking.chances, TODAY)
    assert sum(one.whole.count for one in found) == len(deals)
    for one in found:
        whole = drill.whole(session, Chosen(Of.AHEAD, dimension, one.key), looking)
        assert whole is not None
        assert (whole.count, whole.amount, whole.weighted) == (one.whole.count, one.whole.amount, one.whole.weighted)
        for part, sums in one.parts.items():
            rows = drill.whole(session, Chosen(Of.AHEAD, dimension, one.key, part), looking)
            assert rows is not None
            assert (rows.count, rows.weighted) == (sums.count, sums.weighted)


def test_a_forecast_weighs_by_stage_or_by_the_projects_own_outlook(
    session: Session, office: Office, deals: list[Project]
) -> None:
    looking = eyes(session, office, office.leader)
    found = ahead.outlooks(session, looking.actor, (Dimension.UNIT, EDGES), looking.chances, TODAY)
    south = next(one for one in found if one.label == "珠三角小分队")
    assert len(deals) == 6
    assert south.whole.weighted == Decimal(12000) * 30 / 100 + Decimal(12000) * 60 / 100
    east = next(one for one in found if one.label == "长三角小分队").parts
    assert {key: one.count for key, one in east.items()} == {"2026-11": 1, "2026-12": 1, SLIPPED: 1, BEYOND: 1}
    assert south.parts[UNDATED].count == 1


def test_a_project_stands_still_as_its_card_says(session: Session, office: Office, deals: list[Project]) -> None:
    looking, clock = eyes(session, office, office.leader), Clock(NOW, TODAY, SHANGHAI)
    ids = [deal.id for deal in deals]
    cards = [card_from(row, clock) for row in session.execute(select_rows().where(Project.id.in_(ids)))]
    stale = {card.id: card.idle for card in cards if card.stale}
    rows = drill.page(session, Chosen(Of.STALLED), looking, None).rows
    assert {row.id for row in rows} == set(stale)
    assert sorted(stale.values()) == [15, 61, 200]
    found = idle.standings(session, looking.actor, (Dimension.UNIT, EDGES), TODAY)
    ages = {one.label: (one.open, one.ages) for one in found}
    assert ages == {"长三角小分队": (4, (1, 0, 0, 0, 1)), "珠三角小分队": (2, (0, 0, 1, 0, 0))}


@pytest.mark.parametrize("dimension", list(Dimension))
def test_every_age_is_the_total_of_its_rows(
    session: Session, office: Office, deals: list[Project], dimension: Dimension
) -> None:
    looking = eyes(session, office, office.leader)
    found = idle.standings(session, looking.actor, (dimension, EDGES), TODAY)
    assert sum(one.open for one in found) == len(deals)
    assert sum(one.stalled for one in found) == 3
    for one in found:
        for at, count in enumerate(one.ages):
            rows = drill.whole(session, Chosen(Of.STALLED, dimension, one.key, str(at)), looking)
            assert rows is not None
            assert rows.count == count


@pytest.mark.parametrize(
    "path",
    ["forecast?by=owner", "forecast?by=industry", "stalled?by=unit", "stalled?by=capital", "groups?by=region",
     "groups?by=team", "cohorts?by=owner", "cohorts?by=band", "stays?by=channel", "stays?by=unit"],
)  # fmt: skip
def test_every_number_of_a_page_opens_as_many_rows(
    session: Session, as_leader: Browser, deals: list[Project], path: str
) -> None:
    assert deals
    session.commit()
    links = {(unescape(href), shown) for href, shown in ROWS.findall(as_leader.get(f"/insight/{path}").text)}
    assert links
    for href, shown in links:
        opened = TOTAL.search(as_leader.get(href).text)
        assert opened is not None, href
        assert opened[1] == shown, href


def test_an_officer_sees_only_the_projects_of_the_own_unit(
    session: Session, as_officer: Browser, as_outsider: Browser, deals: list[Project]
) -> None:
    assert deals
    session.commit()
    for path in ("forecast", "stalled", "groups", "rows?of=forecast", "rows?of=stalled", "rows?of=groups&part=lead"):
        for reader, own, foreign in (
            (as_officer, "长三角小分队", "珠三角小分队"),
            (as_outsider, "珠三角小分队", "长三角小分队"),
        ):
            main = reader.get(f"/insight/{path}").text.partition("<main")[2]
            assert own in main, path
            assert foreign not in main, path
    foreign_rows = as_officer.get("/insight/rows?of=forecast&by=unit&key=3").text
    assert "没有明细" in foreign_rows or "珠三角" not in foreign_rows.partition("<main")[2]


@pytest.mark.parametrize(
    "asked",
    ["", "of=nothing", "of=groups", "of=groups&part=x", "of=cohorts&part=signed&key=x", "of=stays&key=lead",
     "of=stays&key=x&part=left",
     "of=stays&part=left&by=owner&group=x", "of=cohorts&part=signed&by=capital&group=x",
     "of=forecast&part=x", "of=stalled&part=9", "of=forecast&by=unit&key=x",
     "of=forecast&by=capital&key=x", "of=groups&part=lead&by=band&key=99999999999"],
)  # fmt: skip
def test_an_address_that_names_no_figure_says_so(session: Session, as_leader: Browser, asked: str) -> None:
    session.commit()
    answer = as_leader.get(f"/insight/rows?{asked}")
    assert answer.status_code == 404
    assert tr("没有这个数字，可能地址不完整：请回到分析页重新点开。") in answer.text
