"""From facts to levels: each feature of a table ends in exactly one of its levels. Pure."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crm.core.scheduling import SHANGHAI
from crm.scoring.decay import days_between
from crm.scoring.facts import NODE
from crm.scoring.table import Evidence, Feature, LevelHit, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crm.scoring.facts import Fact, Mass, ScoreFacts
    from crm.scoring.table import PointsTable

DAYS = 4096  # moments whose local day is kept: several features speak of one
GROUPS = {NODE: "chain"}  # kinds of facts that speak to the feature of another kind
FADING = frozenset({Rule.MASS, Rule.DAYS, Rule.NEWEST, Rule.HIGHEST})
PROOFS = {
    "inspection": "touch",
    "leader": "touch",
    "intention": "touch",
    "reply": "follow_up",
    "refusal": "follow_up",
    "dropped": "project",
    "chain": "project",
    "high": "project",
    "list": "list_edition",
    "block": "contact",
    "industry": "enterprise",
    "region": "enterprise",
}
"""What the row behind a fact is, where it is not called like its kind."""


def levels_of(facts: ScoreFacts, table: PointsTable) -> tuple[LevelHit, ...]:
    """Give the level of every feature, in the order of the table."""
    held = by_kind(facts.standing)
    return tuple(
        _faded(feature, facts) if feature.rule in FADING else standing_hit(feature, held.get(feature.source, ()))
        for feature in table.features
    )


def by_kind(standing: Sequence[Fact]) -> dict[str, list[Fact]]:
    """Group what stands by the kind that features look at."""
    found: dict[str, list[Fact]] = {}
    for fact in standing:
        found.setdefault(GROUPS.get(fact.kind, fact.kind), []).append(fact)
    return found


def standing_hit(feature: Feature, held: Sequence[Fact]) -> LevelHit:
    """Give the level of a feature of facts that stand."""
    if not held:
        return feature.absent
    if feature.rule is Rule.COUNT:
        return _count(feature, held)
    return _place(feature, held) if feature.rule is Rule.PLACE else _code(feature, held)


def codes_of(hits: Sequence[LevelHit]) -> list[int]:
    """Codes of the levels, as they are stored and fitted."""
    return [hit.code for hit in hits]


def proof(source: str, row: int) -> Evidence:
    """Name the row behind a fact."""
    return (_proved(source), row)


@cache
def _proved(source: str) -> str:
    kind = source.split("_", 1)[0]
    return PROOFS.get(kind, kind)


def _faded(feature: Feature, facts: ScoreFacts) -> LevelHit:
    if feature.rule is Rule.MASS:
        return _mass(feature, facts)
    return _days(feature, facts) if feature.rule is Rule.DAYS else _recent(feature, facts)


def _mass(feature: Feature, facts: ScoreFacts) -> LevelHit:
    mass = facts.masses.get(feature.source)
    return _made(feature, feature.code_of_number(mass.value if mass else None), mass)


def _days(feature: Feature, facts: ScoreFacts) -> LevelHit:
    mass = facts.masses.get(feature.source)
    return _made(feature, feature.code_of_number(days_between(mass.newest_at, facts.as_of) if mass else None), mass)


def _recent(feature: Feature, facts: ScoreFacts) -> LevelHit:
    """Look at the sums ``source_key`` whose newest fact lies in the window: the newest of them, or the highest."""
    prefix, found = f"{feature.source}_", {}
    for name, mass in facts.masses.items():
        fresh = days_between(mass.newest_at, facts.as_of) <= (feature.window_days or float("inf"))
        if name.startswith(prefix) and fresh:
            found[name.removeprefix(prefix)] = mass
    if not found:
        return feature.absent
    if feature.rule is Rule.HIGHEST:
        key = max(found, key=float)
        return _made(feature, feature.code_of_number(float(key)), found[key])
    key = max(found, key=lambda one: (found[one].newest_at, found[one].newest_id))
    return _made(feature, feature.codes.get(key, 0), found[key])


def _made(feature: Feature, code: int, mass: Mass | None) -> LevelHit:
    if not code or mass is None:
        return feature.absent
    params = {"count": str(mass.count), "day": day(mass.newest_at), "kind": feature.label_zh}
    return LevelHit(feature.key, code, feature.levels[code].key, params, proof(feature.source, mass.newest_id))


def _count(feature: Feature, held: Sequence[Fact]) -> LevelHit:
    code = feature.code_of_number(float(len(held)))
    if not code:
        return feature.absent
    newest = max(held, key=lambda fact: (fact.at, fact.source_id))
    params = {"count": str(len(held))}
    return LevelHit(feature.key, code, feature.levels[code].key, params, proof(feature.source, newest.source_id))


def _code(feature: Feature, held: Sequence[Fact]) -> LevelHit:
    known = [fact for fact in held if fact.key in feature.codes]
    if not known:
        return feature.absent
    best = max(known, key=lambda fact: (feature.codes[fact.key], fact.kind == feature.source, fact.source_id))
    evidence = proof(best.kind, best.source_id)
    return LevelHit(feature.key, feature.codes[best.key], best.key, {"name": best.words or ""}, evidence)


def _place(feature: Feature, held: Sequence[Fact]) -> LevelHit:
    """Take the best place: lists overlap and must not pile up. ``key@100`` means rank 100 or better."""
    found: tuple[int, int, Fact] | None = None
    for fact in held:
        for code, top in feature.places.get(fact.key, ()):
            if (not top or 0 < fact.level <= top) and (found is None or (code, fact.source_id) > found[:2]):
                found = (code, fact.source_id, fact)
    if found is None:
        return feature.absent
    code, _row, fact = found
    params = {"rank": str(fact.level)} if fact.level else {}
    return LevelHit(feature.key, code, feature.levels[code].key, params, proof(feature.source, fact.source_id))


@lru_cache(maxsize=DAYS)
def day(moment: datetime) -> str:
    """Write the local day of a moment."""
    return moment.astimezone(SHANGHAI).date().isoformat()


__all__ = ["FADING", "Evidence", "LevelHit", "by_kind", "codes_of", "day", "levels_of", "proof", "standing_hit"]
