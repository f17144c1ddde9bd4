"""Who may change a chain: whoever manages the resources of the department in charge, or of the whole office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import SYSTEM, Permission
from crm.core.errors import ForbiddenError, Problem

if TYPE_CHECKING:
    from crm.auth.rules import Actor

NO_RIGHT = Problem("chain.right", "这条产业链由别的部门负责，您不能修改；请联系责任部门或招商办。")


def may(actor: Actor, unit_id: int | None) -> bool:
    """Whether a person may change the chain of a department; one without a department belongs to the office."""
    return actor is SYSTEM or actor.reaches(Permission.RESOURCE_MANAGE, unit_id)


def may_change(actor: Actor, unit_id: int | None) -> None:
    """Raise ForbiddenError unless the person may change it."""
    if not may(actor, unit_id):
        raise ForbiddenError(NO_RIGHT)
