"""Packs of sources: our own are good, and a file from elsewhere can do no harm."""

from __future__ import annotations

import pytest

from crm.core.errors import DomainError
from crm.news import packs
from crm.news.models import Source, SourceKind
from tests.support.builders import NOW

ONE = "pack: 本市\nsources:\n  - {name: 云岭日报, kind: rss, url: 'https://news.example/rss'}\n"


@pytest.mark.parametrize("key", packs.SHIPPED)
def test_our_own_packs_are_without_fault(key: str) -> None:
    pack = packs.shipped(key)
    assert pack is not None
    assert pack.name == packs.SHIPPED[key][0]
    assert pack.note
    assert [(entry.draft.name, entry.problems) for entry in pack.entries if entry.problems] == []
    names = [entry.draft.name for entry in pack.entries]
    assert len(set(names)) == len(names) > 0


def test_an_unknown_pack_is_none() -> None:
    assert packs.shipped("../../../etc/passwd") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a: [", "pack.not_yaml"),
        ("\tx", "pack.not_yaml"),
        ("a: \x07", "pack.not_yaml"),
        ("just words", "pack.empty"),
        ("sources: []", "pack.empty"),
        ("a: &x 1\nsources: [*x]", "pack.anchors"),
        ("sources: [!!python/object/apply:os.system ['true']]", "pack.anchors"),
        ("[" * 5000, "pack.too_large"),
        ("x" * 300_000, "pack.too_large"),
        ("sources: [" + "a," * 201 + "]", "pack.too_large"),
    ],
)
def test_a_bad_file_is_refused_with_one_reason(text: str, key: str) -> None:
    with pytest.raises(DomainError) as caught:
        packs.read(text)
    assert [problem.key for problem in caught.value.problems] == [key]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("{kind: rss, url: 'https://a.example'}", "name"),
        ("{name: a, kind: pigeon, url: 'https://a.example'}", "kind"),
        ("{name: a, kind: rss, url: 'file:///etc/passwd'}", "url"),
        ("{name: a, kind: rss, url: 'https://a.example', every: 1}", "interval_minutes"),
        ("{name: a, kind: list, url: 'https://a.example', options: {link_css: 'ul[['}}", "link_css"),
        ("{name: a, kind: spider, url: 'https://a.example'}", "spider"),
        ("oops", "name"),
    ],
)
def test_a_wrong_entry_says_what_is_wrong_and_the_rest_stays(row: str, field: str) -> None:
    pack = packs.read(f"{ONE}  - {row}\n")
    assert pack.entries[0].problems == ()
    assert pack.entries[1].problems[0].field in {field, "name", "kind"}


def test_what_only_an_operator_may_set_is_dropped() -> None:
    chosen = "options: {allow: ['127.0.0.1:80'], obey_robots: false, delay: 0}"
    row = "{name: a, kind: rss, url: 'https://a.example', " + chosen + "}"
    assert packs.read(f"{ONE}  - {row}\n").entries[1].draft.options == {}


def test_what_is_written_reads_the_same() -> None:
    source = Source(
        name="临江网: 要闻", kind=SourceKind.LIST, url="https://a.example/list", interval_minutes=45, created_at=NOW,
        options={"link_css": "ul.news > li a", "include": ["*/2026/*"], "times": ["08:30"], "allow": ["127.0.0.1:1"]},
    )  # fmt: skip
    entry = packs.read(packs.write("本办信源", [source])).entries[0]
    assert (entry.draft.name, entry.draft.kind, entry.draft.interval_minutes) == ("临江网: 要闻", "list", 45)
    assert entry.draft.options == {"link_css": "ul.news > li a", "include": ["*/2026/*"], "times": ["08:30"]}
    assert entry.problems == ()


def test_what_no_database_or_page_can_hold_is_taken_out() -> None:
    row = '{name: "云\\0岭\\ud800", kind: rss, url: "https://news.example/\\0", options: {title_css: "h1\\0"}}'
    [entry] = packs.read(f"sources: [{row}]").entries
    assert (entry.draft.name, entry.draft.url, entry.draft.options, entry.problems) == (
        "云岭", "https://news.example/", {"title_css": "h1"}, ()
    )  # fmt: skip


def test_a_number_of_very_many_parts_is_not_worked_out() -> None:
    with pytest.raises(DomainError) as refused:
        packs.read("sources: " + "1:" * 60_000 + "1")
    assert refused.value.problems == (packs.TOO_LARGE,)
