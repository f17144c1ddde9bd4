"""Kinds of rules that set a unit beside its group: 功效系数, the best of the group, places, and mutual rating."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Self
from unicodedata import normalize

from crm.assessment.engine.evaluate import MissingError, added, number
from crm.assessment.engine.kinds import Outcome
from crm.assessment.engine.numbers import ZERO, shown

if TYPE_CHECKING:
    from crm.assessment.engine.evaluate import Scope
    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.groups import Group
    from crm.assessment.engine.reading import Spec

HUNDRED, SIXTY = Fraction(100), Fraction(60)
UP, DOWN = "more", "less"
FEWEST_TO_DROP = 3  # one highest and one lowest off leaves at least one
TRIMMED = "（去掉最高最低）"


def _own(formula: Formula, scope: Scope) -> tuple[Fraction, Group]:
    """Give a unit's own value and those of its group."""
    return number(formula, scope), scope.group(formula.tree)


@dataclass(frozen=True, slots=True)
class MinMax:
    """功效系数法: (x − min) ÷ (max − min) × 40 + 60, at a weight."""

    value: Formula
    low: Fraction
    high: Fraction
    weight: Fraction
    better: str
    when_equal: Fraction
    KEY: ClassVar[str] = "min_max"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``low`` (60), ``high`` (100), ``weight`` (100), ``better`` more or less, ``when_equal`` (high)."""
        low, high = spec.number("low", SIXTY), spec.number("high", HUNDRED)
        return cls(
            spec.formula("value"), low, high, spec.number("weight", HUNDRED),
            spec.choice("better", (UP, DOWN), UP), spec.number("when_equal", high),
        )  # fmt: skip

    def reckon(self, scope: Scope) -> Outcome:
        """Set the value between the lowest and the highest of the group."""
        own, group = _own(self.value, scope)
        least, most = group.least, group.most
        if least == most:
            score, text = self.when_equal, f"全组都是{shown(own)}，得{shown(self.when_equal)}"
        else:
            near, far = (least, most) if self.better == UP else (most, least)
            score = (own - near) / (far - near) * (self.high - self.low) + self.low
            text = (
                f"（{shown(own)}－{shown(near)}）÷（{shown(far)}－{shown(near)}）"
                f"×{shown(self.high - self.low)}＋{shown(self.low)}"
            )
        if self.weight != HUNDRED:
            text = f"（{text}）×{shown(self.weight)}%"
        return Outcome(score * self.weight / 100, text)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The value."""
        return (self.value,)

    @property
    def full(self) -> Fraction | None:
        """The highest score at the weight."""
        return self.high * self.weight / 100


@dataclass(frozen=True, slots=True)
class Best:
    """Own ÷ the best of the group × weight."""

    value: Formula
    weight: Fraction
    KEY: ClassVar[str] = "best"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``weight``."""
        return cls(spec.formula("value"), spec.number("weight"))

    def reckon(self, scope: Scope) -> Outcome:
        """Set the value beside the best; a group that did nothing gets nothing."""
        own, group = _own(self.value, scope)
        best = group.most
        if best <= 0:
            return Outcome(ZERO, f"全组最高{shown(best)}，计0")
        return Outcome(own / best * self.weight, f"{shown(own)}÷{shown(best)}×{shown(self.weight)}")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The value."""
        return (self.value,)

    @property
    def full(self) -> Fraction | None:
        """The weight."""
        return self.weight


@dataclass(frozen=True, slots=True)
class Place:
    """Points by place in the group: first 10, second 9, then one less each."""

    value: Formula
    points: tuple[Fraction, ...]
    step: Fraction
    better: str
    KEY: ClassVar[str] = "place"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``value``, ``points`` (best first), ``step`` (less for each further place), ``better`` more or less."""
        points = spec.numbers("points")
        if not points:
            spec.fault("至少要填一个分数。", "points")
            points = (ZERO,)
        return cls(spec.formula("value"), points, spec.number("step", ZERO), spec.choice("better", (UP, DOWN), UP))

    def reckon(self, scope: Scope) -> Outcome:
        """Give the points of the place; equals share the better one."""
        own, group = _own(self.value, scope)
        ahead = group.above(own) if self.better == UP else group.below(own)
        if ahead < len(self.points):
            points = self.points[ahead]
        else:
            points = max(self.points[-1] - self.step * (ahead - len(self.points) + 1), ZERO) if self.step else ZERO
        return Outcome(points, f"{shown(own)}，第{ahead + 1}名得{shown(points)}")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The value."""
        return (self.value,)

    @property
    def full(self) -> Fraction | None:
        """The first place."""
        return self.points[0]


@dataclass(frozen=True, slots=True)
class Voices:
    """One group of raters and its share of the rating."""

    group: str
    share: Fraction

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``group``, ``share``."""
        voices = cls(normalize("NFKC", spec.text("group")), spec.number("share"))
        spec.close()
        return voices


@dataclass(frozen=True, slots=True)
class Rating:
    """互评: the means of groups of raters, weighted, from a scale to a weight; silent groups are left out."""

    items: str
    mark: Formula
    voices: tuple[Voices, ...]
    scale: Fraction
    weight: Fraction
    drop: bool
    KEY: ClassVar[str] = "rating"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``items`` (the list of marks), ``mark`` (formula), ``groups`` (group, share), ``scale``, ``weight``.

        ``drop_extremes``: 去掉一个最高分和一个最低分, from three marks on. Each row names its ``group``.
        """
        scale = spec.number("scale", HUNDRED)
        if scale <= 0:
            spec.fault("要大于 0。", "scale")
            scale = HUNDRED
        return cls(
            spec.name("items"), spec.formula("mark"), tuple(map(Voices.read, spec.rows("groups", needed=False))),
            scale, spec.number("weight"), spec.yes("drop_extremes"),
        )  # fmt: skip

    def reckon(self, scope: Scope) -> Outcome:
        """Weigh the means."""
        marks: dict[str, list[Fraction]] = {}
        for row in scope.items(self.items):
            marks.setdefault(self._group(row), []).append(self._mark(row))
        groups = self.voices or (Voices("", Fraction(1)),)
        means = [(voices, self._mean(marks.get(voices.group, []))) for voices in groups]
        cut = {voices.group for voices in groups if self.drop and len(marks.get(voices.group, [])) >= FEWEST_TO_DROP}
        heard = [(voices, mean) for voices, mean in means if mean is not None]
        shares = sum((voices.share for voices, _ in heard), ZERO)
        if not shares:
            message = f"“{self.items}”还没有评分"
            raise MissingError(message)
        mean = sum((voices.share * mean for voices, mean in heard), ZERO) / shares
        words = "＋".join(
            f"{voices.group}{shown(mean)}{TRIMMED if voices.group in cut else ''}×{shown(voices.share)}"
            for voices, mean in heard
        )
        parts = f"（{words}）" if shares == 1 else f"（{words}）÷{shown(shares)}"
        return Outcome(mean / self.scale * self.weight, f"{parts}÷{shown(self.scale)}×{shown(self.weight)}")

    def _group(self, row: Scope) -> str:
        """Give the group a mark comes from; one that the rule does not name must not be lost in silence."""
        if not self.voices:
            return ""
        group = shown(row.value("group"))
        if all(group != voices.group for voices in self.voices):
            message = (
                f"“{self.items}”里的“{group}”不是这条规则的评分组（{'、'.join(one.group for one in self.voices)}）"
            )
            raise MissingError(message)
        return group

    def _mark(self, row: Scope) -> Fraction:
        mark = number(self.mark, row)
        if not 0 <= mark <= self.scale:
            message = f"评分应在0到{shown(self.scale)}之间，现在是{shown(mark)}"
            raise MissingError(message)
        return mark

    def _mean(self, marks: list[Fraction]) -> Fraction | None:
        marks = sorted(marks)
        if self.drop and len(marks) >= FEWEST_TO_DROP:
            marks = marks[1:-1]
        return added(marks, self.items) / len(marks) if marks else None

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """None: marks are read of its rows."""
        return ()

    @property
    def full(self) -> Fraction | None:
        """The weight."""
        return self.weight
