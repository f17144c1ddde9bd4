"""Supply at once what a gate misses: owner, visit, inspection, report. Nothing here commits.

Each part goes through the service that serves its own page, with the same rules and rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.fieldwork import services as fieldwork
from crm.fieldwork.rules import TouchTarget
from crm.pipeline import queries, services, touches

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.rules import TouchDraft
    from crm.pipeline.models import Project

NOTHING = Problem("mend.nothing", "请至少补上一项，再推进。")
NO_INSPECTION = Problem("mend.no_inspection", "没有缺报告的考察，请先记一次考察。", "report")
FIELDS = {"occurred_at": "on", "summary": "summary", "report": "report"}


@dataclass(frozen=True, slots=True)
class Mending:
    """What a person supplied; ``client_id`` makes a double tap one touch of each kind."""

    client_id: str
    owner_id: int | None = None
    visit: TouchDraft | None = None
    inspection: TouchDraft | None = None
    report: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was supplied."""
        return not (self.owner_id or self.visit or self.inspection or self.report.strip())


def mend(
    session: Session,
    actor: Actor,
    project: Project,
    mending: Mending,
    *,
    now: datetime,
    today: date,
    evidence: str = "",
) -> None:
    """Write everything that was supplied; the first refusal refuses all of it."""
    if mending.empty and not evidence.strip():
        raise DomainError(NOTHING)
    if mending.owner_id is not None and mending.owner_id != project.owner_id:
        services.assign_owner(
            session, actor, project.id, mending.owner_id, version=project.version, now=now, today=today
        )
    if mending.report.strip():
        touch_id = queries.unreported_inspection(session, project.id)
        if touch_id is None:
            raise DomainError(NO_INSPECTION)
        fieldwork.write_report(session, actor, touch_id, mending.report, now=now)
    for kind, draft in (("visit", mending.visit), ("inspection", mending.inspection)):
        if draft is None:
            continue
        target = TouchTarget(
            enterprise_id=project.enterprise_id,
            client_id=f"{mending.client_id}-{kind}",
            project_id=project.id,
            auto_link=False,
        )
        try:
            touches.log(session, actor, draft, target, now=now, today=today)
        except DomainError as error:
            raise DomainError(*(_renamed(problem, kind) for problem in error.problems)) from error
    session.flush()


def _renamed(problem: Problem, kind: str) -> Problem:
    """Name the field of the form on which all parts stand together."""
    field = FIELDS.get(problem.field or "")
    return Problem(problem.key, problem.message, f"{kind}_{field}" if field else None, problem.params)
