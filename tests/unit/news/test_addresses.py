"""One page has many addresses."""

import hashlib

import pytest

from crm.news.addresses import page_hash, spellings


@pytest.mark.parametrize(
    "other",
    [
        "http://www.paper.example/a/1.html",
        "https://m.paper.example/a/1.html",
        "https://paper.example/a/1.html",
        "http://wap.paper.example/a/1.html/",
    ],
)
def test_editions_schemes_and_slashes_are_one_page(other: str) -> None:
    assert other in spellings("https://www.paper.example/a/1.html")
    assert "https://www.paper.example/a/1.html" in spellings(other)


def test_tracking_marks_go_and_the_rest_of_a_query_stays() -> None:
    marked = "https://paper.example/a?id=5&utm_source=x&spm=1.2&from=timeline"
    assert "https://paper.example/a?id=5" in spellings(marked)
    assert all("id=5" in other for other in spellings(marked))
    assert "https://paper.example/a?from=%E5%85%AC%E5%8F%B8" not in spellings("https://paper.example/a")


def test_another_page_is_another_page() -> None:
    found = spellings("https://news.paper.example/a/1.html?id=2")
    assert not [other for other in found if "news.paper.example" not in other or "id=2" not in other]


@pytest.mark.parametrize("url", ["", "mailto:a@b", "file:///etc/passwd", "http://[", "http://", "临江日报"])
def test_what_is_no_web_address_has_no_other_ones(url: str) -> None:
    assert spellings(url) == []


def test_the_hash_is_the_one_the_spiders_write() -> None:
    assert page_hash("https://a.example/1") == hashlib.sha256(b"https://a.example/1").hexdigest()
