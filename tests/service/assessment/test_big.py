"""Big projects (固定资产3000万元以上): their share of what was signed, started and in production."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.assessment.rates import RATES
from crm.assessment.summing import figures
from crm.assessment.window import Window
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), NOW)


def projects(session: Session, office: Office) -> None:
    """Three projects of other sizes go all the way; a fourth is big and only signed."""
    for wan in (Decimal(3000), Decimal("2999.999999"), None, Decimal(90_000)):
        firm = builders.enterprise(session)
        deal = builders.project(session, firm, office.east, office.officer, fixed_investment=wan)
        builders.agreement(session, builders.stand(session, deal, Stage.SIGNED), office.officer)
        for stage in (Stage.STARTED, Stage.IN_PRODUCTION) if wan != Decimal(90_000) else ():
            builders.stand(session, deal, stage)


@pytest.mark.parametrize(("key", "done", "of"), [("big_signed", 2, 4), ("big_started", 1, 3), ("big_producing", 1, 3)])
def test_the_share_of_big_projects_has_both_its_numbers(
    session: Session, office: Office, key: str, done: int, of: int
) -> None:
    projects(session, office)
    rate = RATES[key]
    found = figures(session, [rate.done, rate.of], YEAR)
    assert [sum(found[one.key].values()) for one in (rate.done, rate.of)] == [done, of]


def test_the_page_of_rates_opens_the_big_ones(session: Session, office: Office, as_leader: Browser) -> None:
    projects(session, office)
    session.commit()
    page = as_leader.get("/measures/rates?from=2026-01-01&to=2026-12-31").text
    assert "大项目占比（引进）" in page
    assert "measure=signings_big" in page
