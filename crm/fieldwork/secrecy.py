"""Confidential projects, as every slice has to keep them: for people who are not named they do not exist.

Projects are a slice above this one; what is asked of them here are columns of their table, by name. The ids
of confidential projects are few, so that each condition is one small set for the whole statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Integer, column, or_, select, table

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from crm.auth.rules import Actor

UNSEEN = "其他项目"  # said in place of a name to those who may not know of the project
PROJECT = table("project", column("id", Integer), column("owner_id", Integer), column("confidential", Boolean))
INSIDER = table("project_insider", column("project_id", Integer), column("user_id", Integer))


def secret() -> Select[Any]:
    """Ids of all confidential projects: what no figure counts and no report names."""
    return select(PROJECT.c.id).where(PROJECT.c.confidential)


def named_on(actor: Actor) -> Select[Any]:
    """Ids of the projects on which the person is named."""
    return select(INSIDER.c.project_id).where(INSIDER.c.user_id == actor.user_id)


def hidden_from(actor: Actor) -> Select[Any]:
    """Ids of the confidential projects that the person neither owns nor is named on."""
    return secret().where(
        or_(PROJECT.c.owner_id.is_(None), PROJECT.c.owner_id != actor.user_id), PROJECT.c.id.not_in(named_on(actor))
    )


def known_to(actor: Actor) -> Select[Any]:
    """Ids of the confidential projects that the person owns or is named on."""
    return secret().where(or_(PROJECT.c.owner_id == actor.user_id, PROJECT.c.id.in_(named_on(actor))))


def open_to(project_id: InstrumentedAttribute[Any] | ColumnElement[Any], actor: Actor) -> ColumnElement[bool]:
    """Condition: the row belongs to no project, or to one the person may know of."""
    return or_(project_id.is_(None), project_id.not_in(hidden_from(actor)))


def not_secret(project_id: InstrumentedAttribute[Any] | ColumnElement[Any]) -> ColumnElement[bool]:
    """Condition: the row belongs to no confidential project."""
    return or_(project_id.is_(None), project_id.not_in(secret()))
