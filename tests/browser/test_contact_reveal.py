"""A masked number in a real browser: shown for a reason to those who may, refused to all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.enterprises.models import Contact
from tests.browser import office
from tests.browser.conftest import People, running_on_a_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.browser.conftest import Faults
    from tests.support.live import Live

NUMBER, MASKED = "13800000000", "138****0000"
NAME = "顾青"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running, furnished office of its own."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office.furnish(session)
        yield found


def contact_id(place: Live) -> int:
    with place.database.reading() as session:
        return session.scalars(select(Contact.id).where(Contact.name == NAME)).one()


def reasons(place: Live) -> list[str]:
    with place.database.reading() as session:
        return [
            detail["reason"]
            for detail in session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "contact.reveal"))
        ]


@pytest.mark.parametrize("phone", [False, True])
def test_a_number_appears_for_a_reason_and_the_look_is_on_record(
    place: Live, gather: Callable[[Live], People], *, phone: bool
) -> None:
    page = gather(place).enter("chen", phone=phone)
    page.goto(f"/contacts/{contact_id(place)}")
    head = page.locator(".y-record-head")
    expect(head).to_contain_text(MASKED)
    assert NUMBER not in page.content()
    head.get_by_text("显示", exact=True).click()
    head.get_by_role("combobox", name="查看事由").select_option("other")
    head.get_by_role("button", name="查看并记录").click()
    expect(head.get_by_role("alert")).to_contain_text("请写明事由")
    assert reasons(place) == []
    head.get_by_role("textbox", name="其他事由").fill("核对名片")
    head.get_by_role("button", name="查看并记录").click()
    expect(head.get_by_role("link", name=NUMBER)).to_have_attribute("href", f"tel:{NUMBER}")
    assert reasons(place) == ["核对名片"]
    page.reload()
    expect(page.locator(".y-record-head")).to_contain_text(MASKED)
    assert NUMBER not in page.content()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


@pytest.mark.parametrize("phone", [False, True])
def test_a_leader_sees_the_mask_and_no_way_behind_it(
    place: Live, gather: Callable[[Live], People], faults: Faults, *, phone: bool
) -> None:
    faults.allowed.add(403)
    number = contact_id(place)
    page = gather(place).enter("shen", phone=phone)
    page.goto(f"/contacts/{number}")
    expect(page.locator(".y-record-head")).to_contain_text(MASKED)
    expect(page.get_by_text("显示", exact=True)).to_have_count(0)
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    answer = page.request.post(f"/contacts/{number}/reveal", form={"reason": "call", "csrf_token": str(token)})
    assert answer.status == 403
    assert NUMBER not in answer.text()
    assert reasons(place) == []
