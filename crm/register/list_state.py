"""The state of the list as it stands in the address, in a saved view and in the record of an export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crm.register import filters, list_columns
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from crm.register.filters import Group

LONGEST = 100
NAME = "name"
PATH = "/enterprises"
DOWN, UP = "-", "+"


@dataclass(frozen=True, slots=True)
class State:
    """What the list is narrowed to, its order and columns; ``view`` is the saved view it came from."""

    q: str = ""
    groups: tuple[Group, ...] = ()
    sort: str = NAME
    descending: bool = False
    columns: tuple[str, ...] = list_columns.DEFAULT
    view: int | None = None
    dropped: tuple[str, ...] = ()

    @property
    def order(self) -> str:
        """The order as it stands in the address: ``touch``, ``-name``, ``+score``; the sign only where unusual."""
        usual = list_columns.SORTS[self.sort].falling
        sign = "" if self.descending == usual else DOWN if self.descending else UP
        return sign + self.sort

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Arguments of the address, usual ones left out."""
        found = [("q", self.q)] if self.q else []
        found += [("f", text) for text in filters.written(self.groups)]
        found += [("sort", self.order)] if self.order != NAME else []
        found += [("cols", ",".join(self.columns))] if self.columns != list_columns.DEFAULT else []
        return found

    @property
    def all_pairs(self) -> list[tuple[str, str]]:
        """Arguments with the saved view it came from; never the view alone, which would bring its own state."""
        return [*(self.pairs or [("q", "")]), ("view", str(self.view))] if self.view else self.pairs

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.groups)

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON, for a saved view or a record."""
        return {"q": self.q, "f": filters.written(self.groups), "sort": self.order, "cols": list(self.columns)}

    def href(self, path: str = PATH, **more: str) -> str:
        """Address of this state on a page."""
        args = urlencode([*self.all_pairs, *((key, value) for key, value in more.items() if value)])
        return f"{path}?{args}" if args else path

    def sorted_by(self, key: str) -> State:
        """The order a click on a column head gives: its usual direction, then the other."""
        column = list_columns.SORTS[key]
        falling = not self.descending if self.sort == key else column.falling
        return replace(self, sort=key, descending=falling)

    def without(self, group: int, place: int) -> State:
        """One condition taken out."""
        return replace(self, groups=filters.without(self.groups, group, place))

    @property
    def without_q(self) -> State:
        """The words searched for taken out."""
        return replace(self, q="")

    @property
    def cleared(self) -> State:
        """Nothing left out, order and columns kept."""
        return replace(self, q="", groups=(), view=None)


def ordered(text: str) -> tuple[str, bool]:
    """Read an order: column and whether the largest come first; by name when unknown."""
    key = text.lstrip(DOWN + UP + " ")
    if key not in list_columns.SORTS:
        return NAME, False
    if text[:1] == DOWN:
        return key, True
    return key, text == key and list_columns.SORTS[key].falling


def from_plain(data: Mapping[str, Any], view: int | None = None) -> State:
    """Read a kept state; what is no longer known is left out."""
    parsed = filters.parse(str(text) for text in data.get("f", []))
    sort, descending = ordered(str(data.get("sort", NAME)))
    columns = list_columns.chosen(str(key) for key in data.get("cols", []))
    return State(str(data.get("q", ""))[:LONGEST], parsed.groups, sort, descending, columns, view, parsed.dropped)


def from_args(args: MultiDict[str, str]) -> State:
    """Read an address: groups, the plain selection boxes, the builder of conditions, order and columns."""
    parsed = filters.parse(args.getlist("f"))
    groups, dropped = parsed.groups, list(parsed.dropped)
    for name, written in filters.SIMPLE.items():
        value = args.get(name, "").strip()
        one = filters.condition(written(value)) if value else None
        if one is not None:
            groups = filters.picked(groups, one)
        elif value:
            dropped.append(value[: filters.LONGEST_VALUE])
    for text in _built(args):
        one = filters.condition(text)
        if one is None:
            dropped.append(text[: filters.LONGEST_VALUE])
            continue
        one = filters.turned(one) if args.get("not") else one
        groups = filters.added(groups, one, number_or_none(args.get("into", "")))
    sort, descending = ordered(args.get("sort", NAME))
    query = args.get("q", "").strip()[:LONGEST]
    return State(
        query,
        groups,
        sort,
        descending,
        list_columns.chosen(args.getlist("cols")),
        number_or_none(args.get("view", "")),
        tuple(dropped),
    )


def bare(args: MultiDict[str, str]) -> bool:
    """Whether an address names a saved view and nothing else of the state."""
    return "view" in args and not {"q", "f", "sort", "cols", "add", "text", *filters.SIMPLE} & set(args)


def _built(args: MultiDict[str, str]) -> list[str]:
    texts = [args.get("add", "").strip()]
    typed = args.get("text", "").strip().replace(filters.OR, "")
    if typed:
        texts.append(f"{args.get('kind', 'industry')}:{typed}")
    return [text for text in texts if text]
