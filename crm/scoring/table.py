"""The points table of the experts, as data: which bin of which feature is worth how much.

Points are on the scale 50 + 10 per doubling of the odds: +10 means twice as likely. The weights
are judgements of people who do the work, not fitted to data; say so wherever a score is shown.
"""

from dataclasses import dataclass
from enum import StrEnum


class Axis(StrEnum):
    """The two sub-sums that are shown beside the score."""

    FIT = "fit"
    INTENT = "intent"


@dataclass(frozen=True)
class Bin:
    """Half-open on the left: applies from `at_least` up to the next bin."""

    at_least: float
    points: float
    label_zh: str


@dataclass(frozen=True)
class Feature:
    """One feature; a value below the first bin is worth nothing and gives no reason."""

    key: str
    axis: Axis
    bins: tuple[Bin, ...]

    def bin_of(self, value: float) -> Bin | None:
        """Give the bin that a value falls in."""
        fitting = [bin_ for bin_ in self.bins if value >= bin_.at_least]
        return fitting[-1] if fitting else None


@dataclass(frozen=True)
class ListWorth:
    """What a place on a published list is worth: `top` within `top_rank`, else `member`."""

    key: str
    label_zh: str
    member: float
    top: float
    top_rank: int = 100


@dataclass(frozen=True)
class SignalWorth:
    """What signals of a kind are worth: points per log1p of the decayed sum, up to `cap`."""

    kind: str
    label_zh: str
    half_life_days: float
    points: float
    cap: float


@dataclass(frozen=True)
class PointsTable:
    """One version of the whole table."""

    version: str
    label_zh: str
    lists: tuple[ListWorth, ...]
    list_cap: float
    signals: tuple[SignalWorth, ...]
    features: tuple[Feature, ...]
    touch_half_life_days: float
    grades: tuple[tuple[int, str], ...]

    def feature(self, key: str) -> Feature:
        """Give a feature by its key."""
        return next(feature for feature in self.features if feature.key == key)


EXPERT_TABLE = PointsTable(
    version="expert-1",
    label_zh="专家权重，未校准",
    lists=(
        ListWorth("fortune_global_500", "世界500强", member=9, top=11),
        ListWorth("central_soe", "中央企业", member=8, top=8),
        ListWorth("china_500", "中国500强", member=7, top=9),
        ListWorth("private_500", "民营企业500强", member=6, top=8),
        ListWorth("industry_50", "行业50强", member=6, top=8, top_rank=10),
        ListWorth("private_manufacturing_500", "制造业民营企业500强", member=5, top=7),
        ListWorth("listed", "上市公司", member=3, top=3),
    ),
    list_cap=14,
    signals=(
        SignalWorth("RELO", "产业转移", half_life_days=180, points=12, cap=16),
        SignalWorth("CAPX", "资本扩张", half_life_days=180, points=10, cap=15),
        SignalWorth("SUPP", "产品配套", half_life_days=180, points=7, cap=10),
        SignalWorth("NEG", "负面", half_life_days=365, points=-12, cap=20),
    ),
    features=(
        Feature("industry", Axis.FIT, (
            Bin(0, -4, "行业“{value}”不在主导产业之列"),
            Bin(1, 8, "行业“{value}”属于主导产业"),
        )),
        Feature("contacts", Axis.FIT, (
            Bin(1, 3, "已掌握{value}名联系人"),
            Bin(3, 5, "已掌握{value}名联系人"),
        )),
        Feature("relations", Axis.FIT, (
            Bin(1, 4, "有{value}条关联关系（校友、乡贤、上下游）"),
            Bin(3, 6, "有{value}条关联关系（校友、乡贤、上下游）"),
        )),
        Feature("touches", Axis.INTENT, (
            Bin(0.25, 3, "近期走访考察{value}次"),
            Bin(1.0, 6, "近期走访考察{value}次"),
            Bin(2.0, 9, "近期走访考察{value}次"),
        )),
        Feature("silence", Axis.INTENT, (
            Bin(0, 2, "{value}天前刚有接触"),
            Bin(31, 0, ""),
            Bin(91, -3, "已{value}天没有接触"),
            Bin(181, -6, "已{value}天没有接触"),
        )),
        Feature("leader", Axis.INTENT, (
            Bin(2, 2, "部门领导出面"),
            Bin(3, 4, "区县领导出面"),
            Bin(4, 6, "市级以上领导出面"),
        )),
    ),
    touch_half_life_days=90,
    grades=((75, "A"), (60, "B"), (45, "C"), (0, "D")),
)  # fmt: skip
