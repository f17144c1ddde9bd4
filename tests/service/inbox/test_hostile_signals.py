"""What somebody with bad intentions types into the pages of signals, and what must come of it: nothing."""

from __future__ import annotations

import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.news.health_models import Snapshot
from crm.signals.triage_models import SignalWatch
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.signals.ruletable import RuleRow
    from tests.support.builders import Office

RULE = {"kind": "CAPX", "weight": "0.8", "yes": "投产", "enabled": "y"}
ENDLESS = "(?:投|投|投投){1,60}资$"
BREAK = "/signals\r\nX-Evil: 1"


def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which texts a typed pattern is tried on in this process."""
    tried: list[str] = []

    def failing(row: RuleRow) -> tuple[list[str], list[str]]:
        tried.extend((*row.match, *row.refuse))
        return [], []

    monkeypatch.setattr("crm.signals.ruletable.failing", failing)
    monkeypatch.setattr("crm.signals.office_rules.finds", lambda _row, text: tried.append(text))
    return tried


@pytest.mark.parametrize("amount", ["0.0000001", "1E-999999", "sNaN", "Infinity"])
def test_a_sum_no_column_holds_narrows_nothing_and_is_never_kept_in_a_watch(
    as_officer: Browser, session: Session, amount: str
) -> None:
    assert as_officer.get(f"/signals?amount={amount}").status_code == 200
    assert as_officer.post("/signals/watches/trial", {"amount": amount}).status_code == 200
    as_officer.post("/signals/watches", {"name": "毒", "amount": amount, "telling": "daily"})
    assert session.scalar(select(SignalWatch.id)) is None


def test_a_way_back_with_a_line_break_leads_to_the_inbox(as_officer: Browser, session: Session) -> None:
    signal = builders.signal(session, builders.enterprise(session))
    session.commit()
    answers = [
        as_officer.post(f"/signals/{signal.id}/accept", {"back": BREAK}),
        as_officer.post(f"/enterprises/{signal.enterprise_id}/follow", {"back": BREAK}),
    ]
    assert [one.headers["Location"] for one in answers] == ["/signals", f"/enterprises/{signal.enterprise_id}"]


def test_a_weight_that_is_no_number_is_refused_with_a_sentence(as_registrar: Browser) -> None:
    answer = as_registrar.post("/signals/rules/new", {**RULE, "pattern": "投产", "weight": "sNaN"})
    assert (answer.status_code, "权重" in answer.get_data(as_text=True)) == (422, True)


@pytest.mark.parametrize("field", ["yes", "no"])
def test_a_pattern_without_end_is_tried_by_nobody_but_the_child(
    as_registrar: Browser, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    tried = tries(monkeypatch)
    answer = as_registrar.post("/signals/rules/new", {**RULE, "pattern": ENDLESS, field: "投" * 60})
    assert (answer.status_code, "请写明上限" in answer.get_data(as_text=True)) == (422, True)
    assert tried == []


def test_a_slow_pattern_is_refused_before_its_examples_are_tried(
    as_registrar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = tries(monkeypatch)
    monkeypatch.setattr("crm.signals.office_rules.speed.too_slow", lambda _patterns, _texts: True)
    answer = as_registrar.post("/signals/rules/new", {**RULE, "pattern": "投产", "yes": "公司投产"})
    assert (answer.status_code, "太慢" in answer.get_data(as_text=True), tried) == (422, True, [])


def test_two_people_who_decide_at_once_decide_one_after_the_other(app: Flask, session: Session, office: Office) -> None:
    signal = builders.signal(session, builders.enterprise(session))
    session.commit()
    windows = [Browser(app.test_client()).sign_in(office.officer.username) for _ in range(2)]
    gate = threading.Barrier(2)

    def decide(window: Browser, verb: str) -> int:
        gate.wait(10)
        return window.post(f"/signals/{signal.id}/{verb}").status_code

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(decide, windows, ("accept", "reject"))) == [303, 409]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "export:0123456789abcdef/a.html"])
def test_an_address_that_is_no_web_page_is_no_link(as_officer: Browser, session: Session, url: str) -> None:
    page = builders.article(session, "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", url=url)
    session.commit()
    shown = as_officer.get(f"/articles/{page.id}").get_data(as_text=True)
    assert (url in shown, "<script>alert" in shown, "<img src=x" in shown) == (False, False, False)


def test_a_saved_page_is_plain_text_in_a_sandbox(as_officer: Browser, session: Session) -> None:
    raw = b"<script>alert(1)</script>"
    session.add(Snapshot(sha256="a" * 64, packed=zlib.compress(raw), size=len(raw), charset=None, kept_at=NOW))
    page = builders.article(session, page_sha256="a" * 64)
    session.commit()
    answer = as_officer.get(f"/articles/{page.id}/page")
    headers = [answer.headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy")]
    assert headers == ["text/plain; charset=utf-8", "nosniff", "sandbox; default-src 'none'"]
