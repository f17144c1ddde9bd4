"""Two requests of one person at once: the second finds what the first wrote. SQLite lets one writer in at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.agenda import queries
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import Touch
from crm.fieldwork.trips.models import Trip
from crm.meetings.models import Meeting
from tests.conftest import Browser

if TYPE_CHECKING:
    import pytest
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

VISIT = {
    "client_id": "tap-00000000000000001",
    "kind": "visit",
    "enterprise_id": "new",
    "q": "云岭新材料有限公司",
    "summary": "谈了用地",
    "occurred_at": "2026-11-20T09:00",
    "intention": "unknown",
}
TRIP = {"title": "赴昆州拜访", "starts_on": "2026-11-21", "ends_on": "2026-11-22"}
MEETING = {"kind": "coordination", "title": "用地协调会", "held_on": "2026-11-21", "starts_at": "09:00"}


def twice(app: Flask, office: Office, path: str, form: dict[str, Any]) -> list[int]:
    """Post a form from two windows at the same moment."""
    windows = [Browser(app.test_client()).sign_in(office.officer.username) for _ in range(2)]
    gate = threading.Barrier(2)

    def tap(window: Browser) -> int:
        gate.wait(10)
        return window.post(path, form).status_code

    with ThreadPoolExecutor(2) as both:
        return list(both.map(tap, windows))


def test_a_double_tap_makes_one_of_each(app: Flask, session: Session, office: Office) -> None:
    own = {"unit_id": office.east.id, "chair_id": office.officer.id, "members": office.lead.id}
    owner = {"owner": office.officer.id}
    session.commit()
    assert twice(app, office, "/outbox/touches", {**VISIT, **owner}) == [200, 200]
    assert twice(app, office, "/trips/new", {**TRIP, **own}) == [303, 303]
    assert sorted(twice(app, office, "/meetings/new", {**MEETING, **own})) == [303, 422]
    assert twice(app, office, "/calendar/link", {}) == [200, 200]
    counts = [session.scalar(select(func.count()).select_from(one)) for one in (Touch, Enterprise, Trip, Meeting)]
    assert counts == [1, 1, 1, 1]


def test_what_the_database_refuses_is_said_on_a_whole_page(
    as_officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert as_officer.post("/calendar/link").status_code == 200
    monkeypatch.setattr(queries, "link_of", lambda *_whose: None)
    answer = as_officer.post("/calendar/link")
    assert answer.status_code == 409
    assert "内容已被他人更新" in answer.text
