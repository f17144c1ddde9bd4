"""Monday morning of a squad: whom to call, planned by keyboard, put off by thumb, and why the score is what it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm.fieldwork.models import FollowUp
from crm.scores.models import WorkDeferral
from crm.scoring import services as scoring
from tests.browser.axe import Judge
from tests.browser.conftest import DESKTOP, People, running_on_a_file
from tests.browser.test_face import NARROW
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.support.live import Live

NAMES = ("岫川传感技术有限公司", "砚池光电股份有限公司", "素岚纤维材料有限公司", "凛溪制冷设备有限公司")
EXAMINE = (Path(__file__).parent / "examine.js").read_text(encoding="utf-8")


def furnish(session: Session) -> None:
    """Four enterprises that may be called: with news, a contact, an earlier visit, and with nothing."""
    office = builders.office(session)
    firms = [builders.enterprise(session, name, industry="电子信息") for name in NAMES]
    past = NOW - timedelta(days=95)
    builders.signal(session, firms[0], "RELO")
    builders.contact(session, firms[0], office.east, office.officer, "沈立", post="副总裁")
    builders.signal(session, firms[1], "CAPX")
    builders.contact(session, firms[1], office.east, office.officer, "顾青")
    builders.touch(session, firms[2], office.east, office.officer, occurred_at=past, recorded_at=past)
    for moment in (NOW - timedelta(days=40), NOW):
        scoring.rescore_many(session, [firm.id for firm in firms], now=moment, cause="nightly")


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office with four enterprises to call."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            furnish(session)
        yield found


def test_a_call_is_planned_by_keyboard_and_another_put_off(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.goto("/this-week")
    rows = page.locator(".w-row")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("打电话给沈立（副总裁），约上门")
    first, second = (page.locator(".w-row").filter(has_text=name) for name in NAMES[:2])
    first.get_by_role("button", name="安排").focus()
    page.keyboard.press("Enter")
    expect(first).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="已加入您的待办")).to_be_visible()
    expect(second.get_by_role("link", name=NAMES[1], exact=True)).to_be_focused()
    page.get_by_role("button", name="撤销").click()
    expect(first).to_be_visible()
    second.get_by_role("link", name="推后").focus()
    page.keyboard.press("Enter")
    second.get_by_text("其他，请在下面写明").click()
    second.get_by_role("button", name="推后").click()
    expect(second.get_by_role("alert")).to_contain_text("请写明为什么这周先不找")
    second.get_by_label("补充说明").fill("下周展会上见")
    second.get_by_role("button", name="推后").click()
    expect(second).to_have_count(0)
    page.goto("/this-week/put-off")
    expect(page.get_by_role("row").filter(has_text=NAMES[1])).to_contain_text("下周展会上见")
    with place.database.reading() as session:
        assert session.query(FollowUp).count() == 0
        assert session.query(WorkDeferral).one().reason == "下周展会上见"


def test_a_score_explains_itself_at_both_widths(place: Live, gather: Callable[[Live], People]) -> None:
    page, judge = gather(place).enter("lin"), Judge()
    page.goto("/enterprises/1/score")
    expect(page.get_by_role("row").filter(has_text="产业转移").first).to_contain_text("+")
    page.get_by_role("link", name="为什么变了").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("为什么变了")
    moved = page.url
    page.go_back()
    with page.expect_download() as saved:
        page.get_by_role("button", name="存为图片").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    page.locator(".w-override > summary").click()
    page.get_by_label("改为多少分").fill("88")
    page.get_by_label("为什么改").fill("董事长当面答应来考察")
    page.locator(".w-override").get_by_role("button", name="改分").click()
    expect(page.locator(".w-big")).to_contain_text("88")
    expect(page.get_by_text("到期后自动恢复")).to_be_visible()
    faults = [
        fault
        for path in ("/enterprises/1/score", moved, "/this-week", "/this-week/3/put-off")
        for fault in look(page, path, judge)
    ]
    assert not faults, "\n".join(faults)


def look(page: Page, path: str, judge: Judge) -> list[str]:
    """Examine a page on a desk, then on a phone."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict of the same shape
    page.goto(path)
    found = [*page.evaluate(EXAMINE), *judge.faults(page, path)]
    page.set_viewport_size(NARROW)
    return [f"{path}: {fault}" for fault in [*found, *page.evaluate(EXAMINE)]]
