"""What a project needs of a place: kept here, read together with its land and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.matching.models import SiteNeed
from crm.pipeline import queries as projects
from crm.resources.carriers.rules import LARGEST, ZERO
from crm.resources.matching.rules import Need, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project

FIELDS = ("floor", "ceiling", "load", "power", "energy", "building", "price", "tax")


def stated(session: Session, project_id: int) -> SiteNeed | None:
    """Give what was stated for a project."""
    return session.get(SiteNeed, project_id)


def stated_of(session: Session, ids: Iterable[int]) -> dict[int, SiteNeed]:
    """Give what was stated for projects; those without are left out."""
    rows = session.scalars(select(SiteNeed).where(SiteNeed.project_id.in_(list(ids))))
    return {row.project_id: row for row in rows}


def save(
    session: Session, actor: Actor, project_id: int, values: Mapping[str, Decimal | None], *, now: datetime
) -> SiteNeed:
    """State what a project needs; ``values`` by :data:`FIELDS`, None for what does not matter."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    problems = [
        Problem("need.number", "请填0到一千万之间的数，最多六位小数。", name)
        for name in FIELDS
        if (value := values.get(name)) is not None
        and not (value.is_finite() and ZERO <= value <= LARGEST and value == round(value, 6))
    ]
    if problems:
        raise DomainError(*problems)
    row = stated(session, project.id) or SiteNeed(project_id=project.id)
    for name in FIELDS:
        setattr(row, name, values.get(name))
    row.updated_by, row.updated_at = actor.user_id, now
    session.add(row)
    session.flush()
    detail = {name: str(value) for name, value in values.items() if value is not None}
    audit.record(session, actor.user_id, "project.site_need", ("project", project.id), now=now, **detail)
    return row


def need_of(project: Project, row: SiteNeed | None, industry_words: tuple[str, ...] = ()) -> Need:
    """Put together what a project needs: its land (亩), money and industry, and what was stated beside them."""
    land = project.land_mu or None
    words = words_of((project.industry, project.product_line, *industry_words))
    extra = {} if row is None else {name: getattr(row, name) for name in FIELDS}
    return Need(land=None if land is None else ZERO + land, words=words, fixed=project.fixed_investment, **extra)
