"""The options of a run, read back: what its columns mean and how its lines are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.imports import rules
from crm.imports.cells import ListTarget
from crm.imports.check import Terms
from crm.imports.columns import Mapping
from crm.imports.rules import CALLED_BY

if TYPE_CHECKING:
    from collections.abc import Mapping as Options


def mapping_of(options: Options[str, Any], called: frozenset[str] = frozenset(CALLED_BY)) -> Mapping:
    """What the columns mean, in which units; ``called`` say which record a line is about."""
    places: dict[str, list[int]] = {}
    for index, value in sorted((int(index), value) for index, value in options["columns"].items()):
        places.setdefault(value, []).append(index)
    return Mapping(
        {column: tuple(indexes) for column, indexes in places.items()},
        tuple(options["headings"]),
        {int(index): unit for index, unit in (options.get("units") or {}).items()},
        called,
    )


def target_of(options: Options[str, Any]) -> ListTarget:
    """Which list and year; a column speaks where it names several, or where nobody said."""
    said = options["said"]
    return ListTarget(
        name=None if len(said["lists"]) > 1 else options.get("list"),
        year=None if len(said["years"]) > 1 else options.get("year"),
        source=options.get("source"),
        ledger=not options.get("listed"),
    )


def terms_of(options: Options[str, Any]) -> Terms:
    """How the lines of a run are read and taken."""
    return Terms(
        mapping_of(options),
        target_of(options),
        mode=options.get("mode") or rules.BOTH,
        keys=tuple(options.get("keys") or rules.KEYS),
        unit_id=options.get("unit_id"),
        overwrite=bool(options.get("overwrite")),
    )
