"""Read and change the office's template of plans and the thresholds of its lights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.queries import units
from crm.auth.rules import Permission
from crm.core import options
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.delivery.plans.template import Template, from_option, template_problems, to_option
from crm.pipeline.landing.template import KEY

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


def current(session: Session) -> Template:
    """Return what the office has set, defaults for the rest."""
    return from_option(options.read(session, KEY).get(KEY, {}))


def change(session: Session, actor: Actor, template: Template, *, now: datetime, today: date) -> None:
    """Set the template; plans already made keep their days, lights turn by the new thresholds at once."""
    if not actor.may(Permission.PIPELINE_CONFIGURE):
        raise ForbiddenError(Problem("template.forbidden", "只有招商办可以改推进计划模板。"))
    problems = template_problems(template)
    known = {unit.id for unit in units(session, today)}
    problems += [
        Problem("template.unit", "没有这个单位，请重新选择。", f"unit_{node.kind}")
        for node in template.nodes
        if node.unit_id is not None and node.unit_id not in known
    ]
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, KEY, to_option(template), now=now)
