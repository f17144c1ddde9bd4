"""Signals for programs: what the news says of enterprises, with the quoted evidence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from flask import request
from pydantic import Field

from crm.api.fields import Answer, Listed, Named, Paged
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.signals import filters, queries, ranking
from crm.signals.filters import Order, Shelf
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import SignalState
from crm.signals.narrowing import Asked
from crm.web import db, timing
from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.signals.models import Signal as Row

bp = group("signals", "signals")
READ = Door(Scope.SIGNALS_READ, Permission.SIGNAL_READ)
UNREAD = "“%(condition)s”不是可以用的条件，请核对写法。"


class Evidence(Answer):
    """The page a signal was read from."""

    id: int
    title: str
    url: str
    publisher: str | None
    published_at: datetime | None
    fetched_at: datetime


class Signal(Answer):
    """A signal on an enterprise; ``amount`` in 万元 if the sum is in yuan, ``quote`` is what the page says."""

    id: int
    kind: str
    kind_name: str
    enterprise: Named
    quote: str
    amount: Decimal | None
    amount_value: int | None
    amount_currency: str | None
    place: str | None
    industry: str | None
    event_date: date | None
    confidence: float
    happened_at: datetime
    recorded_at: datetime
    state: SignalState
    decided_at: datetime | None
    decision_reason: str | None
    article: Evidence


class Signals(Listed):
    """A page of signals."""

    items: list[Signal]


class SignalList(Paged):
    """Filters as in the inbox of the pages."""

    kind: Annotated[str, Field(max_length=60, description="A kind of signal; repeat it for several")] = ""
    state: Annotated[Shelf, Field(description="Where it stands for this person")] = Shelf.NEW
    order: Order = Order.NEWEST
    enterprise: Annotated[str, Field(max_length=20, description="Id; those that belong to it as well")] = ""
    on_list: Annotated[str, Field(alias="list", max_length=60)] = ""
    industry: Annotated[str, Field(max_length=60)] = ""
    place: Annotated[str, Field(max_length=60)] = ""
    amount: Annotated[str, Field(max_length=20, description="At least, in CNY 10,000")] = ""
    source: Annotated[str, Field(max_length=20, description="Id")] = ""
    days: Annotated[str, Field(max_length=6, description="Back from today")] = ""
    since: Annotated[str, Field(max_length=10, description="First day")] = ""
    until: Annotated[str, Field(max_length=10, description="Last day")] = ""
    confidence: Annotated[str, Field(max_length=3, description="At least, in percent")] = ""
    followed: Annotated[str, Field(max_length=1, description="`1`: enterprises this person follows")] = ""


@operation(bp, "GET", "/signals", READ, Signals, query=SignalList)
def index(query: SignalList) -> Signals:
    """List signals, narrowed as in the inbox."""
    session, actor = db.session(), current_actor()
    chosen, dropped = filters.read(request.args.getlist("kind"), request.args)
    if dropped:
        raise DomainError(*(Problem("filter.unknown", UNREAD, key, {"condition": key}) for key in dropped))
    asked = Asked(actor, ranking.focus(session, actor), timing.now(), timing.today(), chosen, query.state)
    page = queries.inbox(session, asked, query.order, cursor=query.cursor, size=query.limit)
    return Signals(items=[_answer(line.signal) for line in page.rows], next_cursor=page.next)


@operation(bp, "GET", "/signals/<int:signal_id>", READ, Signal)
def show(signal_id: int) -> Signal:
    """Read one signal with its evidence."""
    return _answer(queries.signal(db.session(), current_actor(), signal_id))


def _answer(row: Row) -> Signal:
    kept: dict[str, Any] = {name: getattr(row, name) for name in Signal.model_fields if name != "kind_name"}
    label = KIND_LABELS[SignalKind(row.kind)] if row.kind in set(SignalKind) else row.kind
    return Signal.model_validate({**kept, "kind_name": tr(label)})
