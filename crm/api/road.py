"""The road of a project for programs: its history, what a gate demands, moving, its agreements."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from crm.api import projects
from crm.api.fields import Answer, Asked, Body, Listed, LongText, Paged, Short
from crm.api.operations import Door, group, operation
from crm.api.projects import Project
from crm.api.scopes import Scope
from crm.api.versions import matched, unchanged
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.pipeline import queries, record, rules, services
from crm.pipeline.facts import facts_of
from crm.pipeline.moves import HandOver
from crm.pipeline.rules import STAGE_LABELS, AgreementKind, Stage
from crm.web import db, timing
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from crm.pipeline.record import Filed

bp = group("road", "projects")
MOVE = Door(Scope.PROJECTS_MOVE, Permission.PROJECT_MOVE)
PAPERS = Door(Scope.AGREEMENTS_READ, Permission.PROJECT_READ)


class Step(Answer):
    """One change of stage; an undo names in ``undoes`` the change it took back."""

    seq: int
    from_stage: Stage | None
    to_stage: Stage
    at: datetime
    by: str
    reason: str | None
    takes_over: str | None
    promised: str | None
    undoes: int | None
    undone_at: datetime | None


class Steps(Listed):
    """A page of the history, newest first."""

    items: list[Step]


class Check(Answer):
    """One demand of a gate."""

    key: str
    label: str
    passed: bool


class Missing(Answer):
    """Why a project may not move."""

    code: str
    field: str | None
    message: str


class Gate(Answer):
    """What stands between a project and a stage; nothing missing means it may move."""

    project_id: int
    stage: Stage
    target: Stage
    target_name: str
    checks: list[Check]
    missing: list[Missing]


class GateAsked(Asked):
    """Which gate; the next one unless told."""

    target: Stage | None = None
    reason: Annotated[str, Field(max_length=2000, description="As it would be given with the move")] = ""


class Move(Body):
    """Where to move; ``reason`` is the evidence after signing, and why of going back or skipping."""

    target: Stage
    reason: LongText = ""
    takes_over: Short = ""
    promised: Annotated[str, Field(max_length=2000)] = ""


class Agreement(Answer):
    """An agreement as reported and as recognised, in 万元; ``original_amount`` is in its own currency."""

    id: int
    kind: AgreementKind
    number: str | None
    signed_on: date
    amount: Decimal
    currency: str
    original_amount: Decimal | None
    rate: Decimal | None
    reported_by: str
    reported_at: datetime
    recognized_amount: Decimal | None
    recognized_by: str | None
    recognized_at: datetime | None
    difference_reason: str | None


class Agreements(Answer):
    """Agreements of a project, newest first."""

    items: list[Agreement]


@operation(bp, "GET", "/projects/<int:project_id>/stages", projects.READ, Steps, query=Paged)
def stages(project_id: int, query: Paged) -> Steps:
    """List the changes of stage of a project."""
    session = db.session()
    row = queries.get(session, current_actor(), project_id)
    page = queries.stage_history(session, row.id, cursor=query.cursor, size=query.limit)
    names = ("seq", "from_stage", "to_stage", "at", "reason", "takes_over", "promised", "undoes", "undone_at")
    items = [Step(**{name: getattr(entry, name) for name in names}, by=who) for entry, who in page.rows]
    return Steps(items=items, next_cursor=page.next)


@operation(bp, "GET", "/projects/<int:project_id>/gate", projects.READ, Gate, query=GateAsked)
def gate(project_id: int, query: GateAsked) -> Gate:
    """Tell what a project still lacks for a stage."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, project_id)
    target = query.target or rules.next_stage(row.stage) or row.stage
    facts = facts_of(session, row, evidence=query.reason, now=timing.now())
    may_return = queries.may_return(actor, row.unit_id)
    missing = rules.move_problems(facts, target, reason=query.reason, may_return=may_return)
    return Gate(
        project_id=row.id,
        stage=row.stage,
        target=target,
        target_name=tr(STAGE_LABELS[target]),
        checks=[
            Check(key=one.key, label=tr(one.label), passed=passed) for one, passed in rules.checklist(facts, target)
        ],
        missing=[Missing(code=one.key, field=one.field, message=say(one)) for one in missing],
    )


@operation(
    bp, "POST", "/projects/<int:project_id>/moves", MOVE, Project, body=Move, versioned=True, reads=projects.read
)
def move(project_id: int, body: Move) -> tuple[Project, dict[str, str]]:
    """Move a project to another stage if its gate lets it; a refusal names everything that is missing."""
    session, actor = db.session(), current_actor()
    row = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    version, note = matched(row.version), HandOver(body.takes_over, body.promised)
    with unchanged():
        services.move(
            session, actor, project_id, body.target, reason=body.reason, version=version, now=timing.now(), note=note
        )
    return projects.answer(row)


@operation(bp, "GET", "/projects/<int:project_id>/agreements", PAPERS, Agreements)
def agreements(project_id: int) -> Agreements:
    """List the agreements of a project, reported beside recognised."""
    session = db.session()
    row = queries.get(session, current_actor(), project_id)
    return Agreements(items=[_agreement(one) for one in record.all_filed(session, row.id)])


def _agreement(filed: Filed) -> Agreement:
    people = {"reported_by": filed.reporter, "recognized_by": filed.recognizer}
    kept = {name: getattr(filed.agreement, name) for name in Agreement.model_fields if name not in people}
    return Agreement.model_validate({**kept, **people})
