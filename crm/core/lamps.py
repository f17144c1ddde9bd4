"""The lamp of a matter with a deadline (亮灯): closed, in time, due soon, late. Pure.

Source: practice of the trade: slips and problems handed out carry a green, yellow or red lamp by the days left.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Lamp(StrEnum):
    """The lamp: closed, in time, due soon, late."""

    OFF = "off"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


LAMP_LABELS: dict[Lamp, str] = {Lamp.OFF: "已销号", Lamp.GREEN: "绿灯", Lamp.YELLOW: "黄灯", Lamp.RED: "红灯"}
LAMP_TONES: dict[Lamp, str] = {Lamp.OFF: "grey", Lamp.GREEN: "green", Lamp.YELLOW: "amber", Lamp.RED: "seal"}
SOON_DAYS = 3


def lamp_of(due_on: date, today: date, *, closed: bool) -> Lamp:
    """Say which lamp burns on a day."""
    if closed:
        return Lamp.OFF
    left = (due_on - today).days
    if left < 0:
        return Lamp.RED
    return Lamp.YELLOW if left <= SOON_DAYS else Lamp.GREEN
