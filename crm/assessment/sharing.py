"""How the amount of a contract is counted: an expansion by its increment, a shared project by its split.

Both are as of the cut-off. Parts of a split are rounded where they meet, so that they always sum to the whole amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, case, func, select, type_coerce
from sqlalchemy.orm import aliased

from crm.core.types import Wan
from crm.pipeline.claims.models import CreditPart, CreditSplit
from crm.pipeline.claims.rules import WHOLE
from crm.pipeline.models import Project
from crm.pipeline.repeats.counting import increment_only

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute


class Shares:
    """The parts of each project's newest split, to be joined beside the contract."""

    def __init__(self, cutoff: datetime) -> None:
        """Look at the splits that were written by the cut-off."""
        self.cutoff = cutoff
        self.part = aliased(CreditPart)
        self.newest = (
            select(func.max(CreditSplit.id))
            .where(CreditSplit.project_id == Project.id, CreditSplit.made_at <= cutoff)
            .correlate(Project)
            .scalar_subquery()
        )

    def joined(self) -> ColumnElement[bool]:
        """Condition under which a part belongs to the project; a project without a split has none."""
        return self.part.split_id == self.newest

    def unit(self, own: InstrumentedAttribute[int]) -> ColumnElement[int]:
        """Unit the amount is counted for: of the part, else the contract's own."""
        return func.coalesce(self.part.unit_id, own)

    def amount(self, amount: Any) -> ColumnElement[Any]:  # noqa: ANN401 (an amount of an agreement, as a column)
        """Return the unit's part of what the contract counts."""
        return self.part_of(increment_only(amount, self.cutoff))

    def part_of(self, amount: Any) -> ColumnElement[Any]:  # noqa: ANN401 (a sum as a column)
        """Return the unit's part of a sum of its project."""
        whole = type_coerce(amount, BigInteger())
        part = whole * self.part.upto // WHOLE - whole * self.part.since // WHOLE
        return type_coerce(case((self.part.split_id.is_(None), whole), else_=part), Wan())
