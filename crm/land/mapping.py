"""Carriers as a map draws them: where they lie, what is free, what is said of them; no word of who holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import url_for

from crm.resources.carriers.geometry import middle
from crm.resources.carriers.rules import (
    AVAILABILITY_LABELS,
    BASIS_LABELS,
    KIND_LABELS,
    LAND,
    Availability,
    CarrierKind,
)
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from crm.resources.carriers.models import Carrier
    from crm.resources.carriers.queries import Shown

DRAWN = 300
PARK = "park"  # a park has no state of its own: what lies in it has
LIMITS: dict[str, str] = {
    "min_intensity": "投资强度底线（万元/亩）",
    "min_tax": "亩均税收底线（万元）",
    "height_limit": "限高（米）",
    "ceiling": "层高（米）",
    "load": "荷载（吨/平方米）",
    "power": "电力容量（千伏安）",
    "energy": "能耗指标（吨标煤/年）",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a map shows of the carriers listed: ``features`` for the script, ids of those with a place."""

    features: list[dict[str, Any]]
    placed: frozenset[int]


def drawn(rows: Sequence[Shown], day: date | None) -> Drawn:
    """Give what can be drawn, in the order of the list; ``day`` goes on to the pages when it is not today."""
    found = [_feature(shown, day) for shown in rows if _has_place(shown.carrier)]
    return Drawn(found, frozenset(int(one["id"]) for one in found))


def _has_place(row: Carrier) -> bool:
    return row.outline is not None or row.longitude is not None


def _feature(shown: Shown, day: date | None) -> dict[str, Any]:
    row = shown.carrier
    return {
        "id": row.id,
        "name": row.name,
        "state": state_of(shown),
        "label": _label(shown),
        "href": url_for("carriers.show", carrier_id=row.id, on=day),
        "at": _at(row),
        "outline": row.outline,
        "facts": [[label, value] for label, value in _facts(shown) if value],
    }


def state_of(shown: Shown) -> str:
    """The word a shape is coloured by."""
    park = shown.carrier.kind is CarrierKind.PARK and shown.state is not Availability.WITHDRAWN
    return PARK if park else str(shown.state)


def _label(shown: Shown) -> str:
    kind = tr(KIND_LABELS[shown.carrier.kind])
    return kind if state_of(shown) == PARK else f"{kind} · {tr(AVAILABILITY_LABELS[shown.state])}"


def _at(row: Carrier) -> list[float]:
    """Latitude then longitude, as the map wants it: the position, else the middle of the outline."""
    if row.longitude is not None and row.latitude is not None:
        return [float(row.latitude), float(row.longitude)]
    assert row.outline is not None  # noqa: S101 (one of the two is there)
    east, north = middle(row.outline)
    return [north, east]


def _facts(shown: Shown) -> list[tuple[str, str]]:
    row = shown.carrier
    price = f"{_number(row.price)} {tr(BASIS_LABELS[row.basis])}" if row.price is not None and row.basis else ""
    return [
        (tr("编号"), row.code),
        (tr("面积"), _size(row.area, row.kind)),
        (tr("可供"), "" if state_of(shown) == PARK else _size(shown.free, row.kind)),
        (tr("价格"), price),
        (tr("接受的产业"), tr("、").join(row.industries)),
        (tr("禁止的产业"), tr("、").join(row.barred)),
        *((tr(label), _number(getattr(row, name))) for name, label in LIMITS.items()),
    ]


def _size(value: Decimal, kind: CarrierKind) -> str:
    return f"{_number(value)} {tr('亩') if kind in LAND else tr('平方米')}"


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,}"
