from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select

from crm.core import jobs
from crm.core.tasks import Task
from crm.news import feedfile, ingest, services
from crm.news.models import Article, ArticleBand, ArticleCluster, FailedPage, RunState
from tests.support import feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

SITE = "https://news.example"


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_feed_becomes_articles_and_one_task_to_analyse_them(session: Session, tmp_path: Path) -> None:
    run = feeds.run(session)
    other = feeds.page("禾砺机器人发布三季报", ["禾砺机器人今日发布三季报，前三季度出货量同比增长两成。" * 3])
    path = feeds.write(tmp_path / "f.gz", [feeds.article(f"{SITE}/1"), feeds.article(f"{SITE}/2", other)])

    assert services.ingest_feed(session, run, path, now=NOW) == {"stored": 2, "known": 0, "failed": 0}

    first = session.scalars(select(Article).order_by(Article.id)).first()
    assert first is not None
    assert first.title == "云岭电子拟投资12亿元建新工厂"
    assert first.body == "\n".join(feeds.STORY)
    assert first.publisher == "云岭日报"
    assert first.published_at is not None
    assert first.published_at.isoformat() == "2026-11-18T01:30:00+00:00"
    assert (run.state, run.stored, run.finished_at) == (RunState.DONE, 2, NOW)
    tasks = session.scalars(select(Task).where(Task.kind == jobs.ANALYSE)).all()
    assert [task.payload["article_ids"] for task in tasks] == [list(session.scalars(select(Article.id)))]


def test_the_same_feed_again_stores_nothing_and_queues_nothing(session: Session, tmp_path: Path) -> None:
    run = feeds.run(session)
    path = feeds.write(tmp_path / "f.gz", [feeds.article(f"{SITE}/1"), feeds.failed(f"{SITE}/gone")])
    services.ingest_feed(session, run, path, now=NOW)

    assert services.ingest_feed(session, run, path, now=NOW) == {"stored": 0, "known": 1, "failed": 1}

    assert (count(session, Article), count(session, FailedPage), count(session, Task)) == (1, 1, 1)
    assert count(session, ArticleBand) == 32
    assert (run.stored, run.known, run.failed) == (1, 0, 1)


def test_a_repost_joins_the_story_and_another_text_does_not(session: Session, tmp_path: Path) -> None:
    reprint = feeds.page("云岭电子12亿元新工厂落户", [*feeds.STORY, "（转载自云岭日报，文章不代表本网观点）"])
    other = feeds.page(
        "云溪县举办茶叶节", ["云溪县第九届茶叶节昨日开幕，二十余家茶企带来三百多种新茶，现场签约四千万元。" * 2]
    )
    rows = [feeds.article(f"{SITE}/1"), feeds.article(f"{SITE}/2", reprint), feeds.article(f"{SITE}/3", other)]
    services.ingest_feed(session, feeds.run(session), feeds.write(tmp_path / "f.gz", rows), now=NOW)

    stories = dict(session.execute(select(Article.url, Article.cluster_id)).all())
    assert stories[f"{SITE}/1"] == stories[f"{SITE}/2"] != stories[f"{SITE}/3"]
    sizes = session.scalars(select(ArticleCluster.size).order_by(ArticleCluster.id)).all()
    assert sizes == [2, 1]


def test_pages_of_one_piece_are_placed_in_one_statement_each_and_a_few_for_all(
    session: Session, tmp_path: Path
) -> None:
    run = feeds.run(session)
    reprints = [feeds.page("云岭电子新工厂", [*feeds.STORY, f"（第{number}次转载）"]) for number in range(30)]
    rows = [feeds.article(f"{SITE}/{number}", page) for number, page in enumerate(reprints)]
    pages = list(feedfile.pages(feeds.write(tmp_path / "f.gz", rows)))
    asked: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))

    ingest.take(session, run, pages, now=NOW)

    assert len(asked) < len(rows) + 15
    assert session.scalars(select(ArticleCluster.size)).all() == [30]


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe" * 500, b"<html><body></body></html>", b"%PDF-1.7 \x93\x8c"])
def test_a_garbage_page_is_kept_as_failed_and_the_others_come_in(session: Session, tmp_path: Path, raw: bytes) -> None:
    run = feeds.run(session)
    rows = [feeds.article(f"{SITE}/bad", raw), feeds.article(f"{SITE}/good")]
    counts = services.ingest_feed(session, run, feeds.write(tmp_path / "f.gz", rows), now=NOW)

    assert counts == {"stored": 1, "known": 0, "failed": 1}
    page = session.scalars(select(FailedPage)).one()
    assert (page.url, page.reason) == (f"{SITE}/bad", "empty_body")
    assert run.state is RunState.DONE


def test_broken_lines_are_counted_and_do_not_stop_the_feed(session: Session, tmp_path: Path) -> None:
    rows: list[dict[str, Any] | str] = [
        "this is no JSON",
        feeds.article(f"{SITE}/1", fetched_at="yesterday"),
        feeds.article(f"{SITE}/2", body="not base64!"),
        feeds.article(f"{SITE}/3", url_hash=""),
        feeds.article(f"{SITE}/{'x' * 3000}"),
        feeds.article(f"{SITE}/4"),
    ]
    counts = services.ingest_feed(session, feeds.run(session), feeds.write(tmp_path / "f.gz", rows), now=NOW)
    assert counts == {"stored": 1, "known": 0, "failed": 5}
    reasons = session.scalars(select(FailedPage.reason).order_by(FailedPage.id)).all()
    assert reasons == ["bad_row", "bad_row", "bad_row", "bad_row", "bad_url"]


def test_a_file_that_is_no_feed_says_so(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(feeds.page(), encoding="utf-8")
    with pytest.raises(feedfile.FeedError, match="feed_broken"):
        list(feedfile.pages(path))
    with pytest.raises(feedfile.FeedError, match="feed_missing"):
        list(feedfile.pages(tmp_path / "nothing.gz"))
    assert feedfile.summary(path) is None


def test_a_feed_that_breaks_off_gives_what_was_readable(session: Session, tmp_path: Path) -> None:
    whole = feeds.write(
        tmp_path / "f.gz", [feeds.article(f"{SITE}/1"), feeds.article(f"{SITE}/2", feeds.page("另一篇"))]
    )
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole.read_bytes()[:-40])
    counts = services.ingest_feed(session, feeds.run(session), cut, now=NOW)
    assert counts["failed"] == 1
    assert counts["stored"] >= 1


def test_long_titles_and_forbidden_characters_are_stored_cut_and_clean(session: Session, tmp_path: Path) -> None:
    rows = [feeds.article(f"{SITE}/1", fields={"title_css": "云\x00岭" * 200, "body_css": "正文\x00内容\ud800" * 10})]
    services.ingest_feed(session, feeds.run(session), feeds.write(tmp_path / "f.gz", rows), now=NOW)
    article = session.scalars(select(Article)).one()
    assert len(article.title) == 200
    assert article.title.endswith("…")
    assert article.body == "正文内容" * 10


def test_the_listing_fills_in_a_missing_moment(session: Session, tmp_path: Path) -> None:
    bare = (
        "<html><body><h1>云岭电子新工厂</h1><div>"
        + "".join(f"<p>{text}</p>" for text in feeds.STORY)
        + "</div></body></html>"
    )
    rows = [feeds.article(f"{SITE}/1", bare, listed_time="2026年11月17日 08:05")]
    services.ingest_feed(session, feeds.run(session), feeds.write(tmp_path / "f.gz", rows), now=NOW)
    published = session.scalars(select(Article.published_at)).one()
    assert published is not None
    assert published.isoformat() == "2026-11-17T00:05:00+00:00"
