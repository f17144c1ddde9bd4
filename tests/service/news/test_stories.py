"""Reposts find their story, a new fact begins a chapter, a roundup only holds its items."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.news import chapters, similar, stories
from crm.news.models import Article, ArticleBand, ArticleCluster, Relation
from crm.news.story_models import Containment
from tests.support import builders
from tests.support.builders import NOW
from tests.unit.news.test_similar import OTHER, REPRINT, STORY

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

SHORT = "澜芯光电昨日宣布，拟在云溪县投资6.5亿元建设光模块产线，预计明年六月投产，达产后年产值可达20亿元。"
ROUNDUP = "\n".join(
    [
        "1、" + SHORT,
        "2、禾砺机器人前三季度营收同比增长四成，公司称新增订单主要来自汽车零部件和锂电装备两个行业的客户。",
        "3、岭南桥储与云溪县签署合作备忘录，双方将在用户侧储能、充换电设施和绿电直供三个方向先行先试。",
    ]
)


def store(session: Session, body: str, title: str = "快报", now: datetime = NOW) -> Article:
    placed = stories.place(session, title, body, now=now)
    cluster_id = stories.open_cluster(session, placed, now=now)
    row = builders.article(
        session, title, body, cluster_id=cluster_id, relation=placed.relation, text_hash=placed.text.hash,
        signature=similar.to_bytes(placed.text.signature), recorded_at=now,
    )  # fmt: skip
    stories.settle(session, row.id, placed)
    return row


def size(session: Session, cluster_id: int) -> int | None:
    return session.scalar(select(ArticleCluster.size).where(ArticleCluster.id == cluster_id))


def bands(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(ArticleBand))


def test_a_repost_joins_the_first_report_and_needs_no_bands(session: Session) -> None:
    first, repost, copy, other = (store(session, body) for body in (STORY, REPRINT, STORY, OTHER))
    assert [row.relation for row in (first, repost, copy, other)] == ["first", "repost", "repost", "first"]
    assert first.cluster_id == repost.cluster_id == copy.cluster_id != other.cluster_id
    assert size(session, first.cluster_id) == 3
    assert bands(session) == 64


def test_a_text_without_letters_tells_no_story(session: Session) -> None:
    assert [store(session, body).relation for body in ("。！？", "。！？")] == ["first", "first"]


def test_a_story_ends_after_ninety_days_and_its_bands_go(session: Session) -> None:
    first = store(session, STORY)
    later = NOW + timedelta(days=91)
    assert stories.forget_bands(session, now=NOW + timedelta(days=90)) == 0
    again = store(session, REPRINT, now=later)
    assert again.relation is Relation.FIRST
    assert again.cluster_id != first.cluster_id
    assert stories.forget_bands(session, now=later) == 32
    assert bands(session) == 32


def test_a_short_report_stands_in_a_roundup_whichever_comes_first(session: Session) -> None:
    short = store(session, SHORT, "澜芯光电投资光模块产线")
    roundup = store(session, ROUNDUP, "云溪财经早报")
    late = store(session, ROUNDUP.split("、", 2)[2].split("\n")[0], "禾砺机器人营收增长")
    assert len({short.cluster_id, roundup.cluster_id, late.cluster_id}) == 3
    found = session.execute(select(Containment.roundup_id, Containment.article_id)).all()
    assert sorted(tuple(row) for row in found) == [(roundup.id, short.id), (roundup.id, late.id)]
    assert chapters.relatives(session, roundup) == [short.cluster_id, late.cluster_id]
    assert chapters.relatives(session, late) == [roundup.cluster_id]


def test_a_new_fact_begins_a_chapter_and_its_copies_follow_it(session: Session) -> None:
    first = store(session, STORY)
    update = store(session, STORY + "公司随后补充公告，将追加投资8亿元，在三期厂房内增设车规级模块产线。")
    assert update.cluster_id == first.cluster_id
    chapter = chapters.begin(session, update, now=NOW)
    assert (update.relation, chapters.begin(session, update, now=NOW)) == ("update", chapter)

    copy = store(session, "【转载】" + update.body)
    assert copy.cluster_id == chapter
    assert store(session, REPRINT).cluster_id == first.cluster_id
    assert chapters.family(session, copy) == [first.cluster_id, chapter]
    session.expire_all()
    assert (size(session, first.cluster_id), size(session, chapter)) == (2, 2)
    assert chapters.told_before(session, update, chapters.family(session, update)).count(STORY) == 1


def test_a_story_two_workers_began_at_once_becomes_one(session: Session) -> None:
    first, double = store(session, STORY), store(session, OTHER)
    double.body, double.signature = REPRINT, similar.to_bytes(similar.signature(REPRINT))
    session.query(ArticleBand).filter_by(article_id=double.id).delete()
    stories.keep_bands(session, double.id, similar.bands(similar.signature(REPRINT)))
    store(session, "与此无关的另一篇报道，说的是县里的茶叶节和采茶比赛的结果，参赛选手来自五个乡镇。")

    assert chapters.doubles(session, now=NOW + timedelta(hours=3)) == []
    found = chapters.doubles(session, now=NOW)
    assert found == [(double.cluster_id, first.cluster_id)]
    chapters.join(session, *found[0])

    assert (double.cluster_id, double.relation) == (first.cluster_id, Relation.REPOST)
    assert size(session, first.cluster_id) == 2
    assert size(session, found[0][0]) == 0
    assert chapters.doubles(session, now=NOW) == []
