"""Ready-made situations of a project, one line each."""

from __future__ import annotations

import io
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, update

from crm.core.errors import DomainError
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import TouchKind
from crm.pipeline import decisions, services
from crm.pipeline.deals.rules import Covenant
from crm.pipeline.facts import facts_of
from crm.pipeline.intake import handovers
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.landing.models import PlanNode
from crm.pipeline.landing.nodes import PROOF, NodeState
from crm.pipeline.limits import AgreementDraft, ProjectDraft, is_signed
from crm.pipeline.rules import ORDER, AgreementKind, Stage
from crm.pipeline.team import services as team
from crm.pipeline.team.rules import Seat, TeamRole
from tests.support import admission, approvals, builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.support.builders import Office

PLAIN = Covenant(none_ours="没有", none_theirs="没有", no_deposit="按约定不收")
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"


def docx() -> bytes:
    """Return the smallest archive that is told to be a Word document."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return held.getvalue()


def lead(session: Session, office: Office, name: str = "年产5万吨电解液项目", **fields: Any) -> Project:
    """Register a lead of the eastern squad through the service and pass its triage."""
    project = registered(session, office, name, **fields)
    accepted(session, office, project)
    return project


def registered(session: Session, office: Office, name: str = "年产5万吨电解液项目", **fields: Any) -> Project:
    """Register a lead of the eastern squad that waits for its triage."""
    actor = office.actor(session, office.officer)
    firm = builders.enterprise(session)
    return services.register_lead(session, actor, firm.id, ProjectDraft(name=name, **fields), now=NOW)


def accepted(session: Session, office: Office, project: Project) -> None:
    """Pass the triage of a lead for whoever owns it, by the team lead."""
    actor = office.actor(session, office.lead)
    to = Receiver(project.unit_id, project.owner_id)
    handovers.assign(session, actor, project.id, to, "", now=NOW, today=TODAY)


def visited(session: Session, office: Office, project: Project, **fields: Any) -> None:
    """Log a visit on a project."""
    builders.touch(session, project.enterprise, office.east, office.officer, project_id=project.id, **fields)


def inspected(session: Session, office: Office, project: Project, report: str | None = "看了三号地块。") -> None:
    """Log an inspection on a project, with its report unless none is given."""
    visited(session, office, project, kind=TouchKind.INSPECTION, report=report)


def reviewed(session: Session, office: Office, project: Project, **opinions: str) -> None:
    """Take a project through a whole review; six passes unless told otherwise."""
    admission.reviewed(session, office, project, **opinions)


def agreed(session: Session, office: Office, project: Project, kind: AgreementKind = AgreementKind.CONTRACT) -> int:
    """Report an agreement of 12,000 万元; return its id."""
    actor = office.actor(session, office.officer)
    draft = AgreementDraft(kind, TODAY, Decimal(12000), covenant=PLAIN)
    return decisions.add_agreement(session, actor, project.id, draft, now=NOW, today=TODAY).id


def staffed(session: Session, office: Office, project: Project) -> None:
    """Fill the four roles and the two leading units."""
    actor = office.actor(session, office.officer)
    holders = {
        TeamRole.LEADER: office.leader.id,
        TeamRole.LEAD_UNIT: office.bureau.id,
        TeamRole.MANAGER: office.officer.id,
        TeamRole.ASSISTANT: office.colleague.id,
        TeamRole.INDUSTRY_UNIT: office.bureau.id,
        TeamRole.TERRITORY_UNIT: office.south.id,
    }
    for role, holder in holders.items():
        team.set_role(session, actor, project.id, Seat(role, holder, TODAY), now=NOW, today=TODAY)


def go(session: Session, actor: Actor, project: Project, target: Stage, reason: str = "") -> Project:
    """Move with the version as it is now."""
    return services.move(session, actor, project.id, target, reason=reason, version=project.version, now=NOW)


def refused(session: Session, actor: Actor, project: Project, target: Stage, reason: str = "") -> list[str]:
    """Return the keys of the problems with which a move is refused; empty if it went through."""
    try:
        go(session, actor, project, target, reason)
    except DomainError as error:
        return [problem.key for problem in error.problems]
    return []


def prepare(session: Session, office: Office, project: Project, target: Stage) -> None:
    """Meet what the gate of a stage demands beyond the gates before it; a new demand is met here, once."""
    if target is Stage.VISITING and not facts_of(session, project).accepted:
        accepted(session, office, project)
    elif target is Stage.INSPECTING:
        visited(session, office, project)
    elif target is Stage.REVIEWING:
        inspected(session, office, project)
    elif target is Stage.PRE_SIGNING:
        reviewed(session, office, project)
    elif target is Stage.SIGNED:
        approvals.approved(session, office, project)
        agreed(session, office, project)
        staffed(session, office, project)
    elif target in PROOF:
        proved(session, project, target)


def proved(session: Session, project: Project, stage: Stage) -> None:
    """Finish the node of the plan on which a stage rests, without its papers."""
    node = update(PlanNode).where(PlanNode.project_id == project.id, PlanNode.kind == PROOF[stage])
    session.execute(node.values(state=NodeState.DONE, done_on=TODAY))


def walk(session: Session, office: Office, project: Project, target: Stage) -> Project:
    """Take a project forward to a stage through every gate on the way."""
    actor = office.actor(session, office.officer)
    for stage in ORDER[ORDER.index(project.stage) + 1 : ORDER.index(target) + 1]:
        prepare(session, office, project, stage)
        go(session, actor, project, stage, "营业执照 91330000" if is_signed(stage) else "")
    return project


def at_signing(session: Session, office: Office) -> Project:
    """Walk a project to the stage before signing; only the contract is missing."""
    project = walk(session, office, lead(session, office), Stage.PRE_SIGNING)
    approvals.approved(session, office, project)
    staffed(session, office, project)
    return project


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """Collect the statements a page runs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def due(session: Session, office: Office, project: Project, days: int, title: str = "送测算表") -> FollowUp:
    """Promise a next step of the eastern squad's officer so many days from today."""
    row = FollowUp(
        title=title,
        project_id=project.id,
        unit_id=office.east.id,
        owner_id=office.officer.id,
        due_on=TODAY + timedelta(days=days),
        created_by=office.officer.id,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row
