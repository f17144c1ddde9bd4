"""What a clause is worth: its rate of what a project brings, up to its cap, with the formula as words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.resources.policies.rules import IN_TEN_THOUSANDS, PERCENT_OF, WHOLE_PERCENT, Basis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.resources.policies.rules import ClauseDraft

FEN = Decimal("0.000001")  # 万元
WAN = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a clause is worth: 万元 a year, with the formula as a Chinese msgid; ``years`` it is paid."""

    amount: Decimal
    text: str
    params: Mapping[str, str]
    years: int = 1

    @property
    def total(self) -> Decimal:
        """All years together, 万元."""
        return self.amount * self.years


@dataclass(frozen=True, slots=True)
class Rate:
    """What a clause is reckoned by; ``rate`` as in :class:`ClauseDraft`, ``cap`` in 万元."""

    basis: Basis | None
    rate: Decimal | None
    cap: Decimal | None
    years: int | None


def worth(draft: ClauseDraft | Rate, values: Mapping[Basis, Decimal]) -> Worth | None:
    """Reckon what a clause is worth; None where it has no numbers or its basis is not known."""
    if draft.basis is None or draft.rate is None:
        return None
    if draft.basis is Basis.NONE:
        return _capped(draft, draft.rate, "一次性%(rate)s万元", {"rate": digits(draft.rate)})
    value = values.get(draft.basis)
    if value is None:
        return None
    params = {"value": digits(value), "rate": digits(draft.rate)}
    if draft.basis in PERCENT_OF:
        return _capped(draft, value * draft.rate / WHOLE_PERCENT, "%(value)s万元 × %(rate)s%%", params)
    if draft.basis in IN_TEN_THOUSANDS:
        return _capped(draft, value * draft.rate, "%(value)s万美元 × 每美元%(rate)s元", params)
    return _capped(draft, value * draft.rate / WAN, "%(value)s × 每单位%(rate)s元", params)


def _capped(draft: ClauseDraft | Rate, amount: Decimal, text: str, params: dict[str, str]) -> Worth:
    exact = Decimal(digits(amount.quantize(FEN, ROUND_HALF_UP)))
    years = draft.years or 1
    if draft.cap is not None and exact > draft.cap:
        return Worth(draft.cap, CAPPED[text], {**params, "cap": digits(draft.cap)}, years)
    return Worth(exact, text, params, years)


CAPPED: dict[str, str] = {
    "一次性%(rate)s万元": "一次性%(rate)s万元，封顶%(cap)s万元",
    "%(value)s万元 × %(rate)s%%": "%(value)s万元 × %(rate)s%%，封顶%(cap)s万元",
    "%(value)s万美元 × 每美元%(rate)s元": "%(value)s万美元 × 每美元%(rate)s元，封顶%(cap)s万元",
    "%(value)s × 每单位%(rate)s元": "%(value)s × 每单位%(rate)s元，封顶%(cap)s万元",
}
