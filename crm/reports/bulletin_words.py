"""The words of a drafted bulletin: who wrote them, and projects in them that are confidential now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.fieldwork.secrecy import hidden_from
from crm.pipeline.confidential import drafts
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.models import CampaignBulletin
    from crm.auth.rules import Actor

OWN = Problem("bulletin.own", "编简报和改文字的人不能自己印发，请由另一位有定稿权限的人印发。")
SECRET = Problem("bulletin.secret", "简报的文字里有保密项目，请重新统计，或由知情人删去后再印发。")
WRITERS = "writers"


def sign(row: CampaignBulletin, actor: Actor) -> None:
    """Keep with the figures who put words in place; figures counted anew begin without."""
    row.figures = {**row.figures, WRITERS: sorted({*row.figures.get(WRITERS, ()), actor.user_id})}


def problems(session: Session, actor: Actor, row: CampaignBulletin) -> list[Problem]:
    """Why this person may not issue a draft as it stands."""
    own = actor.user_id in {row.built_by, *row.figures.get(WRITERS, ())}
    secret = drafts.named(session, [row.title, row.body])
    return [*([OWN] if own else []), *([SECRET] if secret else [])]


def check(session: Session, actor: Actor, row: CampaignBulletin) -> None:
    """Refuse to issue it for these reasons."""
    found = problems(session, actor, row)
    if OWN in found:
        raise ForbiddenError(OWN)
    if found:
        raise DomainError(*found)


def hidden(session: Session, actor: Actor, *rows: CampaignBulletin) -> set[int]:
    """Ids of those drafts whose words name a project that is kept from the person; what is issued stays."""
    told = {row.id: f"{row.title}\n{row.body}" for row in rows if row.number is None}
    names = session.scalars(select(Project.name).where(Project.id.in_(hidden_from(actor)))).all() if told else ()
    kept = [name for name in names if len(name) >= drafts.SHORTEST_NAME]
    return {row_id for row_id, text in told.items() if any(name in text for name in kept)}
