from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import jobs
from crm.core.tasks import Task
from crm.enterprises.models import EnterpriseAlias
from crm.enterprises.rules import AliasKind
from crm.linking.models import Mention
from crm.linking.queries import alias_index
from crm.news.models import ArticleCluster
from crm.signals import services
from crm.signals.models import Signal, SignalState
from tests.support import builders, feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.news.models import Article

NAME = "云岭电子股份有限公司"
TITLE = "云岭电子拟投资12亿元建新工厂"


def story(session: Session, **fields: object) -> Article:
    return builders.article(session, TITLE, "\n".join(feeds.STORY), **fields)


def test_mentions_and_quotes_stand_exactly_where_they_say(session: Session) -> None:
    firm = builders.enterprise(session, NAME)
    page = story(session)
    assert services.analyse(session, [page.id], now=NOW)["signals"] == 1

    mentions = session.scalars(select(Mention)).all()
    assert mentions
    for mention in mentions:
        text = page.title if mention.in_title else page.body
        assert text[mention.start : mention.stop] == mention.surface
    signal = session.scalars(select(Signal)).one()
    assert (signal.kind, signal.enterprise_id, signal.state) == ("CAPX", firm.id, SignalState.NEW)
    assert signal.quote in page.body
    assert signal.amount == Decimal(120000)
    assert (signal.happened_at, page.analysed_at) == (page.published_at, NOW)


def test_analysing_again_changes_nothing(session: Session) -> None:
    builders.enterprise(session, NAME)
    page = story(session)
    services.analyse(session, [page.id], now=NOW)
    before = session.scalars(select(Mention.start).order_by(Mention.start)).all()
    assert services.analyse(session, [page.id], now=NOW)["signals"] == 0
    assert session.scalars(select(Mention.start).order_by(Mention.start)).all() == before
    assert len(session.scalars(select(Signal)).all()) == 1


def test_the_enterprise_of_a_signal_is_scored_once_however_many_articles(session: Session) -> None:
    firm = builders.enterprise(session, NAME)
    pages = [story(session), story(session)]
    services.analyse(session, [page.id for page in pages], now=NOW)
    tasks = session.scalars(select(Task).where(Task.kind == jobs.RESCORE)).all()
    assert [task.payload["enterprise_id"] for task in tasks] == [firm.id]


def test_a_repost_adds_no_second_signal_and_the_stronger_sentence_stays(session: Session) -> None:
    builders.enterprise(session, NAME)
    weak = builders.article(session, "市场传闻", f"{NAME}董事长昨日到访。公司此前表示，将投资8亿元扩建厂房。")
    services.analyse(session, [weak.id], now=NOW)
    first = session.scalars(select(Signal)).one()
    before = first.weight
    strong = story(session, cluster_id=weak.cluster_id)
    counts = services.analyse(session, [strong.id], now=NOW)
    assert counts["signals"] == 0
    session.refresh(first)
    assert first.weight >= before
    assert first.article_id == (strong.id if first.weight > before else weak.id)


def test_a_decided_signal_keeps_the_sentence_it_was_decided_on(session: Session) -> None:
    firm = builders.enterprise(session, NAME)
    page = story(session)
    known = builders.signal(session, firm, article=page, weight=0.01, quote="旧依据。")
    known.state, known.decided_at = SignalState.ACCEPTED, NOW
    session.flush()
    services.analyse(session, [page.id], now=NOW)
    session.refresh(known)
    assert known.quote == "旧依据。"


def test_the_name_index_is_kept_and_made_anew_when_names_change(session: Session) -> None:
    firm = builders.enterprise(session, NAME)
    first = alias_index(session)
    assert alias_index(session) is first
    session.add(EnterpriseAlias(enterprise_id=firm.id, alias="岭芯", folded="岭芯", kind=AliasKind.BRAND))
    session.flush()
    second = alias_index(session)
    assert second is not first
    assert [mention.surface for mention in second.find("岭芯宣布扩产")] == ["岭芯"]


def test_signals_count_on_the_run_that_brought_the_article(session: Session) -> None:
    builders.enterprise(session, NAME)
    run = feeds.run(session)
    page = story(session, run_id=run.id)
    services.analyse(session, [page.id], now=NOW)
    session.refresh(run)
    assert run.signals == 1


def test_a_sum_nobody_can_invest_is_left_out(session: Session) -> None:
    builders.enterprise(session, NAME)
    page = builders.article(session, "x", f"{NAME}拟投资99999999999999亿元在云溪县新建工厂。")
    services.analyse(session, [page.id], now=NOW)
    assert session.scalars(select(Signal.amount)).all() in ([None], [])


def test_a_signal_keeps_its_sum_place_day_and_industry(session: Session) -> None:
    builders.enterprise(session, NAME)
    body = f"{NAME}将在匈牙利投资2亿欧元建设动力电池工厂，预计2028年6月投产。"
    page = builders.article(session, "快讯", body)
    services.analyse(session, [page.id], now=NOW)
    row = session.scalars(select(Signal)).one()
    assert (row.amount, row.amount_value, row.amount_currency) == (None, 200_000_000, "EUR")
    assert (row.place, row.event_date, row.industry) == ("匈牙利", date(2028, 6, 30), "C38")
    assert row.confidence > 0.6


def test_a_plan_called_off_is_no_signal(session: Session) -> None:
    builders.enterprise(session, NAME)
    page = builders.article(session, "快讯", f"{NAME}宣布终止在云溪县投资建厂的项目。")
    assert services.analyse(session, [page.id], now=NOW)["signals"] == 0


def test_a_story_belongs_to_one_cluster(session: Session) -> None:
    page = story(session)
    assert session.get_one(ArticleCluster, page.cluster_id).size == 1
