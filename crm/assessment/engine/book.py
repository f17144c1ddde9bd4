"""A book of rules (考核办法) read from JSON: rules, sections, indicators made of others, vetoes, grades."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from crm.assessment.engine.bands import Bands, Choices, Condition, Every
from crm.assessment.engine.items import Items
from crm.assessment.engine.kinds import (
    ERROR,
    EXEMPT,
    FULL,
    NOTHING,
    Composite,
    FormulaRule,
    Ladder,
    Ratio,
    Sum,
)
from crm.assessment.engine.reading import Fault, Spec, unusable
from crm.assessment.engine.relative import Best, MinMax, Place, Rating

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.kinds import Kind

KINDS: dict[str, type[Kind]] = {
    kind.KEY: kind
    for kind in (
        Ratio, Composite, Ladder, Sum, Bands, Choices, Every, Condition, MinMax, Best, Place, Rating, Items,
        FormulaRule,
    )
}  # fmt: skip
TOTAL = "total"
LONGEST_GRADE = 40
GROUP, EVERYBODY = "group", "all"
WEIGHT = "weight"
ZERO_ALL, LAST, NO_HONOUR, LIMIT = "zero", "last", "no_honour", "limit"


class BookError(ValueError):
    """A book of rules that cannot be used; ``faults`` names every place and what to do."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the faults."""
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its printed text, its kind, its own cap and floor, when it applies and what a missing value means."""

    key: str
    label: str
    text: str
    section: str
    kind: Kind
    cap: Fraction | None
    floor: Fraction | None
    places: int | None
    when: Formula | None
    factor: Formula | None
    missing: str

    @property
    def full(self) -> Fraction | None:
        """Points it is worth: its cap, or what its kind says."""
        return self.kind.full if self.cap is None else self.cap

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Every formula it reads of a unit."""
        extra = (one for one in (self.when, self.factor) if one is not None)
        return *self.kind.formulas, *extra


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the book with a cap of its own; its points are scaled."""

    key: str
    label: str
    cap: Fraction | None
    scale: Fraction


@dataclass(frozen=True, slots=True)
class Derived:
    """An indicator reckoned from others."""

    key: str
    label: str
    formula: Formula


@dataclass(frozen=True, slots=True)
class Verdict:
    """一票否决 or a lift: what follows when a condition holds."""

    key: str
    label: str
    when: Formula
    effect: str
    value: Fraction | None
    steps: int


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade from so many points on, for at most a share of the units."""

    label: str
    at_least: Fraction
    share: Fraction | None


@dataclass(frozen=True, slots=True)
class Book:
    """A whole book of rules."""

    name: str
    source: str
    parameters: Mapping[str, Fraction]
    derived: tuple[Derived, ...]
    sections: Mapping[str, Section]
    rules: tuple[Rule, ...]
    cap: Fraction | None
    places: int
    rank_within: str
    verdicts: tuple[Verdict, ...]
    promotions: tuple[Verdict, ...]
    grades: tuple[Grade, ...]
    honours: int
    bottom: int
    bottom_runs: int
    fields: frozenset[str] = field(default_factory=frozenset)


def loads(text: str) -> Any:  # noqa: ANN401 (any JSON)
    """Read JSON without losing a digit."""
    return json.loads(text, parse_float=Decimal)


def read_book(raw: object, *, fresh: bool = False) -> Book:
    """Read a book of rules; BookError names all faults at once, of a ``fresh`` one also those older books may have."""
    faults = unusable(raw)
    if faults:
        raise BookError(faults)
    spec = Spec(raw, "", faults)
    rules = tuple(read_rule(one) for one in spec.rows("rules"))
    total, rank, after = spec.part("total"), spec.part("rank"), spec.part("consequences")
    parameters = _parameters(spec, faults)
    book = Book(
        name=spec.text("name"),
        source=spec.text("source", ""),
        parameters=parameters,
        derived=tuple(map(_derived, spec.rows("indicators", needed=False))),
        sections={section.key: section for section in map(_section, spec.rows("sections", needed=False))},
        rules=rules,
        cap=total.maybe_number("cap"),
        places=_places(total, 2),
        rank_within=rank.choice("within", (GROUP, EVERYBODY), GROUP),
        verdicts=tuple(map(_verdict, spec.rows("vetoes", needed=False))),
        promotions=tuple(map(_promotion, spec.rows("promotions", needed=False))),
        grades=tuple(sorted(map(_grade, spec.rows("grades", needed=False)), key=lambda grade: -grade.at_least)),
        honours=int(after.number("honours", Fraction(0))),
        bottom=int(after.number("bottom", Fraction(0))),
        bottom_runs=int(after.number("runs", Fraction(2))),
    )
    spec.text("version", "1")
    for one in (total, rank, after, spec):
        one.close()
    _check_keys(book, faults)
    if not fresh:
        faults = [one for one in faults if not (isinstance(one, Fault) and one.late)]
    if faults:
        raise BookError(faults)
    return book


def read_rule(spec: Spec, *, inside: bool = False) -> Rule:
    """Read one rule; rules of items are the same without section."""
    kind = KINDS[spec.choice("kind", tuple(KINDS))]
    made = kind.read(spec)
    label = spec.text("label", "" if inside else None)
    rule = Rule(
        key=spec.name() if not inside or spec.has("key") else "",
        label=label,
        text=spec.text("text", ""),
        section="" if inside else spec.text("section", ""),
        kind=made,
        cap=_cap(spec, made),
        floor=spec.maybe_number("floor"),
        places=_places(spec, 2) if spec.has("round") else None,
        when=spec.maybe_formula("when"),
        factor=spec.maybe_formula("factor"),
        missing=spec.choice("missing", (ERROR, NOTHING, FULL, EXEMPT), ERROR),
    )
    spec.text("note", "")
    spec.maybe_number("round")
    spec.close()
    if rule.missing in {FULL, EXEMPT} and rule.full is None:
        spec.fault("按满分或免考计，要知道这条规则值多少分：请填封顶分（cap）或满分（full）。", "missing")
    return rule


def _parameters(spec: Spec, faults: list[str]) -> dict[str, Fraction]:
    raw = spec.pairs("parameters")
    for key in raw:
        Spec({"key": key}, "parameters", faults).name()
    return {normalize("NFKC", key): Spec(raw, "parameters", faults).number(key) for key in raw}


def _cap(spec: Spec, kind: Kind) -> Fraction | None:
    """Read a cap: a number, "weight" (what the rule is worth), or null (none)."""
    if spec.has("cap") and spec.plain("cap") == WEIGHT:
        if kind.full is None:
            spec.fault("这类规则没有权重，请直接填封顶分数。", "cap")
        return kind.full
    return spec.maybe_number("cap")


def _places(spec: Spec, default: int) -> int:
    places = spec.number("round", Fraction(default))
    if not 0 <= places <= 6 or places.denominator != 1:  # noqa: PLR2004 (decimals anybody prints)
        spec.fault("小数位要是 0 到 6 的整数。", "round")
        return default
    return int(places)


def _derived(spec: Spec) -> Derived:
    made = Derived(spec.name(), spec.text("label", ""), spec.formula("formula"))
    spec.close()
    return made


def _section(spec: Spec) -> Section:
    made = Section(
        spec.text("key"), spec.text("label", ""), spec.maybe_number("cap"), spec.number("scale", Fraction(1))
    )
    spec.close()
    return made


def _verdict(spec: Spec) -> Verdict:
    effect = spec.choice("effect", (ZERO_ALL, LAST, NO_HONOUR, LIMIT))
    made = Verdict(spec.name(), spec.text("label"), spec.formula("when"), effect, spec.maybe_number("value"), 0)
    if effect == LIMIT and made.value is None:
        spec.fault("选“限定最高分”（limit）时要填最高分。", "value")
    spec.close()
    return made


def _promotion(spec: Spec) -> Verdict:
    steps = int(spec.number("steps", Fraction(1)))
    made = Verdict(spec.name(), spec.text("label"), spec.formula("when"), "promote", None, steps)
    spec.close()
    return made


def _grade(spec: Spec) -> Grade:
    made = Grade(spec.text("grade"), spec.number("at_least"), spec.maybe_number("share"))
    if len(made.label) > LONGEST_GRADE:
        spec.fault(f"等次名称最多{LONGEST_GRADE}字。", "grade")
    spec.close()
    return made


def _check_keys(book: Book, faults: list[str]) -> None:
    seen: set[str] = {TOTAL}
    places = [(f"rules[{at}].key", rule.key) for at, rule in enumerate(book.rules)]
    places += [(f"indicators[{at}].key", one.key) for at, one in enumerate(book.derived)]
    places += [("parameters", key) for key in book.parameters]
    for place, key in places:
        if key and key in seen:
            text = f"名称“{key}”用了两次：规则、指标和参数的名称不能重复，也不能叫 {TOTAL}（总分）。"
            faults.append(Fault(place, text))
        seen.add(key)
    for number, rule in enumerate(book.rules):
        if rule.section and rule.section not in book.sections:
            text = f"没有“{rule.section}”这个部分；请先在总则的部分（sections）里写上它。"
            faults.append(Fault(f"rules[{number}].section", text))
