"""The order of the inbox in SQL: the sum of :mod:`crm.signals.relevance`, and what a person looks at."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, case, cast, false, literal, or_, select

from crm.auth.models import OrgUnit
from crm.core.options import OfficeOption
from crm.core.scheduling import SHANGHAI
from crm.enterprises.codes import industries
from crm.enterprises.models import Enterprise, ListEntry
from crm.signals import relevance
from crm.signals.areas import provinces_in
from crm.signals.models import Signal
from crm.signals.relevance import Focus
from crm.signals.triage_models import SignalFollow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

PLAN = "intake.industries"  # the industries the office plans with, set on the settings of the intake


def focus(session: Session, actor: Actor) -> Focus:
    """Read what a person's inbox looks at, in one query."""
    here = select(literal(1).label("one")).subquery()
    plan = select(OfficeOption.value).where(OfficeOption.key == PLAN).scalar_subquery()
    rows = session.execute(
        select(plan, OrgUnit.region).select_from(here).outerjoin(OrgUnit, OrgUnit.id.in_(actor.unit_ids))
    ).all()
    provinces = [name for _plan, region in rows for name in provinces_in(region or "")]
    stated = plan_of(rows[0][0] or {})
    return Focus(actor.user_id, tuple(dict.fromkeys(provinces)), stated, codes_of(stated))


def plan_of(stored: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read names and words of the office's industries."""
    return tuple(
        (str(one["name"]), tuple(dict.fromkeys(filter(None, (str(one["name"]), *map(str, one.get("words", ())))))))
        for one in stored.get("list", ())
        if one.get("name")
    )


def codes_of(plan: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    """Give the codes of GB/T 4754 whose names hold a word of the plan."""
    words = [word for _name, words in plan for word in words]
    return tuple(code for code, name in industries().items() if any(word in name for word in words))


def followed(user_id: int) -> ColumnElement[bool]:
    """Condition: the person follows the enterprise or what it belongs to; wants Enterprise joined."""
    mine = select(SignalFollow.enterprise_id).where(SignalFollow.user_id == user_id)
    return or_(Signal.enterprise_id.in_(mine), Enterprise.parent_id.in_(mine))


def listed() -> ColumnElement[bool]:
    """Condition: the enterprise stands on a list."""
    return Signal.enterprise_id.in_(select(ListEntry.enterprise_id))


def planned(looked: Focus) -> ColumnElement[bool]:
    """Condition: the signal or its enterprise belongs to an industry of the office's plan."""
    if not looked.plan:
        return false()
    named = [Enterprise.industry.contains(word, autoescape=True) for word in looked.words]
    coded = [Signal.industry.in_(looked.codes), Enterprise.industry_code.in_(looked.codes)] if looked.codes else []
    return or_(*named, *coded)


def nearby(looked: Focus) -> ColumnElement[bool]:
    """Condition: it happens, or the enterprise sits, in a province of the person's units."""
    if not looked.provinces:
        return false()
    here = [Signal.place.startswith(name, autoescape=True) for name in looked.provinces]
    return or_(*here, *[Enterprise.region.startswith(name, autoescape=True) for name in looked.provinces])


def marks(looked: Focus) -> dict[str, ColumnElement[bool]]:
    """The conditions that are worth points, by the key of their reason."""
    return {"followed": followed(looked.user_id), "listed": listed(), "plan": planned(looked), "nearby": nearby(looked)}


def points(looked: Focus, today: date) -> ColumnElement[int]:
    """The whole sum as one expression."""
    worth = {
        "followed": relevance.FOLLOWED,
        "listed": relevance.ON_LIST,
        "plan": relevance.IN_PLAN,
        "nearby": relevance.NEARBY,
    }
    parts = [case((condition, worth[key]), else_=0) for key, condition in marks(looked).items()]
    parts.append(case(*[(Signal.kind == kind, won) for kind, won in relevance.KIND_POINTS.items()], else_=0))
    parts.append(case(*[(Signal.amount >= edge, won) for edge, won in relevance.AMOUNT_POINTS], else_=0))
    parts.append(case(*[(Signal.confidence >= edge, won) for edge, won in relevance.CONFIDENCE_POINTS], else_=0))
    fresh = [
        (Signal.happened_at >= day_start(today - timedelta(days=back)), won) for back, won in relevance.FRESH_POINTS
    ]
    parts.append(case(*fresh, else_=0))
    total: ColumnElement[Any] = literal(0)
    for part in parts:
        total = total + part
    return cast(total, Integer)


def day_start(day: date) -> datetime:
    """The instant at which a day of the office begins."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
