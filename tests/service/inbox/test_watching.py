from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import jobs
from crm.core.errors import DomainError, NotFoundError
from crm.core.tasks import Task
from crm.notices.models import Notice
from crm.signals import digest, following, watching
from crm.signals.filters import SignalFilter
from crm.signals.models import SignalState
from crm.signals.triage_models import SignalFollow, Telling
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.queries import counted

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

RELO = SignalFilter(kinds=("RELO",))


def test_a_watch_tells_its_owner_at_once_of_what_is_new(session: Session, office: Office) -> None:
    actor = office.actor(session, office.officer)
    watching.save(session, actor, "转移", RELO, Telling.AT_ONCE, now=NOW)
    watching.save(session, actor, "扩张", SignalFilter(kinds=("CAPX",)), Telling.DAILY, now=NOW)
    firm = builders.enterprise(session, "青枫电控有限公司")
    row = builders.signal(session, firm, "RELO", quote="青枫电控有限公司将迁厂。")
    other = builders.signal(session, firm, "CAPX")
    assert watching.ask(session, [row.article_id, other.article_id], now=NOW) == 2
    task = session.scalars(select(Task).where(Task.kind == jobs.WATCH_SIGNALS)).one()
    assert watching.tell_at_once(session, task.payload["signal_ids"], now=NOW) == 1
    told = session.scalars(select(Notice)).one()
    assert (told.user_id, told.link, told.params["watch"]) == (office.officer.id, f"/signals/{row.id}", "转移")
    assert watching.ask(session, [row.article_id], now=NOW + timedelta(minutes=1)) == 0


def test_a_trial_looks_back_seven_days(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.signal(session, firm, "RELO")
    builders.signal(session, firm, "RELO", recorded_at=NOW - timedelta(days=8))
    count, rows = watching.trial(session, office.actor(session, office.officer), RELO, now=NOW)
    assert (count, len(rows)) == (1, 1)


def test_a_watch_wants_a_name_and_a_condition_and_is_ones_own(session: Session, office: Office) -> None:
    actor = office.actor(session, office.officer)
    row = watching.save(session, actor, "转移", RELO, Telling.DAILY, now=NOW)
    for name, chosen in (("", RELO), ("转移", RELO), ("全部", SignalFilter())):
        with pytest.raises(DomainError):
            watching.save(session, actor, name, chosen, Telling.DAILY, now=NOW)
    with pytest.raises(NotFoundError):
        watching.get(session, office.actor(session, office.colleague), row.id)
    watching.change(session, actor, row.id, "转移", RELO, Telling.NEVER, now=NOW)
    assert watching.delete(session, actor, row.id, now=NOW) == "转移"


def test_the_digest_tells_each_once_of_their_own_and_nobody_of_nothing(session: Session, office: Office) -> None:
    actor = office.actor(session, office.officer)
    firm, other = builders.enterprise(session, "青枫电控有限公司"), builders.enterprise(session, "禾砺机器人有限公司")
    following.follow(session, actor, firm.id, now=NOW)
    following.follow(session, office.actor(session, office.colleague), other.id, now=NOW)
    watching.save(session, actor, "转移", RELO, Telling.DAILY, now=NOW)
    morning = digest.window(TODAY)[1]
    before = morning - timedelta(hours=3)
    seen = [
        builders.signal(session, firm, "CAPX", recorded_at=before),
        builders.signal(session, builders.enterprise(session), "RELO", recorded_at=before),
    ]
    builders.signal(session, firm, "SUPP", recorded_at=before, state=SignalState.REJECTED, decided_at=NOW)
    builders.signal(session, firm, "EXEC", recorded_at=morning)
    assert digest.send(session, now=morning) == 1
    assert digest.send(session, now=morning + timedelta(minutes=5)) == 0
    told = session.scalars(select(Notice)).one()
    assert (told.user_id, told.link) == (office.officer.id, f"/signals/digest/{TODAY}")
    assert told.params["count"] == "2"
    found = digest.read(session, actor, TODAY)
    assert [(kind, [row.id for row in rows]) for kind, rows in found.groups] == [
        ("RELO", [seen[1].id]),
        ("CAPX", [seen[0].id]),
    ]


def test_following_is_done_on_the_page_of_a_firm(as_officer: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session, "青枫电控有限公司")
    session.commit()
    assert "关注动态" in as_officer.get(f"/enterprises/{firm.id}").text
    assert as_officer.post(f"/enterprises/{firm.id}/follow").headers["Location"] == f"/enterprises/{firm.id}"
    assert as_officer.post(f"/enterprises/{firm.id}/follow").status_code == 303
    assert session.scalars(select(SignalFollow.user_id)).all() == [office.officer.id]
    session.commit()
    assert "取消关注" in as_officer.get(f"/enterprises/{firm.id}").text
    assert firm.name in as_officer.get("/signals/watches").text
    as_officer.post(f"/enterprises/{firm.id}/follow", data={"off": "1", "back": "//evil.example"})
    assert session.scalars(select(SignalFollow)).all() == []


def test_watches_are_kept_tried_and_found_in_the_inbox(as_officer: Browser, session: Session) -> None:
    row = builders.signal(session, builders.enterprise(session, "青枫电控有限公司"), "RELO")
    session.commit()
    form = {"name": "转移", "kind": ["RELO"], "telling": "at_once"}
    tried = as_officer.post("/signals/watches/trial", data=form).text
    assert f"/signals/{row.id}" in tried
    assert as_officer.post("/signals/watches", data=form).status_code == 303
    assert "kind=RELO" in as_officer.get("/signals").text
    refused = as_officer.post("/signals/watches", data={**form, "amount": "5"})
    assert (refused.status_code, "已有同名" in refused.text) == (422, True)
    assert as_officer.get("/signals/digest").headers["Location"].endswith("/signals/digest/2026-11-20")
    assert as_officer.get("/signals/digest/2026-11-20").status_code == 200
    assert as_officer.get("/signals/digest/2027-01-01").status_code == 404
    assert as_officer.get("/signals/digest/nonsense").status_code == 404


def test_pages_cost_a_fixed_number_of_queries(
    app: Flask, as_officer: Browser, session: Session, office: Office
) -> None:
    actor, before = office.actor(session, office.officer), digest.window(TODAY)[0]
    for number in range(12):
        firm = builders.enterprise(session, f"第{number}电子有限公司")
        builders.signal(session, firm, recorded_at=before)
        following.follow(session, actor, firm.id, now=NOW)
        chosen = SignalFilter(kinds=("CAPX",), enterprise_id=firm.id)
        watching.save(session, actor, f"关注{number}", chosen, Telling.DAILY, now=NOW)
    session.commit()
    for path in ("/signals/watches", "/signals/digest/2026-11-20", "/signals/1", "/signals?followed=1"):
        with counted(app.extensions["database"]) as statements:
            assert as_officer.get(path).status_code == 200
        assert len([one for one in statements if one.startswith(("SELECT", "WITH"))]) <= 12, path
