"""Newton's method with conjugate gradients and step halving, for a convex loss with a normal prior.

Sums are written without BLAS: its threads cost more than they save on vectors of this size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Floats

STEPS, INNER, HALVINGS = 40, 60, 30
ENOUGH = 1e-5
"""Nats that the next step may still gain, over all rows, when the search ends."""

LOOSE = 0.03


class Loss(Protocol):
    """A convex sum over rows."""

    def value(self, state: Floats) -> float:
        """Give the loss."""

    def slope(self, state: Floats) -> tuple[Floats, Floats]:
        """Give the gradient and the weights of the rows in the Hessian."""

    def bend(self, sure: Floats, direction: Floats) -> Floats:
        """Give the Hessian times a direction."""

    def information(self, sure: Floats) -> Floats:
        """Give the diagonal of the Hessian."""


def newton(state: Floats, centre: Floats, precision: Floats, loss: Loss) -> Floats:
    """Minimise loss + Σ precision · (state − centre)² / 2, beginning at `state`."""

    def total(at: Floats) -> float:
        return loss.value(at) + 0.5 * _dot(precision, (at - centre) ** 2)

    value = total(state)
    for _step in range(STEPS):
        slope, sure = loss.slope(state)
        slope = slope + precision * (state - centre)
        direction = _conjugate(slope, sure, precision, loss)
        promise = _dot(slope, direction)
        if promise < ENOUGH:
            break
        size = 1.0
        for _halving in range(HALVINGS):
            tried = total(state - size * direction)
            if tried <= value - 0.1 * size * promise:
                break
            size /= 2.0
        state, value = state - size * direction, tried
    return state


def _conjugate(slope: Floats, sure: Floats, precision: Floats, loss: Loss) -> Floats:
    """Solve Hessian · direction = slope roughly, by conjugate gradients scaled by the diagonal."""
    scale = 1.0 / (loss.information(sure) + precision)
    found, rest = np.zeros_like(slope), slope.copy()
    eased = scale * rest
    heading, size = eased, _dot(rest, eased)
    goal = LOOSE**2 * size
    for _inner in range(INNER):
        if size <= goal:
            break
        pushed = loss.bend(sure, heading) + precision * heading
        length = size / _dot(heading, pushed)
        found, rest = found + length * heading, rest - length * pushed
        eased = scale * rest
        before, size = size, _dot(rest, eased)
        heading = eased + size / before * heading
    return found


def _dot(left: Floats, right: Floats) -> float:
    return float((left * right).sum())
