"""The inbox as its address says: shelf, order, filter; links that change one of them, and chips that take one away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from flask import request, url_for

from crm.auth.identity import current_actor
from crm.signals import filters, queries, ranking
from crm.signals.filters import Order, Shelf, SignalFilter
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.narrowing import Asked
from crm.web import db, timing
from crm.web.filters import money_words
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from crm.signals.triage_models import SignalWatch

SHELF_LABELS = {
    Shelf.NEW: "待处理",
    Shelf.LATER: "稍后再看",
    Shelf.ACCEPTED: "已采用",
    Shelf.REJECTED: "不采用",
    Shelf.ALL: "全部",
}
ORDER_LABELS = {Order.RELEVANCE: "最相关", Order.NEWEST: "最新", Order.AMOUNT: "金额最大"}
CONDITION_LABELS = {
    "kind": "类型",
    "enterprise": "企业",
    "list": "榜单",
    "industry": "产业",
    "place": "地区",
    "amount": "金额",
    "source": "信源",
    "days": "最近天数",
    "since": "开始日期",
    "until": "结束日期",
    "confidence": "把握",
    "followed": "我关注的",
}
DAYS_OFFERED = (1, 7, 30, 90)


@dataclass(frozen=True, slots=True)
class State:
    """What the address says."""

    chosen: SignalFilter
    shelf: Shelf = Shelf.NEW
    order: Order = Order.RELEVANCE
    dropped: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Arguments of the address; usual ones left out."""
        found = [("state", self.shelf.value)] if self.shelf is not Shelf.NEW else []
        found += [("order", self.order.value)] if self.order is not Order.RELEVANCE else []
        return found + self.chosen.pairs

    def href(self, **more: str | None) -> str:
        """The address of this state, with what is added."""
        pairs = [*self.pairs, *((key, value) for key, value in more.items() if value)]
        path = url_for("inbox.inbox")
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def on(self, shelf: Shelf) -> State:
        """The same on another shelf."""
        return replace(self, shelf=shelf)

    def toggled(self, kind: str) -> State:
        """One kind more, or one less."""
        kinds = self.chosen.kinds
        wanted = tuple(one for one in kinds if one != kind) if kind in kinds else (*kinds, kind)
        return replace(self, chosen=replace(self.chosen, kinds=wanted))


class Chip(NamedTuple):
    """One condition in words, and the address without it."""

    words: str
    href: str


def state_of(args: MultiDict[str, str]) -> State:
    """Read an address; what cannot be read is left out and named."""
    chosen, dropped = filters.read(args.getlist("kind"), args)
    shelf, order = args.get("state", ""), args.get("order", "")
    return State(
        chosen,
        Shelf(shelf) if shelf in set(Shelf) else Shelf.NEW,
        Order(order) if order in set(Order) else Order.RELEVANCE,
        dropped,
    )


def asked(state: State | None = None) -> Asked:
    """Make what the signed-in person asks."""
    actor = current_actor()
    wanted = state or state_of(request.args)
    looked = ranking.focus(db.session(), actor)
    return Asked(actor, looked, timing.now(), timing.today(), wanted.chosen, wanted.shelf)


def kind_label(kind: str) -> str:
    """Return the name of a kind of signal in the person's language."""
    return tr(KIND_LABELS[SignalKind(kind)]) if kind in set(SignalKind) else kind


def chips(state: State, names: Mapping[str, str]) -> list[Chip]:
    """Every condition but the kinds, which have switches of their own; ``names`` are those of records."""
    found = []
    for key, words in described(state.chosen, names):
        name = next(field for field, arg in filters.NAMES.items() if arg == key)
        found.append(Chip(words, replace(state, chosen=state.chosen.without(name)).href()))
    return found


def described(chosen: SignalFilter, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Conditions in words, by the key of their argument."""
    colon = tr("：")
    found = []
    for key, value in chosen.pairs:
        if key == "kind":
            continue
        label = tr(CONDITION_LABELS[key])
        found.append((key, label if key == "followed" else f"{label}{colon}{_shown(chosen, key, value, names)}"))
    return found


def _shown(chosen: SignalFilter, key: str, value: str, names: Mapping[str, str]) -> str:
    if key == "amount":
        return tr("%(sum)s以上", sum=money_words(chosen.amount))
    if key == "confidence":
        return tr("%(percent)s%%以上", percent=value)
    if key == "days":
        return tr("%(n)s天内", n=value)
    return names.get(key, value)


def names_of(
    chosen: SignalFilter, sources: list[tuple[int, str]], lists: list[tuple[str, str]], firms: Mapping[int, str]
) -> dict[str, str]:
    """Names of the records a filter speaks of, by the key of its argument."""
    found = {}
    if chosen.enterprise_id is not None:
        found["enterprise"] = firms.get(chosen.enterprise_id, str(chosen.enterprise_id))
    if chosen.source_id is not None:
        found["source"] = dict(sources).get(chosen.source_id, str(chosen.source_id))
    if chosen.on_list:
        found["list"] = dict(lists).get(chosen.on_list, chosen.on_list)
    return found


def firms_of(*filters_: SignalFilter) -> dict[int, str]:
    """Names of the enterprises filters speak of, in one query at most."""
    return queries.enterprise_names(db.session(), {one.enterprise_id for one in filters_ if one.enterprise_id})


def doors(watches: Iterable[SignalWatch]) -> list[tuple[str, str]]:
    """Names of watches, each with the inbox narrowed to it."""
    return [(row.name, State(filters.from_plain(row.chosen)).href()) for row in watches]


def shelf_tabs(state: State, counts: Mapping[tuple[Shelf, str], int]) -> list[dict[str, object]]:
    """Tabs of the shelves with what stands on each."""
    kinds = state.chosen.kinds
    numbers = {
        shelf: sum(
            number for (where, kind), number in counts.items() if where is shelf and (not kinds or kind in kinds)
        )
        for shelf in Shelf
    }
    return [
        {
            "label": tr(label),
            "href": state.on(shelf).href(),
            "current": shelf is state.shelf,
            "count": numbers[shelf],
        }
        for shelf, label in SHELF_LABELS.items()
    ]


def kind_switches(state: State, counts: Mapping[tuple[Shelf, str], int]) -> list[dict[str, object]]:
    """Switches of the kinds with what stands on this shelf."""
    return [
        {
            "key": kind.value,
            "label": kind_label(kind.value),
            "count": counts.get((state.shelf, kind.value), 0),
            "on": kind.value in state.chosen.kinds,
            "href": state.toggled(kind.value).href(),
        }
        for kind in KIND_LABELS
    ]
