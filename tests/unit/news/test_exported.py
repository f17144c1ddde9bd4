"""Files of exported 公众号 articles: told by content, bounded, and read into feed lines."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from crm.core.errors import DomainError
from crm.news.exported import archive, feed
from crm.news.exported.records import Record, from_csv, from_json, moment
from crm.news.pages import ReadPage, read_row
from tests.support import feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "\n".join(feeds.STORY)
ROW = {
    "标题": "云岭电子拟投资12亿元建新工厂",
    "链接": "https://mp.weixin.qq.com/s/abc",
    "发布时间": "1795051800",
    "公众号": "云岭发布",
    "正文": TEXT,
}


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/").replace("_", "."), data)
    return out.getvalue()


def article(record: Record) -> ReadPage:
    read = read_row(feed.line(record, NOW))
    assert isinstance(read, ReadPage)
    return read


def test_a_row_of_chinese_columns_becomes_an_article() -> None:
    read = article(next(iter(from_json(json.dumps([ROW]).encode(), "a.json"))))
    assert read.title == "云岭电子拟投资12亿元建新工厂"
    assert read.url == "https://mp.weixin.qq.com/s/abc"
    assert read.publisher == "云岭发布"
    assert read.published_at
    assert read.published_at.isoformat() == "2026-11-19T09:30:00+08:00"
    assert feeds.STORY[0] in read.body


@pytest.mark.parametrize("nested", [{"data": {"articles": [ROW]}}, [ROW], ROW, {"app_msg_list": [ROW]}])
def test_rows_are_found_wherever_they_stand(nested: object) -> None:
    assert [record.title for record in from_json(json.dumps(nested).encode(), "")] == [ROW["标题"]]


def test_one_article_a_line_is_read_too() -> None:
    lines = "\n".join(json.dumps({**ROW, "标题": f"标题{n}"}, ensure_ascii=False) for n in range(3))
    assert [record.title for record in from_json(lines.encode("gb18030"), "")] == ["标题0", "标题1", "标题2"]


def test_a_table_from_a_chinese_office_program_is_read() -> None:
    raw = '标题,链接,正文\n甲项目,https://mp.weixin.qq.com/s/1,"一行\n二行"\n乙项目,,\n'.encode("gb18030")
    found = list(from_csv(raw, "a.csv"))
    assert [(record.title, record.problem) for record in found] == [("甲项目", ""), ("乙项目", "no_content")]


@pytest.mark.parametrize("raw", [b"[]", b"{", b'{"a": 1}', b"[" * 100_000, b"null"])
def test_json_without_articles_says_so(raw: bytes) -> None:
    assert [record.problem for record in from_json(raw, "a.json")] == ["bad_export"]


def test_a_table_without_known_columns_says_so() -> None:
    assert [record.problem for record in from_csv(b"a,b\n1,2\n", "a.csv")] == ["bad_export"]


def test_a_saved_page_tells_its_address() -> None:
    page = feeds.page().replace(
        "</head>",
        '<script>var msg_link = "http://mp.weixin.qq.com/s?__biz=x&amp;mid=1&amp;idx=1&amp;sn=2&amp;chksm=3#rd";</script></head>',
    )
    found = list(archive._plain(page.encode(), "html", "a.html"))  # noqa: SLF001 - one file of an archive
    assert article(found[0]).url == "https://mp.weixin.qq.com/s?__biz=x&idx=1&mid=1&sn=2"


def test_an_article_without_an_address_is_named_by_its_content() -> None:
    read = article(Record(page=feeds.page().encode(), name="云岭/1.html"))
    assert read.url.startswith("export:")
    assert read.url.endswith("/云岭/1.html")


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("a.zip", b"", "export.empty"),
        ("a.exe", b"MZ", "export.kind"),
        ("a.json", b"<html>", "export.kind"),
        ("a.html", b"PK\x03\x04", "export.kind"),
        ("a.csv", b"PK\x03\x04", "export.kind"),
        ("a.zip", b"<html>", "export.kind"),
        ("a.zip", b"PK\x03\x04broken", "export.broken"),
        ("a.zip", zipped(photo_png=b"x"), "export.nothing"),
        ("a.zip", zipped(a_html=b"<" + b"\0" * 5_000_000), "export.bomb"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_one_sentence(name: str, data: bytes, key: str) -> None:
    with pytest.raises(DomainError) as caught:
        archive.check(name, data)
    assert [problem.key for problem in caught.value.problems] == [key]


def test_a_zip_with_a_lying_size_is_counted_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_ENTRY", 1000)
    path = tmp_path / "a.zip"
    path.write_bytes(
        zipped(a_html=feeds.page().encode() * 10, b_json=json.dumps([{"title": "短", "content": "字"}]).encode())
    )
    assert [(record.problem, record.title) for record in archive.records(path, "zip", "a.zip")] == [
        ("too_large", ""),
        ("", "短"),
    ]


def test_a_zip_is_read_entry_by_entry_without_hidden_files(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(
        zipped(云岭__index_html=feeds.page().encode(), MACOSX__a_html=b"", a_csv="标题,正文\n甲,乙\n".encode())
    )
    names = [record.name for record in archive.records(path, "zip", "a.zip")]
    assert names == ["云岭/index.html", "MACOSX/a.html", "a.csv"]


def test_the_most_articles_are_kept_and_the_rest_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_ARTICLES", 2)
    path = tmp_path / "a.json"
    path.write_text(json.dumps([ROW] * 5), encoding="utf-8")
    assert [record.problem for record in archive.records(path, "json", "a.json")] == ["", "", "too_large"]


def test_a_feed_is_written_whole_with_its_counts(tmp_path: Path) -> None:
    records = [Record(title=str(n), page=feeds.page().encode(), name=f"{n}.html") for n in range(50)]
    records.append(Record(problem="no_content", name="x"))
    seen: list[int] = []
    summary = feed.write(records, tmp_path / "f.gz", upload="a.zip", now=NOW, progress=seen.append)
    with gzip.open(tmp_path / "f.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert (summary["items"], summary["failed"], summary["failures"]) == (50, 1, {"no_content": 1})
    assert rows[-1] == summary
    assert len(rows) == 52
    assert seen == [40]


@pytest.mark.parametrize(
    ("raw", "read_as"), [("1795051800000", "2026-11-19T01:30:00+00:00"), ("2026-11-18", "2026-11-18"), ("12", "12")]
)
def test_counted_moments_become_written_ones(raw: str, read_as: str) -> None:
    assert moment(raw) == read_as


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "http://[", "ftp://a.example/x"])
def test_what_is_no_address_is_none(url: str) -> None:
    assert feed.address(url) == ""


@pytest.mark.parametrize("spoiled", ["https://mp.weixin.qq.com/s/\x00a", "https://mp.weixin.qq.com/s/\ud800"])
def test_an_address_no_database_holds_is_none_and_the_article_stays(spoiled: str) -> None:
    found = article(next(iter(from_json(json.dumps([{**ROW, "链接": spoiled}]).encode(), "a.json"))))
    assert (found.url.startswith("export:"), found.title) == (True, ROW["标题"])


def test_a_head_of_columns_beyond_any_size_is_a_file_without_articles() -> None:
    head = "标题," + "x" * (2 * 1024 * 1024 + 1)
    assert [record.problem for record in from_csv(head.encode(), "a.csv")] == ["bad_export"]


def test_a_zip_in_a_packing_that_may_ask_for_any_memory_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a.html", b"<html>")
    with pytest.raises(DomainError) as refused:
        archive.check("a.zip", out.getvalue())
    assert refused.value.problems == (archive.BROKEN,)
