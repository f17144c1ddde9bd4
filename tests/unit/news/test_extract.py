"""Pages of our own writing, and rubbish, go through the one door."""

from datetime import datetime
from pathlib import Path

import pytest

from crm.news.extract import CHINA, Extracted, extract, extract_parts

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


ENGLISH = (
    "Shenglan Semiconductor said on Sunday that it would build a second plant in the Linjiang high-tech zone, "
    "investing 3.2 billion yuan in the first phase of the project."
)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("March 8, 2026 3:20 PM", datetime(2026, 3, 8, 15, 20, tzinfo=CHINA)),
        ("8 March 2026", datetime(2026, 3, 8, tzinfo=CHINA)),
    ],
)
def test_an_english_page_gives_all_its_parts(written: str, moment: datetime) -> None:
    links = "".join(f"<li><a href=/{n}>Ten charts that explain the chip shortage</a></li>" for n in range(9))
    found = taken(
        "<title>Shenglan to build second plant | The Linjiang Times</title>"
        f"<meta property=og:site_name content='The Linjiang Times'><ul>{links}</ul>"
        f"<div><h1>Shenglan to build second plant</h1><p>By Jane Doe</p><p>{written}</p>"
        f"<p>{ENGLISH}</p><p>{ENGLISH.replace('said', 'repeated')}</p></div><footer>All rights reserved.</footer>"
    )
    assert (found.title, found.publisher) == ("Shenglan to build second plant", "The Linjiang Times")
    assert found.body == f"{ENGLISH}\n{ENGLISH.replace('said', 'repeated')}"
    assert (found.published_at, found.language_hint) == (moment, "en")


def test_the_day_in_the_address_is_better_than_none() -> None:
    found = taken(f"<title>禾砺机器人拟建新厂</title>{BODY}", "http://news.example/2026/0308/c1.html")
    assert (found.published_at, found.has_time) == (datetime(2026, 3, 8, tzinfo=CHINA), False)


def test_a_day_the_article_speaks_of_is_not_its_own() -> None:
    told = "<p>晟澜半导体成立于2015年6月1日。</p><p>活动时间：2026年5月1日，欢迎企业报名参加。</p>"
    assert taken(f"<title>禾砺机器人拟建新厂</title><h1>禾砺机器人拟建新厂</h1>{BODY}{told}").published_at is None


def test_the_parts_of_an_article_are_joined_without_headline_and_lead_again() -> None:
    head = "<title>禾砺机器人拟建新厂</title><h1>禾砺机器人拟建新厂</h1><p>2026-03-08 18:20 来源：临江发布</p>"
    second = PARAGRAPH.replace("禾砺机器人", "公司")
    further = "<p>1 <a href=2.html>2</a> <a href=2.html>下一页</a></p>"
    pages = [
        f"{head}<div><p>{PARAGRAPH}</p><p>{PARAGRAPH.replace('八', '九')}</p></div>{further}",
        f"{head}<div><p>{PARAGRAPH}</p><p>{second}</p></div><p><a href=1.html>上一页</a> 2</p>",
    ]
    found = extract_parts(pages, "http://news.example/1.html", base_time=PRESENT)
    assert found.body == "\n".join([PARAGRAPH, PARAGRAPH.replace("八", "九"), second])
    assert found.publisher == "临江发布"


HEADLINE = "禾砺机器人拟在临江新建谐波减速器工厂"


@pytest.mark.parametrize(
    ("announced", "shown"),
    [
        (f"{HEADLINE[:12]}..._临江网", f"<td><b>{HEADLINE}</b></td>"),
        (f"临江新闻网>>经济>>{HEADLINE}", f"<div>{HEADLINE}</div>"),
        (f"{HEADLINE}--临江网", "<img src=title.gif>"),
        (f"{HEADLINE}-临江网", f"<h1>临江网</h1><div class=tit>{HEADLINE}</div>"),
        (f"{HEADLINE} - 门户", f"<h1><a href=/>临江市人民政府门户网站</a></h1><div>{HEADLINE}</div>"),
        ("招商动态", f"<h2>招商动态</h2><div>{HEADLINE}</div>"),
        ("禾砺机器人建厂_临江网", f"<h3>重大项目追踪</h3><h1>{HEADLINE}</h1>"),
        ("", f"<p align=center><strong>{HEADLINE}</strong></p>"),
        (HEADLINE, f"<h1>{HEADLINE}<span>分享</span></h1>"),
    ],
)
def test_the_headline_is_found_however_the_title_element_fails(announced: str, shown: str) -> None:
    dateline = "<div>2026-03-08 07:15 来源：临江日报</div>"
    found = taken(f"<title>{announced}</title><table><tr><td>{shown}{dateline}{BODY}</td></tr></table>")
    assert found.title == HEADLINE


def test_lines_of_players_pagers_and_staff_are_no_part_of_the_article() -> None:
    head = "<title>禾砺机器人拟建新厂</title><h1>禾砺机器人拟建新厂</h1><p>（原标题：禾砺机器人将在华东建厂）</p>"
    noise = ("您的浏览器暂时无法播放此视频", "自动播放", "|<<1234下一页>>|", "[作者: 陈望舒 责任编辑: 李四 ]")
    told = f"<p>{PARAGRAPH}</p><p>{noise[0]}</p><p>{noise[1]}</p><p>{PARAGRAPH}</p><p>{noise[2]}</p><p>{noise[3]}</p>"
    assert taken(f"{head}<div class=text>{told}</div>").body == f"{PARAGRAPH}\n{PARAGRAPH}"
