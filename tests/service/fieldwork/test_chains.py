from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.models import User
from crm.core.errors import DomainError
from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Enterprise
from crm.fieldwork import followups
from crm.fieldwork.chains import climbing, course, reassigning, services
from crm.fieldwork.chains.ladder import Ladder
from crm.fieldwork.chains.models import Chain, ChainMark, ChainRun
from crm.fieldwork.chains.rules import Action, Answer, ChainDraft, Ending, Step, Trigger
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import TouchKind
from crm.notices.models import Notice
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

NOW, TODAY = builders.NOW, builders.TODAY
STOPS = frozenset({Answer.REFUSED, Answer.VISITED})
OUTREACH = (
    Step("发邮件", Action.MAIL, 0, stops=STOPS),
    Step("致电", Action.CALL, 3, workdays=True, stops=STOPS),
    Step("登门拜访", Action.VISIT, 5, stops=STOPS),
)


def outreach(session: Session, office: Office) -> Chain:
    actor = office.actor(session, office.registrar)
    return services.save(session, actor, None, ChainDraft("三步触达", Trigger.MANUAL, OUTREACH), now=NOW)


def open_titles(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(FollowUp.title).where(FollowUp.done_at.is_(None)).order_by(FollowUp.id)))


def answer(session: Session, office: Office, how: Answer, now: datetime = NOW) -> None:
    row = session.scalars(select(FollowUp).where(FollowUp.done_at.is_(None))).one()
    actor = office.actor(session, office.officer)
    followups.complete_follow_up(session, actor, row.id, now=now, answer=how)
    session.flush()


def begun(session: Session, office: Office, key: str = "k1") -> services.Started:
    chain = session.scalars(select(Chain)).one_or_none() or outreach(session, office)
    firm = session.scalars(select(Enterprise)).first() or builders.enterprise(session)
    actor, owner = office.actor(session, office.officer), (office.officer.id, office.east.id)
    return services.start(session, actor, chain.id, [firm.id], owner, key=key, now=NOW, today=TODAY)


def promise(session: Session, office: Office, due_on: date, **fields: object) -> FollowUp:
    values = {"title": "寄送材料", "unit_id": office.east.id, "owner_id": office.officer.id, "created_at": NOW}
    row = FollowUp(**{**values, "created_by": office.officer.id, "due_on": due_on, **fields})
    session.add(row)
    session.flush()
    return row


def told(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Notice.user_id, Notice.kind).order_by(Notice.id)).all()
    names = {user_id: name for user_id, name in session.execute(select(User.id, User.name))}  # noqa: C416 (a row is not a pair to dict())
    return [(names[user_id], kind.value) for user_id, kind in rows]


def test_a_week_after_a_visit_material_is_due_once_however_many_visits_follow(session: Session, office: Office) -> None:
    draft = ChainDraft("寄材料", Trigger.TOUCH, (Step("寄园区材料", Action.MATERIAL, 7),), TouchKind.VISIT)
    services.save(session, office.actor(session, office.registrar), None, draft, now=NOW)
    firm = builders.enterprise(session)
    visit = builders.touch(session, firm, office.east, office.officer)
    call = builders.touch(session, firm, office.east, office.officer, kind=TouchKind.CALL)
    assert [course.begin_after_touch(session, one, now=NOW) for one in (visit, visit, call)] == [1, 0, 0]
    row = session.scalars(select(FollowUp)).one()
    assert (row.title, row.due_on, row.owner_id, row.touch_id) == (
        "寄园区材料", date(2026, 11, 25), office.officer.id, visit.id,
    )  # fmt: skip


def test_an_outreach_goes_from_mail_to_call_to_visit_while_nobody_answers(session: Session, office: Office) -> None:
    begun(session, office)
    assert open_titles(session) == ["发邮件"]
    answer(session, office, Answer.SILENT)
    row = session.scalars(select(FollowUp).where(FollowUp.done_at.is_(None))).one()
    assert (row.title, row.due_on, row.kind) == ("致电", date(2026, 11, 25), "chain.call")
    answer(session, office, Answer.SILENT, NOW + timedelta(days=3))
    answer(session, office, Answer.VISITED, NOW + timedelta(days=8))
    run = session.scalars(select(ChainRun)).one()
    assert (open_titles(session), run.ending) == ([], Ending.ANSWERED)
    assert [mark.answer for mark in session.scalars(select(ChainMark).order_by(ChainMark.place))] == [
        Answer.SILENT, Answer.SILENT, Answer.VISITED,
    ]  # fmt: skip


def test_a_refusal_ends_an_outreach(session: Session, office: Office) -> None:
    begun(session, office)
    answer(session, office, Answer.REFUSED)
    assert open_titles(session) == []
    assert session.scalars(select(ChainRun)).one().ended_at == NOW


def test_an_answer_taken_back_and_given_again_makes_no_second_step(session: Session, office: Office) -> None:
    begun(session, office)
    actor = office.actor(session, office.officer)
    first = session.scalars(select(FollowUp)).one()
    for _ in range(2):
        followups.complete_follow_up(session, actor, first.id, now=NOW, answer=Answer.SILENT)
        followups.reopen_follow_up(session, actor, first.id, now=NOW)
    assert open_titles(session) == ["发邮件", "致电"]


def test_the_same_start_twice_or_over_one_under_way_begins_nothing(session: Session, office: Office) -> None:
    assert begun(session, office).begun == 1
    assert begun(session, office) == services.Started(0, 1)
    assert begun(session, office, "k2") == services.Started(0, 1)
    assert open_titles(session) == ["发邮件"]


def test_a_stopped_outreach_promises_nothing_more(session: Session, office: Office) -> None:
    begun(session, office)
    run = session.scalars(select(ChainRun)).one()
    services.stop(session, office.actor(session, office.lead), run.id, now=NOW)
    assert open_titles(session) == []
    assert run.ending is Ending.STOPPED
    with pytest.raises(DomainError):
        services.stop(session, office.actor(session, office.outsider), run.id, now=NOW)


def test_nobody_is_given_work_in_a_unit_one_does_not_reach(session: Session, office: Office) -> None:
    chain, firm = outreach(session, office), builders.enterprise(session)
    actor, owner = office.actor(session, office.officer), (office.outsider.id, office.south.id)
    with pytest.raises(DomainError):
        services.start(session, actor, chain.id, [firm.id], owner, key="k", now=NOW, today=TODAY)


def test_each_rung_tells_its_people_once_however_often_the_round_is_made(session: Session, office: Office) -> None:
    promise(session, office, TODAY)
    wanted = {
        0: [("陈晓", "due")],
        5: [("陈晓", "overdue"), ("林涛", "overdue")],
        7: [("陈晓", "overdue"), ("林涛", "overdue"), ("许静", "overdue")],
        11: [("陈晓", "risk"), ("林涛", "risk"), ("许静", "risk")],
    }
    heard: list[tuple[str, str]] = []
    for day in range(14):
        for _ in range(2):
            climbing.climb(session, now=NOW + timedelta(days=day), zone=SHANGHAI)
        heard += sorted(wanted.get(day, []))
        assert sorted(told(session)) == sorted(heard), day


def test_a_round_missed_for_a_week_speaks_of_the_highest_rung_only(session: Session, office: Office) -> None:
    promise(session, office, TODAY - timedelta(days=30))
    assert climbing.climb(session, now=NOW, zone=SHANGHAI) == {"climbed": 1, "told": 3}
    assert {kind for _name, kind in told(session)} == {"risk"}


def test_a_new_deadline_climbs_from_the_ground_again(session: Session, office: Office) -> None:
    row = promise(session, office, TODAY)
    climbing.climb(session, now=NOW, zone=SHANGHAI)
    row.due_on = TODAY + timedelta(days=3)
    session.flush()
    climbing.climb(session, now=NOW + timedelta(days=3), zone=SHANGHAI)
    assert told(session) == [("陈晓", "due"), ("陈晓", "due")]


def test_many_late_promises_of_one_person_are_told_as_one(session: Session, office: Office) -> None:
    for _ in range(6):
        promise(session, office, TODAY)
    climbing.climb(session, now=NOW, zone=SHANGHAI)
    row = session.scalars(select(Notice)).one()
    assert (row.text, row.params["n"]) == (climbing.DUE_MANY, "6")


def test_at_night_and_on_holidays_nobody_is_told(session: Session, office: Office) -> None:
    promise(session, office, TODAY - timedelta(days=1))
    for quiet in (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), datetime(2026, 11, 21, 2, 0, tzinfo=UTC)):
        assert climbing.climb(session, now=quiet, zone=SHANGHAI) == {"climbed": 0, "told": 0}


def test_a_promise_on_a_confidential_project_is_told_to_people_who_know_of_it(session: Session, office: Office) -> None:
    deal = builders.project(
        session, builders.enterprise(session), office.east, office.officer, confidential=True, code_name="青竹"
    )
    promise(session, office, TODAY - timedelta(days=30), project_id=deal.id)
    climbing.climb(session, now=NOW, zone=SHANGHAI)
    assert told(session) == [("陈晓", "risk")]


def test_the_office_sets_its_own_ladder(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    services.save_ladder(session, actor, Ladder(rungs=Ladder().rungs[:1], opens=0, closes=1439), now=NOW)
    promise(session, office, TODAY - timedelta(days=30))
    climbing.climb(session, now=NOW, zone=SHANGHAI)
    assert told(session) == [("陈晓", "due")]


def test_the_head_gives_promises_to_a_colleague_and_both_hear_of_it(session: Session, office: Office) -> None:
    rows = [promise(session, office, TODAY) for _ in range(2)]
    lead, to = office.actor(session, office.lead), (office.colleague.id, office.east.id)
    ids = [row.id for row in rows]
    assert reassigning.reassign(session, lead, ids, to, now=NOW, today=TODAY) == 2
    assert {row.owner_id for row in rows} == {office.colleague.id}
    assert sorted(told(session)) == [("周敏", "handover"), ("陈晓", "handover")]


def test_promises_of_others_and_secrets_are_not_given_away(session: Session, office: Office) -> None:
    row = promise(session, office, TODAY)
    to_south, to_east = (office.outsider.id, office.south.id), (office.colleague.id, office.east.id)
    outsider, lead = office.actor(session, office.outsider), office.actor(session, office.lead)
    for actor, to in ((outsider, to_south), (lead, to_south), (lead, None)):
        with pytest.raises(DomainError):
            reassigning.reassign(session, actor, [row.id], to, now=NOW, today=TODAY)
    deal = builders.project(
        session, builders.enterprise(session), office.east, office.lead, confidential=True, code_name="青竹"
    )
    secret = promise(session, office, TODAY, project_id=deal.id)
    with pytest.raises(DomainError) as refused:
        reassigning.reassign(session, lead, [secret.id], to_east, now=NOW, today=TODAY)
    assert refused.value.problems[0].key == "reassign.secret"
    assert row.owner_id == office.officer.id
