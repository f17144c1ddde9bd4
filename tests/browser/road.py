"""The office the whole road runs through: who is in it, what is there before, and how a person presses and opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm.enterprises import services as enterprises
from crm.enterprises.models import ListEdition, ListEntry, TargetList
from crm.enterprises.rules import EnterpriseDraft
from tests.browser import road_reviews
from tests.support import builders

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.browser.conftest import People
    from tests.support.live import Live

SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 11, 19, 14, 0, tzinfo=SHANGHAI)
FIRM = "岚桥储能科技股份有限公司"


@dataclass
class Road:
    """The office the road runs through, and its people in their windows."""

    live: Live
    site: str
    people: People
    officer: Page
    registrar: Page
    leader: Page

    def work(self) -> None:
        """Let the background jobs run, and ten minutes pass."""
        self.live.drain()
        self.live.clock.pass_by(timedelta(minutes=10))


def furnish(session: Session) -> None:
    """Set up the office: a target enterprise, and what another squad did this week."""
    office = builders.office(session)
    registrar = office.actor(session, office.registrar)
    road_reviews.furnish(session, office, THURSDAY)
    firm = enterprises.create_enterprise(session, registrar, EnterpriseDraft(name=FIRM), now=THURSDAY)
    listed = TargetList(key="industry_50", name="储能行业50强", weight=0)
    session.add(listed)
    session.flush()
    edition = ListEdition(list_id=listed.id, year=2026, imported_at=THURSDAY)
    session.add(edition)
    session.flush()
    session.add(ListEntry(edition_id=edition.id, enterprise_id=firm.id, rank=8, printed_name=FIRM))
    earlier = THURSDAY - timedelta(days=1)
    for _ in range(2):
        other = builders.enterprise(session)
        builders.touch(session, other, office.south, office.outsider, occurred_at=earlier, recorded_at=earlier)
    builders.project(session, other, office.south, office.outsider, created_at=earlier, stage_since=earlier)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def open_link(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def whole_number(text: str) -> int:
    return int(text.strip().replace("−", "-").replace("+", ""))
