"""What a person asks of the inbox, as conditions on signals; all of them want Enterprise joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, not_, or_, select, true

from crm.auth.rules import Actor, Permission
from crm.enterprises.codes import industries
from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.news.models import Article
from crm.signals.filters import Shelf, SignalFilter
from crm.signals.models import Signal, SignalState
from crm.signals.ranking import day_start, followed
from crm.signals.triage_models import SignalSnooze

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select

    from crm.signals.relevance import Focus

DAY = timedelta(days=1)
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of the inbox: shelf and filter, and what the order looks at."""

    actor: Actor
    looked: Focus
    now: datetime
    today: date
    chosen: SignalFilter = field(default_factory=SignalFilter)
    shelf: Shelf = Shelf.NEW


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: signals are shared by all units, for whoever may read them."""
    return true() if actor.may(Permission.SIGNAL_READ) else false()


def conditions(asked: Asked) -> list[ColumnElement[bool]]:
    """Conditions of what is asked for."""
    return [visible_to(asked.actor), *_on_shelf(asked), *narrowed(asked.chosen, asked.actor, asked.today)]


def narrowed(chosen: SignalFilter, actor: Actor, today: date) -> list[ColumnElement[bool]]:
    """Conditions of a filter."""
    found = [make(value) for name, make in MAKERS.items() if (value := getattr(chosen, name)) not in (None, "", ())]
    first = chosen.first_day(today)
    if first is not None:
        found.append(Signal.happened_at >= day_start(first))
    if chosen.followed:
        found.append(followed(actor.user_id))
    return found


def put_off(actor: Actor, now: datetime) -> Select[int]:
    """Signals the person has put off until later than now."""
    return select(SignalSnooze.signal_id).where(SignalSnooze.user_id == actor.user_id, SignalSnooze.until > now)


def _on_shelf(asked: Asked) -> list[ColumnElement[bool]]:
    if asked.shelf is Shelf.ALL:
        return []
    if asked.shelf in {Shelf.NEW, Shelf.LATER}:
        off = Signal.id.in_(put_off(asked.actor, asked.now))
        return [Signal.state == SignalState.NEW, off if asked.shelf is Shelf.LATER else not_(off)]
    return [Signal.state == SignalState(asked.shelf.value)]


def _of_group(enterprise_id: int) -> ColumnElement[bool]:
    """The enterprise and what belongs to it."""
    return or_(Signal.enterprise_id == enterprise_id, Enterprise.parent_id == enterprise_id)


def _on_list(key: str) -> ColumnElement[bool]:
    edition = select(ListEdition.id).join(TargetList, TargetList.id == ListEdition.list_id).where(TargetList.key == key)
    return Signal.enterprise_id.in_(select(ListEntry.enterprise_id).where(ListEntry.edition_id.in_(edition)))


def _of_industry(typed: str) -> ColumnElement[bool]:
    codes = [code for code, name in industries().items() if typed in name or code == typed.upper()]
    named = Enterprise.industry.contains(typed, autoescape=True)
    return or_(named, Signal.industry.in_(codes), Enterprise.industry_code.in_(codes)) if codes else named


def _placed(typed: str) -> ColumnElement[bool]:
    """It happens there, or the enterprise sits there."""
    return or_(Signal.place.contains(typed, autoescape=True), Enterprise.region.contains(typed, autoescape=True))


MAKERS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "kinds": Signal.kind.in_,
    "enterprise_id": _of_group,
    "on_list": _on_list,
    "industry": _of_industry,
    "place": _placed,
    "amount": lambda least: Signal.amount >= least,
    "source_id": lambda one: Signal.article_id.in_(select(Article.id).where(Article.source_id == one)),
    "until": lambda day: Signal.happened_at < day_start(day + DAY),
    "confidence": lambda percent: Signal.confidence >= percent / PERCENT,
}
