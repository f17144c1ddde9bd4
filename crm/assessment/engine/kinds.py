"""The kinds of rules that published assessments use, each as data with its own cap.

Every kind reads itself from its object and says, for one unit, how many points it gives and how they were reckoned.
The kinds follow 考核 rules in force: ratio with weight, composite, ladder with deductions, base with
terms added and taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from crm.assessment.engine.evaluate import added, filled, number
from crm.assessment.engine.numbers import ONE, ZERO, shown

if TYPE_CHECKING:
    from fractions import Fraction

    from crm.assessment.engine.evaluate import Scope
    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.reading import Spec

PIECE, STEP = "piece", "step"
ERROR, NOTHING, FULL, EXEMPT = "error", "zero", "full", "exempt"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Points of a rule for a unit before its cap, and the reckoning in signs and numbers."""

    points: Fraction
    working: str


class Kind(Protocol):
    """A way of reckoning."""

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """Read itself; faults go into the list of the spec."""

    def reckon(self, scope: Scope) -> Outcome:
        """Give the points of a unit; MissingError when a value is not there."""

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Every formula it reads of the unit, to check names before a run."""

    @property
    def full(self) -> Fraction | None:
        """Points it is worth when all is done; None when it has no such number."""


@dataclass(frozen=True, slots=True)
class FormulaRule:
    """Points as a formula, for whatever no other kind says more clearly."""

    formula: Formula
    worth: Fraction | None
    KEY: ClassVar[str] = "formula"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``formula``; ``full`` = what it is worth, where that matters."""
        return cls(spec.formula("formula"), spec.maybe_number("full"))

    def reckon(self, scope: Scope) -> Outcome:
        """Reckon the formula."""
        return Outcome(number(self.formula, scope), filled(self.formula, scope))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The one formula."""
        return (self.formula,)

    @property
    def full(self) -> Fraction | None:
        """What the rule says."""
        return self.worth


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sum: done ÷ target, at most so much, times its share."""

    done: Formula
    target: Formula
    most: Fraction | None
    share: Fraction

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``done``, ``target`` (1 when done is a rate already), ``most`` (1.2 allows 120 %), ``share``."""
        part = cls(
            spec.formula("done"), spec.formula("target", "1"), spec.maybe_number("most"), spec.number("share", ONE)
        )
        spec.close()
        return part

    def ratio(self, scope: Scope) -> tuple[Fraction, str]:
        """Give the ratio as it counts, and how it came about."""
        done, target = number(self.done, scope), number(self.target, scope)
        bare = self.target.text == "1"
        if not bare and target <= 0:
            ratio = ZERO
            text = f"{filled(self.done, scope)}÷{shown(target)}（没有目标，计0）"
        else:
            ratio = done / target
            text = shown(done) if bare else f"{shown(done)}÷{shown(target)}"
        if self.most is not None and ratio > self.most:
            return self.most, f"{text}（按{shown(self.most)}计）"
        return ratio, text


@dataclass(frozen=True, slots=True)
class Ratio:
    """完成率 × weight: done ÷ target, at most ``most`` of it, times weight."""

    part: Part
    weight: Fraction
    KEY: ClassVar[str] = "ratio"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``done``, ``target``, ``most`` (null: over-fulfilment counts without end), ``weight``."""
        part = Part(spec.formula("done"), spec.formula("target", "1"), spec.maybe_number("most"), ONE)
        return cls(part, spec.number("weight"))

    def reckon(self, scope: Scope) -> Outcome:
        """Reckon ratio × weight."""
        ratio, text = self.part.ratio(scope)
        return Outcome(ratio * self.weight, f"{text}×{shown(self.weight)}")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Done and target."""
        return self.part.done, self.part.target

    @property
    def full(self) -> Fraction | None:
        """The weight."""
        return self.weight


@dataclass(frozen=True, slots=True)
class Composite:
    """Σ (done ÷ target × share) × weight, such as count 50 % and amount 50 %."""

    parts: tuple[Part, ...]
    weight: Fraction
    KEY: ClassVar[str] = "composite"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``parts``: done, target, most, share each; ``weight``."""
        return cls(tuple(map(Part.read, spec.rows("parts"))), spec.number("weight", ONE))

    def reckon(self, scope: Scope) -> Outcome:
        """Reckon the weighted sum."""
        found = [(part, *part.ratio(scope)) for part in self.parts]
        total = added((ratio * part.share for part, ratio, _ in found), "各项完成率")
        inner = "＋".join(f"{text}×{shown(part.share * 100)}%" for part, _, text in found)
        return Outcome(total * self.weight, f"（{inner}）×{shown(self.weight)}")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Done and target of every part."""
        return tuple(one for part in self.parts for one in (part.done, part.target))

    @property
    def full(self) -> Fraction | None:
        """The weight times all shares."""
        return self.weight * sum((part.share for part in self.parts), ZERO)


@dataclass(frozen=True, slots=True)
class Demand:
    """So many are asked for; what is missing costs ``each`` a piece, or once."""

    value: Formula
    at_least: Formula
    each: Fraction
    label: str

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``at_least``, ``each``, ``label``."""
        demand = cls(spec.formula("value"), spec.formula("at_least"), spec.number("each"), spec.text("label", ""))
        spec.close()
        return demand


@dataclass(frozen=True, slots=True)
class Ladder:
    """A full mark less what is missing on each rung: 3-10亿 ≥ 7, 10-20亿 ≥ 4, 20亿+ ≥ 1, each missing −0.1."""

    worth: Fraction
    steps: tuple[Demand, ...]
    per: str
    KEY: ClassVar[str] = "ladder"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``full``, ``steps`` (value, at_least, each, label), ``per`` piece or step."""
        steps = tuple(map(Demand.read, spec.rows("steps")))
        return cls(spec.number("full"), steps, spec.choice("per", (PIECE, STEP), PIECE))

    def reckon(self, scope: Scope) -> Outcome:
        """Take off what is missing."""
        points, words = self.worth, [shown(self.worth)]
        for step in self.steps:
            short = max(number(step.at_least, scope) - number(step.value, scope), ZERO)
            if short:
                times = short if self.per == PIECE else ONE
                points -= times * step.each
                words.append(f"{shown(step.each)}×{shown(times)}（{step.label}少{shown(short)}）")
        return Outcome(points, "－".join(words))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Values and demands."""
        return tuple(one for step in self.steps for one in (step.value, step.at_least))

    @property
    def full(self) -> Fraction | None:
        """The full mark."""
        return self.worth


@dataclass(frozen=True, slots=True)
class Term:
    """A value times what each of it is worth, at most ``most``."""

    value: Formula
    each: Fraction
    most: Fraction | None
    label: str

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``each``, ``most``, ``label``."""
        term = cls(spec.formula("value"), spec.number("each"), spec.maybe_number("most"), spec.text("label", ""))
        spec.close()
        return term

    def points(self, scope: Scope) -> tuple[Fraction, str]:
        """Give its points and their reckoning."""
        found = number(self.value, scope)
        points, text = found * self.each, f"{shown(found)}×{shown(self.each)}"
        if self.most is not None and points > self.most:
            return self.most, f"{text}（最多{shown(self.most)}）"
        return points, text


@dataclass(frozen=True, slots=True)
class Sum:
    """A base, plus terms (加分), less terms (扣分)."""

    base: Fraction
    plus: tuple[Term, ...]
    less: tuple[Term, ...]
    KEY: ClassVar[str] = "sum"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``base`` (0), ``plus`` and ``less``: value, each, most, label."""
        plus = tuple(map(Term.read, spec.rows("plus", needed=False)))
        less = tuple(map(Term.read, spec.rows("less", needed=False)))
        if not plus and not less:
            spec.fault("加分（plus）和扣分（less）至少要填一项。")
        return cls(spec.number("base", ZERO), plus, less)

    def reckon(self, scope: Scope) -> Outcome:
        """Add and take off."""
        points, text = self.base, shown(self.base) if self.base or not self.plus else ""
        for sign, terms in (("＋", self.plus), ("－", self.less)):
            for term in terms:
                found, words = term.points(scope)
                points = added((points, found if sign == "＋" else -found), words)
                text += f"{sign if text else ''}{words}"
        return Outcome(points, text)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Values of all terms."""
        return tuple(term.value for term in (*self.plus, *self.less))

    @property
    def full(self) -> Fraction | None:
        """The base, where there is one."""
        return self.base or None
