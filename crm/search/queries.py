"""One question to everything the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, union_all
from sqlalchemy.orm import joinedload

from crm.core import searchindex
from crm.core.text import fold
from crm.enterprises import finding
from crm.enterprises import queries as register
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.searchindex import Shape
    from crm.enterprises.models import Contact

PROJECT = "project"
LIMIT = 20
FEW = 6
IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, each list at most :data:`LIMIT` long."""

    enterprises: tuple[register.EnterpriseOption, ...] = ()
    projects: tuple[Project, ...] = ()
    contacts: tuple[Contact, ...] = ()
    touches: tuple[Touch, ...] = ()

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


def people(session: Session, actor: Actor, query: str, limit: int = LIMIT) -> tuple[Contact, ...]:
    """Find contacts the actor may see."""
    return tuple(finding.contacts(session, query, actor, limit))


def _projects(session: Session, actor: Actor, query: str, firms: Sequence[int], limit: int) -> list[Project]:
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
    rows = {row.id: row for row in session.scalars(_shown(), {"ids": ids})}
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


def _touches(session: Session, actor: Actor, firms: Sequence[int]) -> list[Touch]:
    if not firms:
        return []
    return list(session.scalars(_latest().where(fieldwork.visible_to(actor)), {"ids": firms}))


@cache
def _shown() -> Select[Project]:
    return select(Project).where(Project.id.in_(IDS)).options(joinedload(Project.enterprise), joinedload(Project.unit))


@cache
def _latest() -> Select[Touch]:
    return (
        select(Touch)
        .where(Touch.enterprise_id.in_(IDS), fieldwork.counted())
        .options(joinedload(Touch.enterprise), joinedload(Touch.author))
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(LIMIT)
    )
