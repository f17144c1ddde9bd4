"""Fields of a carrier as their history keeps them, and back."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.core.changes import CREATED, FORM, note, plain
from crm.resources.carriers.rules import NUMBERS, CarrierDraft, CarrierKind, LandUse, PriceBasis

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.core.changes import Door
    from crm.resources.carriers.models import Carrier

CARRIER = "carrier"
FIELDS = tuple(field.name for field in fields(CarrierDraft) if field.name != "outline")
AMOUNTS = frozenset({*NUMBERS, "area", "price", "longitude", "latitude"})
CHOICES = {"kind": CarrierKind, "use": LandUse, "basis": PriceBasis}
WORDS = frozenset({"industries", "barred"})
TEXTS = frozenset({"address", "facilities", "note"})


def kept(row: Carrier) -> dict[str, Any]:
    """Give every field as its history keeps it."""
    return {name: plain(getattr(row, name)) for name in FIELDS}


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give kept values as a draft wants them."""
    return {name: _typed(name, value) for name, value in values.items()}


def _typed(name: str, value: Any) -> Any:  # noqa: ANN401 (any field of a carrier)
    if name in WORDS:
        return tuple(value or ())
    if name in TEXTS:
        return value or ""
    if value is None:
        return None
    if name in AMOUNTS:
        return Decimal(value)
    if name in CHOICES:
        return CHOICES[name](value)
    return date.fromisoformat(value) if name == "listed_from" else value


def draft_of(row: Carrier, **changed: Any) -> CarrierDraft:  # noqa: ANN401 (fields of the draft)
    """Give a carrier as it would be typed, with some fields changed; its outline stays."""
    return CarrierDraft(**(typed(kept(row)) | changed))


def remember(
    session: Session, row: Carrier, before: Mapping[str, Any], *, by: int, now: datetime, door: Door = FORM
) -> None:
    """Keep what changed; ``before`` is empty for a new carrier."""
    after = kept(row)
    changed = (
        {name: (before.get(name), value) for name, value in after.items()} if before else {CREATED: (None, row.name)}
    )
    note(session, (CARRIER, row.id), changed, by=by, via=door.via, now=now, run_id=door.run_id)
