from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.core import jobs
from crm.core.errors import DomainError
from crm.core.tasks import Task
from crm.news import trying
from crm.news.models import Source, SourceTrial, TrialState
from crm.news.sources import SourceDraft
from tests.support import feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

FORM = {"name": "", "kind": "list", "url": "https://news.example/list", "interval_minutes": "60", "body_css": "div.a"}
LISTING = {
    "url": "https://news.example/list", "found": 2, "excluded": 1, "size": 9, "page_links": 30, "scripts": 2,
    "drawn_by_scripts": False, "further": [], "feeds": ["https://news.example/rss.xml"],
    "suggestions": [{"selector": "ul.news li a", "count": 20, "timed": 20, "examples": ["海棠新材项目开工"]}],
    "links": [{"url": "https://news.example/1", "title": "海棠新材<b>", "time": "03-08", "at": NOW.isoformat()}],
}  # fmt: skip
ARTICLE = {
    "url": "https://news.example/1", "title": "海棠新材储能项目开工", "publisher": "云岭日报", "at": NOW.isoformat(),
    "body": "第一段<script>\n第二段", "length": 900, "encoding": "gb18030", "parts": 2, "problems": ["thin_body"],
    "picked": ["body_css"],
}  # fmt: skip
GOOD = {
    "problem": None, "detail": "", "lists": [LISTING], "articles": [ARTICLE], "failures": [], "requests": 4,
    "seconds": 2.5, "bytes": 1, "robots_denied": 1,
}  # fmt: skip


def only(session: Session) -> SourceTrial:
    session.rollback()
    return session.scalars(select(SourceTrial).order_by(SourceTrial.id.desc())).first() or SourceTrial()


def test_a_trial_is_a_job_and_its_page_waits_for_it(as_registrar: Browser, session: Session) -> None:
    answer = as_registrar.post("/sources/trials", FORM)
    trial = only(session)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sources/trials/{trial.id}")
    assert trial.draft["options"] == {"body_css": "div.a"}
    task = session.scalars(select(Task)).one()
    assert (task.kind, task.queue, task.payload) == (jobs.TRY_SOURCE, "crawl", {"trial_id": trial.id})
    page = as_registrar.get(f"/sources/trials/{trial.id}").text
    assert 'hx-trigger="every 2s"' in page
    assert session.scalars(select(Source)).all() == []


def test_what_a_trial_found_is_shown_escaped_with_its_suggestions(as_registrar: Browser, session: Session) -> None:
    as_registrar.post("/sources/trials", FORM)
    trial = only(session)
    trying.record(session, trial.id, GOOD, now=NOW)
    session.commit()
    page = as_registrar.get(f"/sources/trials/{trial.id}").text
    assert "列表里有2条链接，文章能读出来" in page
    for words in ("海棠新材储能项目开工", "2页合并", "正文很短", "ul.news li a", "改用订阅再试", "排除1条"):
        assert words in page
    assert "海棠新材&lt;b&gt;" in page
    assert "第一段&lt;script&gt;" in page
    assert "every 2s" not in page


@pytest.mark.parametrize(
    ("sent", "kind", "url", "options"),
    [
        ({"selector": "0"}, "list", "https://news.example/list", {"body_css": "div.a", "link_css": "ul.news li a"}),
        ({"feed": "0"}, "rss", "https://news.example/rss.xml", {"body_css": "div.a"}),
    ],
)
def test_a_suggestion_is_tried_with_one_click(
    as_registrar: Browser, session: Session, sent: dict[str, str], kind: str, url: str, options: dict[str, Any]
) -> None:
    as_registrar.post("/sources/trials", FORM)
    first = only(session)
    trying.record(session, first.id, GOOD, now=NOW)
    session.commit()
    assert as_registrar.post(f"/sources/trials/{first.id}/use", sent).status_code == 303
    second = only(session)
    assert second.id > first.id
    assert (second.draft["kind"], second.draft["url"], second.draft["options"]) == (kind, url, options)
    numbers = first.id, second.id
    session.rollback()
    assert as_registrar.post(f"/sources/trials/{numbers[0]}/use", {"selector": "9"}).status_code == 303
    assert only(session).id == numbers[1]


def test_why_nothing_came_is_said_with_what_to_do(as_registrar: Browser, session: Session) -> None:
    as_registrar.post("/sources/trials", FORM)
    trial = only(session)
    nothing = {**GOOD, "problem": "robots", "articles": [], "lists": []}
    trying.record(session, trial.id, nothing, now=NOW)
    session.commit()
    assert trial.state is TrialState.FAILED
    page = as_registrar.get(f"/sources/trials/{trial.id}").text
    assert "网站声明不允许抓取" in page
    assert "请改用网站开放的栏目或订阅地址" in page


def test_a_wrong_draft_is_refused_before_any_job_with_the_form_kept(as_registrar: Browser, session: Session) -> None:
    answer = as_registrar.post("/sources/trials", {**FORM, "link_css": "//a[document('x')]", "next_css": "a.more"})
    assert answer.status_code == 422
    assert "选择器写法不对" in answer.text
    assert 'value="a.more"' in answer.text
    assert session.scalars(select(Task)).all() == []


def test_saving_after_a_good_trial_counts_as_tested(as_registrar: Browser, session: Session) -> None:
    as_registrar.post("/sources/trials", FORM)
    trial = only(session)
    trying.record(session, trial.id, GOOD, now=NOW)
    session.commit()
    as_registrar.post("/sources", {**FORM, "name": "云岭日报", "trial_id": str(trial.id)})
    assert session.scalars(select(Source)).one().tested_at == NOW


def test_changing_the_draft_after_the_trial_does_not_count(as_registrar: Browser, session: Session) -> None:
    as_registrar.post("/sources/trials", FORM)
    trial = only(session)
    trying.record(session, trial.id, GOOD, now=NOW)
    session.commit()
    as_registrar.post("/sources", {**FORM, "name": "云岭日报", "body_css": "div.b", "trial_id": str(trial.id)})
    assert session.scalars(select(Source)).one().tested_at is None


def test_a_source_is_tried_as_it_is_and_its_allowed_hosts_come_along(session: Session, office: Office) -> None:
    place = feeds.source(session, options={"allow": ["127.0.0.1:9"], "times": ["08:30"], "max_items": 50})
    actor = office.actor(session, office.registrar)
    trial = trying.start(session, actor, trying.draft_of(place), source_id=place.id, now=NOW)
    told = trying.specification(session, trial, ("h:1",))
    assert told["allow"] == ["h:1", "127.0.0.1:9"]
    assert (told["max_items"], told["trial"]) == (2, True)
    assert "times" not in told
    trying.record(session, trial.id, GOOD, now=NOW)
    assert place.tested_at == NOW


def test_three_trials_wait_at_most_and_lost_ones_do_not_count(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    draft = SourceDraft("", "rss", "https://news.example/rss")
    trials = [trying.start(session, actor, draft, now=NOW) for _ in range(3)]
    with pytest.raises(DomainError, match=r"trial\.busy"):
        trying.start(session, actor, draft, now=NOW)
    assert trying.running(trials[0], NOW)
    later = NOW + timedelta(minutes=16)
    assert not trying.running(trials[0], later)
    assert trying.start(session, actor, draft, now=later).id
    assert trying.start(session, actor, draft, now=NOW + timedelta(days=8)).id
    assert len(session.scalars(select(SourceTrial)).all()) == 1


def test_somebody_elses_trial_is_not_there(as_administrator: Browser, session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    trial = trying.start(session, actor, SourceDraft("", "rss", "https://news.example/rss"), now=NOW)
    session.commit()
    assert as_administrator.get(f"/sources/trials/{trial.id}").status_code == 404
