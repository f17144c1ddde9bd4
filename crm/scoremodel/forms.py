"""What a person typed into the table of weights: as many fields as the table has levels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.scoremodel.rules import WEIGHTS, weighed, word_of
from crm.scoremodel.services import Edit
from crm.scoring.tablejson import HALF_LIVES, MOST_POINTS
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.core.errors import Problem
    from crm.scoring.table import PointsTable

LONGEST_LABEL = 60
HIGHEST_GRADE = 99
POINTS_WORDS = "请填−60到60之间的分数，最多一位小数。"
DAYS_WORDS = "请填1到3650之间的天数。"
GRADE_WORDS = "请填0到99之间的整数。"
LABEL_WORDS = "请给这个版本起个名字，最多60个字。"
TITLE = "label"


@dataclass
class TableForm:
    """Fields by name: ``p-feature-code`` points, ``w-feature-code`` the word, ``h-kind`` days, ``g-grade`` border."""

    table: PointsTable
    label: str
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, stored: float) -> str:
        """Show what was typed, else what is stored."""
        return self.typed.get(name, f"{stored:g}")

    def word(self, name: str, stored: float) -> str:
        """Show the word that was chosen, else the one for what is stored."""
        return self.typed.get(name, word_of(stored))

    def read(self) -> Edit:
        """Read every field; what cannot be read is in ``errors`` afterwards and stays as it was."""
        points = {
            (feature.key, code): self._points(feature.key, code, level.points)
            for feature in self.table.features
            for code, level in enumerate(feature.levels)
            if code
        }
        lowest, highest = HALF_LIVES
        kinds = {**self.table.half_lives, "touch": self.table.touch_half_life_days}
        half_lives = {
            kind: self._number(f"h-{kind}", days, (lowest, highest), DAYS_WORDS) for kind, days in kinds.items()
        }
        grades = {
            grade: int(self._number(f"g-{grade}", at_least, (0, HIGHEST_GRADE), GRADE_WORDS, whole=True))
            for at_least, grade in self.table.grades
        }
        label = self.typed.get(TITLE, "").strip()
        if not 0 < len(label) <= LONGEST_LABEL:
            self.errors[TITLE] = tr(LABEL_WORDS)
        return Edit(label, points, half_lives, grades)

    def refuse(self, problems: tuple[Problem, ...]) -> None:
        """Put what the rules refuse beside its field, or above all."""
        for problem in problems:
            name = {"grades": "g-A"}.get(problem.field or "", problem.field or "")
            self.errors[f"h-{name}" if name in self.table.half_lives else name] = tr(problem.message, **problem.params)

    def _points(self, feature: str, code: int, stored: float) -> float:
        name = f"{feature}-{code}"
        typed = self._number(f"p-{name}", stored, (-MOST_POINTS, MOST_POINTS), POINTS_WORDS)
        return weighed(stored, self.typed.get(f"w-{name}", ""), typed)

    def _number(self, name: str, stored: float, span: tuple[float, float], words: str, *, whole: bool = False) -> float:
        text = self.typed.get(name, "").strip().replace("−", "-")
        if not text:
            return stored
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not span[0] <= found <= span[1] or (whole and found != int(found)):
            self.errors[name] = tr(words)
            return stored
        return round(found, 1)


def weights() -> list[tuple[str, float]]:
    """Words for weights with their points, to choose from."""
    return list(WEIGHTS)
