from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import jobs
from crm.core.tasks import Task
from crm.news import feedfile, healing, ingest, services, snapshots
from crm.news.health_models import Snapshot, SourceHealth
from crm.news.models import Article, CrawlRun, FailedPage, RunState
from crm.notices.models import Notice
from tests.support import feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.news.models import Source
    from tests.conftest import Browser
    from tests.support.builders import Office

SITE = "https://news.example"
LOW = {**feeds.SUMMARY, "items": 1, "failed": 0}
USUAL = {**feeds.SUMMARY, "items": 20, "failed": 0}


def crawl(session: Session, place: Source, summary: dict[str, object], *, hours: int) -> CrawlRun:
    run = feeds.run(session, place, stats=summary)
    ingest.begin(session, run)
    ingest.close(session, run, now=NOW + timedelta(hours=hours))
    return run


def alert(session: Session, place: Source) -> str | None:
    return session.get_one(SourceHealth, place.id).alert


def told(session: Session) -> list[str]:
    return list(session.scalars(select(Notice.text).order_by(Notice.id)))


def test_a_broken_layout_is_told_once_and_so_is_its_recovery(session: Session, office: Office) -> None:
    place = feeds.source(session)
    for hours in range(6):
        crawl(session, place, USUAL, hours=hours)
    for hours in range(6, 10):
        crawl(session, place, LOW, hours=hours)
    assert alert(session, place) == "yield_fell"
    managers = healing.managers(session, NOW.date())
    assert office.registrar.id in managers
    assert told(session) == ["信源“%(source)s”取到的文章骤减，网站可能改版"] * len(managers)
    crawl(session, place, USUAL, hours=10)
    crawl(session, place, USUAL, hours=11)
    assert alert(session, place) is None
    assert told(session)[len(managers) :] == ["信源“%(source)s”已恢复正常"] * len(managers)


def test_a_muted_source_is_told_when_the_mute_is_over(session: Session, office: Office) -> None:
    place = feeds.source(session, failures_in_row=5)
    healing.mute(session, office.actor(session, office.registrar), place.id, 1, now=NOW)
    crawl(session, place, USUAL, hours=1)
    assert healing.sweep(session, now=NOW + timedelta(hours=2)) == {"told": 0}
    assert told(session) == []
    assert healing.sweep(session, now=NOW + timedelta(hours=25)) == {"told": 1}
    assert healing.sweep(session, now=NOW + timedelta(hours=26)) == {"told": 0}
    assert set(told(session)) == {"信源“%(source)s”连续抓取失败，请看原因"}


def test_pages_are_kept_once_for_each_content_and_go_with_age(session: Session, tmp_path: Path) -> None:
    run = feeds.run(session)
    rows = [feeds.article(f"{SITE}/1"), feeds.article(f"{SITE}/2"), feeds.article(f"{SITE}/bad", b"<p></p>")]
    services.ingest_feed(session, run, feeds.write(tmp_path / "f.gz", rows), now=NOW)
    assert len(session.scalars(select(Snapshot)).all()) == 2
    article = session.scalars(select(Article)).first()
    assert article is not None
    page = snapshots.read(session, article.page_sha256)
    assert page is not None
    assert page.text == feeds.page()
    failed = session.scalars(select(FailedPage)).one()
    assert failed.page_sha256 is not None
    assert snapshots.sweep(session, now=NOW + timedelta(days=31)) == 1
    assert snapshots.read(session, failed.page_sha256) is None
    assert snapshots.sweep(session, now=NOW + timedelta(days=401)) == 1


def test_a_spoiled_page_is_a_failure_with_its_bytes(session: Session, tmp_path: Path) -> None:
    spoiled = feeds.page().encode("gb18030").replace("，".encode("gb18030"), b"\xff\xff\xfe\x80")
    rows = [feeds.article(f"{SITE}/1", spoiled.replace(b"charset='utf-8'", b"charset='gb18030'"))]
    services.ingest_feed(session, feeds.run(session), feeds.write(tmp_path / "f.gz", rows), now=NOW)
    failed = session.scalars(select(FailedPage)).one()
    assert failed.reason == "bad_encoding"
    assert failed.page_sha256 is not None


def test_reading_again_mends_articles_made_from_the_same_bytes(session: Session, tmp_path: Path) -> None:
    run = feeds.run(session)
    path = feeds.write(tmp_path / "f.gz", [feeds.article(f"{SITE}/1")])
    services.ingest_feed(session, run, path, now=NOW)
    article = session.scalars(select(Article)).one()
    article.body, article.analysed_at = "读错了", NOW
    session.execute(Task.__table__.delete())  # type: ignore[attr-defined]  # the first round's
    pages = list(feedfile.pages(path))
    ingest.begin(session, run)
    counts = ingest.take(session, run, pages, again=True, now=NOW)
    assert (counts["stored"], counts["renewed"]) == (0, 1)
    assert article.body == "\n".join(feeds.STORY)
    assert session.scalars(select(Task.payload)).one()["article_ids"] == [article.id]
    assert ingest.take(session, run, pages, again=True, now=NOW)["renewed"] == 0


def test_the_board_shows_the_ill_first_and_a_source_what_to_do(as_registrar: Browser, session: Session) -> None:
    well, ill = feeds.source(session, "安好日报"), feeds.source(session, "病中日报", failures_in_row=4)
    for place in (well, ill):
        crawl(session, place, USUAL, hours=0)
    session.commit()
    page = as_registrar.get("/sources/health").text
    assert page.index("病中日报") < page.index("安好日报")
    assert "连续抓取失败" in page
    shown = as_registrar.get(f"/sources/health/{ill.id}").text
    assert "最慢每天重试一次" in shown
    assert as_registrar.post(f"/sources/health/{ill.id}/mute", {"days": "7"}).status_code == 303
    assert "静音到" in as_registrar.get(f"/sources/health/{ill.id}").text
    refused = as_registrar.post(f"/sources/health/{ill.id}/expect", {"hours": "abc"})
    assert refused.status_code == 422
    assert 'value="abc"' in refused.text
    assert as_registrar.post(f"/sources/health/{ill.id}/expect", {"hours": "12"}).status_code == 303
    assert as_registrar.post(f"/sources/health/{well.id}/replay").status_code == 422


def test_a_failed_page_is_opened_and_tried_again(as_registrar: Browser, session: Session, tmp_path: Path) -> None:
    run = feeds.run(session, feed_file="1/1.gz", state=RunState.DONE)
    raw = b"<script>alert(1)</script>"
    services.ingest_feed(session, run, feeds.write(tmp_path / "f.gz", [feeds.article(f"{SITE}/1", raw)]), now=NOW)
    failed = session.scalars(select(FailedPage)).one()
    session.commit()
    page = as_registrar.get(f"/sources/failed/{failed.id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "填“正文”选择器" in page
    saved = as_registrar.get(f"/sources/failed/{failed.id}/bytes")
    assert saved.data == raw
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert as_registrar.post(f"/sources/failed/{failed.id}/retry").status_code == 303
    task = session.scalars(select(Task).where(Task.kind == jobs.CRAWL)).one()
    assert session.get_one(CrawlRun, task.payload["run_id"]).stats == {"only": [f"{SITE}/1"]}
