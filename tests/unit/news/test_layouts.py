"""One invented article goes through the layouts of two decades and comes out the same."""

from datetime import datetime

import pytest

from crm.news.extract import CHINA, Extracted, extract
from tests.support.layouts import DAY_ONLY, FIRST_PARAGRAPH, LAYOUTS, NO_SOURCE, Story, filled

PRESENT = datetime(2026, 11, 26, 20, 0, tzinfo=CHINA)
STORY = Story(
    title="禾砺机器人拟在临江新建谐波减速器工厂",
    paragraphs=(
        "本报讯 记者从临江高新区获悉，禾砺机器人计划在临江新建谐波减速器工厂，首期投资八亿元，占地一百二十亩。",
        "公司负责人表示，新工厂建成后，年产谐波减速器三十万台，主要供应长三角的机器人企业，明年六月试产。",
        "高新区管委会介绍，园区已为项目落实标准厂房和人才公寓，并将在供电、环评等方面提供一站式服务。",
        "据了解，谐波减速器是工业机器人的核心部件，占整机成本的三分之一左右，国产化率近年来明显提高。",
    ),
    when=datetime(2009, 3, 8, 7, 15, 20, tzinfo=CHINA),
    source="临江日报",
    others=(
        "春季招聘会周末举行，二百家企业提供五千个岗位",
        "城南大桥合龙，预计年底通车",
        "我市出台措施支持中小企业上云",
        "湖畔公园樱花进入盛花期",
        "轨道交通二号线开始调试",
    ),
)


def taken(layout: str) -> Extracted:
    return extract(filled(layout, STORY), "", base_time=PRESENT)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_headline_is_found_in_every_layout(layout: str) -> None:
    assert taken(layout).title == STORY.title


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_article_is_found_whole_and_alone_in_every_layout(layout: str) -> None:
    lines = [line.strip("　 ") for line in taken(layout).body.split("\n")]
    wanted = list(STORY.paragraphs[:1] if layout in FIRST_PARAGRAPH else STORY.paragraphs)
    assert [line for line in wanted if line not in lines] == []
    assert len("".join(lines)) < 1.2 * len("".join(wanted))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_moment_is_the_articles_and_not_todays(layout: str) -> None:
    found = taken(layout)
    assert found.published_at is not None
    assert f"{found.published_at:%Y-%m-%d}" == "2009-03-08"
    assert found.has_time or layout in DAY_ONLY
    assert f"{found.published_at:%H:%M}" == ("00:00" if layout in DAY_ONLY else "07:15")


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout not in NO_SOURCE])
def test_the_source_is_named_in_every_layout(layout: str) -> None:
    assert taken(layout).publisher == STORY.source
