from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.core import options
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError
from crm.pipeline.admission import silence
from crm.pipeline.admission import terms as settings
from crm.pipeline.admission.models import Opinion, OpinionAnswer
from crm.pipeline.admission.rules import NoticeWay, Verdict
from crm.pipeline.admission.silence import NoticeDraft
from crm.pipeline.models import Review
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import lead, walk
from tests.support import admission
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office

LATER = date(2026, 12, 1)
THEN = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PROOF = NoticeDraft(NoticeWay.OFFICIAL, "云招函〔2026〕41号，张某签收", TODAY)


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    """Return a project in review on which two departments keep silent: one statutory, one internal."""
    made = walk(session, office, lead(session, office), Stage.REVIEWING)
    admission.opened(session, office, made)
    admission.answered(session, office, made, economy="", planning="")
    admission.scored(session, office, made)
    admission.voted(session, office, made, "agree", "agree", "agree")
    return made


def why(act: Callable[[], object]) -> list[str]:
    with pytest.raises(DomainError) as refusal:
        act()
    return [problem.key for problem in refusal.value.problems]


def asked(session: Session, dimension: str) -> Opinion:
    return session.scalars(select(Opinion).where(Opinion.dimension == dimension)).one()


def notified(session: Session, office: Office, project: Project, dimension: str) -> None:
    actor = office.actor(session, office.registrar)
    silence.notify(session, actor, project.id, asked(session, dimension).id, PROOF, now=NOW, today=TODAY)


def deem(session: Session, office: Office, project: Project, dimension: str, day: date = LATER) -> OpinionAnswer:
    who = admission.panel(session, office).reviewers[dimension].id
    actor, opinion = office.actor(session, office.registrar), asked(session, dimension)
    return silence.deem(session, actor, project.id, opinion.id, responsible_id=who, now=THEN, today=day)


def allow(session: Session, office: Office, **changes: object) -> None:
    value = settings.dump(settings.current(session)) | {"deemed": True, **changes}
    options.write(session, office.registrar.id, settings.KEY, value, now=NOW)


def test_silence_counts_for_nothing_until_the_office_says_so(
    session: Session, office: Office, project: Project
) -> None:
    notified(session, office, project, "economy")
    assert why(lambda: deem(session, office, project, "economy")) == ["deemed.off"]
    assert "case.opinion" in why(lambda: admission.decided(session, office, project, "pass"))


def test_silence_needs_proof_of_notice_and_a_day_that_has_passed(
    session: Session, office: Office, project: Project
) -> None:
    allow(session, office)
    assert why(lambda: deem(session, office, project, "economy", TODAY)) == ["deemed.early", "deemed.notice"]
    notified(session, office, project, "economy")
    answer = deem(session, office, project, "economy")
    person = admission.panel(session, office).reviewers["economy"]
    assert (answer.verdict, answer.responsible_id) == (Verdict.DEEMED, person.id)
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "opinion.deem")).one()
    assert logged.detail["responsible"] == person.name
    assert why(lambda: deem(session, office, project, "economy")) == ["deemed.answered"]


def test_a_statutory_opinion_is_never_deemed_whatever_the_office_sets(
    session: Session, office: Office, project: Project
) -> None:
    allow(session, office, internal=["planning", "economy", "law", "environment"])
    notified(session, office, project, "planning")
    assert why(lambda: deem(session, office, project, "planning")) == ["deemed.statutory"]
    notified(session, office, project, "economy")
    deem(session, office, project, "economy")
    assert why(lambda: admission.decided(session, office, project, "pass")) == ["case.opinion"]


def test_a_case_with_a_lawful_silence_closes_and_shows_it_as_what_it_is(
    session: Session, office: Office, project: Project
) -> None:
    allow(session, office)
    notified(session, office, project, "economy")
    deem(session, office, project, "economy")
    admission.answered(
        session, office, project, **dict.fromkeys(("law", "industry_policy", "admission"), ""), economy=""
    )
    admission.decided(session, office, project, "pass")
    assert session.scalars(select(Review)).one().opinions["economy"] == "deemed"


def test_an_opinion_that_is_not_internal_is_not_deemed(session: Session, office: Office, project: Project) -> None:
    allow(session, office, internal=["admission"])
    notified(session, office, project, "economy")
    assert why(lambda: deem(session, office, project, "economy")) == ["deemed.external"]


def test_a_notice_names_its_way_its_reference_and_a_day_since_the_question(
    session: Session, office: Office, project: Project
) -> None:
    actor, opinion = office.actor(session, office.registrar), asked(session, "economy")
    for draft, key in (
        (NoticeDraft(None, "文号1", TODAY), "notice.way"),
        (NoticeDraft(NoticeWay.PHONE, " ", TODAY), "notice.reference"),
        (NoticeDraft(NoticeWay.PHONE, "文号1", TODAY - timedelta(days=1)), "notice.sent_on"),
        (NoticeDraft(NoticeWay.PHONE, "文号1", TODAY + timedelta(days=1)), "notice.sent_on"),
    ):
        act = lambda draft=draft: silence.notify(session, actor, project.id, opinion.id, draft, now=NOW, today=TODAY)  # noqa: E731 (bound in the loop)
        assert why(act) == [key]
