"""One line for a story with its reposts, and another one for a fact that only a later piece has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.news import stories
from crm.news.models import Relation
from crm.news.similar import bands, signature, to_bytes
from crm.signals import joining, services
from crm.signals.models import Signal, SignalState
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.news.models import Article

NAME = "云岭电子股份有限公司"
STORY = (
    f"{NAME}11月18日公告，公司拟投资12亿元在云溪县新建智能终端工厂，项目占地200亩，分两期建设。"
    "一期工程计划明年三月开工，建设六条自动化产线，达产后年产值可达三十亿元，新增就业岗位一千五百个。"
    "选择云溪县是看中当地完整的电子元器件配套和便利的铁路货运，县里为项目配备了专班，用工和用能方案已经落实。"
)
MORE = f"{NAME}晚间补充公告，将追加投资8亿元建设三期工厂。"


def store(session: Session, body: str, title: str = "云溪县又添新项目") -> Article:
    placed = stories.place(session, title, body, now=NOW)
    cluster_id = stories.open_cluster(session, placed, now=NOW)
    row = builders.article(
        session, title, body, cluster_id=cluster_id, relation=placed.relation, text_hash=placed.text.hash,
        signature=to_bytes(placed.text.signature),
    )  # fmt: skip
    stories.settle(session, row.id, placed)
    services.analyse(session, [row.id], now=NOW)
    return row


def capx(session: Session) -> list[Signal]:
    return list(session.scalars(select(Signal).where(Signal.kind == "CAPX").order_by(Signal.id)))


@pytest.fixture(autouse=True)
def firm(session: Session) -> None:
    builders.enterprise(session, NAME)


def test_reposts_bring_no_line_of_their_own(session: Session) -> None:
    first, repost = store(session, STORY), store(session, "【云岭网讯】" + STORY)
    assert repost.relation is Relation.REPOST
    assert [row.article_id for row in capx(session)] == [first.id]
    assert repost.fresh == []


def test_a_new_sum_in_a_later_piece_is_a_line_of_its_own_even_when_the_first_was_put_aside(session: Session) -> None:
    first = store(session, STORY)
    known = capx(session)[0]
    known.state, known.decided_at = SignalState.REJECTED, NOW
    later = store(session, STORY + MORE)
    store(session, "转载：" + STORY + MORE)

    old, new = capx(session)
    assert (old.article_id, new.article_id, new.state) == (first.id, later.id, SignalState.NEW)
    assert (int(old.amount or 0), int(new.amount or 0)) == (120_000, 80_000)
    assert later.relation is Relation.UPDATE
    assert later.cluster.follows_id == first.cluster_id
    assert [(fact["fact"], fact["words"]) for fact in later.fresh] == [("amount", "8亿")]

    services.analyse(session, [first.id, later.id], now=NOW)
    assert len(capx(session)) == 2


def test_a_new_kind_of_signal_in_a_later_piece_is_a_line_of_its_own(session: Session) -> None:
    store(session, STORY)
    later = store(session, STORY + f"同日，{NAME}与岭南桥储签署战略合作协议。")
    kinds = session.scalars(select(Signal.kind).where(Signal.article_id == later.id)).all()
    assert kinds == ["COOP"]
    assert [(fact["fact"], fact["words"]) for fact in later.fresh] == [("kind", "COOP")]


def test_a_roundup_that_holds_the_report_adds_no_line(session: Session) -> None:
    short = f"{NAME}今日公告，拟投资6.5亿元在云溪县建设光模块产线，预计明年六月投产，达产后年产值二十亿元。"
    first = store(session, short)
    others = ("县城东部的河堤加固工程昨日完工，比原定的工期提前了二十天，沿岸居民的出行也更加方便了。",) * 2
    store(session, "\n".join(("1、" + short, *others)), "云溪早报")
    assert [row.article_id for row in capx(session)] == [first.id]


def test_a_story_begun_twice_keeps_one_line(session: Session) -> None:
    first = store(session, STORY)
    double = builders.article(session, "云溪县新项目", "【网讯】" + STORY, signature=to_bytes(signature(STORY)))
    stories.keep_bands(session, double.id, bands(signature(double.body)))
    services.analyse(session, [double.id], now=NOW)
    assert len(capx(session)) == 2

    assert joining.join_doubles(session, now=NOW) == 1
    assert [row.article_id for row in capx(session)] == [first.id]
    assert double.cluster_id == first.cluster_id
    assert joining.join_doubles(session, now=NOW) == 0
