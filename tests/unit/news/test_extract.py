"""Pages of our own writing, and rubbish, go through the one door."""

from datetime import datetime
from pathlib import Path

import pytest

from crm.news.extract import CHINA, Extracted, extract

PAGES = Path(__file__).parents[2] / "fixtures" / "newsroom"
PRESENT = datetime(2026, 3, 10, 9, 30, tzinfo=CHINA)
PARAGRAPH = "禾砺机器人日前宣布在华东地区新建谐波减速器产能，首期投资八亿元，厂址将在三个候选城市中产生，最迟六月确定。"
BODY = f"<div class=content><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p></div>"


def taken(markup: str, url: str = "http://news.example/1.html") -> Extracted:
    return extract(markup, url, base_time=PRESENT)


def test_a_news_page_gives_all_its_parts() -> None:
    found = taken((PAGES / "article.html").read_text(encoding="utf-8"))
    assert found.title == "晟澜半导体临江二期项目开工，总投资三十二亿元"
    assert found.published_at == datetime(2026, 3, 8, 7, 15, tzinfo=CHINA)
    assert (found.publisher, found.author, found.language_hint) == ("临江日报", "陈望舒", "zh")
    assert found.body.startswith("本报讯（记者 陈望舒）3月7日")
    assert found.body.endswith("光伏逆变器行业。")
    assert found.body.count("\n") == 3
    assert found.problems == ()


def test_a_page_without_a_heading_is_titled_by_its_title_element_without_the_site() -> None:
    found = taken(f"<title>禾砺机器人拟在华东新建产能_产业要闻_临江日报</title>{BODY}")
    assert found.title == "禾砺机器人拟在华东新建产能"


def test_the_headline_wins_over_a_heading_with_the_sites_name() -> None:
    headings = "<h1>临江日报</h1><h2>禾砺机器人拟在华东新建产能</h2>"
    found = taken(f"<title>禾砺机器人拟在华东新建产能 - 临江日报</title>{headings}{BODY}")
    assert found.title == "禾砺机器人拟在华东新建产能"


def test_the_visible_minute_is_preferred_to_a_bare_day_in_metadata() -> None:
    head = '<meta property="article:published_time" content="2026-03-08"><title>禾砺机器人拟建新厂</title>'
    found = taken(f"{head}<h1>禾砺机器人拟建新厂</h1><p>2026-03-08 18:20 来源：临江发布</p>{BODY}")
    assert (found.published_at, found.has_time) == (datetime(2026, 3, 8, 18, 20, tzinfo=CHINA), True)
    assert found.publisher == "临江发布"


def test_a_dateline_names_the_agency_when_nothing_else_does() -> None:
    found = taken(f"<title>禾砺机器人拟建新厂</title>{BODY.replace('<p>', '<p>临江社上海3月8日电 ', 1)}")
    assert found.publisher == "临江社"


def test_a_long_recommendation_does_not_displace_the_short_article_under_the_headline() -> None:
    other = (
        "<p>春日里的湖边公园游人如织，市民带着孩子放风筝，摄影爱好者拍下一幅幅画面，主办方介绍花期将持续到月底。</p>"
    )
    notice = "晟澜半导体今日与临江高新区签约，外延片项目落户园区。"
    found = taken(
        "<title>晟澜半导体落户临江高新区</title><div><h1>晟澜半导体落户临江高新区</h1>"
        f"<div>{notice * 2}</div></div><div><div>{other * 12}</div></div>"
    )
    assert found.body == notice * 2


def test_linked_data_in_universal_time_is_local_time_afterwards() -> None:
    data = '{"@graph":[{"@type":"NewsArticle","datePublished":"2026-03-08T20:00:00Z","publisher":{"name":"临江发布"}}]}'
    found = taken(f'<title>禾砺机器人拟建新厂</title><script type="application/ld+json">{data}</script>{BODY}')
    assert found.published_at == datetime(2026, 3, 9, 4, 0, tzinfo=CHINA)
    assert found.publisher == "临江发布"


def test_a_relative_time_is_read_against_the_given_present() -> None:
    found = taken(f"<title>禾砺机器人拟建新厂</title><h1>禾砺机器人拟建新厂</h1><span class=time>2小时前</span>{BODY}")
    assert found.published_at == datetime(2026, 3, 10, 7, 30, tzinfo=CHINA)


def test_the_invisible_article_of_a_public_account_is_read() -> None:
    found = taken(
        '<title>招商快讯</title><div id="js_content" style="visibility: hidden">'
        f"<p>{PARAGRAPH}</p></div><p>{PARAGRAPH * 9}</p>"
    )
    assert found.body == PARAGRAPH


def test_a_short_notice_is_found_by_its_paragraphs() -> None:
    notice = "临江高新区三月八日挂牌出让一宗工业用地，面积一百二十亩，起始价四千万元。"
    links = "".join(f"<li><a href=/{n}>往期公告第{n}号：工业用地出让结果公示</a></li>" for n in range(30))
    found = taken(
        f"<title>土地出让公告</title><ul class=list>{links}</ul>"
        f"<h1>土地出让公告</h1><div class=text><p>{notice}</p></div>"
    )
    assert found.body == notice
    assert "thin_body" in found.problems


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ("", "no_markup"),
        ("   \n", "no_markup"),
        ("\x00\x01", "no_markup"),
        ("<html></html>", "no_body"),
        ("just words", "no_time"),
        ("<" * 5000, "no_time"),
        ("<div>" * 3000 + "深" + "</div>" * 3000, "no_time"),
        ('<?xml version="1.0" encoding="gbk"?><html><body><p>短</p></body></html>', "no_title"),
        ("锟斤拷烫烫烫" * 200, "no_time"),
        ('<script type="application/ld+json">{"@graph": [' + "[" * 5000, "no_body"),
    ],
)
def test_rubbish_gives_problems_and_no_exception(markup: str, problem: str) -> None:
    assert problem in taken(markup).problems
