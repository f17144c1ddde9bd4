"""Further parts of an article are found; the next article is none."""

import pytest
from parsel import Selector

from scrapers.parts import may_go_on, next_part

FIRST = "http://news.example/2026/1001.html"


def link(href: str, words: str = "下一页", url: str = FIRST, count: int = 1) -> str:
    return next_part(Selector(text=f"<a href='{href}'>{words}</a>"), url, FIRST, count)


@pytest.mark.parametrize(
    "href", ["1001_2.html", "1001-2.html", "1001_1.html", "/2026/1001/2", "?page=2", "1001.html?p=2"]
)
def test_the_next_page_of_the_same_article_is_a_part(href: str) -> None:
    assert link(href).startswith("http://news.example/2026/1001")


@pytest.mark.parametrize(
    "href",
    ["1002.html", "http://other.example/2026/1001_2.html", "1001.html", "1001_2.shtml", "?id=2", "javascript:go(2)",
     "http://[", "10011.html", "/2026/1001_2.html?from=feed"],
)  # fmt: skip
def test_another_article_or_place_is_no_part(href: str) -> None:
    assert link(href) == ""


def test_the_words_or_the_number_must_say_so() -> None:
    assert link("1001_2.html", "下一篇") == ""
    assert link("1001_2.html", "2").endswith("1001_2.html")
    assert link("1001_3.html", "3") == ""
    assert link("1001_3.html", "[3]", "http://news.example/2026/1001_2.html", 2).endswith("1001_3.html")


def test_an_earlier_part_is_never_next() -> None:
    assert link("1001_2.html", "下一页", "http://news.example/2026/1001_2.html", 2) == ""


def test_a_relation_in_the_head_counts() -> None:
    page = Selector(text="<link rel='next' href='1001_2.html'>")
    assert next_part(page, FIRST, FIRST, 1) == "http://news.example/2026/1001_2.html"


@pytest.mark.parametrize(
    "href", ["/a/1001_2.html", "1001-2.html", "/a/1001/2", "?page=2", "?id=7&amp;p=2", "/a/1001.html?from=x&page=2"]
)
def test_a_page_that_names_a_later_number_of_its_address_may_go_on(href: str) -> None:
    assert may_go_on(f'<a href="{href}">下一页</a>'.encode(), "http://x/a/1001.html")


@pytest.mark.parametrize("href", ["/a/1002.html", "/a/1001.html", "/a/10012.html", "/list?page=2"])
def test_a_page_that_names_none_is_not_even_parsed(href: str) -> None:
    assert not may_go_on(f'<a href="{href}">下一篇</a>'.encode(), "http://x/a/1001.html")


def test_a_page_with_a_bare_number_for_a_name_is_always_looked_at() -> None:
    assert may_go_on(b"", "http://x/a/1")
