"""The inbox by keyboard and by thumb: lead, wrong company, later, back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from crm.fieldwork.models import FollowUp
from crm.linking.answers_models import MentionAnswer
from crm.linking.models import Mention
from crm.pipeline.models import Project
from crm.signals.dismissal import Why
from crm.signals.models import Signal, SignalState
from crm.signals.triage_models import SignalSnooze
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from tests.support.live import Live

NAMES = ("青枫电控股份有限公司", "麦峰重工集团有限公司", "临澜医械股份有限公司", "砚池光电股份有限公司")


def furnish(session: Session) -> None:
    """Four signals in the order of their points: a lead, a wrong company, one for later, one to put aside."""
    builders.office(session)
    builders.enterprise(session, "麦峰重工（成都）有限公司")
    for name, kind in zip(NAMES, ("RELO", "CAPX", "SUPP", "EXEC"), strict=True):
        firm = builders.enterprise(session, name)
        page = builders.article(session, f"{name}有新动作", f"记者获悉，{name}计划投资扩产。")
        builders.signal(session, firm, kind, article=page, quote=f"记者获悉，{name}计划投资扩产。")
        session.add(Mention(article_id=page.id, enterprise_id=firm.id, surface=name, start=5, stop=5 + len(name)))


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office with four signals."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            furnish(session)
        yield found


def test_four_signals_are_decided_without_the_mouse(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.goto("/signals")
    lead, wrong, later, aside = (page.locator("[data-row]").filter(has_text=name) for name in NAMES)
    dialog = page.locator("#y-dialog")
    page.keyboard.press("j")
    expect(lead).to_be_focused()
    page.keyboard.press("a")
    expect(dialog.get_by_label("第一步")).to_have_value(f"核实动态并联系{NAMES[0]}")
    dialog.get_by_label("线索名称").fill("青枫电控整机产线转移")
    page.keyboard.press("Enter")
    expect(lead).to_contain_text("查看项目")
    expect(wrong).to_be_focused()
    page.keyboard.press("w")
    dialog.get_by_label("查找正确的企业").fill("麦峰重工（成")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("麦峰重工（成都）有限公司")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已改到另一家企业")
    moved = page.locator("[data-row]").filter(has_text="麦峰重工（成都）")
    expect(moved).to_be_focused()
    later.focus()
    page.keyboard.press("s")
    expect(dialog.get_by_text("明天")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(later).to_contain_text("稍后再看")
    expect(aside).to_be_focused()
    page.keyboard.press("d")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(aside).to_contain_text("规模太小")
    page.keyboard.press("u")
    expect(aside.get_by_role("link", name="不采用")).to_be_visible()
    expect(aside).to_be_focused()
    with place.database.reading() as session:
        project = session.scalars(select(Project)).one()
        step = session.scalars(select(FollowUp)).one()
        first = session.get_one(Signal, project.source_signal_id)
        assert (project.name, first.state) == ("青枫电控整机产线转移", SignalState.ACCEPTED)
        assert (step.project_id, step.owner_id) == (project.id, project.owner_id)
        assert session.scalars(select(MentionAnswer.right_one)).all() == [False]
        assert session.scalars(select(SignalSnooze.signal_id)).all() == [3]
        assert session.get_one(Signal, 4).state is SignalState.NEW


def test_a_thumb_decides_on_a_phone(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen", phone=True)
    page.goto("/signals")
    first = page.locator("[data-row]").first
    button = first.get_by_role("link", name="不采用")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.tap()
    page.locator("#y-dialog").get_by_text("旧闻或已了结").tap()
    page.locator("#y-dialog").get_by_role("button", name="不采用").tap()
    expect(first).to_contain_text("旧闻或已了结")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with place.database.reading() as session:
        assert session.scalars(select(Signal.decision_reason).where(Signal.id == 1)).one() == Why.OLD
