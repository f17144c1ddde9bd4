"""Land subsidy and payback (供地测算): what the public purse puts into land and when taxes bring it back. Pure.

Source of the example: development costs 150,000 元 an acre-mu, land given at 8,000 to 30,000, the purse adds the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crm.core.errors import Problem

ZERO, HUNDRED = Decimal(0), Decimal(100)
LARGEST = Decimal(1_000_000)
PLACES = 2


@dataclass(frozen=True, slots=True)
class LandSums:
    """``cost``, ``price`` and ``tax`` in 万元/亩 (tax a year), ``area`` in 亩, ``kept`` in per cent."""

    area: Decimal
    cost: Decimal
    price: Decimal
    tax: Decimal
    kept: Decimal

    @property
    def per_mu(self) -> Decimal:
        """财政贴补 per 亩: cost − price, never below 0."""
        return max(ZERO, self.cost - self.price)

    @property
    def subsidy(self) -> Decimal:
        """财政贴补 in all, 万元."""
        return self.per_mu * self.area

    @property
    def income(self) -> Decimal:
        """Taxes the place keeps a year, 万元."""
        return self.tax * self.area * self.kept / HUNDRED

    @property
    def years(self) -> Decimal | None:
        """Years until the taxes kept have paid the subsidy back; None when they never do."""
        if not self.subsidy:
            return ZERO
        return round(self.subsidy / self.income, PLACES) if self.income else None


LABELS: dict[str, str] = {
    "area": "面积（亩）",
    "cost": "开发成本（万元/亩）",
    "price": "供地价格（万元/亩）",
    "tax": "亩均年税收（万元）",
    "kept": "地方留成（%）",
}


def problems_of(sums: LandSums) -> list[Problem]:
    """Reasons why nothing can be reckoned."""
    found = []
    for name, label in LABELS.items():
        value = getattr(sums, name)
        most = HUNDRED if name == "kept" else LARGEST
        if not value.is_finite() or not ZERO <= value <= most:
            params: dict[str, object] = {"label": label, "most": f"{most:f}"}
            found.append(Problem("land.number", "%(label)s要在0到%(most)s之间。", name, params))
    return found
