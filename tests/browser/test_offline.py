"""A phone without a network: a visit with a photo is written, kept, and sent exactly once."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from crm.enterprises.indexing import index_enterprises
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import Touch
from crm.fieldwork.photos.models import TouchPhoto
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders, pictures
from tests.support.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults
    from tests.support.live import Live

FIRM = "岚桥储能科技股份有限公司"
NOTE = "在厂区门口记的：对方月底前给用电数据。"
CUT = ("net::", "Failed to fetch", "no answer")
COUNT = """for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, () => sessionStorage.setItem(kind, 1 + Number(sessionStorage.getItem(kind))), true);
}"""
CONTROLLED = """() => Boolean(navigator.serviceWorker.controller) || new Promise((done) => {
  navigator.serviceWorker.addEventListener("controllerchange", () => done(true));
})"""


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office whose officer visited one enterprise before."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office = builders.office(session)
            firm = builders.enterprise(session, FIRM)
            index_enterprises(session, [firm.id])
            builders.touch(session, firm, office.east, office.officer)
        yield found


@pytest.fixture
def line(place: Live) -> Iterator[Line]:
    """Return the line to the office."""
    line = Line(place.url)
    yield line
    line.close()


@pytest.fixture
def phone(place: Live, line: Line, gather: Callable[[Live], People], faults: Faults) -> Iterator[Page]:
    """Return the officer's phone after its first page; what a browser says of a cut line is allowed."""
    page = gather(dataclasses.replace(place, url=line.url)).enter("chen", phone=True, service_workers="allow")
    page.context.clock.set_fixed_time(builders.NOW)
    page.evaluate(CONTROLLED)
    page.evaluate("yf.outbox.session()")  # what a page does by itself a second after it is there
    yield page
    faults.seen[:] = [fault for fault in faults.seen if not any(words in fault for words in CUT)]


def write(page: Page, photo: Path, button: str) -> None:
    """Write a visit with a photo, and save it."""
    photo.write_bytes(pictures.photo((800, 600)))
    page.locator("label", has_text=FIRM).tap()
    page.get_by_label("谈了什么").fill(NOTE)
    page.locator("#photos").set_input_files(photo)
    expect(page.get_by_role("img", name="照片1")).to_be_visible()
    page.get_by_role("button", name=button).tap()


def sign_in(page: Page, username: str) -> None:
    """Sign in where the outbox asked for it."""
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(builders.PASSWORD)
    page.get_by_role("button", name="登录").tap()
    leave(page)


def leave(page: Page) -> None:
    """Wait until what was written is put aside."""
    expect(page).to_have_url(re.compile("/outbox$"))


def visits(place: Live) -> list[tuple[str, int]]:
    """Return who wrote the visits of the test, with how many photos."""
    many = select(func.count()).where(TouchPhoto.touch_id == Touch.id).correlate(Touch).scalar_subquery()
    with place.database.reading() as session:
        rows = session.execute(select(Enterprise.name, many).join(Touch.enterprise).where(Touch.summary == NOTE)).all()
    return [(row[0], row[1]) for row in rows]


def test_a_visit_written_when_the_line_broke_is_sent_once_with_its_photo(
    phone: Page, place: Live, line: Line, tmp_path: Path
) -> None:
    phone.goto("/visits/new")
    line.cut()
    write(phone, tmp_path / "gate.jpg", "保存走访")
    leave(phone)
    expect(phone.get_by_role("heading", name="没有网络")).to_be_visible()
    expect(phone.locator("[data-outbox-list]")).to_contain_text("等待网络")
    phone.close()
    again = phone.context.new_page()
    again.goto("/outbox")
    expect(again.locator("[data-outbox-list]")).to_contain_text(FIRM)
    assert visits(place) == []
    line.mend()
    again.goto("/outbox")
    expect(again.get_by_text("没有待发送的走访")).to_be_visible()
    again.evaluate("Promise.all([yf.outbox.sendAll(), yf.outbox.sendAll()])")
    assert visits(place) == [(FIRM, 1)]


def test_a_visit_written_without_a_network_outlives_the_end_of_the_sign_in_and_is_nobody_elses(
    phone: Page, place: Live, line: Line, tmp_path: Path
) -> None:
    line.cut()
    phone.goto("/visits/new")
    write(phone, tmp_path / "gate.jpg", "存为草稿")
    leave(phone)
    expect(phone.locator("[data-outbox-list]")).to_contain_text("1张照片")
    phone.close()
    place.clock.pass_by(timedelta(days=2))
    line.mend()
    again = phone.context.new_page()
    again.goto("/outbox")
    expect(again.get_by_text("登录后自动发送")).to_be_visible()
    sign_in(again, "he")
    expect(again.get_by_text("别的账号写的")).to_be_visible()
    expect(again.locator("main")).not_to_contain_text(FIRM)
    assert again.evaluate("yf.outbox.sendAll()") == 0
    assert visits(place) == []
    again.locator("summary.y-person").tap()
    again.get_by_role("button", name="退出").tap()
    again.wait_for_url("**/login*")
    assert again.evaluate("yf.outbox.person()") is None
    again.goto("/outbox")
    sign_in(again, "chen")
    expect(again.get_by_text("没有待发送的走访")).to_be_visible()
    assert visits(place) == [(FIRM, 1)]


def test_a_sign_in_that_ended_while_the_form_was_filled_in_costs_nothing(
    phone: Page, place: Live, faults: Faults
) -> None:
    faults.allowed.add(401)
    phone.goto("/visits/new")
    phone.get_by_label("谈了什么").fill(NOTE)
    place.clock.pass_by(timedelta(days=2))
    phone.locator("label", has_text=FIRM).tap()
    expect(phone.get_by_role("status").get_by_text("写的还在页面上")).to_be_visible()
    phone.get_by_role("button", name="保存走访").tap()
    expect(phone).to_have_url(re.compile("/login"))
    phone.get_by_label("用户名").fill("chen")
    phone.get_by_label("密码").fill(builders.PASSWORD)
    phone.get_by_role("button", name="登录").tap()
    expect(phone.get_by_text("没有待发送的走访")).to_be_visible()
    assert visits(place) == [(FIRM, 0)]


def test_a_refused_visit_keeps_words_and_photo_and_is_sent_when_mended(
    phone: Page, place: Live, tmp_path: Path
) -> None:
    phone.goto("/visits/new")
    phone.get_by_label("下步打算").fill("寄用电方案")
    write(phone, tmp_path / "gate.jpg", "保存走访")
    expect(phone.get_by_role("alert")).to_contain_text("请给下步打算定一个日期")
    expect(phone.get_by_label("谈了什么")).to_have_value(NOTE)
    expect(phone.get_by_role("img", name="照片1")).to_be_visible()
    phone.goto("/outbox")
    phone.get_by_role("link", name="打开").tap()
    expect(phone.get_by_role("status").get_by_text("请给下步打算定一个日期")).to_be_visible()
    phone.get_by_label("期限").fill("2026-11-30")
    phone.get_by_role("button", name="保存走访").tap()
    expect(phone.get_by_role("status").get_by_text("已记走访")).to_be_visible()
    expect(phone.get_by_role("img", name="照片1")).to_be_visible()
    assert visits(place) == [(FIRM, 1)]


def test_what_stands_behind_more_survives_a_draft_opened_without_a_network(
    phone: Page, place: Live, line: Line, tmp_path: Path
) -> None:
    phone.goto("/visits/new")
    phone.get_by_text("来区考察").tap()
    phone.get_by_label("考察报告").fill("看了两处厂房")  # an inspection shows its report by itself
    phone.locator("#leader_level").select_option("department")
    line.cut()
    phone.get_by_role("button", name="查找").tap()
    expect(phone.get_by_role("status").get_by_text("可以照常填写")).to_be_visible()
    write(phone, tmp_path / "gate.jpg", "保存走访")
    leave(phone)
    phone.get_by_role("link", name="打开").tap()
    phone.get_by_role("button", name="存为草稿").tap()
    leave(phone)
    phone.get_by_role("link", name="打开").tap()
    expect(phone.get_by_label("谈了什么")).to_have_value(NOTE)
    line.mend()
    phone.reload()
    expect(phone.get_by_label("考察报告")).to_have_value("看了两处厂房")
    expect(phone.locator("#leader_level")).to_have_value("department")
    phone.evaluate("yf.outbox.sendAll()")
    assert visits(place) == []  # open in the form, it waits for the person
    phone.get_by_role("button", name="保存走访").tap()
    expect(phone.get_by_role("status").get_by_text("已记来区考察")).to_be_visible()
    assert visits(place) == [(FIRM, 1)]


def test_a_visit_to_a_known_enterprise_takes_six_taps_at_most(phone: Page, place: Live) -> None:
    phone.context.add_init_script(COUNT)
    phone.goto("/")
    phone.get_by_role("link", name="记走访").last.tap()
    phone.locator("#q").tap()
    phone.locator("#q").press_sequentially("岚桥")
    phone.locator(".h-picks:not(.h-picks-recent) label", has_text=FIRM).tap()
    phone.get_by_label("谈了什么").tap()
    phone.get_by_label("谈了什么").fill(NOTE)
    phone.get_by_role("button", name="保存走访").tap()
    expect(phone.get_by_role("status").get_by_text("已记走访")).to_be_visible()
    taps, keys = (phone.evaluate(f"Number(sessionStorage.getItem('{kind}'))") for kind in ("pointerdown", "keydown"))
    assert taps <= 6, f"{taps} taps and {keys} keys besides the note"
    assert visits(place) == [(FIRM, 0)]
