"""Land suspected to lie idle: a year past its agreed start, and its project has not begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.pipeline.models import StageEntry
from crm.pipeline.rules import Stage
from crm.resources.idle import queries
from crm.resources.idle.rules import suspected

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.resources.carriers.models import Carrier, CarrierHold


@dataclass(frozen=True, slots=True)
class Suspect:
    """A hold with its carrier and how many days it is past the agreed start."""

    hold: CarrierHold
    carrier: Carrier
    days: int


def suspects(session: Session, day: date) -> list[Suspect]:
    """Give suspected land, the longest idle first."""
    found = queries.suspects(session, day)
    wanted = {hold.project_id for hold, _carrier in found if hold.project_id is not None}
    statement = select(StageEntry.project_id).where(
        StageEntry.project_id.in_(wanted), StageEntry.to_stage == Stage.STARTED, StageEntry.undone_at.is_(None)
    )
    begun = set(session.scalars(statement))
    return [
        Suspect(hold, carrier, (day - hold.start_due).days)
        for hold, carrier in found
        if hold.start_due is not None and suspected(hold.start_due, day if hold.project_id in begun else None, day)
    ]
