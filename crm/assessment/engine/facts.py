"""The values an assessment is reckoned from: units with indicators and lists, read from JSON, and seen by formulas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from crm.assessment.engine.evaluate import MissingError, UnsettledError, number_of, value
from crm.assessment.engine.groups import Group, group_of
from crm.assessment.engine.numbers import TooLargeError, Value, read
from crm.assessment.engine.reading import Spec, unusable

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from crm.assessment.engine.book import Book, Derived
    from crm.assessment.engine.evaluate import Scope

MOST_UNITS, MOST_ITEMS = 5000, 5000
MOST_STEPS, MOST_STEPS_OF_RUN = 200_000, 20_000_000  # rows of lists looked at for one line, and in all


class FactsError(ValueError):
    """Values that cannot be used; ``faults`` names every place and what to do."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the faults."""
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A signed entry beside the rules (调整): never an overwritten score."""

    points: Fraction
    reason: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (or a person) with its values; ``bottom_before`` = how often it was at the bottom in a row till now."""

    key: str
    label: str
    group: str
    values: Mapping[str, Value]
    items: Mapping[str, Sequence[Mapping[str, Value]]]
    adjustments: tuple[Adjustment, ...] = ()
    bottom_before: int = 0


def read_facts(raw: object) -> tuple[Unit, ...]:
    """Read the units; FactsError names all faults at once."""
    faults = unusable(raw)
    if faults:
        raise FactsError(faults)
    spec = Spec(raw, "", faults)
    units = tuple(map(_unit, spec.rows("units", most=MOST_UNITS)))
    for key in ("period", "name", "note"):
        spec.text(key, "")
    spec.close()
    seen: set[str] = set()
    for unit in units:
        if unit.key in seen:
            faults.append(f"单位“{unit.key}”写了两次。")
        seen.add(unit.key)
    if faults:
        raise FactsError(faults)
    return units


def _unit(spec: Spec) -> Unit:
    key = spec.text("key")
    items = {
        normalize("NFKC", name): [_values(Spec(row, f"{spec.path}.items.{name}[{at}]", spec.faults), row)
                                  for at, row in enumerate(_list(spec, name, rows))]
        for name, rows in spec.pairs("items").items()
    }  # fmt: skip
    unit = Unit(
        key=key,
        label=spec.text("label", key),
        group=spec.text("group", ""),
        values=_values(spec, spec.pairs("values")),
        items=items,
        adjustments=tuple(map(_adjustment, spec.rows("adjustments", needed=False))),
        bottom_before=spec.whole("bottom_before"),
    )
    spec.close()
    return unit


def _list(spec: Spec, name: str, rows: object) -> list[Any]:
    if not isinstance(rows, list) or len(rows) > MOST_ITEMS:
        spec.fault(f"要填一个列表，最多 {MOST_ITEMS} 项。", f"items.{name}")
        return []
    return rows


def _values(spec: Spec, raw: object) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, one in raw.items() if isinstance(raw, dict) else ():
        if isinstance(one, dict | list):
            spec.fault("只能填数字、文字、true/false 或 null。", name)
            continue
        try:
            found[normalize("NFKC", name)] = read(one)
        except TooLargeError:
            spec.fault(f"数太大或太小：{one}。", name)
    return found


def _adjustment(spec: Spec) -> Adjustment:
    made = Adjustment(spec.number("points"), spec.text("reason"), spec.text("signed_by"))
    spec.close()
    return made


@dataclass(slots=True)
class Frame:
    """All units of a run with what was reckoned so far: derived indicators, points of rules, values of groups."""

    book: Book
    units: Sequence[Unit]
    points: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    steps: int = 0
    _line_from: int = 0
    _groups: dict[tuple[str, int], Group | None] = field(default_factory=dict)
    _derived: dict[str, Derived] = field(default_factory=dict)
    _members: dict[str, list[UnitScope]] = field(default_factory=dict)
    _lists: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Sort units into groups."""
        self._derived = {one.key: one for one in self.book.derived}
        for unit in self.units:
            self._members.setdefault(unit.group, []).append(UnitScope(self, unit))
            self._lists.update(unit.items)

    def derived(self, name: str) -> Derived | None:
        """Give the indicator that is made of others."""
        return self._derived.get(name)

    def scope(self, unit: Unit) -> UnitScope:
        """Give a unit as formulas see it."""
        return self.scopes()[unit.key]

    def scopes(self) -> dict[str, UnitScope]:
        """Give the units as formulas see them, by key."""
        return {scope.key: scope for members in self._members.values() for scope in members}

    def size(self, group: str) -> int:
        """Give how many units a group has."""
        return len(self._members[group])

    def has_list(self, name: str) -> bool:
        """Whether any unit has a list of this name; a misspelt one must not count as an empty one."""
        return name in self._lists

    def begin(self) -> None:
        """Begin a line: it may look at so many rows."""
        self._line_from = self.steps

    def spend(self, rows: int) -> None:
        """Count rows that are looked at; lists inside lists inside lists come to an end here."""
        self.steps += rows
        if self.steps - self._line_from > MOST_STEPS or self.steps > MOST_STEPS_OF_RUN:
            message = "要逐项计算的次数太多，请减少列表里套列表的算法"
            raise UnsettledError(message)

    def group(self, group: str, formula: ast.expr) -> Group:
        """Give what a formula comes to for each unit of a group; reckoned once, trees live as long as their book."""
        place = (group, id(formula))
        known = self._groups.get(place)
        if known is None:
            if place in self._groups:
                message = "和同组比较的公式绕回到自己，请检查 indicators 里的公式"
                raise UnsettledError(message)
            self._groups[place] = None
            try:
                known = group_of({one.key: _or_none(formula, one) for one in self._members[group]})
            finally:
                del self._groups[place]
            self._groups[place] = known
        return known


def _or_none(formula: ast.expr, scope: Scope) -> Fraction | None:
    try:
        return number_of(formula, scope)
    except UnsettledError:
        raise
    except MissingError:
        return None


@dataclass(slots=True)
class UnitScope:
    """A unit as formulas see it."""

    frame: Frame
    unit: Unit
    _asked: set[str] = field(default_factory=set)
    _made: dict[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Key of the unit."""
        return self.unit.key

    def value(self, name: str) -> Value:
        """Give a value of the unit, a derived indicator or a parameter of the book."""
        if name in self.unit.values:
            return self.unit.values[name]
        derived = self.frame.derived(name)
        return self.frame.book.parameters.get(name) if derived is None else self._make(derived)

    def _make(self, derived: Derived) -> Value:
        """Reckon a derived indicator once."""
        name = derived.key
        if name not in self._made:
            if name in self._asked:
                message = f"指标“{name}”绕回到自己，请检查 indicators 里的公式"
                raise UnsettledError(message)
            self._asked.add(name)
            try:
                self._made[name] = value(derived.formula, self)
            finally:
                self._asked.discard(name)
        return self._made[name]

    def items(self, name: str) -> Sequence[ItemScope]:
        """Give the rows of a list."""
        if not self.frame.has_list(name):
            message = f"没有名为“{name}”的列表：请到本考核的“列表”页填写，互评的要等截止；也可能是 items 里的名称写错"
            raise MissingError(message)
        rows = self.unit.items.get(name, ())
        self.frame.spend(len(rows))
        return [ItemScope(self, row, str(at)) for at, row in enumerate(rows, start=1)]

    def score(self, key: str) -> Fraction:
        """Give the points of a rule reckoned before."""
        points = self.frame.points.get(key)
        if points is None or self.unit.key not in points:
            message = f"score({key})：这条规则还没有得分，只能引用排在前面的规则"
            raise UnsettledError(message)
        return points[self.unit.key]

    def group(self, formula: ast.expr) -> Group:
        """Give what a formula comes to in the unit's group."""
        return self.frame.group(self.unit.group, formula)

    def size(self) -> int:
        """Give how many units the group has."""
        return self.frame.size(self.unit.group)


@dataclass(slots=True)
class ItemScope:
    """A row of a list as formulas see it; what the row does not have is asked of its unit."""

    owner: UnitScope
    row: Mapping[str, Value]
    place: str

    @property
    def key(self) -> str:
        """Name of the row, or its number."""
        named = self.row.get("label") or self.row.get("name") or self.row.get("key")
        return str(named) if named else f"第{self.place}项"

    def value(self, name: str) -> Value:
        """Give a value of the row, else of the unit."""
        return self.row[name] if name in self.row else self.owner.value(name)

    def items(self, name: str) -> Sequence[ItemScope]:
        """Rows have no lists of their own."""
        return self.owner.items(name)

    def score(self, key: str) -> Fraction:
        """Give the points of a rule of the unit."""
        return self.owner.score(key)

    def group(self, formula: ast.expr) -> Group:
        """Give what a formula comes to in the unit's group."""
        return self.owner.group(formula)

    def size(self) -> int:
        """Give how many units the group has."""
        return self.owner.size()
