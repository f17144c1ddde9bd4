"""Who holds a part of a carrier, in words a person may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.enterprises.models import Enterprise
from crm.fieldwork.secrecy import UNSEEN
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.resources.carriers.models import CarrierHold


@dataclass(frozen=True, slots=True)
class Holder:
    """A name to show; ``project_id`` where the person may open the project; ``hidden`` where only a word is said."""

    name: str
    project_id: int | None = None
    enterprise_id: int | None = None
    hidden: bool = False


def names(session: Session, actor: Actor, holds: Sequence[CarrierHold]) -> dict[int, Holder]:
    """Give the holder of each hold: projects by name only to those who may see them."""
    wanted = {hold.project_id for hold in holds if hold.project_id is not None}
    projects = select(Project.id, Project.name).where(Project.id.in_(wanted), visible_to(actor))
    firms = {hold.enterprise_id for hold in holds if hold.enterprise_id is not None}
    enterprises = select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(firms))
    seen = {row.id: row.name for row in session.execute(projects)}
    known = {row.id: row.name for row in session.execute(enterprises)}
    return {hold.id: _holder(hold, seen, known) for hold in holds}


def _holder(hold: CarrierHold, projects: dict[int, str], firms: dict[int, str]) -> Holder:
    if hold.project_id is not None:
        name = projects.get(hold.project_id)
        return Holder(name, project_id=hold.project_id) if name is not None else Holder(UNSEEN, hidden=True)
    if hold.enterprise_id is not None:
        return Holder(firms.get(hold.enterprise_id, ""), enterprise_id=hold.enterprise_id)
    return Holder(hold.holder or "")
