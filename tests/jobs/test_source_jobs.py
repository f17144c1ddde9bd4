"""A test run crawls a real site on loopback in a child process; an upload goes the road of crawled pages."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.news import trying, uploading
from crm.news.models import Article, CrawlRun, FailedPage, RunState, SourceTrial, TrialState
from crm.news.sources import SourceDraft
from tests.support import feeds
from workers import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    import config
    from crm.core.db import Database
    from tests.support.builders import Office

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # tasks are due whatever the clock of the machine says
ROW = "<li><a href='/{n}.html'>云岭电子第{n}期项目拟投资建设新工厂</a><i>2026-11-1{n}</i></li>"
ROWS = "".join(ROW.format(n=n) for n in range(1, 6))
SECOND = "第二页说明项目的配套情况，标准厂房已经建成十万平方米，道路和管网同步投入使用。"
EXPORT = "标题,链接,发布时间,正文\n{title},https://mp.weixin.qq.com/s/1,2026-11-18 09:30,{text}\n没有正文的,,,\n"


class Site(BaseHTTPRequestHandler):
    """A list of articles in two parts each."""

    def do_GET(self) -> None:
        """Answer one address."""
        if self.path == "/list":
            body = f"<div class='main'><ul class='news'>{ROWS}</ul></div>"
        elif self.path.endswith("_2.html"):
            body = feeds.page(paragraphs=[SECOND])
        elif self.path.endswith(".html"):
            further = self.path.replace(".html", "_2.html")
            body = feeds.page().replace("</body>", f"<a href='{further}'>下一页</a></body>")
        else:
            body = ""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_trial_shows_the_list_a_joined_article_and_a_selector(
    database: Database, settings: config.Settings, office: Office, site: str
) -> None:
    with database.transaction() as session:
        place = feeds.source(session, options={"allow": [site], "delay": 0})
        draft = SourceDraft("", "list", f"http://{site}/list", 60, {"delay": 0})
        actor = office.actor(session, office.registrar)
        trial_id = trying.start(session, actor, draft, source_id=place.id, now=LONG_AGO).id
    inline.drain(database, settings)
    with database.reading() as session:
        trial = session.get_one(SourceTrial, trial_id)
        assert (trial.state, session.scalars(select(Article)).all()) == (TrialState.DONE, [])
        result = trial.result or {}
    listing, article = result["lists"][0], result["articles"][0]
    assert (listing["found"], listing["links"][0]["at"][:10]) == (5, "2026-11-11")
    assert listing["suggestions"][0]["selector"] == "ul.news li a"
    assert (article["parts"], article["title"], article["publisher"]) == (2, "云岭电子拟投资12亿元建新工厂", "云岭日报")
    assert len(result["articles"]) == 2
    assert not (settings.feeds_dir / "trials" / f"{trial_id}.jsonl.gz").exists()


def test_an_upload_becomes_articles_and_readable_failures(
    database: Database, settings: config.Settings, office: Office
) -> None:
    data = EXPORT.format(title="云岭电子拟投资12亿元建新工厂", text="。".join(feeds.STORY)).encode("gb18030")
    with database.transaction() as session:
        actor = office.actor(session, office.registrar)
        run = uploading.take(session, actor, "公众号·云岭", ("a.csv", data), settings.files_dir, now=LONG_AGO)
        run_id = run.id
    assert list((settings.files_dir / "exports").iterdir())
    inline.drain(database, settings)
    with database.reading() as session:
        run = session.get_one(CrawlRun, run_id)
        assert (run.state, run.stored, run.failed, run.error) == (RunState.DONE, 1, 1, None)
        article = session.scalars(select(Article)).one()
        assert (article.url, article.title) == ("https://mp.weixin.qq.com/s/1", "云岭电子拟投资12亿元建新工厂")
        assert session.scalars(select(FailedPage.reason)).all() == ["no_content"]
    assert list((settings.files_dir / "exports").iterdir()) == []
