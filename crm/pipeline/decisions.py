"""Writes that somebody else than the owner must make, or that figures rest on: reviews and agreements."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.pipeline import limits, queries
from crm.pipeline.admission.closing import decision_problems
from crm.pipeline.admission.facts import gather
from crm.pipeline.admission.rules import CaseState, Outcome
from crm.pipeline.counting import finding as counting
from crm.pipeline.counting.queries import barred
from crm.pipeline.deals import covenants, setting
from crm.pipeline.deals.rules import foreign_problems
from crm.pipeline.models import Agreement, Review
from crm.pipeline.rules import ReviewResult, Stage

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.filestore import Upload
    from crm.pipeline.admission.closing import DecisionDraft
    from crm.pipeline.admission.facts import Gathered
    from crm.pipeline.admission.models import ReviewCase
    from crm.pipeline.limits import AgreementDraft
    from crm.pipeline.models import Project

SUBJECT = "agreement"
SELF = Problem("recognize.self", "上报人不能认定自己上报的协议，请由认定员办理。")


def check_decision(
    session: Session, project: Project, case: ReviewCase, draft: DecisionDraft, *, today: date
) -> Gathered:
    """Return what a case rests on; raise DomainError with everything that forbids the decision."""
    left = project.exit_kind is not None
    problems = limits.review_problems(Stage(project.stage), left=left)
    found = gather(session, project, case, today)
    _refuse(problems + decision_problems(found.facts, draft, today=today))
    return found


def add_review(
    session: Session,
    actor: Actor,
    project_id: int,
    case: ReviewCase,
    draft: DecisionDraft,
    *,
    now: datetime,
    today: date,
) -> Review:
    """Write the result the gate reads: only of a complete case, by somebody who neither owns nor registered it."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_REVIEW)
    if case.project_id != project.id or case.state is not CaseState.OPEN or draft.outcome is Outcome.DEFER:
        raise ConflictError(Problem("case.closed", "这次评审已经作出结论，不能再改。"))
    if actor.user_id in {project.owner_id, project.created_by}:
        raise DomainError(Problem("review.own", "项目负责人和登记人不能评审自己的项目，请由其他人办理。"))
    found = check_decision(session, project, case, draft, today=today)
    review = Review(
        project_id=project.id,
        opinions={key: str(verdict) for key, verdict in found.facts.verdicts.items()},
        result=ReviewResult.PASSED if draft.outcome is Outcome.ADMIT else ReviewResult.FAILED,
        minutes_no=draft.minutes_no.strip(),
        note=draft.note.strip() or None,
        decided_by=actor.user_id,
        decided_at=now,
    )
    session.add(review)
    session.flush()
    detail = {"project": project.id, "result": str(review.result), "minutes": review.minutes_no}
    audit.record(session, actor.user_id, "review.add", ("review", review.id), now=now, **detail)
    return review


def add_agreement(  # noqa: PLR0913 (the scan and its folder belong together and may be left out)
    session: Session,
    actor: Actor,
    project_id: int,
    draft: AgreementDraft,
    *,
    now: datetime,
    today: date,
    scan: Upload | None = None,
    folder: Path | None = None,
) -> Agreement:
    """Report (上报) an agreement, with its scan if there is one; one number counts once a project."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    left = project.exit_kind is not None
    problems = limits.agreement_problems(Stage(project.stage), draft, left=left, today=today)
    problems += foreign_problems(draft.foreign, setting.current(session).currencies, today=today)
    _refuse(problems + _number_problems(session, project.id, draft))
    if scan is not None:
        filestore.check(scan, "scan")
    agreement = Agreement(
        project_id=project.id,
        unit_id=project.unit_id,
        kind=draft.kind,
        number=(draft.number or "").strip() or None,
        signed_on=draft.signed_on,
        amount=draft.amount,
        reported_by=actor.user_id,
        reported_at=now,
        **covenants.columns(draft),
    )
    session.add(agreement)
    session.flush()
    covenants.write(session, agreement, draft.covenant, now=now)
    if scan is not None and folder is not None:
        filestore.store(session, folder, (SUBJECT, agreement.id), scan, by=actor.user_id, now=now)
    detail = {"project": project.id, "kind": str(draft.kind), "amount": str(draft.amount)}
    audit.record(session, actor.user_id, "agreement.report", (SUBJECT, agreement.id), now=now, **detail)
    counting.notice(session, project, now=now)
    return agreement


def recognize_agreement(
    session: Session,
    actor: Actor,
    project_id: int,
    agreement_id: int,
    *,
    amount: Decimal,
    reason: str,
    now: datetime,
) -> Agreement:
    """Recognise (认定) a reported contract, once, by somebody other than its reporter; none that a rule bars."""
    agreement = _to_recognize(session, actor, project_id, agreement_id)
    _refuse(limits.recognition_problems(agreement.kind, agreement.amount, amount, reason))
    _refuse(barred(session, project_id, agreement.id))
    agreement.recognized_amount, agreement.recognized_by, agreement.recognized_at = amount, actor.user_id, now
    agreement.difference_reason = reason.strip() or None
    detail = {"project": project_id, "reported": str(agreement.amount), "recognized": str(amount)}
    audit.record(session, actor.user_id, "agreement.recognize", (SUBJECT, agreement.id), now=now, **detail)
    session.flush()
    return agreement


def refuse_agreement(
    session: Session, actor: Actor, project_id: int, agreement_id: int, *, reason: str, now: datetime
) -> Agreement:
    """Recognise nothing of a reported contract (不予认定) and say why; by somebody other than its reporter."""
    agreement = _to_recognize(session, actor, project_id, agreement_id)
    _refuse(limits.refusal_problems(agreement.kind, reason))
    agreement.recognized_amount, agreement.recognized_by, agreement.recognized_at = Decimal(0), actor.user_id, now
    agreement.difference_reason = reason.strip()
    detail = {"project": project_id, "reported": str(agreement.amount), "reason": reason.strip()}
    audit.record(session, actor.user_id, "agreement.refuse", (SUBJECT, agreement.id), now=now, **detail)
    session.flush()
    return agreement


def _to_recognize(session: Session, actor: Actor, project_id: int, agreement_id: int) -> Agreement:
    queries.get_for(session, actor, project_id, Permission.AGREEMENT_RECOGNIZE)
    agreement = queries.get_agreement(session, project_id, agreement_id, lock=True)
    if agreement.reported_by == actor.user_id:
        raise ForbiddenError(SELF)
    if agreement.recognized_at is not None:
        raise ConflictError(Problem("recognize.done", "这份协议已经认定过了。"))
    return agreement


def _number_problems(session: Session, project_id: int, draft: AgreementDraft) -> list[Problem]:
    number = (draft.number or "").strip()
    if not number:
        return []
    statement = select(Agreement.id).where(Agreement.project_id == project_id, Agreement.number == number)
    if session.scalar(statement) is None:
        return []
    return [Problem("agreement.number", "本项目已登记过这个编号的协议，一份协议只计一次。", "number")]


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
