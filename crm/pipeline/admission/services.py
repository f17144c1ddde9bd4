"""Writes of pre-admission reviews: ask, answer, notify, score, vote, decide. Nothing here commits or edits a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth.rules import Permission
from crm.core import audit, filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.scored import want_score
from crm.core.workdays import add_workdays
from crm.pipeline import decisions, telling
from crm.pipeline import queries as projects
from crm.pipeline.admission import queries
from crm.pipeline.admission import terms as office
from crm.pipeline.admission.models import (
    CaseDecision,
    Opinion,
    OpinionAnswer,
    ReviewCase,
    ScoreLine,
)
from crm.pipeline.admission.rules import (
    DIMENSIONS,
    CaseState,
    Outcome,
    Verdict,
    answer_problems,
    opening_problems,
)
from crm.pipeline.admission.scorecard import points_problems
from crm.pipeline.limits import money_problems
from crm.pipeline.rules import ReviewResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.filestore import Upload
    from crm.pipeline.admission.closing import DecisionDraft
    from crm.pipeline.models import Project

KIND = "review_case"
NO_CASE = Problem("case.absent", "本项目没有正在进行的评审。")
NO_OPINION = Problem("opinion.absent", "没有这项意见，或者不在您的查看范围内。")
NOT_SPEAKER = Problem("opinion.speaker", "只有被征求意见部门的会审员能出具这项意见。")
OWN = Problem("review.own", "项目负责人和登记人不能评审自己的项目，请由其他人办理。")


def open_case(
    session: Session,
    actor: Actor,
    project_id: int,
    departments: Mapping[str, int],
    *,
    annual_tax: Decimal | None,
    now: datetime,
    today: date,
) -> ReviewCase:
    """Open a review: the six opinions are asked of their departments, each with a due date.

    The registrar opens it, or the owner of the project asks for it; the office's terms of the day are kept with it.
    """
    project = projects.get(session, actor, project_id)
    if not (actor.reaches(Permission.PROJECT_REVIEW, project.unit_id) or project.owner_id == actor.user_id):
        raise ForbiddenError(projects.FORBIDDEN)
    terms = office.current(session)
    asked = {**terms.departments, **departments}
    left, running = project.exit_kind is not None, queries.open_case(session, project.id) is not None
    _refuse(opening_problems(project.stage, asked, left=left, running=running))
    known = {unit.id for unit in office.departments(session, today)}
    if not set(asked.values()) <= known:
        raise DomainError(Problem("terms.department", "出具意见的须是现有的部门类机构。"))
    if annual_tax is not None and annual_tax < 0:
        raise DomainError(Problem("case.tax", "预计年税收不能为负。", "annual_tax"))
    _refuse(money_problems(annual_tax or None, "annual_tax"))
    number = session.scalar(select(func.max(ReviewCase.number)).where(ReviewCase.project_id == project.id)) or 0
    case = ReviewCase(
        project_id=project.id,
        number=number + 1,
        decision_due=add_workdays(today, terms.decision_days),
        annual_tax=annual_tax,
        terms=office.dump(terms),
        opened_by=actor.user_id,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    due_on = add_workdays(today, terms.opinion_days)
    for key in DIMENSIONS:
        facts = {"dimension": key, "department_id": asked[key], "due_on": due_on}
        session.add(Opinion(case_id=case.id, asked_by=actor.user_id, asked_at=now, **facts))
    session.flush()
    audit.record(session, actor.user_id, "case.open", (KIND, case.id), now=now, project=project.id, asked=asked)
    telling.opinions_asked(session, actor, project, asked.values(), due_on, now=now)
    return case


def opinion_of(session: Session, project_id: int, opinion_id: int, *, lock: bool = False) -> tuple[ReviewCase, Opinion]:
    """Return an opinion of a project with its case; the project was found to be readable before."""
    statement = (
        select(ReviewCase, Opinion)
        .join(Opinion, Opinion.case_id == ReviewCase.id)
        .where(Opinion.id == opinion_id, ReviewCase.project_id == project_id)
    )
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFoundError(NO_OPINION)
    return row[0], row[1]


def open_opinion(session: Session, project_id: int, opinion_id: int) -> tuple[ReviewCase, Opinion]:
    """Return an opinion of a running case, locked."""
    case, opinion = opinion_of(session, project_id, opinion_id, lock=True)
    if case.state is not CaseState.OPEN:
        raise ConflictError(Problem("case.closed", "这次评审已经作出结论，不能再改。"))
    return case, opinion


def give_opinion(  # noqa: PLR0913 (the paper and its folder belong together and may be left out)
    session: Session,
    actor: Actor,
    project_id: int,
    opinion_id: int,
    verdict: Verdict | None,
    text: str,
    *,
    now: datetime,
    conditions: str = "",
    reason: str = "",
    paper: Upload | None = None,
    folder: Path | None = None,
) -> OpinionAnswer:
    """Give a department's opinion; a correction is one more row with its reason."""
    project = queries.get_project(session, actor, project_id)
    _case, opinion = open_opinion(session, project.id, opinion_id)
    if not actor.reaches(Permission.OPINION_GIVE, opinion.department_id):
        raise ForbiddenError(NOT_SPEAKER)
    _own(project, actor)
    again = session.scalar(select(OpinionAnswer.id).where(OpinionAnswer.opinion_id == opinion.id).limit(1)) is not None
    _refuse(answer_problems(verdict, text, conditions, again=again, reason=reason))
    if paper is not None:
        filestore.check(paper, "paper")
    answer = OpinionAnswer(
        opinion_id=opinion.id,
        dimension=opinion.dimension,
        verdict=verdict,
        body=text.strip(),
        conditions=conditions.strip() or None,
        reason=reason.strip() or None,
        by=actor.user_id,
        at=now,
    )
    session.add(answer)
    session.flush()
    if paper is not None and folder is not None:
        filestore.store(session, folder, (queries.FILES, answer.id), paper, by=actor.user_id, now=now)
    detail = {"project": project.id, "dimension": opinion.dimension, "verdict": str(verdict), "again": again}
    audit.record(session, actor.user_id, "opinion.give", ("opinion", opinion.id), now=now, **detail)
    return answer


def score(
    session: Session,
    actor: Actor,
    project_id: int,
    lines: Mapping[str, tuple[Decimal, str]],
    *,
    now: datetime,
) -> list[ScoreLine]:
    """Write lines of the scorecard, each with its reason; a changed line is a new row."""
    project, case = _reviewing(session, actor, project_id)
    terms = office.load(case.terms)
    points = {key: value for key, (value, _reason) in lines.items()}
    problems = points_problems(points, terms.weights)
    problems += [
        Problem("score.reason", "请写明给分的理由。", f"{key}_reason")
        for key, (_v, why) in lines.items()
        if not why.strip()
    ]
    _refuse(problems)
    known = queries.score_lines(session, case.id)
    made = []
    for key, (value, reason) in lines.items():
        before = known.get(key)
        if key not in terms.weights or (before and (before[0].points, before[0].reason) == (value, reason.strip())):
            continue
        row = ScoreLine(case_id=case.id, criterion=key, points=value, reason=reason.strip(), by=actor.user_id, at=now)
        session.add(row)
        made.append(row)
    session.flush()
    detail = {row.criterion: str(row.points) for row in made}
    audit.record(session, actor.user_id, "case.score", (KIND, case.id), now=now, project=project.id, lines=detail)
    want_score(session, [project.enterprise_id], now=now)
    return made


def decide(
    session: Session, actor: Actor, project_id: int, draft: DecisionDraft, *, now: datetime, today: date
) -> CaseDecision:
    """Record what the board decided: pass and fail close the case and write the review the gate reads."""
    project, case = _reviewing(session, actor, project_id, lock=True)
    _own(project, actor)
    review, found = None, decisions.check_decision(session, project, case, draft, today=today)
    if draft.outcome is not Outcome.DEFER:
        review = decisions.add_review(session, actor, project_id, case, draft, now=now, today=today)
    counted = found.facts.tally
    row = CaseDecision(
        case_id=case.id,
        sitting=case.sitting,
        outcome=draft.outcome,
        minutes_no=draft.minutes_no.strip(),
        minutes_on=draft.minutes_on,
        note=draft.note.strip() or None,
        override=draft.override.strip() or None,
        due_on=draft.due_on if draft.outcome is Outcome.DEFER else None,
        score=found.score,
        tally={"eligible": counted.eligible, "agree": counted.agree, "disagree": counted.disagree}
        | {"abstain": counted.abstain, "under_floor": list(found.facts.under_floor)},
        by=actor.user_id,
        at=now,
    )
    session.add(row)
    if review is None:
        case.sitting, case.decision_due = case.sitting + 1, draft.due_on or case.decision_due
    else:
        passed = review.result is ReviewResult.PASSED
        case.state, case.closed_at, case.review_id = CaseState.PASSED if passed else CaseState.FAILED, now, review.id
    session.flush()
    detail = {"project": project.id, "outcome": str(draft.outcome), "override": row.override, "tally": row.tally}
    audit.record(session, actor.user_id, "case.decide", (KIND, case.id), now=now, **detail)
    return row


def _reviewing(session: Session, actor: Actor, project_id: int, *, lock: bool = False) -> tuple[Project, ReviewCase]:
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_REVIEW)
    case = queries.open_case(session, project.id, lock=lock)
    if case is None:
        raise ConflictError(NO_CASE)
    return project, case


def _own(project: Project, actor: Actor) -> None:
    if actor.user_id in {project.owner_id, project.created_by}:
        raise DomainError(OWN)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
