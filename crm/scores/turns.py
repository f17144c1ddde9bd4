"""Whose turn an enterprise is that belongs to nobody, so that two squads do not call the same one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SPREAD = 0x9E3779B97F4A7C15


def dealt_to(enterprise_id: int, squads: Sequence[int]) -> int | None:
    """Say whose turn an enterprise without ties is: spread evenly, and a further squad takes only its own share.

    Jump consistent hashing (Lamping, Veach 2014): no table, a few steps.
    """
    if not squads:
        return None
    key, place, further = enterprise_id * SPREAD % 2**64, 0, 0
    while further < len(squads):
        place = further
        key = (key * 2862933555777941757 + 1) % 2**64
        further = int((place + 1) * (2**31 / ((key >> 33) + 1)))
    return squads[place]
