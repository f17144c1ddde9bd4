"""Papers of projects as lines of a stream: reviews, opinions, approvals, agreements, exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.pipeline.admission.models import CaseDecision, Opinion, OpinionAnswer, ReviewCase
from crm.pipeline.admission.rules import Outcome
from crm.pipeline.approval.models import Approval, ApprovalStep
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.models import Agreement, Review
from crm.stream.columns import line, on_projects

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select

    from crm.auth.rules import Actor
    from crm.stream.subject import Subject

    Source = Callable[[Actor, Subject], Select[Any]]


def reviews(_actor: Actor, about: Subject) -> Select[Any]:
    """Results of pre-admission reviews."""
    what = line("review", Review.id, Review.decided_at, Review.decided_by, project=Review.project_id)
    text = {"a": Review.result, "b": Review.note, "c": Review.minutes_no}
    return what(text).where(on_projects(Review.project_id, about))


def opinions(_actor: Actor, about: Subject) -> Select[Any]:
    """What departments said; a later answer is a line of its own."""
    what = line("opinion", OpinionAnswer.id, OpinionAnswer.at, OpinionAnswer.by, project=ReviewCase.project_id)
    statement = what({"a": OpinionAnswer.verdict, "b": OpinionAnswer.body, "c": OpinionAnswer.dimension})
    statement = statement.join(Opinion, Opinion.id == OpinionAnswer.opinion_id)
    statement = statement.join(ReviewCase, ReviewCase.id == Opinion.case_id)
    return statement.where(on_projects(ReviewCase.project_id, about))


def deferrals(_actor: Actor, about: Subject) -> Select[Any]:
    """Sittings of the board that put a decision off; those that decided are reviews."""
    what = line("deferral", CaseDecision.id, CaseDecision.at, CaseDecision.by, project=ReviewCase.project_id)
    statement = what({"a": CaseDecision.outcome, "b": CaseDecision.note, "c": CaseDecision.minutes_no})
    statement = statement.join(ReviewCase, ReviewCase.id == CaseDecision.case_id)
    return statement.where(on_projects(ReviewCase.project_id, about), CaseDecision.outcome == Outcome.DEFER)


def approvals(_actor: Actor, about: Subject) -> Select[Any]:
    """Papers sent for approval."""
    what = line("approval", Approval.id, Approval.started_at, Approval.started_by, project=Approval.project_id)
    return what({"a": Approval.category, "b": Approval.title}).where(on_projects(Approval.project_id, about))


def steps(_actor: Actor, about: Subject) -> Select[Any]:
    """What a station did with a paper."""
    what = line("step", ApprovalStep.id, ApprovalStep.at, ApprovalStep.by, project=ApprovalStep.project_id)
    text = {"a": ApprovalStep.result, "b": ApprovalStep.body, "c": ApprovalStep.station, "d": ApprovalStep.minutes_no}
    return what(text).where(on_projects(ApprovalStep.project_id, about))


def agreements(_actor: Actor, about: Subject) -> Select[Any]:
    """Agreements that were reported."""
    what = line("agreement", Agreement.id, Agreement.reported_at, Agreement.reported_by, project=Agreement.project_id)
    text = {"a": Agreement.kind, "b": Agreement.number, "c": Agreement.amount}
    return what(text).where(on_projects(Agreement.project_id, about))


def recognitions(_actor: Actor, about: Subject) -> Select[Any]:
    """Contracts that were recognised."""
    what = line(
        "recognized", Agreement.id, Agreement.recognized_at, Agreement.recognized_by, project=Agreement.project_id
    )
    text = {"a": Agreement.kind, "b": Agreement.difference_reason, "c": Agreement.recognized_amount}
    return what(text).where(on_projects(Agreement.project_id, about), Agreement.recognized_at.is_not(None))


def requests(_actor: Actor, about: Subject) -> Select[Any]:
    """Exceptions that were asked for."""
    what = line(
        "exception", GateException.id, GateException.asked_at, GateException.asked_by, project=GateException.project_id
    )
    text = {"a": GateException.kind, "b": GateException.reason}
    return what(text).where(on_projects(GateException.project_id, about))


def rulings(_actor: Actor, about: Subject) -> Select[Any]:
    """What leaders decided on them."""
    what = line(
        "ruling",
        GateException.id,
        GateException.decided_at,
        GateException.decided_by,
        project=GateException.project_id,
    )
    text = {"a": GateException.state, "b": GateException.note, "c": GateException.decision_no}
    return what(text).where(on_projects(GateException.project_id, about), GateException.decided_at.is_not(None))


SOURCES: dict[str, Source] = {
    "review": reviews,
    "opinion": opinions,
    "deferral": deferrals,
    "approval": approvals,
    "step": steps,
    "agreement": agreements,
    "recognized": recognitions,
    "exception": requests,
    "ruling": rulings,
}
