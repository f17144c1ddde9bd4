"""One question to everything the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select, union_all

from crm.auth.models import OrgUnit, User
from crm.auth.queries import EYES
from crm.core import searchindex
from crm.core.text import fold
from crm.enterprises import finding
from crm.enterprises import queries as register
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.searchindex import Shape
    from crm.fieldwork.rules import TouchKind
    from crm.pipeline.rules import Stage

PROJECT = "project"
LIMIT = 20
FEW = 6
IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)


class ProjectHit(NamedTuple):
    """A project as a line of results; enterprise and unit by name."""

    id: int
    name: str
    stage: Stage
    enterprise: str
    unit: str


class TouchHit(NamedTuple):
    """A touch as a line of results; enterprise and author by name."""

    id: int
    kind: TouchKind
    summary: str
    occurred_at: datetime
    enterprise: str
    author: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, each list at most :data:`LIMIT` long."""

    enterprises: tuple[register.EnterpriseOption, ...] = ()
    projects: tuple[ProjectHit, ...] = ()
    contacts: tuple[finding.ContactHit, ...] = ()
    touches: tuple[TouchHit, ...] = ()

    @property
    def total(self) -> int:
        """How many rows are shown."""
        return len(self.enterprises) + len(self.projects) + len(self.contacts) + len(self.touches)


def search(session: Session, actor: Actor, query: str) -> Found:
    """Find enterprises, and the projects, contacts and touches the actor may see."""
    firms = register.suggest(session, query, LIMIT)
    ids = [firm.id for firm in firms]
    return Found(
        enterprises=tuple(firms),
        projects=tuple(_projects(session, actor, query, ids, LIMIT)),
        contacts=tuple(finding.contacts(session, query, actor, LIMIT, of=ids)),
        touches=tuple(_touches(session, actor, ids)),
    )


def quick(session: Session, actor: Actor, query: str) -> Found:
    """Find the first few enterprises, contacts and projects, for the palette."""
    firms = register.suggest(session, query, FEW)
    return Found(
        enterprises=tuple(firms),
        projects=tuple(_projects(session, actor, query, (), FEW)),
        contacts=people(session, actor, query, FEW),
    )


def people(session: Session, actor: Actor, query: str, limit: int = LIMIT) -> tuple[finding.ContactHit, ...]:
    """Find contacts the actor may see."""
    return tuple(finding.contacts(session, query, actor, limit))


def _projects(session: Session, actor: Actor, query: str, firms: Sequence[int], limit: int) -> list[ProjectHit]:
    """Projects found by what they say, then those of enterprises that were found; open and newest first."""
    asked = searchindex.asked(session, query)
    if asked is None:
        return []
    names = session.execute(_named(asked.shape, actor, of=bool(firms)), {**asked.values, "ids": list(firms)})
    folded = fold(query)
    ranked = sorted(names, key=lambda one: (folded not in one.folded_name, one.exit_kind is not None))
    ids = [one.id for one in ranked[:limit]]
    if not ids:
        return []
    rows = {row[0]: ProjectHit(*row) for row in session.execute(_shown(), {"ids": ids})}
    return [rows[one] for one in ids if one in rows]


@lru_cache(maxsize=finding.KEPT)
def _named(shape: Shape, actor: Actor, *, of: bool) -> Select[*tuple[Any, ...]]:
    document = searchindex.SearchDocument
    own = select(Project.id).where(pipeline.visible_to(actor))
    hits = searchindex.kept_ready(PROJECT, shape)
    parts = [own.join(document, document.ref_id == Project.id).where(*hits).limit(finding.CANDIDATES)]
    if of:
        parts.append(own.where(Project.enterprise_id.in_(IDS)).limit(finding.CANDIDATES))
    found: Any = union_all(*(select(part.subquery()) for part in parts)).subquery()
    names = select(Project.id, Project.folded_name, Project.exit_kind).where(Project.id.in_(select(found.c.id)))
    return names.order_by(Project.updated_at.desc(), Project.id.desc())


def _touches(session: Session, actor: Actor, firms: Sequence[int]) -> list[TouchHit]:
    if not firms:
        return []
    return [TouchHit(*row) for row in session.execute(_latest(actor), {"ids": firms})]


@cache
def _shown() -> Select[*tuple[Any, ...]]:
    """Projects with what a line of results says."""
    columns = (Project.id, Project.name, Project.stage, Enterprise.name, OrgUnit.name)
    shown = select(*columns).join(Enterprise, Enterprise.id == Project.enterprise_id)
    return shown.join(OrgUnit, OrgUnit.id == Project.unit_id).where(Project.id.in_(IDS))


@lru_cache(maxsize=EYES)
def _latest(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Touches of the enterprises found that the actor may see, with what a line of results says."""
    columns = (Touch.id, Touch.kind, Touch.summary, Touch.occurred_at, Enterprise.name, User.name)
    shown = (
        select(*columns).join(Enterprise, Enterprise.id == Touch.enterprise_id).join(User, User.id == Touch.created_by)
    )
    seen = shown.where(Touch.enterprise_id.in_(IDS), fieldwork.counted(), fieldwork.visible_to(actor))
    return seen.order_by(Touch.occurred_at.desc(), Touch.id.desc()).limit(LIMIT)
