"""Conditions of the list as SQL: relations by subqueries over rows the actor may read."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, not_, or_, select
from sqlalchemy.orm import aliased

from crm.auth.rules import Permission
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact, Enterprise, ListEdition, ListEntry, TargetList
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project
from crm.register import filters
from crm.scoring import asking
from crm.scoring.narrowing import narrowed
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from crm.auth.rules import Actor
    from crm.register.filters import Condition, Group

INDUSTRY_CODE = re.compile(r"[A-T][0-9]{0,4}")
REGION_CODE = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}")


def within(groups: Iterable[Group], actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    """Conditions on :class:`Enterprise`, one for each group."""
    return [or_(*(_one(condition, actor, now) for condition in group)) for group in groups]


def sees_all_touches(actor: Actor) -> bool:
    """Whether the latest touch kept on the enterprise is the latest this person may know of."""
    return actor.scope(Permission.TOUCH_READ) is None


def _one(condition: Condition, actor: Actor, now: datetime) -> ColumnElement[bool]:
    if condition.kind in asking.KINDS:
        found = narrowed(Enterprise.id, condition.kind, condition.value, now)
    else:
        found = MAKERS[condition.kind](condition.value, actor, now)
    return not_(found) if condition.negated else found


def _in(statement: Select[Any]) -> ColumnElement[bool]:
    return Enterprise.id.in_(statement)


def _list(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    key, _slash, year = value.partition(filters.ARG)
    members = (
        select(ListEntry.enterprise_id)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(TargetList.key == key)
    )
    return _in(members.where(ListEdition.year == int(year)) if year else members)


def _contains(column: InstrumentedAttribute[str | None], value: str) -> ColumnElement[bool]:
    return func.coalesce(column, "").contains(value, autoescape=True)


def _prefix(column: InstrumentedAttribute[str | None], value: str) -> ColumnElement[bool]:
    return and_(column.is_not(None), func.coalesce(column, "").startswith(value, autoescape=True))


def _industry(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    by_code = INDUSTRY_CODE.fullmatch(value)
    return _prefix(Enterprise.industry_code, value) if by_code else _contains(Enterprise.industry, value)


def _region(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    if not REGION_CODE.fullmatch(value):
        return _contains(Enterprise.region, value)
    return _prefix(Enterprise.region_code, value.removesuffix("00").removesuffix("00"))


def _signal(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:
    if not actor.may(Permission.SIGNAL_READ):
        return false()
    kind, _slash, days = value.partition(filters.ARG)
    news = select(Signal.enterprise_id).where(Signal.state != SignalState.REJECTED)
    if kind != filters.ANY:
        news = news.where(Signal.kind == kind)
    return _in(news.where(Signal.happened_at >= now - timedelta(days=int(days))) if days else news)


def _touched(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:
    who, _slash, days = value.partition(filters.ARG)
    seen = select(Touch.enterprise_id).where(fieldwork.visible_to(actor), fieldwork.counted())
    if who == filters.MINE:
        own = seen.where(Touch.unit_id.in_(actor.unit_ids))
        return _in(own.where(Touch.occurred_at >= now - timedelta(days=int(days))) if days else own)
    if value == filters.NEVER:
        return Enterprise.last_touch_at.is_(None) if sees_all_touches(actor) else not_(_in(seen))
    since = now - timedelta(days=int(value))
    if sees_all_touches(actor):
        return and_(Enterprise.last_touch_at.is_not(None), Enterprise.last_touch_at >= since)
    return _in(seen.where(Touch.occurred_at >= since))


def _project(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    known = select(Project.enterprise_id).where(pipeline.visible_to(actor))
    if value == filters.NONE:
        return not_(_in(known))
    if value == filters.ANY:
        return _in(known)
    going = known.where(Project.exit_kind.is_(None))
    return _in(going if value == filters.OPEN else going.where(Project.stage == value))


def _contacts(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    people = select(Contact.enterprise_id).where(enterprises.visible_to(actor), Contact.archived_at.is_(None))
    return _in(people) if value == filters.HAS else not_(_in(people))


def _source(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    return func.coalesce(Enterprise.source_kind, "") == value


def _org(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    return _contains(Enterprise.source_org, value)


def _uscc(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    return Enterprise.uscc.is_not(None) if value == filters.HAS else Enterprise.uscc.is_(None)


def _created(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    return Enterprise.created_at >= now - timedelta(days=int(value))


def _group(value: str, actor: Actor, now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 (one shape for all makers)
    if value == filters.CHILD:
        return Enterprise.parent_id.is_not(None)
    below = aliased(Enterprise)
    return _in(select(below.parent_id).where(below.parent_id.is_not(None), below.deleted_at.is_(None)))


MAKERS: Mapping[str, Callable[[str, Actor, datetime], ColumnElement[bool]]] = {
    "list": _list,
    "industry": _industry,
    "region": _region,
    "signal": _signal,
    "touched": _touched,
    "project": _project,
    "contacts": _contacts,
    "source": _source,
    "org": _org,
    "uscc": _uscc,
    "created": _created,
    "group": _group,
}
