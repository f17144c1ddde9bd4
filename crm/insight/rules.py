"""Management views: dimensions one can group by, percentiles of days, months of a cohort. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal


class Dimension(StrEnum):
    """What projects are grouped by."""

    UNIT = "unit"
    TEAM = "team"
    OWNER = "owner"
    CHANNEL = "channel"
    INDUSTRY = "industry"
    REGION = "region"
    BAND = "band"
    CAPITAL = "capital"


DIMENSION_LABELS: dict[Dimension, str] = {
    Dimension.UNIT: "单位",
    Dimension.TEAM: "招商队伍",
    Dimension.OWNER: "项目负责人",
    Dimension.CHANNEL: "招商方式",
    Dimension.INDUSTRY: "产业",
    Dimension.REGION: "投资方所在省份",
    Dimension.BAND: "投资规模",
    Dimension.CAPITAL: "资本性质",
}
NOTHING: dict[Dimension, str] = {
    Dimension.UNIT: "未填",
    Dimension.TEAM: "不在招商队伍",
    Dimension.OWNER: "没有负责人",
}


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """The day by which a share of the cases was over; ``counts`` holds cases by whole days. None without cases."""
    total = sum(counts.values())
    if not total:
        return None
    wanted, seen = share * total, 0
    for day in sorted(counts):
        seen += counts[day]
        if seen >= wanted:
            return day
    return max(counts)


def band_of(amount: Decimal, edges: Sequence[Decimal]) -> int:
    """Which band an investment falls in: 0 below the first edge, then one for each edge reached."""
    return sum(edge <= amount for edge in edges)


@dataclass(frozen=True, slots=True)
class Group:
    """Projects of one group: how many reached each stage, and their planned investment (万元)."""

    key: str
    label: str
    counts: tuple[int, ...]
    amounts: tuple[Decimal, ...]

    @property
    def total(self) -> int:
        """Projects of the group."""
        return self.counts[0]


@dataclass(frozen=True, slots=True)
class Stay:
    """How long projects stay in a stage, in whole days: median and nine tenths of those that left; who is in it now."""

    label: str
    left: int
    median: int | None
    most: int | None
    inside: int
    inside_median: int | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Projects by the month of their first talk: how many there were and how many got how far."""

    month: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupStays:
    """A group: of each stage how many stays ended in the period, and their median and nine tenths in whole days."""

    key: str
    label: str
    stays: tuple[tuple[int, int | None, int | None], ...]

    @property
    def left(self) -> int:
        """Stays that ended in the period."""
        return sum(one[0] for one in self.stays)


@dataclass(frozen=True, slots=True)
class GroupCohort:
    """A group: its first talks of the period and how many got how far."""

    key: str
    label: str
    counts: tuple[int, ...]
