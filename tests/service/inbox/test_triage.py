from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.core import options
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.enterprises.models import ListEdition, ListEntry, TargetList
from crm.inbox import leads
from crm.inbox.queries import facts_of
from crm.linking.models import Mention, MentionState
from crm.notices.models import Notice
from crm.pipeline.intake.models import LeadIntake
from crm.pipeline.intake.rules import LeadState
from crm.pipeline.models import Project
from crm.signals import bulk, deciding, queries, ranking, relevance, triage
from crm.signals.bulk import Wish
from crm.signals.dismissal import Why
from crm.signals.filters import Order, Shelf, SignalFilter
from crm.signals.following import follow
from crm.signals.learning_models import SignalAnswer
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import Asked
from crm.signals.triage_models import BulkVerb, SignalSnooze
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.conftest import Browser
    from tests.support.builders import Office

TOMORROW = TODAY + timedelta(days=1)


def asked(session: Session, office: Office, person: User | None = None, **changes: object) -> Asked:
    actor = office.actor(session, person or office.officer)
    values: dict[str, object] = {"now": NOW, "today": TODAY, "shelf": Shelf.NEW, **changes}
    return Asked(actor, ranking.focus(session, actor), **values)  # type: ignore[arg-type]  # the fields of Asked


def shown(session: Session, wanted: Asked, order: Order = Order.RELEVANCE) -> list[int]:
    return [line.signal.id for line in queries.inbox(session, wanted, order, cursor=None).rows]


def named(session: Session, name: str, kind: str = "CAPX", **fields: object) -> Signal:
    firm = builders.enterprise(session, name, **fields.pop("firm", {}))  # type: ignore[arg-type]  # fields of the firm
    row = builders.signal(session, firm, kind, quote=f"{name}拟建厂。", **fields)
    session.add(Mention(article_id=row.article_id, enterprise_id=firm.id, surface=name, start=0, stop=len(name)))
    session.flush()
    return row


def test_the_database_orders_by_the_sum_that_the_chips_show(session: Session, office: Office) -> None:
    office.east.region = "长三角"
    plan = {"list": [{"name": "医药健康", "role": "lead", "words": ["医药", "疫苗"]}]}
    options.write(session, office.registrar.id, ranking.PLAN, plan, now=NOW)
    plain = named(session, "禾砺机器人有限公司", "EXEC", confidence=0.6)
    near = named(session, "青枫电控有限公司", "EXEC", confidence=0.6, place="江苏省苏州市")
    coded = named(session, "麦峰重工有限公司", "EXEC", confidence=0.6, industry="C27")
    listed = named(session, "砚池光电有限公司", "RELO", amount=Decimal(12_000))
    parent = builders.enterprise(session, "临澜集团有限公司")
    below = named(session, "临澜医械有限公司", "RELO", firm={"parent_id": parent.id})
    roll = TargetList(key="own", name="本地名录")
    session.add(roll)
    session.flush()
    edition = ListEdition(list_id=roll.id, year=2026, imported_at=NOW)
    session.add(edition)
    session.flush()
    session.add(ListEntry(edition_id=edition.id, enterprise_id=listed.enterprise_id, printed_name="砚池光电"))
    follow(session, office.actor(session, office.officer), parent.id, now=NOW)
    session.flush()
    wanted = asked(session, office)
    page = queries.inbox(session, wanted, Order.RELEVANCE, cursor=None).rows
    assert [line.signal.id for line in page] == [below.id, listed.id, coded.id, near.id, plain.id]
    assert [line.points for line in page] == [relevance.points(facts_of(line), TODAY) for line in page]
    assert [sorted(line.marks) for line in page] == [["followed"], ["listed"], ["plan"], ["nearby"], []]
    assert shown(session, asked(session, office, office.outsider))[0] == listed.id


def test_pages_follow_in_every_order_without_gap_or_double(session: Session, office: Office) -> None:
    rows = [named(session, f"第{n}电子有限公司", amount=Decimal(n) if n % 3 else None) for n in range(7)]
    for order in Order:
        seen: list[int] = []
        cursor = None
        while True:
            page = queries.inbox(session, asked(session, office), order, cursor=cursor, size=3)
            seen += [line.signal.id for line in page.rows]
            cursor = page.next
            if cursor is None:
                break
        assert sorted(seen) == [row.id for row in rows]
    assert shown(session, asked(session, office), Order.AMOUNT)[0] == rows[5].id


def test_filters_join_with_and(session: Session, office: Office) -> None:
    first = named(session, "青枫电控有限公司", "RELO", place="江苏省苏州市", amount=Decimal(9000), confidence=0.95)
    second = named(session, "禾砺机器人有限公司", firm={"industry": "机器人", "region": "江苏省无锡市"}, confidence=0.7)
    old = named(session, "旧事有限公司", happened_at=NOW - timedelta(days=40))
    expected = {
        SignalFilter(place="江苏"): [first.id, second.id],
        SignalFilter(place="江苏", kinds=("CAPX",)): [second.id],
        SignalFilter(amount=Decimal(5000)): [first.id],
        SignalFilter(industry="机器人"): [second.id],
        SignalFilter(confidence=90): [first.id, old.id],
        SignalFilter(days=30): [first.id, second.id],
        SignalFilter(until=TODAY - timedelta(days=30)): [old.id],
        SignalFilter(place="100%"): [],
        SignalFilter(on_list="nothing"): [],
        SignalFilter(followed=True): [],
    }
    for chosen, ids in expected.items():
        assert sorted(shown(session, asked(session, office, chosen=chosen))) == ids, chosen


def test_what_is_put_off_is_back_by_itself_and_was_never_gone_for_others(session: Session, office: Office) -> None:
    row = named(session, "青枫电控有限公司")
    triage.snooze(session, office.actor(session, office.officer), row.id, TOMORROW, now=NOW, today=TODAY)
    assert shown(session, asked(session, office)) == []
    assert shown(session, asked(session, office, shelf=Shelf.LATER)) == [row.id]
    assert shown(session, asked(session, office, office.colleague)) == [row.id]
    assert shown(session, asked(session, office, now=NOW + timedelta(hours=22))) == [row.id]
    assert queries.counts(session, asked(session, office))[Shelf.LATER, "CAPX"] == 1
    triage.wake(session, office.actor(session, office.officer), row.id, now=NOW)
    assert shown(session, asked(session, office)) == [row.id]
    for day in (TODAY, TODAY + timedelta(days=400)):
        with pytest.raises(DomainError):
            triage.snooze(session, office.actor(session, office.officer), row.id, day, now=NOW, today=TODAY)


def test_a_wrong_kind_becomes_the_right_one_and_back(session: Session, office: Office) -> None:
    actor, row = office.actor(session, office.officer), named(session, "青枫电控有限公司", "CAPX")
    with pytest.raises(DomainError, match=r"kind\.same"):
        triage.correct_kind(session, actor, row.id, ["CAPX"], now=NOW)
    _old, made = triage.correct_kind(session, actor, row.id, ["RELO", "SUPP"], now=NOW)
    kinds = session.scalars(select(Signal.kind).where(Signal.id.in_(made)).order_by(Signal.kind)).all()
    assert kinds == ["RELO", "SUPP"]
    assert (row.state, row.decision_reason) == (SignalState.REJECTED, Why.WRONG_KIND)
    assert session.scalars(select(SignalAnswer.right_kinds)).all() == [["RELO", "SUPP"]]
    triage.undo(session, actor, row.id, now=NOW)
    assert session.scalars(select(Signal.kind)).all() == ["CAPX"]
    assert session.scalars(select(func.count()).where(SignalAnswer.undone_at.is_not(None))).all() == [1]
    triage.correct_kind(session, actor, row.id, [], now=NOW)
    assert row.state is SignalState.REJECTED


def test_a_wrong_company_is_answered_for_at_the_name(session: Session, office: Office) -> None:
    actor, row = office.actor(session, office.officer), named(session, "青枫电控有限公司")
    right = builders.enterprise(session, "青枫新材有限公司")
    with pytest.raises(DomainError, match=r"company\.same"):
        triage.correct_company(session, actor, row.id, row.enterprise_id, now=NOW)
    triage.correct_company(session, actor, row.id, right.id, now=NOW)
    assert row.enterprise_id == right.id
    mention = session.scalars(select(Mention)).one()
    assert (mention.enterprise_id, mention.state) == (right.id, MentionState.CONFIRMED)


def test_many_are_put_aside_at_once_and_come_back_at_once(session: Session, office: Office) -> None:
    actor = office.actor(session, office.officer)
    rows = [named(session, f"第{n}电子有限公司") for n in range(4)]
    deciding.accept(session, actor, rows[0].id, now=NOW)
    ids = [row.id for row in rows]
    seen = bulk.preview(session, actor, ids)
    assert (seen.ids, seen.passed_over, seen.kinds, seen.enterprises) == (tuple(ids[1:]), 1, {"CAPX": 3}, 3)
    with pytest.raises(DomainError, match=r"signal\.why"):
        bulk.decide(session, actor, ids, Wish(BulkVerb.DISMISS), now=NOW, today=TODAY)
    batch = bulk.decide(session, actor, ids, Wish(BulkVerb.DISMISS, Why.OLD), now=NOW, today=TODAY)
    assert batch.size == 3
    session.expire_all()
    assert {row.decision_reason for row in rows[1:]} == {Why.OLD}
    with pytest.raises(NotFoundError):
        bulk.undo(session, office.actor(session, office.colleague), batch.id, now=NOW)
    assert bulk.undo(session, actor, batch.id, kept={rows[1].id}, now=NOW) == 2
    session.expire_all()
    assert [row.state.value for row in rows] == ["accepted", "rejected", "new", "new"]
    with pytest.raises(ConflictError):
        bulk.undo(session, actor, batch.id, now=NOW)
    later = bulk.decide(session, actor, ids, Wish(BulkVerb.SNOOZE, until=TOMORROW), now=NOW, today=TODAY)
    assert session.scalars(select(func.count()).select_from(SignalSnooze)).one() == 2
    assert bulk.undo(session, actor, later.id, now=NOW) == 2


def test_a_lead_goes_to_a_colleague_with_its_evidence_and_a_first_step(session: Session, office: Office) -> None:
    row, head = named(session, "青枫电控有限公司", amount=Decimal(9000)), office.actor(session, office.lead)
    wish = leads.Wish("青枫电控转移项目", (office.officer.id, office.east.id), "打电话核实", TODAY)
    project = leads.take_up(session, head, row.id, wish, now=NOW, today=TODAY)
    assert (project.source_signal_id, project.content, project.total_investment) == (row.id, row.quote, Decimal(9000))
    assert row.state is SignalState.ACCEPTED
    assert session.get_one(LeadIntake, project.id).state is LeadState.ASSIGNED
    assert session.scalars(select(Notice.user_id)).all() == [office.officer.id]
    again = leads.take_up(session, head, row.id, wish, now=NOW, today=TODAY)
    assert again.id == project.id
    assert [seat[1] for seat in leads.seats(session, office.actor(session, office.officer), TODAY)] == [
        office.officer.id
    ]
    stranger = leads.Wish("另一个", (office.outsider.id, office.south.id), "打电话", TODAY)
    with pytest.raises(DomainError, match=r"lead\.seat"):
        leads.take_up(session, head, named(session, "禾砺机器人有限公司").id, stranger, now=NOW, today=TODAY)


def test_a_signal_joins_a_project_that_goes_on(as_officer: Browser, session: Session, office: Office) -> None:
    row = named(session, "青枫电控有限公司")
    deal = builders.project(session, row.enterprise, office.east, office.officer)
    session.commit()
    assert deal.name in as_officer.get(f"/signals/{row.id}/lead").text
    answer = as_officer.post(f"/signals/{row.id}/lead", data={"into": "project", "project": deal.id})
    assert answer.headers["Location"] == f"/projects/{deal.id}"
    assert row.quote in as_officer.get(f"/projects/{deal.id}").text
    assert session.scalars(select(func.count()).select_from(Project)).one() == 1


def test_a_refused_form_keeps_what_was_typed(as_officer: Browser, session: Session) -> None:
    row = named(session, "青枫电控有限公司")
    session.commit()
    answer = as_officer.post(f"/signals/{row.id}/dismiss", data={"why": "other", "note": " "})
    assert answer.status_code == 422
    assert "请写一句说明" in answer.text
    answer = as_officer.post(
        f"/signals/{row.id}/lead", data={"name": "我起的名字", "owner": "1-1", "title": "", "due_on": "2026-11-19"}
    )
    assert answer.status_code == 422
    assert "我起的名字" in answer.text
    for path in ("snooze", "kind", "company"):
        assert as_officer.post(f"/signals/{row.id}/{path}").status_code == 422
        assert as_officer.post("/signals/999/" + path, data={"when": "tomorrow", "none": "1"}).status_code in {404, 422}


def test_bulk_shows_what_it_would_touch_before_it_touches_it(as_officer: Browser, session: Session) -> None:
    rows = [named(session, f"第{n}电子有限公司", "RELO" if n else "CAPX") for n in range(3)]
    session.commit()
    page = as_officer.get("/signals/bulk?verb=dismiss&all=1&kind=RELO").text
    assert "将处理2条动态，涉及2家企业" in page
    data = {"verb": "dismiss", "id": [row.id for row in rows[1:]], "why": "old", "back": "/signals?kind=RELO"}
    answer = as_officer.post("/signals/bulk", data=data)
    assert answer.headers["Location"] == "/signals?kind=RELO"
    assert "2条已标为不采用" in as_officer.get("/signals").text
    assert as_officer.post("/signals/bulk", data=data).status_code == 422


def test_the_day_things_come_back_is_a_morning() -> None:
    assert triage.morning(date(2026, 11, 23)).isoformat() == "2026-11-23T08:00:00+08:00"
