"""Read and change what the office sets for moves, exceptions and agreements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core import options
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.pipeline.deals.terms import KEY, Terms, from_option, term_problems, to_option

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


def current(session: Session) -> Terms:
    """Return what the office has set, defaults for the rest."""
    return from_option(options.read(session, KEY).get(KEY, {}))


def change(session: Session, actor: Actor, terms: Terms, *, now: datetime) -> None:
    """Set the office's terms; what already happened keeps the dates it was given."""
    if not actor.may(Permission.PIPELINE_CONFIGURE):
        raise ForbiddenError(Problem("terms.forbidden", "只有招商办可以改这些约定。"))
    problems = term_problems(terms)
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, KEY, to_option(terms), now=now)
