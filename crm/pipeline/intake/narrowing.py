"""Narrow projects by what the office set: how long they have been silent, and how big they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.scheduling import SHANGHAI
from crm.pipeline.intake.clocks import cutoffs
from crm.pipeline.intake.lights import light_column
from crm.pipeline.intake.setup import load
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.pipeline.intake.clocks import Light
    from crm.pipeline.intake.dimensions import Tier


def tiers(session: Session) -> list[tuple[int, str]]:
    """Return the tiers of the office by place, the biggest first."""
    return [(place, tier.label) for place, tier in enumerate(load(session).dimensions.tiers)]


def narrowed(session: Session, light: Light | None, tier: int | None, today: date) -> list[ColumnElement[bool]]:
    """Return conditions: the light of a project and the place of its tier; a tier that is not there holds nothing."""
    if light is None and tier is None:
        return []
    setup = load(session)
    found: list[ColumnElement[bool]] = []
    if light is not None:
        found.append(light_column(cutoffs(setup.clocks, today, SHANGHAI)) == str(light))
    if tier is not None:
        found += _sized(setup.dimensions.tiers, tier)
    return found


def _sized(known: Sequence[Tier], place: int) -> list[ColumnElement[bool]]:
    amount = Project.total_investment
    if not 0 <= place < len(known):
        return [amount.is_(None), amount.is_not(None)]
    found = [amount >= known[place].floor]
    return [*found, amount < known[place - 1].floor] if place else found
