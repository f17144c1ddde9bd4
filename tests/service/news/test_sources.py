from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.core import jobs
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError
from crm.core.tasks import Task
from crm.news import queries, services
from crm.news.models import CrawlRun, FailedPage, RunState, Source
from crm.news.sources import SourceDraft
from tests.support import builders, feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

FORM = {"name": "云岭日报", "kind": "rss", "url": "https://news.example/rss", "interval_minutes": "60"}


def test_a_new_source_is_saved_audited_and_crawled_at_once(as_registrar: Browser, session: Session) -> None:
    answer = as_registrar.post("/sources", FORM)
    assert answer.status_code == 303
    row = session.scalars(select(Source)).one()
    assert answer.headers["Location"] == f"/sources/{row.id}"
    task = session.scalars(select(Task).where(Task.kind == jobs.CRAWL)).one()
    assert task.queue == "crawl"
    run = session.get_one(CrawlRun, task.payload["run_id"])
    assert run.state is RunState.QUEUED
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "source")).all()
    assert actions == ["source.create", "source.crawl"]
    assert "排队抓取" in as_registrar.get("/sources").text
    page = as_registrar.get(answer.headers["Location"]).text
    assert 'hx-trigger="every 3s"' in page
    assert "还在抓取，结果出来后自动显示" in page
    assert "都读出来了" not in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "请填信源名称"),
        ({"url": "ftp://news.example"}, "以 http:// 或 https:// 开头"),
        ({"url": "http://"}, "以 http:// 或 https:// 开头"),
        ({"interval_minutes": "1"}, "5分钟到7天"),
        ({"kind": "list", "link_css": "ul[["}, "选择器写法不对"),
        ({"kind": "carrier pigeon"}, ""),
        ({"encoding": "hex"}, "没有这种文字编码"),
        ({"timezone": "../etc"}, "没有这个时区"),
        ({"paging": "everything"}, "请选择翻页方式"),
        ({"spider": "anything"}, "请选择一个专用爬虫"),
    ],
)
def test_a_wrong_source_is_refused_and_the_form_keeps_what_was_typed(
    as_registrar: Browser, session: Session, change: dict[str, str], words: str
) -> None:
    answer = as_registrar.post("/sources", {**FORM, "next_css": "a.more", **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="a.more"' in answer.text
    assert session.scalars(select(Source)).all() == []


def test_two_sources_cannot_share_a_name_but_one_may_keep_its_own(as_registrar: Browser, session: Session) -> None:
    as_registrar.post("/sources", FORM)
    assert "已有同名信源" in as_registrar.post("/sources", FORM).text
    row = session.scalars(select(Source)).one()
    session.commit()
    assert as_registrar.post(f"/sources/{row.id}", {**FORM, "interval_minutes": "30"}).status_code == 303
    session.expire_all()
    assert row.interval_minutes == 30


def test_editing_keeps_the_options_the_form_does_not_show(as_registrar: Browser, session: Session) -> None:
    row = feeds.source(session, options={"allow": ["127.0.0.1:9"], "delay": 0, "body_css": "div.old"})
    session.commit()
    as_registrar.post(f"/sources/{row.id}", {**FORM, "body_css": ""})
    session.expire_all()
    assert row.options == {"allow": ["127.0.0.1:9"], "delay": 0}


def test_a_source_keeps_an_encoding_the_list_does_not_name(as_registrar: Browser, session: Session) -> None:
    row = feeds.source(session, options={"encoding": "gbk"})
    session.commit()
    assert 'value="gbk"' in as_registrar.get(f"/sources/{row.id}/edit").text
    assert as_registrar.post(f"/sources/{row.id}", {**FORM, "encoding": "gbk"}).status_code == 303
    session.expire_all()
    assert row.options == {"encoding": "gbk"}


def test_a_second_click_does_not_queue_a_second_crawl(as_registrar: Browser, session: Session) -> None:
    row = feeds.source(session)
    session.commit()
    for _ in range(2):
        assert as_registrar.post(f"/sources/{row.id}/crawl").status_code == 303
    assert len(session.scalars(select(Task)).all()) == 1
    assert len(session.scalars(select(CrawlRun)).all()) == 1


def test_failures_slow_a_source_down_to_a_day_and_one_success_resets_it(session: Session) -> None:
    place = feeds.source(session, interval_minutes=60)
    waits = []
    for _ in range(7):
        run = services.request_crawl(session, None, place.id, now=NOW)
        assert run is not None
        session.execute(Task.__table__.update().values(dedupe_key=None))  # type: ignore[attr-defined]  # a worker claims it
        services.record_crawl(session, run.id, 1, None, feed_file="", detail="killed", now=NOW)
        waits.append(place.next_run_at - NOW if place.next_run_at else None)
        assert (run.state, run.error) == (RunState.FAILED, "no_feed")
    assert waits[:2] == [timedelta(hours=2), timedelta(hours=4)]
    assert waits[-1] == timedelta(days=1)
    last = services.request_crawl(session, None, place.id, now=NOW)
    assert last is not None
    summary: dict[str, Any] = {**feeds.SUMMARY, "items": 2}
    services.record_crawl(session, last.id, 0, summary, feed_file="1/9.jsonl.gz", detail="", now=NOW)
    assert (place.failures_in_row, place.next_run_at) == (0, NOW + timedelta(hours=1))
    assert [task.payload["run_id"] for task in session.scalars(select(Task).where(Task.kind == jobs.INGEST))] == [
        last.id
    ]


def test_a_feed_that_is_html_fails_the_run_with_the_reason(session: Session) -> None:
    run = feeds.run(session)
    summary = {**feeds.SUMMARY, "items": 0, "failures": {"not_a_feed": 1}}
    services.record_crawl(session, run.id, 0, summary, feed_file="1/1.jsonl.gz", detail="", now=NOW)
    assert run.error == "not_a_feed"
    services.ingest(session, run, [], now=NOW)
    assert run.state is RunState.FAILED


def test_only_due_sources_in_use_are_crawled_and_lost_runs_are_ended(session: Session) -> None:
    due = feeds.source(session, "到期")
    feeds.source(session, "停用", enabled=False)
    feeds.source(session, "未到", next_run_at=NOW + timedelta(minutes=1))
    away = feeds.source(session, "断电", next_run_at=NOW + timedelta(days=1))
    lost = feeds.run(session, away, started_at=NOW - timedelta(hours=7), state=RunState.QUEUED)
    assert services.request_due_crawls(session, now=NOW) == [due.id]
    assert (lost.state, lost.error) == (RunState.FAILED, "lost")
    assert services.request_due_crawls(session, now=NOW) == []


def test_the_crawl_is_told_what_need_not_be_fetched_again(session: Session) -> None:
    builders.article(session, request_hash="abc")
    run = feeds.run(session, feeds.source(session, options={"link_css": "a", "allow": ["h:1"]}))
    told = queries.crawl_specification(session, run, ("h:2",))
    assert told["seen"] == ["abc"]
    assert told["allow"] == ["h:2", "h:1"]
    assert (told["kind"], told["link_css"]) == ("rss", "a")


def test_a_run_shows_its_failed_pages_and_is_taken_in_again(as_registrar: Browser, session: Session) -> None:
    run = feeds.run(session, state=RunState.DONE, feed_file="1/1.jsonl.gz")
    session.add(FailedPage(run_id=run.id, url="javascript:alert(1)", reason="empty_body", recorded_at=NOW))
    session.commit()
    page = as_registrar.get(f"/sources/{run.source_id}").text
    assert "没有识别出正文" in page
    assert 'href="javascript' not in page
    assert as_registrar.post(f"/sources/runs/{run.id}/ingest").status_code == 303
    assert session.scalars(select(Task.kind)).all() == [jobs.INGEST]


def test_a_run_without_a_file_cannot_be_taken_in_again(session: Session, office: Office) -> None:
    run = feeds.run(session)
    with pytest.raises(DomainError, match=r"run\.no_feed"):
        services.request_ingest(session, office.actor(session, office.registrar), run.id, now=NOW)


def test_officers_and_leaders_may_not_manage_sources(as_officer: Browser, as_leader: Browser, session: Session) -> None:
    for person in (as_officer, as_leader):
        assert person.get("/sources").status_code == 403
        assert person.post("/sources", FORM).status_code == 403
    assert session.scalars(select(Source)).all() == []


def test_an_office_without_sources_is_told_what_to_do(as_administrator: Browser) -> None:
    assert "还没有信源" in as_administrator.get("/sources").text


def test_a_switched_off_source_says_so_and_starts_afresh(as_registrar: Browser, session: Session) -> None:
    row = feeds.source(session, failures_in_row=4, next_run_at=NOW + timedelta(days=1))
    session.commit()
    as_registrar.post(f"/sources/{row.id}/switch", {"enabled": "0"})
    assert "停用" in as_registrar.get("/sources").text
    as_registrar.post(f"/sources/{row.id}/switch", {"enabled": "1"})
    session.expire_all()
    assert (row.enabled, row.failures_in_row, row.next_run_at) == (True, 0, None)


def test_an_unknown_source_is_not_found(as_registrar: Browser) -> None:
    assert as_registrar.get("/sources/99").status_code == 404
    assert SourceDraft("a", "rss", "https://a.example").options == {}
