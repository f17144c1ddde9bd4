"""The unit a line names as the one that keeps the record, or the one chosen for the whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth import queries as people
from crm.auth.rules import SYSTEM, Permission
from crm.core.text import fold

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.imports.sheets.cells import Cells
    from crm.imports.sheets.contract import Hand

UNIT = "unit"
NO_UNIT = "没有“%(value)s”这个单位，请按单位的全名填写。"
NO_OWNER = "请写明归哪个单位，或者在列对应那一步选一个单位。"
NOT_YOURS = "“%(value)s”不归您维护，请联系该单位负责人或招商办导入。"


class Units:
    """Units by their name, read once."""

    def __init__(self, hand: Hand) -> None:
        """Remember for whom."""
        self._hand = hand
        self._known: dict[str, int] | None = None

    def of(self, session: Session, cells: Cells) -> int | None:
        """Read the unit of a line; None when the line names none, or none that may be taken."""
        name = cells.text(UNIT)
        if name is None:
            return None
        if self._known is None:
            self._known = {fold(one.name): one.id for one in people.units(session, self._hand.today)}
        found = self._known.get(fold(name))
        if found is None:
            cells.bad(UNIT, NO_UNIT, value=name)
        elif not may(self._hand, found):
            cells.bad(UNIT, NOT_YOURS, value=name)
        return found


def may(hand: Hand, unit_id: int | None) -> bool:
    """Whether who imports keeps the resources of a unit."""
    return hand.actor is SYSTEM or hand.actor.reaches(Permission.RESOURCE_MANAGE, unit_id)
