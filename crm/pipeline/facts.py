"""The plain facts the gates look at, gathered in one query.

A new demand adds a field to :class:`ProjectFacts` and its column here; nothing else reads rows for a gate.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, false, func, select

from crm.auth.models import User
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import TouchKind
from crm.pipeline.approval.models import Approval
from crm.pipeline.approval.rules import PaperState, Station
from crm.pipeline.claims.gate import disputes
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import ExceptionState
from crm.pipeline.exits.models import ExitCase
from crm.pipeline.intake.models import LeadIntake
from crm.pipeline.intake.rules import OWNED
from crm.pipeline.landing.models import DeliveryPlan, PlanNode
from crm.pipeline.landing.nodes import PROOF, STAGE_OF, NodeKind, NodeState
from crm.pipeline.models import Agreement, Review, StageEntry
from crm.pipeline.rules import ORDER, AgreementKind, Bound, ProjectFacts, ReviewResult, Stage, Waiver
from crm.pipeline.team.queries import filled
from crm.pipeline.team.rules import TeamRole

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Label, SQLColumnExpression
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project

MARK = "|"
ARRIVED = "arrived"
SIGNED_ON = tuple(stage.value for stage in ORDER[ORDER.index(Stage.SIGNED) :])
# No fair-competition review has passed while a paper lies here.
UNREVIEWED = frozenset({Station.LEGALITY.value, Station.FAIR.value})


def facts_of(session: Session, project: Project, *, evidence: str = "", now: datetime | None = None) -> ProjectFacts:
    """Gather what the gates look at; ``evidence`` is what the person typed with the move.

    Exceptions are gathered as of ``now``; without it none is in force.
    """
    row = session.execute(select(*columns(project.id, now=now))).one()
    return facts_from(project, row, evidence=evidence)


def columns(project_id: int | SQLColumnExpression[int], *, now: datetime | None = None) -> list[Label[Any]]:
    """Columns with the facts of a project, to be selected alone or beside the project itself."""
    queries = {
        **_field_work(project_id),
        **_decisions(project_id),
        "waivers": _waivers(project_id, now),
        "roles": filled(project_id),
        "planned": select(func.count()).where(DeliveryPlan.project_id == project_id),
        "nodes": _open_nodes(project_id),
        **_bonds(project_id),
    }
    return [query.scalar_subquery().label(name) for name, query in queries.items()]


def facts_from(project: Project, row: Any, *, evidence: str = "") -> ProjectFacts:  # noqa: ANN401 (a row of columns())
    """Make the facts of a project of a row that holds :func:`columns`."""
    return ProjectFacts(
        stage=project.stage,
        owner_id=project.owner_id,
        visits=row.visits,
        inspections=row.inspections,
        inspection_reports=row.reports,
        review=ReviewResult(row.review) if row.review else None,
        contracts=row.contracts,
        evidence=evidence,
        left=project.exit_kind is not None,
        roles_open=len(TeamRole) - row.roles,
        waivers=_read_waivers(row.waivers),
        accepted=row.intake in OWNED,
        disputes=row.disputes,
        approved=row.paper == ARRIVED,
        payout_locked=row.paper is None or row.paper in UNREVIEWED,
        planned=row.planned > 0,
        bound=Bound(row.signed > 0, row.recognized > 0, row.cases > 0),
        nodes_open=_nodes_open(row),
    )


def _field_work(project_id: int | SQLColumnExpression[int]) -> dict[str, Any]:
    touches = select(func.count()).where(Touch.project_id == project_id, Touch.voided_at.is_(None))
    inspections = touches.where(Touch.kind == TouchKind.INSPECTION)
    return {
        "visits": touches.where(Touch.kind == TouchKind.VISIT),
        "inspections": inspections,
        "reports": inspections.where(func.trim(Touch.report) != ""),
    }


def _decisions(project_id: int | SQLColumnExpression[int]) -> dict[str, Any]:
    review = select(Review.result).where(Review.project_id == project_id).order_by(Review.id.desc()).limit(1)
    contract = (Agreement.project_id == project_id, Agreement.kind == AgreementKind.CONTRACT)
    intake = select(LeadIntake.state).where(LeadIntake.project_id == project_id)
    return {
        "review": review,
        "contracts": select(func.count()).where(*contract),
        "intake": intake,
        "disputes": disputes(project_id),
        "paper": _paper(project_id),
    }


def _paper(project_id: int | SQLColumnExpression[int]) -> Any:  # noqa: ANN401 (a select of one text)
    """Where the newest paper for the contract lies, :data:`ARRIVED` at the end of its chain."""
    return (
        select(func.coalesce(cast(Approval.station, String), ARRIVED))
        .where(
            Approval.project_id == project_id,
            Approval.framework.is_(False),
            Approval.state != PaperState.WITHDRAWN,
        )
        .order_by(Approval.id.desc())
        .limit(1)
    )


def _open_nodes(project_id: int | SQLColumnExpression[int]) -> Any:  # noqa: ANN401 (a select of one text)
    """Kinds of nodes of the plan that prove a stage and are not done."""
    return select(func.aggregate_strings(cast(PlanNode.kind, String), MARK)).where(
        PlanNode.project_id == project_id,
        PlanNode.kind.in_(tuple(PROOF.values())),
        PlanNode.state.not_in((NodeState.DONE, NodeState.EXEMPT)),
    )


def _nodes_open(row: Any) -> frozenset[Stage]:  # noqa: ANN401 (a row of columns())
    """Stages whose proof is not there: all of them where a project has no plan."""
    if not row.planned:
        return frozenset(PROOF)
    return frozenset(STAGE_OF[NodeKind(kind)] for kind in (row.nodes or "").split(MARK) if kind)


def _bonds(project_id: int | SQLColumnExpression[int]) -> dict[str, Any]:
    """What a signing binds a project to: entries from the signing on that stand, recognised contracts, open cases."""
    signed = (
        StageEntry.project_id == project_id, StageEntry.to_stage.in_(SIGNED_ON), StageEntry.undone_at.is_(None)
    )  # fmt: skip
    recognized = (Agreement.project_id == project_id, Agreement.recognized_amount > 0)
    cases = (ExitCase.project_id == project_id, ExitCase.closed_on.is_(None))
    return {
        name: select(func.count()).where(*clauses)
        for name, clauses in (("signed", signed), ("recognized", recognized), ("cases", cases))
    }


def _waivers(project_id: int | SQLColumnExpression[int], now: datetime | None) -> Any:  # noqa: ANN401 (a select of one text)
    """Decisions in force, one a line: demand, last day, who decided."""
    told = GateException.demand + MARK + cast(GateException.valid_until, String) + MARK + User.name
    return (
        select(func.aggregate_strings(told, "\n"))
        .join(User, User.id == GateException.decided_by)
        .where(
            GateException.project_id == project_id,
            GateException.state == ExceptionState.GRANTED,
            GateException.demand.is_not(None),
            GateException.expires_at > now if now is not None else false(),
        )
    )


def _read_waivers(told: str | None) -> tuple[Waiver, ...]:
    lines = (line.split(MARK, 2) for line in (told or "").splitlines())
    return tuple(Waiver(demand, date.fromisoformat(until), by) for demand, until, by in lines)
