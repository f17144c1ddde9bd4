"""What the office set for its intake: read with defaults for what it never touched, written whole."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from crm.core import options
from crm.core.errors import DomainError, Problem
from crm.core.scored import want_all_scored
from crm.pipeline.intake.clocks import Clocks, clock_problems
from crm.pipeline.intake.dimensions import Dimensions, Industry, IndustryRole, Tier
from crm.pipeline.intake.rules import PoolRules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

CLOCKS, POOL, SIZES, INDUSTRIES = "intake.clocks", "intake.pool", "intake.sizes", "intake.industries"
MOST_INDUSTRIES, MOST_BANDS = 20, 10


@dataclass(frozen=True, slots=True)
class Setup:
    """All settings of the intake."""

    clocks: Clocks = field(default_factory=Clocks)
    pool: PoolRules = field(default_factory=PoolRules)
    dimensions: Dimensions = field(default_factory=Dimensions)


def load(session: Session) -> Setup:
    """Read the settings in one query."""
    found = options.read(session, CLOCKS, POOL, SIZES, INDUSTRIES)
    return Setup(
        clocks=Clocks(**_known(Clocks, found.get(CLOCKS, {}))),
        pool=PoolRules(**_known(PoolRules, found.get(POOL, {}))),
        dimensions=_dimensions(found.get(SIZES, {}), found.get(INDUSTRIES, {})),
    )


def save(session: Session, actor: Actor, setup: Setup, *, now: datetime) -> None:
    """Write what changed; the audit keeps what it was. The caller has checked the right."""
    problems = problems_of(setup)
    if problems:
        raise DomainError(*problems)
    wanted, defaults = _stored(setup), _stored(Setup())
    stored = {**defaults, **options.read(session, *wanted)}
    for key, value in wanted.items():
        if stored[key] != value:
            options.write(session, actor.user_id, key, value, now=now)
            if key == INDUSTRIES:
                want_all_scored(session, now=now)


def _stored(setup: Setup) -> dict[str, dict[str, Any]]:
    """Return the settings as they are kept, by key."""
    sizes = setup.dimensions
    return {
        CLOCKS: dataclasses.asdict(setup.clocks),
        POOL: dataclasses.asdict(setup.pool),
        SIZES: {
            "bands": [str(edge) for edge in sizes.bands],
            "tiers": [{**dataclasses.asdict(tier), "floor": str(tier.floor)} for tier in sizes.tiers],
        },
        INDUSTRIES: {
            "list": [
                {**dataclasses.asdict(one), "role": str(one.role), "words": list(one.words)} for one in sizes.industries
            ]
        },
    }


def problems_of(setup: Setup) -> list[Problem]:
    """Reasons why the settings cannot be kept so."""
    return [*clock_problems(setup.clocks), *size_problems(setup.dimensions)]


def size_problems(dimensions: Dimensions) -> list[Problem]:
    """Reasons why bands, tiers or industries cannot be set so."""
    problems = []
    bands, floors = list(dimensions.bands), [tier.floor for tier in dimensions.tiers]
    if bands != sorted(set(bands)) or any(edge <= 0 for edge in bands):
        problems.append(Problem("bands.order", "规模分档的金额须从小到大，且大于零。", "bands"))
    if floors != sorted(set(floors), reverse=True):
        problems.append(Problem("tiers.order", "特大、重大的起点金额须一个比一个小。", "tier_0_floor"))
    names = [one.name for one in dimensions.industries]
    if len(names) != len(set(names)):
        problems.append(Problem("industries.twice", "同一个产业写了两遍，请合并。", "industries"))
    return problems


def decimal_or_none(value: object) -> Decimal | None:
    """Read a stored or typed amount; None when it is none."""
    try:
        amount = Decimal(str(value).strip().replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _known(kind: type[Clocks | PoolRules], stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in stored.items() if name in names}


def _dimensions(sizes: Mapping[str, Any], industries: Mapping[str, Any]) -> Dimensions:
    default = Dimensions()
    edges = [decimal_or_none(edge) for edge in sizes.get("bands", [])]
    tiers = [Tier(**{**one, "floor": Decimal(one["floor"])}) for one in sizes.get("tiers", [])]
    plan = [
        Industry(**{**one, "role": IndustryRole(one["role"]), "words": tuple(one["words"])})
        for one in industries.get("list", [])
    ]
    return Dimensions(
        bands=tuple(edge for edge in edges if edge is not None) or default.bands,
        tiers=tuple(tiers) or default.tiers,
        industries=tuple(plan),
    )
