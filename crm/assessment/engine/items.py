"""Rules that are reckoned for each row of a list (each project, each event) and then put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from crm.assessment.engine.evaluate import MissingError, added, holds, number
from crm.assessment.engine.kinds import ERROR, FULL, Outcome
from crm.assessment.engine.numbers import ZERO, half_up, shown

if TYPE_CHECKING:
    from fractions import Fraction

    from crm.assessment.engine.book import Rule
    from crm.assessment.engine.evaluate import Scope
    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.reading import Spec

SUM, AVERAGE, BEST = "sum", "average", "best"
MOST_TOLD = 12
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Items:
    """每个项目 × 档: the rules inside are added up for each row, then rows are summed, averaged or the best taken."""

    name: str
    rules: tuple[Rule, ...]
    where: Formula | None
    combine: str
    most: int | None
    each_cap: Fraction | None
    KEY: ClassVar[str] = "items"

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """``items`` (the list), ``rules``, ``where``, ``combine`` sum/average/best, ``top`` rows, ``each_cap``."""
        from crm.assessment.engine.book import read_rule  # noqa: PLC0415 (rules stand inside rules)

        inner = list(spec.rows("rules"))
        if spec.path.count("rules[") > DEEPEST:
            spec.fault("规则里套规则太深，请拆开。", "rules")
            inner = []
        rules = tuple(read_rule(one, inside=True) for one in inner)
        top = spec.whole("top") or None
        combine = spec.choice("combine", (SUM, AVERAGE, BEST), SUM)
        return cls(spec.name("items"), rules, spec.maybe_formula("where"), combine, top, spec.maybe_number("each_cap"))

    def reckon(self, scope: Scope) -> Outcome:
        """Reckon every row; the best rows first where only so many count."""
        rows = [row for row in scope.items(self.name) if self.where is None or holds(self.where, row)]
        found = sorted((self._row(row) for row in rows), key=lambda pair: -pair[0])
        if self.most is not None:
            found = found[: self.most]
        if not found:
            return Outcome(ZERO, "没有符合的项，计0")
        points = [one for one, _ in found]
        total = points[0] if self.combine == BEST else added(points, self.name)
        if self.combine == AVERAGE:
            total /= len(points)
        told = "；".join(text for _, text in found[:MOST_TOLD])
        rest = f"；另有{len(found) - MOST_TOLD}项" if len(found) > MOST_TOLD else ""
        how = {SUM: "合计", AVERAGE: "平均", BEST: "取最高"}[self.combine]
        return Outcome(total, f"{len(found)}项{how}：{told}{rest}")

    def _row(self, row: Scope) -> tuple[Fraction, str]:
        parts = [part for part in (_of_row(rule, row) for rule in self.rules) if part is not None]
        points = added((one.points for one in parts), row.key)
        words = "＋".join(shown(one.points) for one in parts) or "0"
        if self.each_cap is not None and points > self.each_cap:
            points, words = self.each_cap, f"{words}（单项封顶{shown(self.each_cap)}）"
        return points, f"{row.key} {words}＝{shown(points)}" if len(parts) > 1 else f"{row.key} {words}"

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """None: they read rows, not the unit."""
        return ()

    @property
    def full(self) -> Fraction | None:
        """None: there may be any number of rows."""
        return None


def _of_row(rule: Rule, row: Scope) -> Outcome | None:
    """Give the points of a rule for a row; a rule inside says itself what a missing value means."""
    try:
        return points_of(rule, row)
    except MissingError as error:
        if rule.missing == ERROR:
            message = f"{row.key}：{error}"
            raise MissingError(message) from error
        points = rule.full or ZERO if rule.missing == FULL else ZERO
        return Outcome(points, str(error))


def points_of(rule: Rule, scope: Scope) -> Outcome | None:
    """Give the points of a rule within its cap and floor, with its reckoning; None when it does not apply."""
    if rule.when is not None and not holds(rule.when, scope):
        return None
    found = rule.kind.reckon(scope)
    points, text = found.points, found.working
    if rule.factor is not None:
        factor = number(rule.factor, scope)
        points, text = points * factor, f"（{text}）×系数{shown(factor)}"
    if rule.cap is not None and points > rule.cap:
        points, text = rule.cap, f"{text}＝{shown(points)}，封顶{shown(rule.cap)}"
    elif rule.floor is not None and points < rule.floor:
        points, text = rule.floor, f"{text}＝{shown(points)}，最低{shown(rule.floor)}"
    if rule.places is not None:
        points = half_up(points, rule.places)
    return Outcome(points, text)
