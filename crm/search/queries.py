"""One question to everything the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from crm.core import searchindex
from crm.enterprises import queries as register
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.enterprises.models import Contact
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

PROJECT = "project"
LIMIT = 20


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
    firms = searchindex.matching(session, ENTERPRISE, query)
    projects = searchindex.matching(session, PROJECT, query)
    contacts = searchindex.matching(session, CONTACT, query)
    if firms is None or projects is None or contacts is None:
        return Found()
    own_projects = (
        select(Project)
        .where(
            or_(Project.id.in_(projects), Project.enterprise_id.in_(firms)),
            pipeline.visible_to(actor),
        )
        .options(joinedload(Project.enterprise), joinedload(Project.unit))
        .order_by(Project.updated_at.desc(), Project.id.desc())
        .limit(LIMIT)
    )
    own_contacts = (
        select(Contact)
        .where(
            or_(Contact.id.in_(contacts), Contact.enterprise_id.in_(firms)),
            register.visible_to(actor),
            Contact.archived_at.is_(None),
        )
        .options(joinedload(Contact.enterprise))
        .order_by(Contact.sort_key, Contact.id)
        .limit(LIMIT)
    )
    own_touches = (
        select(Touch)
        .where(Touch.enterprise_id.in_(firms), fieldwork.counted(), fieldwork.visible_to(actor))
        .options(joinedload(Touch.enterprise), joinedload(Touch.author))
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(LIMIT)
    )
    return Found(
        enterprises=tuple(register.suggest(session, query, LIMIT)),
        projects=tuple(session.scalars(own_projects)),
        contacts=tuple(session.scalars(own_contacts)),
        touches=tuple(session.scalars(own_touches)),
    )
