"""Kinds of rules that look a value up: bands, choices, ranks, and so many points for every so much."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Self
from unicodedata import normalize

from crm.assessment.engine.evaluate import filled, holds, number, value
from crm.assessment.engine.kinds import Outcome, Term
from crm.assessment.engine.numbers import ONE, ZERO, shown

if TYPE_CHECKING:
    from crm.assessment.engine.evaluate import Scope
    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.reading import Spec


@dataclass(frozen=True, slots=True)
class Band:
    """From so much on so many points, if a further condition holds."""

    at_least: Fraction
    points: Fraction
    needs: Formula | None

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``at_least``, ``points``, ``needs`` (a condition, such as paid_in >= 20%)."""
        band = cls(spec.number("at_least"), spec.number("points"), spec.maybe_formula("needs"))
        spec.close()
        return band


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands and steps: the highest band reached whose condition holds; below all of them less for each one short."""

    value: Formula
    bands: tuple[Band, ...]
    below_each: Fraction
    below: Fraction
    less: tuple[Term, ...]
    scale: Fraction
    KEY: ClassVar[str] = "bands"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``bands``, ``below``, ``below_each``, ``less``, ``weight``.

        ``below``: points under all bands; ``below_each``: taken off the lowest band for each one short of it;
        ``less``: deductions; ``weight``: the points of the bands are per hundred of it.
        """
        bands = sorted(map(Band.read, spec.rows("bands")), key=lambda band: -band.at_least)
        less = tuple(map(Term.read, spec.rows("less", needed=False)))
        each, below = spec.number("below_each", ZERO), spec.number("below", ZERO)
        weight = spec.maybe_number("weight")
        scale = ONE if weight is None else weight / 100
        return cls(spec.formula("value"), tuple(bands), each, below, less, scale)

    def reckon(self, scope: Scope) -> Outcome:
        """Look the value up, then take off the deductions."""
        found = number(self.value, scope)
        points, words = self._band(found, scope)
        for term in self.less:
            off, text = term.points(scope)
            points -= off
            words += f"－{text}"
        if self.scale != 1:
            words = f"（{words}）×{shown(self.scale)}"
        return Outcome(points * self.scale, words)

    def _band(self, found: Fraction, scope: Scope) -> tuple[Fraction, str]:
        unmet = ""
        for band in self.bands:
            if found < band.at_least:
                continue
            if band.needs is None or holds(band.needs, scope):
                text = f"{shown(found)}（满{shown(band.at_least)}{unmet}）得{shown(band.points)}"
                return band.points, text
            unmet = unmet or f"，满{shown(band.at_least)}但不符合{band.needs.text}"
        lowest = self.bands[-1]
        if self.below_each and found < lowest.at_least:
            short = lowest.at_least - found
            points = max(lowest.points - short * self.below_each, ZERO)
            return points, f"{shown(found)}（差{shown(short)}）得{shown(points)}"
        return self.below, f"{shown(found)}{unmet and f'（{unmet[1:]}）'}未达各档得{shown(self.below)}"

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The value, conditions and deductions."""
        needs = (band.needs for band in self.bands if band.needs is not None)
        return self.value, *needs, *(term.value for term in self.less)

    @property
    def full(self) -> Fraction | None:
        """The best band."""
        return self.bands[0].points * self.scale if self.bands else None


@dataclass(frozen=True, slots=True)
class Choices:
    """Points by kind: industry 15, livelihood 8, function 6."""

    value: Formula
    choices: dict[str, Fraction]
    other: Fraction
    KEY: ClassVar[str] = "choices"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``choices`` (word: points), ``other`` (points of anything else, 0)."""
        choices = {normalize("NFKC", word).strip(): points for word, points in spec.numbers_by_word("choices").items()}
        if not choices:
            spec.fault("至少要填一个选项。", "choices")
        return cls(spec.formula("value"), choices, spec.number("other", ZERO))

    def reckon(self, scope: Scope) -> Outcome:
        """Look the word up."""
        found = shown(value(self.value, scope))
        points = self.choices.get(found, self.other)
        return Outcome(points, f"{found}得{shown(points)}")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The value."""
        return (self.value,)

    @property
    def full(self) -> Fraction | None:
        """The best choice."""
        return max(self.choices.values(), default=None)


@dataclass(frozen=True, slots=True)
class Every:
    """So many points for every so much beyond a start: 每超1亿元加1分."""

    value: Formula
    over: Formula
    every: Fraction
    each: Fraction
    whole: bool
    KEY: ClassVar[str] = "every"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``over`` (0), ``every``, ``each``, ``whole`` (true: only full steps count)."""
        every = spec.number("every")
        if every <= 0:
            spec.fault("要大于 0。", "every")
            every = ONE
        return cls(
            spec.formula("value"),
            spec.formula("over", "0"),
            every,
            spec.number("each"),
            spec.yes("whole", default=True),
        )

    def reckon(self, scope: Scope) -> Outcome:
        """Count the steps."""
        beyond = max(number(self.value, scope) - number(self.over, scope), ZERO)
        steps = beyond / self.every
        if self.whole:
            steps = Fraction(math.floor(steps))
        told = f"超出{shown(beyond)}" if self.over.text.strip() != "0" else shown(beyond)
        return Outcome(steps * self.each, f"{told}，每{shown(self.every)}计{shown(self.each)}")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The value and the start."""
        return self.value, self.over

    @property
    def full(self) -> Fraction | None:
        """None: there is no end but the cap."""
        return None


@dataclass(frozen=True, slots=True)
class Condition:
    """Points if a condition holds, else others."""

    condition: Formula
    points: Fraction
    otherwise: Fraction
    KEY: ClassVar[str] = "condition"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``condition``, ``points``, ``otherwise`` (0)."""
        return cls(spec.formula("condition"), spec.number("points"), spec.number("otherwise", ZERO))

    def reckon(self, scope: Scope) -> Outcome:
        """Ask the condition."""
        met = holds(self.condition, scope)
        points = self.points if met else self.otherwise
        return Outcome(points, f"{filled(self.condition, scope)}：{'符合' if met else '不符合'}，得{shown(points)}")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The condition."""
        return (self.condition,)

    @property
    def full(self) -> Fraction | None:
        """The better of both."""
        return max(self.points, self.otherwise)
