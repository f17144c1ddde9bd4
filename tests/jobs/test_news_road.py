"""A real site on loopback is crawled through the tasks, up to the score, without Redis."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.tasks import Task, TaskState
from crm.news import services
from crm.news.models import Article, CrawlRun, FailedPage, RunState, SourceKind
from crm.scoring.models import EnterpriseScore
from crm.signals.models import Signal
from tests.support import builders, feeds
from workers import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    import config
    from crm.core.db import Database

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # tasks are due whatever the clock of the machine says
NAME = "云岭电子股份有限公司"


class Site(BaseHTTPRequestHandler):
    """A list of three articles, one of them gone, and a page where a feed should be."""

    def do_GET(self) -> None:
        """Answer one address."""
        links = "".join(f'<li><a href="/{name}.html">{name}</a></li>' for name in ("story", "reprint", "gone"))
        pages = {
            "/list": f"<ul class='news'>{links}</ul>",
            "/story.html": feeds.page(),
            "/reprint.html": feeds.page("云岭电子12亿元新工厂落户", [*feeds.STORY, "（转载自云岭日报）"]),
            "/rss.xml": feeds.page(),
        }
        body = pages.get(self.path, "gone").encode()
        self.send_response(200 if self.path in pages else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(database: Database, site: str, kind: SourceKind, path: str) -> int:
    options = {"allow": [site], "delay": 0, "link_css": "ul.news a"}
    with database.transaction() as session:
        place = feeds.source(session, kind=kind, url=f"http://{site}{path}", options=options)
        run = services.request_crawl(session, None, place.id, now=LONG_AGO)
        assert run is not None
        return run.id


def test_a_crawl_becomes_articles_a_signal_and_a_score(
    database: Database, settings: config.Settings, site: str
) -> None:
    with database.transaction() as session:
        firm = builders.enterprise(session, NAME)
    run_id = ask(database, site, SourceKind.LIST, "/list")

    assert inline.drain(database, settings) == 4

    with database.reading() as session:
        run = session.get_one(CrawlRun, run_id)
        assert (run.state, run.stored, run.failed, run.signals) == (RunState.DONE, 2, 1, 1)
        assert session.scalars(select(FailedPage.reason)).all() == ["http_status"]
        assert len(set(session.scalars(select(Article.cluster_id)))) == 1
        signal = session.scalars(select(Signal)).one()
        assert (signal.kind, signal.enterprise_id) == ("CAPX", firm.id)
        score = session.get_one(EnterpriseScore, firm.id)
        assert score.points > 50
        assert set(session.scalars(select(Task.state))) == {TaskState.DONE}
    left = sorted(path.name for path in settings.feeds_dir.rglob("*") if path.is_file())
    assert [name.rsplit("-", 1)[1] for name in left] == [f"{run_id}.jsonl.gz"]


def test_a_feed_that_is_html_fails_with_its_reason_and_is_tried_again_later(
    database: Database, settings: config.Settings, site: str
) -> None:
    run_id = ask(database, site, SourceKind.RSS, "/rss.xml")
    inline.drain(database, settings)
    with database.reading() as session:
        run = session.get_one(CrawlRun, run_id)
        assert (run.state, run.error) == (RunState.FAILED, "not_a_feed")
        assert session.scalars(select(FailedPage.reason)).all() == ["not_a_feed"]
        assert run.source.failures_in_row == 1
        assert run.source.next_run_at is not None
        assert set(session.scalars(select(Task.state))) == {TaskState.DONE}


def test_an_address_the_guard_refuses_is_a_failed_run_not_a_crash(
    database: Database, settings: config.Settings
) -> None:
    with database.transaction() as session:
        place = feeds.source(session, url="http://10.0.0.1/rss.xml")
        run = services.request_crawl(session, None, place.id, now=LONG_AGO)
        assert run is not None
    inline.drain(database, settings)
    with database.reading() as session:
        found = session.get_one(CrawlRun, run.id)
        assert (found.state, found.error) == (RunState.FAILED, "bad_spec")
        assert "10.0.0.1" in found.stats["detail"]
