"""What is reckoned from a task and the calendar, as data: name, unit, basis in words and the code that does it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.assessment.rules import Number, Progress


@dataclass(frozen=True, slots=True)
class Pace:
    """A figure of a task: ``value`` reckons it from what was done, what was asked and the time that passed."""

    key: str
    label: str
    unit: str
    basis: str
    value: Callable[[Progress], Number | None]


SAME = "与指标同"
_ALL = (
    Pace("completion", "完成率", "%", "完成数除以任务数，四舍五入保留一位小数，没有任务的不算", lambda one: one.rate),
    Pace(
        "elapsed",
        "时序进度",
        "%",
        "已过工作日占全部工作日的比重，按工作日历（含调休），有节点要求的按节点",
        lambda one: one.elapsed.percent,
    ),
    Pace("pace_gap", "时序差", "个百分点", "完成率减时序进度，一次四舍五入", lambda one: one.gap),
    Pace(
        "remaining",
        "尚差",
        "与指标同",
        "任务数减完成数，超额的为零",
        lambda one: max(one.target - one.done, Decimal(0)),
    ),
    Pace("forecast", "预计完成", SAME, "按至今每个工作日的平均进度推算到期末", lambda one: one.forecast),
    Pace("needed", "日均还需", SAME, "尚差数除以剩余工作日，已完成的不算", lambda one: one.needed),
)
PACES: dict[str, Pace] = {one.key: one for one in _ALL}
