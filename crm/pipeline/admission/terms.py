"""What the office sets for its reviews: read from and written to its options, kept with each case."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.models import OrgUnit
from crm.auth.queries import valid_on
from crm.auth.rules import UnitKind
from crm.core import options
from crm.core.errors import DomainError, Problem
from crm.pipeline.admission.rules import DIMENSIONS, STATUTORY, Terms
from crm.pipeline.admission.scorecard import CRITERIA, WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

KEY = "admission"
MOST_DAYS = 60


def current(session: Session) -> Terms:
    """Return what the office has set, defaults for the rest."""
    return load(options.read(session, KEY).get(KEY, {}))


def load(value: Mapping[str, Any]) -> Terms:
    """Make terms of a stored value; statutory opinions are never internal, whatever was stored."""
    plain = Terms()
    internal = frozenset(value.get("internal", plain.internal))
    return Terms(
        departments={key: int(unit) for key, unit in value.get("departments", {}).items() if key in DIMENSIONS},
        opinion_days=value.get("opinion_days", plain.opinion_days),
        decision_days=value.get("decision_days", plain.decision_days),
        quorum=Fraction(value["quorum"]) if "quorum" in value else plain.quorum,
        veto=value.get("veto", plain.veto),
        weights=dict(value.get("weights", plain.weights)),
        intensity_floor=_decimal(value.get("intensity_floor")),
        tax_floor=_decimal(value.get("tax_floor")),
        deemed=value.get("deemed", plain.deemed),
        internal=(internal & frozenset(DIMENSIONS)) - STATUTORY,
    )


def dump(terms: Terms) -> dict[str, Any]:
    """Return terms as a JSON value."""
    return {
        "departments": dict(terms.departments),
        "opinion_days": terms.opinion_days,
        "decision_days": terms.decision_days,
        "quorum": str(terms.quorum),
        "veto": terms.veto,
        "weights": dict(terms.weights),
        "intensity_floor": None if terms.intensity_floor is None else str(terms.intensity_floor),
        "tax_floor": None if terms.tax_floor is None else str(terms.tax_floor),
        "deemed": terms.deemed,
        "internal": sorted(terms.internal),
    }


def problems_of(terms: Terms) -> list[Problem]:
    """Reasons why terms cannot be set."""
    found = []
    if sum(terms.weights.values()) != WHOLE or any(weight < 0 for weight in terms.weights.values()):
        params: dict[str, object] = {"sum": sum(terms.weights.values())}
        found.append(Problem("terms.weights", "各项权重之和须为100，现为%(sum)s。", params=params))
    if not set(terms.weights) <= set(CRITERIA):
        found.append(Problem("terms.criteria", "评分表里有不认识的项目。"))
    if not (1 <= terms.opinion_days <= MOST_DAYS and 1 <= terms.decision_days <= MOST_DAYS):
        found.append(Problem("terms.days", "期限须在1到60个工作日之间。", "opinion_days"))
    if not 0 < terms.quorum <= 1:
        found.append(Problem("terms.quorum", "法定人数须大于零，不超过全部委员。", "quorum"))
    if any(floor is not None and floor < 0 for floor in (terms.intensity_floor, terms.tax_floor)):
        found.append(Problem("terms.floor", "底线不能为负。", "intensity_floor"))
    return found


def set_terms(session: Session, actor: Actor, terms: Terms, *, now: datetime, today: date) -> None:
    """Set the office's terms; cases already open keep the ones they were opened under."""
    problems = problems_of(terms)
    known = {unit.id for unit in departments(session, today)}
    if not set(terms.departments.values()) <= known:
        problems.append(Problem("terms.department", "出具意见的须是现有的部门类机构。"))
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, KEY, dump(terms), now=now)


def departments(session: Session, today: date) -> list[OrgUnit]:
    """Departments that may be asked for opinions."""
    statement = select(OrgUnit).where(OrgUnit.kind == UnitKind.DEPARTMENT, valid_on(OrgUnit, today))
    return list(session.scalars(statement.order_by(OrgUnit.position, OrgUnit.id)))


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
