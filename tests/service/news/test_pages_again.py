"""A page that comes again: from another address it is known, with another text it is revised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core import jobs
from crm.core.tasks import Task
from crm.news import services
from crm.news.models import Article, ArticleBand, RunState, Source
from crm.news.story_models import Revision
from tests.support import feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

URL = "https://www.paper.example/a/1.html"
LATER = "2026-11-19T05:00:00+00:00"
CORRECTED = feeds.page(paragraphs=[feeds.STORY[0].replace("12亿元", "15亿元"), *feeds.STORY[1:]])


def take(session: Session, folder: Path, *rows: dict[str, Any]) -> dict[str, int]:
    run = feeds.run(session, session.scalars(select(Source)).first())
    counts = services.ingest_feed(session, run, feeds.write(folder / f"{run.id}.gz", rows), now=NOW)
    assert run.state is RunState.DONE
    return counts


def test_other_addresses_of_a_page_are_known(session: Session, tmp_path: Path) -> None:
    first = feeds.article(URL)
    phone = feeds.article("http://m.paper.example/a/1.html", feeds.page(paragraphs=[*feeds.STORY, "手机版阅读"]))
    assert take(session, tmp_path, first, phone) == {"stored": 1, "known": 1, "failed": 0}
    assert take(session, tmp_path, phone, feeds.article(f"{URL}?utm_source=app")) == {
        "stored": 0, "known": 2, "failed": 0,
    }  # fmt: skip


def test_another_text_at_the_address_of_the_other_edition_is_another_article(session: Session, tmp_path: Path) -> None:
    other = feeds.page(
        "云溪县举办茶叶节", ["云溪县第九届茶叶节昨日开幕，二十余家茶企带来三百多种新茶，签约四千万元。" * 2]
    )
    take(session, tmp_path, feeds.article(URL))
    assert take(session, tmp_path, feeds.article("https://m.paper.example/a/1.html", other))["stored"] == 1


def test_a_corrected_page_takes_the_new_text_and_keeps_the_old_one(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, feeds.article(URL))
    counts = take(session, tmp_path, feeds.article(URL, CORRECTED, fetched_at=LATER))

    assert counts == {"stored": 0, "known": 1, "failed": 0}
    article = session.scalars(select(Article)).one()
    kept = session.scalars(select(Revision)).one()
    assert "15亿元" in article.body
    assert "12亿元" in kept.body
    assert (kept.article_id, kept.replaced_at) == (article.id, NOW)
    assert len(session.scalars(select(ArticleBand)).all()) == 32
    tasks = session.scalars(select(Task).where(Task.kind == jobs.ANALYSE)).all()
    assert [task.payload["article_ids"] for task in tasks] == [[article.id], [article.id]]

    take(session, tmp_path, feeds.article(URL))
    session.refresh(article)
    assert "15亿元" in article.body


def test_a_page_whose_layout_broke_takes_nothing_away(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, feeds.article(URL))
    broken = feeds.page(paragraphs=["请开启浏览器的脚本功能后再访问本页面，谢谢您的理解与支持。"])
    take(session, tmp_path, feeds.article(URL, broken, fetched_at=LATER))
    assert session.scalars(select(Revision)).all() == []
    assert "12亿元" in session.scalars(select(Article.body)).one()
