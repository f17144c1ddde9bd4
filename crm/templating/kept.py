"""What the check of a version found, as it is kept with the version: nobody who looks has it run again."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from crm.word.check.findings import Finding, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.templating.kinds import Kind
    from crm.word.template.models import OfficeTemplate

EDITION = 1  # of the check: counts up with every change of what it refuses or tells
KEPT = ("key", "clause", "sentence", "excerpt")


def put_down(kind: Kind, findings: Iterable[Finding]) -> dict[str, Any]:
    """Write down what a check found that let a version pass."""
    told = [
        {**{name: getattr(one, name) for name in KEPT}, "weight": str(one.weight), "params": dict(one.params)}
        for one in findings
    ]
    return {"edition": _edition(kind), "departures": told}


def departures(kind: Kind, row: OfficeTemplate) -> list[Finding] | None:
    """Read what the check found; None where another edition of it, or none, looked at the version."""
    kept = row.checked or {}
    if kept.get("edition") != _edition(kind):
        return None
    return [
        Finding(**{name: one[name] for name in KEPT}, weight=Weight(one["weight"]), params=one["params"])
        for one in kept["departures"]
    ]


def _edition(kind: Kind) -> str:
    """Name the check by its edition and by the placeholders it knows."""
    known = sorted((name, tuple(place.below)) for name, place in kind.sample(False).catalogue.items())  # noqa: FBT003 (a callable kept as data)
    return f"{EDITION}:{sha256(repr(known).encode()).hexdigest()[:12]}"
