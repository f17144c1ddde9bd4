"""On a telephone: a leader reads, decides and instructs; colleagues are called by name in the stream."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm.core.scheduling import SHANGHAI
from crm.pipeline.exceptions import services as exceptions
from crm.pipeline.exceptions.rules import ExceptionKind, Request
from crm.pipeline.rules import Stage
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.support.live import Live

DEAL, FIRM = "云岭扩产项目", "云岭精工有限公司"


def furnish(session: Session) -> None:
    """Write a project whose officer asks for an exception, with more touches than one page of its stream holds."""
    office = builders.office(session)
    firm = builders.enterprise(session, FIRM)
    deal = builders.project(session, firm, office.east, office.officer, name=DEAL, stage=Stage.VISITING)
    for number in range(40):
        at = NOW - timedelta(days=number + 1)
        builders.touch(
            session, firm, office.east, office.officer, summary=f"第{number}次走访", occurred_at=at, recorded_at=at
        )
    wanted = Request(ExceptionKind.SPECIAL, "董事长行程已定，先研判后补考察。", date(2026, 12, 20), "inspection")
    officer = office.actor(session, office.officer)
    exceptions.ask(session, officer, deal.id, wanted, now=NOW, today=TODAY, zone=SHANGHAI)


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return the running office."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            furnish(session)
        yield found


@pytest.fixture
def people(place: Live, gather: Callable[[Live], People]) -> People:
    """Return the people of the running office."""
    return gather(place)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_leader_decides_instructs_and_reads_the_overview(people: People) -> None:
    page = people.enter("shen", phone=True)
    page.get_by_role("link", name="待批例外").tap()
    page.get_by_role("link", name=DEAL).tap()
    page.get_by_label("批准文号").fill("专题会〔2026〕12号")
    page.get_by_role("button", name="批准", exact=True).tap()
    expect(page.locator("main")).to_contain_text("有效至12月20日")
    page.goto("/projects/1")
    page.get_by_role("link", name="批示", exact=True).first.tap()
    page.get_by_label("批示或交办内容").fill("一周内约企业来区考察。")
    page.get_by_role("button", name="交办").tap()
    expect(page.locator("main")).to_contain_text("一周内约企业来区考察。")
    for path in ("/instructions?mine=given", "/projects/exceptions", "/approvals", "/reports/funnel", "/"):
        page.goto(path)
        assert fits(page), path
    expect(page.locator(".h-tiles")).to_be_visible()


def test_a_colleague_is_called_by_keys_and_older_lines_come_by_scrolling(people: People) -> None:
    page = people.enter("chen", phone=True)
    page.goto("/enterprises/1/stream")
    page.locator("#s-box > summary").press("Enter")
    box = page.get_by_label("评论", exact=True)
    box.press_sequentially("@周")
    expect(page.get_by_role("option", name="周敏")).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("@周敏 ")
    box.press_sequentially("请看用工")
    page.get_by_role("button", name="发出").press("Enter")
    expect(page.locator("#comment-1")).to_contain_text("@周敏 请看用工")
    expect(page.get_by_text("第39次走访")).to_have_count(0)
    page.locator(".s-more").scroll_into_view_if_needed()
    expect(page.get_by_text("第39次走访")).to_have_count(1)
    assert fits(page)
