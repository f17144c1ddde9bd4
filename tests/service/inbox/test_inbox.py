from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from crm.core import jobs
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, ForbiddenError
from crm.core.tasks import Task
from crm.linking.models import Mention
from crm.news.models import ArticleCluster
from crm.scoring import services as scoring
from crm.signals import deciding
from crm.signals.models import Signal, SignalState
from tests.support import builders, feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


def signal(session: Session, name: str = "云岭电子股份有限公司", kind: str = "CAPX", **fields: object) -> Signal:
    firm = builders.enterprise(session, name)
    row = builders.signal(session, firm, kind, quote=f"{name}拟投资12亿元<b>建厂</b>。", **fields)
    session.add(Mention(article_id=row.article_id, enterprise_id=firm.id, surface=name, start=0, stop=len(name)))
    session.commit()
    return row


def test_the_card_quotes_the_evidence_escaped_with_the_enterprise_marked(as_officer: Browser, session: Session) -> None:
    row = signal(session)
    scoring.rescore(session, row.enterprise_id, now=NOW, cause="test")
    session.commit()
    page = as_officer.get("/signals").text
    assert '<mark class="n-name">云岭电子股份有限公司</mark>拟投资12亿元&lt;b&gt;建厂&lt;/b&gt;。' in page
    assert "资本扩张" in page
    assert "y-grade-" in page
    assert f"/signals/{row.id}/lead" in page


def test_a_quote_that_does_not_name_the_enterprise_says_so(as_officer: Browser, session: Session) -> None:
    firm = builders.enterprise(session, "禾砺机器人有限公司")
    builders.signal(session, firm, quote="公司计划新建产线。")
    session.commit()
    assert "没有直接点名" in as_officer.get("/signals").text


def test_accepting_answers_with_the_card_and_an_undo_and_is_audited(
    as_officer: Browser, session: Session, office: Office
) -> None:
    row = signal(session)
    answer = as_officer.post(f"/signals/{row.id}/accept", headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "已采用" in answer.text
    assert "陈晓" in answer.text
    assert json.loads(answer.headers["X-Triage"])["undo"] == f"/signals/{row.id}/undo"
    session.expire_all()
    assert (row.state, row.decided_by, row.decided_at) == (SignalState.ACCEPTED, office.officer.id, NOW)
    assert row.decided_unit_id == office.east.id
    assert session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "signal")).all() == [
        "signal.accepted"
    ]
    assert session.scalars(select(Task.kind)).all() == [jobs.RESCORE]


def test_undo_brings_a_signal_back_and_goes_back_to_the_list(as_officer: Browser, session: Session) -> None:
    row = signal(session)
    as_officer.post(f"/signals/{row.id}/reject")
    answer = as_officer.post(f"/signals/{row.id}/undo", headers={"Referer": "http://localhost/signals?kind=CAPX"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signals?kind=CAPX")
    assert as_officer.post(f"/signals/{row.id}/undo").status_code == 409
    session.expire_all()
    assert (row.state, row.decided_by, row.decided_at) == (SignalState.NEW, None, None)


def test_a_signal_that_became_a_lead_cannot_be_put_back(
    as_officer: Browser, as_registrar: Browser, session: Session
) -> None:
    row_id = signal(session).id
    assert as_officer.post(f"/projects/from-signal/{row_id}").status_code == 303
    answer = as_registrar.post(f"/signals/{row_id}/undo")
    assert answer.status_code == 409
    assert "长三角小分队" in answer.text
    assert session.get_one(Signal, row_id, populate_existing=True).state is SignalState.ACCEPTED


def test_another_units_decision_stands_until_that_unit_or_the_registry_takes_it_back(
    as_officer: Browser, as_outsider: Browser, as_registrar: Browser, session: Session
) -> None:
    row_id = signal(session).id
    as_officer.post(f"/signals/{row_id}/accept")
    refused = as_outsider.post(f"/signals/{row_id}/undo")
    assert refused.status_code == 403
    assert "别的单位" in refused.text
    assert "/undo" not in as_outsider.get("/signals?state=accepted").text
    assert as_registrar.post(f"/signals/{row_id}/undo").status_code == 303
    assert session.get_one(Signal, row_id).state is SignalState.NEW


def test_the_way_back_never_leaves_the_site(as_officer: Browser, session: Session) -> None:
    row = signal(session)
    answer = as_officer.post(f"/signals/{row.id}/accept", headers={"Referer": "http://evil.example/signals"})
    assert answer.headers["Location"] == "/signals"


def test_what_one_decided_another_does_not_overturn_unseen(session: Session, office: Office) -> None:
    row = signal(session)
    deciding.accept(session, office.actor(session, office.officer), row.id, now=NOW)
    deciding.accept(session, office.actor(session, office.colleague), row.id, now=NOW)
    assert row.decided_by == office.officer.id
    with pytest.raises(ConflictError):
        deciding.reject(session, office.actor(session, office.colleague), row.id, now=NOW)


def test_readers_see_signals_but_may_not_decide(as_leader: Browser, session: Session, office: Office) -> None:
    row = signal(session)
    page = as_leader.get("/signals").text
    assert "云岭电子" in page
    assert "不采用</span>" not in page
    assert as_leader.post(f"/signals/{row.id}/accept").status_code == 403
    with pytest.raises(ForbiddenError):
        deciding.accept(session, office.actor(session, office.leader), row.id, now=NOW)
    session.refresh(row)
    assert row.state is SignalState.NEW


def test_the_administrator_has_no_business_with_signals(as_administrator: Browser, session: Session) -> None:
    row = signal(session)
    for path in ("/signals", f"/signals/{row.id}", f"/articles/{row.article_id}"):
        assert as_administrator.get(path).status_code == 403


def test_filters_narrow_by_kind_state_enterprise_and_source(as_officer: Browser, session: Session) -> None:
    first = signal(session)
    other = feeds.source(session, "禾砺观察")
    page = builders.article(session, "禾砺机器人停产", source_id=other.id)
    second = signal(session, "禾砺机器人有限公司", "NEG", article=page)
    wanted = {
        "kind=NEG": second,
        f"enterprise={first.enterprise_id}": first,
        f"source={other.id}": second,
    }
    for query, row in wanted.items():
        text = as_officer.get(f"/signals?{query}").text
        assert f'id="signal-{row.id}"' in text
        assert f'id="signal-{first.id + second.id - row.id}"' not in text
    assert "没有符合条件的动态" in as_officer.get("/signals?kind=SUPP").text
    assert "没有待处理的动态" not in as_officer.get("/signals?state=all").text
    assert as_officer.get("/signals?state=nonsense&enterprise=x&cursor=%00").status_code == 200


def test_an_empty_inbox_says_what_happens_next(as_officer: Browser) -> None:
    assert "没有待处理的动态" in as_officer.get("/signals").text
    assert as_officer.get("/signals/99").status_code == 404
    assert as_officer.get("/articles/99").status_code == 404


def test_the_newest_signal_comes_first_and_pages_follow(as_officer: Browser, session: Session) -> None:
    rows = [signal(session, f"云岭第{n}电子有限公司", happened_at=NOW - timedelta(hours=n)) for n in range(22)]
    text = as_officer.get("/signals?order=newest").text
    assert text.index(f'id="signal-{rows[0].id}"') < text.index(f'id="signal-{rows[1].id}"')
    assert f'id="signal-{rows[21].id}"' not in text
    cursor = text.split("cursor=")[1].split('"')[0].split("&")[0]
    assert f'id="signal-{rows[21].id}"' in as_officer.get(f"/signals?order=newest&cursor={cursor}").text


def test_a_page_of_signals_costs_a_fixed_number_of_queries(app: Flask, as_officer: Browser, session: Session) -> None:
    seen: list[str] = []
    engine = app.extensions["database"].engine

    def count() -> int:
        seen.clear()
        as_officer.get("/signals")
        return len([statement for statement in seen if statement.startswith("SELECT")])

    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    signal(session)
    few = count()
    for number in range(12):
        signal(session, f"禾砺第{number}机器人有限公司")
    assert count() == few
    assert few <= 12


def test_the_article_shows_reposts_the_source_safely_and_every_mention(as_officer: Browser, session: Session) -> None:
    row = signal(session)
    row.article.title, row.article.body = "云岭<script>扩产", f"第一段。\n{row.quote}"
    session.get_one(ArticleCluster, row.cluster_id).size = 2
    twin = builders.article(session, "云岭电子扩产（转载）", cluster_id=row.cluster_id)
    session.commit()
    page = as_officer.get(f"/signals/{row.id}").text
    assert "云岭&lt;script&gt;扩产" in page
    assert 'rel="noopener noreferrer"' in page
    assert "n-quote" in page
    assert f"/articles/{twin.id}" in page
    assert "另有1家转载" in page
    assert "云岭电子扩产（转载）" in as_officer.get(f"/articles/{twin.id}").text


def test_of_a_story_the_article_printed_first_is_the_first_report(as_officer: Browser, session: Session) -> None:
    row = signal(session)
    early = builders.article(session, "云岭电子先报道", cluster_id=row.cluster_id)
    early.published_at = early.fetched_at - timedelta(days=9)
    session.commit()
    page = as_officer.get(f"/signals/{row.id}").text
    story = page[page.index('id="reposts"') :]
    assert story.index("云岭电子先报道") < story.index("首发") < story.index(row.article.title)


def test_facts_that_were_not_read_are_left_out_and_a_rule_is_a_link_for_who_may_mend_it(
    as_officer: Browser, as_registrar: Browser, session: Session
) -> None:
    row = signal(session)
    row.reasons = ["capx_project"]
    session.commit()
    seen = [who.get(f"/signals/{row.id}").text for who in (as_officer, as_registrar)]
    found = [("/signals/rules/capx_project" in page, ">未填<" in page) for page in seen]
    assert found == [(False, False), (True, False)]
