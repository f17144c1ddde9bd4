"""A feed is a row of gzip members: a killed crawl goes on behind the last whole one, a reader takes pieces."""

import gzip
import json
from pathlib import Path

from crm.news import feedfile
from scrapers import feed
from scrapers.feed import FeedFile
from scrapers.items import ArticlePage, FailedPage, Reason, pack, url_hash


def page(number: int) -> ArticlePage:
    url = f"http://news.example/{number}.html"
    return ArticlePage(
        url=url, canonical_url=url, url_hash=url_hash(url), request_hash=url_hash(url), listed_title="", listed_time="",
        status=200, headers={}, http_charset=None, fetched_at="2026-11-20T01:00:00+00:00",
        body=pack(f"第{number}页".encode()), sha256="", size=9, via="",
    )  # fmt: skip


def lines(path: Path) -> list[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        return [json.loads(row) for row in rows]


def test_a_killed_crawl_goes_on_behind_the_last_whole_member(tmp_path: Path) -> None:
    out = tmp_path / "feed.jsonl.gz"
    killed = FeedFile(out)
    for number in range(feed._LINES):  # noqa: SLF001 - the size of a member
        killed.write(page(number))
    killed.write(FailedPage("http://news.example/gone.html", Reason.HTTP_STATUS, "HTTP 404"))
    killed._out.close()  # noqa: SLF001 - what the end of a process does
    part = tmp_path / "feed.jsonl.gz.part"
    part.write_bytes(part.read_bytes() + b"\x1f\x8b\x08half a member")

    resumed = FeedFile(out)
    assert resumed.items == feed._LINES  # noqa: SLF001 - the size of a member
    assert resumed.left.hashes == {page(number).request_hash for number in range(resumed.items)}
    resumed.write(page(99))
    resumed.close({"finish": "finished"})

    *articles, summary = lines(out)
    assert [row["url"] for row in articles] == [page(n).url for n in (*range(resumed.items - 1), 99)]
    assert summary["items"] == len(articles)
    assert not part.exists()


def test_a_feed_that_was_ended_too_early_goes_on_without_its_summary(tmp_path: Path) -> None:
    out = tmp_path / "feed.jsonl.gz"
    first = FeedFile(out)
    first.write(page(1))
    first.close({"finish": "terminated"})
    out.replace(tmp_path / "feed.jsonl.gz.part")
    second = FeedFile(out)
    second.write(page(2))
    second.close({"finish": "finished"})
    assert [row["type"] for row in lines(out)] == ["article", "article", "summary"]
    assert lines(out)[-1]["items"] == 2


def test_a_feed_is_read_in_pieces_and_its_end_without_its_middle(tmp_path: Path) -> None:
    out = tmp_path / "feed.jsonl.gz"
    written = FeedFile(out)
    for number in range(120):
        written.write(page(number))
    written.close({"finish": "finished"})
    sizes = []
    offset: int | None = 0
    while offset is not None:
        piece = feedfile.piece(out, offset, lines=100)
        sizes.append(len(piece.rows))
        offset = piece.after
    assert sizes == [100, 21]
    summary = feedfile.summary(out)
    assert summary is not None
    assert summary["items"] == 120


def test_a_feed_broken_in_a_later_member_gives_the_earlier_ones(tmp_path: Path) -> None:
    out = tmp_path / "feed.jsonl.gz"
    written = FeedFile(out)
    for number in range(60):
        written.write(page(number))
    written.close({"finish": "finished"})
    out.write_bytes(out.read_bytes()[:-200])
    rows = list(feedfile.rows(out))
    assert rows[-1] is None
    assert len(rows) > 50
    assert feedfile.summary(out) is None
