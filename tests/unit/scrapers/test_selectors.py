"""A selector reads the page it is given, at a bounded cost."""

import threading

import pytest
from parsel import Selector

from scrapers import selectors

PAGE = Selector(text="<div id='a'><h1>题目</h1><p>一<b>二</b></p><p>三</p><script>x</script></div><a href='/1'>甲</a>")


@pytest.mark.parametrize(
    "selector",
    [
        "ul.news li a", "a::attr(href)", "//ul[@class='news']/li/a", "(//a)[1]", "//*[local-name()='a']",
        "//a[contains(@href, 'art') and not(@rel)]", "//div[@id='x']//a[position()<5]",
        ".//li[normalize-space(text())!='']",
    ],
)  # fmt: skip
def test_selectors_people_write_are_used(selector: str) -> None:
    assert selectors.problem(selector) == ""


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("div[", "Expected"),
        ("//a[", "Invalid"),
        ("//a[document('http://127.0.0.1/')]", "document is not allowed"),
        ("//a[re:test(@href, '(a+)+$')]", "re:test is not allowed"),
        ("//a[unparsed-entity-uri('x')]", "unparsed-entity-uri is not allowed"),
        ("//a[@href=$x]", "$ is not allowed"),
        ("//a[count(//a) > 1]", "no step over the whole page inside a predicate"),
        ("//a[following::a]", "no step over the whole page inside a predicate"),
        ("//a" * 9, "too many steps"),
        ("//a[b[c[d[e[f]]]]]", "nested too deep"),
        ("a " * 150, "longer than"),
        ("//a[id('x')]", "id is not allowed"),
    ],
)
def test_selectors_that_leave_the_page_or_cost_too_much_are_refused(selector: str, words: str) -> None:
    assert words in selectors.problem(selector)


def test_words_in_quotes_are_no_functions() -> None:
    assert selectors.problem("//a[contains(., 'document(//x)')]") == ""


def test_what_is_picked_is_read_by_blocks_without_scripts() -> None:
    assert selectors.text_of(selectors.pick(PAGE, "div#a")) == "题目\n一二\n三"
    assert selectors.text_of(selectors.pick(PAGE, "//a/@href")) == "/1"


def test_an_evaluation_that_takes_too_long_is_given_up() -> None:
    gone = threading.Event()
    with selectors.within(0.001, gone.set):
        assert gone.wait(5)


def test_an_evaluation_in_time_is_not_given_up() -> None:
    gone = threading.Event()
    with selectors.within(5, gone.set):
        pass
    assert not gone.is_set()
