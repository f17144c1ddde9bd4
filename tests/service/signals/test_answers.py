from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import jobs
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.core.tasks import Task
from crm.linking import answers_evidence
from crm.linking import answers_names as names
from crm.linking.answers_models import MentionAnswer, NameVerdict, Verdict
from crm.linking.models import Mention, MentionState
from crm.signals import answers, services
from crm.signals.answers import WRONG_COMPANY
from crm.signals.models import Signal, SignalState
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Enterprise
    from crm.news.models import Article

NAME = "云岭电子股份有限公司"
BODY = "云岭电子股份有限公司宣布，计划投资12亿元在云溪县建设新工厂。"


def read(session: Session, **fields: object) -> Article:
    page = builders.article(session, "本地产业要闻", BODY, **fields)
    services.analyse(session, [page.id], now=NOW)
    return page


def only(session: Session) -> Mention:
    return session.scalars(select(Mention)).one()


def signals(session: Session) -> list[tuple[int, str]]:
    return [(row.enterprise_id, row.state.value) for row in session.scalars(select(Signal).order_by(Signal.id))]


@pytest.fixture
def firm(session: Session) -> Enterprise:
    return builders.enterprise(session, NAME)


@pytest.fixture
def actor(session: Session, office: builders.Office) -> Actor:
    return office.actor(session, office.registrar)


def test_a_wrong_company_loses_its_undecided_signal_and_gets_it_back(
    session: Session, actor: Actor, firm: Enterprise
) -> None:
    page = read(session)
    said = answers.answer(session, actor, only(session).id, right=False, now=NOW)
    assert (only(session).state, signals(session)) == (MentionState.REFUSED, [])
    tasks = session.scalars(select(Task).where(Task.kind.in_([jobs.ANALYSE, jobs.RESCORE]))).all()
    assert {task.kind for task in tasks} == {jobs.ANALYSE, jobs.RESCORE}

    services.analyse(session, [page.id], now=NOW)
    assert (only(session).state, signals(session)) == (MentionState.REFUSED, [])

    answers.undo(session, actor, said.answer.id, now=NOW)
    services.analyse(session, [page.id], now=NOW)
    assert (only(session).state, signals(session)) == (MentionState.LINKED, [(firm.id, "new")])
    actions = set(session.scalars(select(AuditEvent.action)))
    assert {"mention.refused", "mention.undone"} <= actions


def test_an_undecided_signal_moves_to_the_company_a_person_names(
    session: Session, actor: Actor, firm: Enterprise
) -> None:
    page, other = read(session), builders.enterprise(session, "云岭另一家有限公司")
    said = answers.answer(session, actor, only(session).id, right=False, enterprise_id=other.id, now=NOW)
    services.analyse(session, [page.id], now=NOW)
    assert (only(session).enterprise_id, signals(session)) == (other.id, [(other.id, "new")])

    answers.undo(session, actor, said.answer.id, now=NOW)
    services.analyse(session, [page.id], now=NOW)
    assert (only(session).enterprise_id, signals(session)) == (firm.id, [(firm.id, "new")])


def test_a_decided_signal_is_kept_and_marked(session: Session, actor: Actor, firm: Enterprise) -> None:
    read(session)
    row = session.scalars(select(Signal)).one()
    row.state, row.decided_by, row.decided_at = SignalState.ACCEPTED, actor.user_id, NOW
    said = answers.answer(session, actor, only(session).id, right=False, now=NOW)
    assert (row.enterprise_id, WRONG_COMPANY in row.reasons) == (firm.id, True)
    answers.undo(session, actor, said.answer.id, now=NOW)
    assert WRONG_COMPANY not in row.reasons


def test_an_answer_holds_for_the_reposts_of_a_story(session: Session, actor: Actor, firm: Enterprise) -> None:
    first = read(session)
    second = read(session, cluster_id=first.cluster_id)
    one = session.scalars(select(Mention).where(Mention.article_id == first.id)).one()
    answers.answer(session, actor, one.id, right=False, now=NOW)
    services.analyse(session, [second.id], now=NOW)
    states = set(session.scalars(select(Mention.state).where(Mention.enterprise_id == firm.id)))
    assert states == {MentionState.REFUSED}
    assert len(session.scalars(select(MentionAnswer)).all()) == 1


@pytest.mark.usefixtures("firm")
def test_what_was_answered_is_not_answered_twice(session: Session, actor: Actor) -> None:
    read(session)
    mention = only(session)
    with pytest.raises(DomainError) as same:
        answers.answer(session, actor, mention.id, right=False, enterprise_id=mention.enterprise_id, now=NOW)
    assert [problem.key for problem in same.value.problems] == ["mention.same"]
    answers.answer(session, actor, mention.id, right=True, now=NOW)
    with pytest.raises(ConflictError):
        answers.answer(session, actor, mention.id, right=False, now=NOW)


@pytest.mark.usefixtures("firm")
def test_a_leader_reads_but_does_not_teach(session: Session, office: builders.Office) -> None:
    read(session)
    with pytest.raises(ForbiddenError):
        answers.answer(session, office.actor(session, office.leader), only(session).id, right=True, now=NOW)


def test_a_name_refused_three_times_asks_for_a_cue_or_is_excluded(
    session: Session, actor: Actor, firm: Enterprise
) -> None:
    builders.enterprise(session, "云岭另一家有限公司")
    for _ in range(3):
        page = read(session)
        mention = session.scalars(select(Mention).where(Mention.article_id == page.id)).one()
        said = answers.answer(session, actor, mention.id, right=False, now=NOW)
    verdict = session.scalars(select(NameVerdict)).one()
    assert (verdict.verdict, verdict.answers) == (Verdict.CUE, 3)  # the registered name is never excluded by itself
    answers.undo(session, actor, said.answer.id, now=NOW)
    assert names.verdict_of(session, firm.id, NAME) is None


def test_a_name_said_to_be_never_the_company_is_refused_at_once_and_for_the_future(
    session: Session, actor: Actor, firm: Enterprise
) -> None:
    read(session)
    verdict = answers.decree(session, actor, firm.id, NAME, Verdict.NEVER, now=NOW)
    assert (only(session).state, signals(session)) == (MentionState.REFUSED, [])
    page = read(session)
    assert signals(session) == []
    answers.revoke(session, actor, verdict.id, now=NOW)
    services.analyse(session, [page.id], now=NOW)
    assert signals(session) == [(firm.id, "new")]


def test_an_answer_is_an_example_with_what_stood_around_the_name(
    session: Session, actor: Actor, firm: Enterprise
) -> None:
    read(session)
    answers.answer(session, actor, only(session).id, right=True, now=NOW)
    example = answers_evidence.examples(session)[0]
    assert (example.right, "kind_full" in example.evidence) == (True, True)
    assert firm.name in session.scalars(select(MentionAnswer.context)).one()
