"""Satisfaction surveys: read them, open one, take the answer of a firm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from crm.aftercare.surveys.models import Survey, SurveyAnswer
from crm.aftercare.surveys.rules import SurveyDraft, answer_problems, draft_problems
from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.queries import enterprise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "survey"
ABSENT = Problem("survey.absent", "没有这次调查，或者不在您的查看范围内。")
FORBIDDEN = Problem("survey.forbidden", "您的角色不能发起或代填满意度调查。")
TWICE = Problem("survey.twice", "贵企业已经填过这次调查，谢谢。")
MOST = 2_000  # answers counted on one page


@dataclass(frozen=True, slots=True)
class Row:
    """A survey with how many firms answered."""

    survey: Survey
    answers: int


def get(session: Session, actor: Actor, survey_id: int) -> Survey:
    """Return a survey of a unit the person may read."""
    here = within(Survey.unit_id, actor, Permission.CASE_READ)
    found: Survey | None = session.scalar(select(Survey).where(Survey.id == survey_id, here))
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def known(session: Session, survey_id: int) -> Survey:
    """Return a survey for a firm that holds its link."""
    found = session.get(Survey, survey_id)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def listing(session: Session, actor: Actor, *, cursor: str | None) -> Page[Row]:
    """Return a page of surveys, newest first."""
    answers = select(func.count(SurveyAnswer.id)).where(SurveyAnswer.survey_id == Survey.id)
    statement = select(Survey, answers.correlate(Survey).scalar_subquery())
    statement = statement.where(within(Survey.unit_id, actor, Permission.CASE_READ))
    order = (Key(Survey.id, descending=True),)
    page = fetch_page(session, cast("Any", statement), order, lambda row: (row[0].id,), cursor=cursor)
    return Page(tuple(Row(*row) for row in page.rows), page.next, page.previous)


def answers(session: Session, survey_id: int) -> list[SurveyAnswer]:
    """Give the answers to a survey, newest first."""
    statement = select(SurveyAnswer).where(SurveyAnswer.survey_id == survey_id)
    statement = statement.options(joinedload(SurveyAnswer.enterprise)).order_by(SurveyAnswer.id.desc()).limit(MOST)
    return list(session.scalars(statement))


def answered(session: Session, survey_id: int, enterprise_id: int) -> bool:
    """Whether a firm has answered."""
    here = (SurveyAnswer.survey_id == survey_id, SurveyAnswer.enterprise_id == enterprise_id)
    return session.scalar(select(SurveyAnswer.id).where(*here)) is not None


def begin(session: Session, actor: Actor, draft: SurveyDraft, *, now: datetime, today: date) -> Survey:
    """Open a survey."""
    if not actor.may(Permission.CASE_WRITE) or not actor.unit_ids:
        raise ForbiddenError(FORBIDDEN)
    problems = draft_problems(draft, today=today)
    if problems:
        raise DomainError(*problems)
    row = Survey(
        title=draft.title.strip(),
        unit_id=actor.unit_ids[0],
        questions=list(draft.questions),
        closes_on=draft.closes_on,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "survey.open", (SUBJECT, row.id), now=now, questions=len(draft.questions))
    return row


def answer(  # noqa: PLR0913 (whose answer, to what, when)
    session: Session,
    actor: Actor | None,
    survey: Survey,
    enterprise_id: int,
    scores: Sequence[int | None],
    remark: str,
    *,
    now: datetime,
    today: date,
) -> SurveyAnswer:
    """Take the answer of a firm, once; ``actor`` is who typed it in, None where the firm did itself on its link."""
    if actor is not None and not actor.may(Permission.CASE_WRITE):
        raise ForbiddenError(FORBIDDEN)
    firm = enterprise(session, enterprise_id)
    problems = answer_problems(len(survey.questions), scores, survey.closes_on, today)
    if not problems and answered(session, survey.id, firm.id):
        problems.append(TWICE)
    if problems:
        raise DomainError(*problems)
    by = actor.user_id if actor else None
    row = SurveyAnswer(
        survey_id=survey.id,
        enterprise_id=firm.id,
        scores=list(scores),
        remark=remark.strip() or None,
        typed_by=by,
        at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:  # the same link sent twice at once
        raise DomainError(TWICE) from error
    audit.record(session, by, "survey.answer", (SUBJECT, survey.id), now=now, enterprise=firm.id)
    return row
