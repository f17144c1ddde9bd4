"""The repeated block of headlines on a list page is found and can be selected."""

from parsel import Selector

from scrapers.suggest import suggest

ROWS = "".join(
    f"<li class='r{n} odd'><i>·</i><a href='/2026/0308/{1000 + n}.html'>海棠新材第{n}期储能基地项目开工建设</a>"
    f"<span>2026-03-{n:02}</span></li>"
    for n in range(1, 13)
)
MENU = "".join(f"<li><a href='/c{n}/'>栏目名称之第{n}</a></li>" for n in range(20))
PAGE = f"<div class='nav'><ul>{MENU}</ul></div><div class='main w1200'><ul class='list_01 news'>{ROWS}</ul></div>"
URL = "http://news.example/list/"


def test_the_block_of_headlines_with_times_comes_first() -> None:
    best = suggest(Selector(text=PAGE), URL)[0]
    assert (best.count, best.timed) == (12, 12)
    assert best.examples[0] == "海棠新材第1期储能基地项目开工建设"
    taken = Selector(text=PAGE).css(best.selector)
    assert len(taken) == 12
    assert all("2026" in node.attrib["href"] for node in taken)


def test_a_page_without_a_block_gets_no_suggestion() -> None:
    assert suggest(Selector(text="<a href='/1'>只有一条新闻的页面而已</a><div id='app'></div>"), URL) == []


def test_links_to_nowhere_are_no_block() -> None:
    page = "".join(f"<p><a href='javascript:go({n})'>点击打开第{n}条新闻的全文</a></p>" for n in range(9))
    assert suggest(Selector(text=page), URL) == []
