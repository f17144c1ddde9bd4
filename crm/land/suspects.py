"""Land suspected to lie idle: a full year not begun, or at rest for a year with too little built or invested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.pipeline.models import StageEntry
from crm.pipeline.rules import Stage
from crm.resources.idle import queries
from crm.resources.idle.clocking import clocks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.resources.carriers.models import Carrier, CarrierHold
    from crm.resources.idle.clocks import Clock


@dataclass(frozen=True, slots=True)
class Suspect:
    """A hold with its carrier and its clock."""

    hold: CarrierHold
    carrier: Carrier
    clock: Clock

    @property
    def days(self) -> int:
        """Days that count."""
        return self.clock.days


def suspects(session: Session, day: date) -> list[Suspect]:
    """Give suspected land, the longest idle first."""
    found = queries.suspects(session, day)
    running = clocks_of(session, [hold for hold, _carrier in found], day)
    rows = [Suspect(hold, carrier, running[hold.id]) for hold, carrier in found if hold.id in running]
    return sorted((row for row in rows if row.clock.fee_due), key=lambda row: (-row.days, row.hold.id))


def clocks_of(session: Session, holds: list[CarrierHold], day: date) -> dict[int, Clock]:
    """Give the clocks of holds; a project that started has begun on its land."""
    return clocks(session, holds, day, begun(session, (hold.project_id for hold in holds)))


def begun(session: Session, projects: Iterable[int | None]) -> set[int]:
    """Give those projects that started."""
    wanted = {one for one in projects if one is not None}
    statement = select(StageEntry.project_id).where(
        StageEntry.project_id.in_(wanted), StageEntry.to_stage == Stage.STARTED, StageEntry.undone_at.is_(None)
    )
    return set(session.scalars(statement))
