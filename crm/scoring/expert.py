"""The table of the experts, as data: judgements of people who do the work, not fitted to anything."""

from __future__ import annotations

import math

from crm.scoring.table import NONE, Axis, Feature, Level, PointsTable, Rule
from crm.signals.kinds import KIND_LABELS, SignalKind

EDGES = ((0.1, 0.16), (0.25, 0.35), (0.45, 0.6), (0.7, 0.95), (1.3, 1.8))  # where a level begins, what it stands for
SIGNALS: tuple[tuple[SignalKind, float, float, float], ...] = (  # kind, half-life in days, points of one, at most
    (SignalKind.RELO, 180, 12, 16),
    (SignalKind.CAPX, 180, 10, 15),
    (SignalKind.SUPP, 180, 7, 10),
    (SignalKind.LAND, 180, 6, 9),
    (SignalKind.COOP, 180, 4, 6),
    (SignalKind.ORDR, 90, 3, 5),
    (SignalKind.EXEC, 90, 2, 3),
    (SignalKind.NEG, 365, -12, 20),
)
WINDOW = 180.0


def _levels(*levels: tuple[str, str, float] | tuple[str, str, float, float]) -> tuple[Level, ...]:
    return (Level(NONE, "", 0.0), *(Level(*level) for level in levels))


def _signal(kind: SignalKind, points: float, cap: float) -> Feature:
    """Points grow with the logarithm of the decayed sum, in levels."""
    label = KIND_LABELS[kind]
    worth = [min(abs(points) * math.log2(1.0 + middle), cap) for _edge, middle in EDGES]
    levels = tuple(
        Level(f"{edge:g}", "“{kind}”动态{count}条，最近一条{day}", math.copysign(round(2 * size) / 2, points), edge)
        for (edge, _middle), size in zip(EDGES, worth, strict=True)
    )
    source = f"signal_{kind}"
    return Feature(source, Axis.INTENT, label, Rule.MASS, source, (Level(NONE, "", 0.0), *levels))


FIT = (
    Feature("lists", Axis.FIT, "榜单", Rule.PLACE, "list", _levels(
        ("listed", "上市公司", 3),
        ("private_manufacturing_500", "制造业民营企业500强", 5),
        ("industry_50", "行业50强", 6),
        ("private_500", "民营企业500强", 6),
        ("private_manufacturing_500@100", "制造业民营企业500强", 7),
        ("china_500", "中国500强", 7),
        ("industry_50@10", "行业50强", 8),
        ("private_500@100", "民营企业500强", 8),
        ("central_soe", "中央企业", 8),
        ("china_500@100", "中国500强", 9),
        ("fortune_global_500", "世界500强", 9),
        ("fortune_global_500@100", "世界500强", 11),
    )),
    Feature("industry", Axis.FIT, "产业", Rule.CODE, "industry", _levels(
        ("outside", "行业“{name}”不在主导产业之列", -4),
        ("special", "行业“{name}”属于特色产业", 5),
        ("auxiliary", "行业“{name}”属于辅助产业", 6),
        ("lead", "行业“{name}”属于主导产业", 8),
    )),
    Feature("chain", Axis.FIT, "产业链", Rule.CODE, "chain", _levels(
        ("extend", "项目延伸本地产业链", 3),
        ("strengthen", "项目增强本地产业链", 4),
        ("fill", "项目补上本地产业链缺口", 7),
    )),
    Feature("highs", Axis.FIT, "四高", Rule.COUNT, "high", _levels(
        ("1", "项目“四高”评分有{count}项达到60分", 1, 1),
        ("2", "项目“四高”评分有{count}项达到60分", 3, 2),
        ("3", "项目“四高”评分有{count}项达到60分", 5, 3),
        ("4", "项目“四高”评分有{count}项达到60分", 7, 4),
    )),
    Feature("region", Axis.FIT, "地区", Rule.CODE, "region", _levels(
        ("assigned", "所在地“{name}”是招商小分队的片区", 3),
    )),
    Feature("relations", Axis.FIT, "关联", Rule.COUNT, "relation", _levels(
        ("1", "有{count}条关联关系（校友、乡贤、上下游）", 4, 1),
        ("3", "有{count}条关联关系（校友、乡贤、上下游）", 6, 3),
    )),
    Feature("contacts", Axis.FIT, "联系人", Rule.COUNT, "contact", _levels(
        ("1", "已掌握{count}名联系人", 3, 1),
        ("3", "已掌握{count}名联系人", 5, 3),
    )),
    Feature("refused_contact", Axis.FIT, "不愿被联系", Rule.COUNT, "block", _levels(
        ("1", "有{count}名联系人不愿被联系", -3, 1),
        ("2", "有{count}名联系人不愿被联系", -6, 2),
    )),
)  # fmt: skip
ENGAGEMENT = (
    Feature("touches", Axis.INTENT, "走访接触", Rule.MASS, "touch", _levels(
        ("0.25", "走访、接待、洽谈{count}次，最近{day}", 3, 0.25),
        ("1.2", "走访、接待、洽谈{count}次，最近{day}", 6, 1.2),
        ("2.2", "走访、接待、洽谈{count}次，最近{day}", 9, 2.2),
    )),
    Feature("inspections", Axis.INTENT, "来区考察", Rule.MASS, "inspection", _levels(
        ("0.25", "来区考察{count}次，最近{day}", 3, 0.25),
        ("1.2", "来区考察{count}次，最近{day}", 6, 1.2),
    )),
    Feature("replies", Axis.INTENT, "回应", Rule.MASS, "reply", _levels(
        ("0.25", "对我方联系有回应{count}次，最近{day}", 2, 0.25),
        ("1.2", "对我方联系有回应{count}次，最近{day}", 4, 1.2),
    )),
    Feature("refusals", Axis.INTENT, "婉拒", Rule.MASS, "refusal", _levels(
        ("0.25", "对我方联系婉拒{count}次，最近{day}", -4, 0.25),
        ("1.2", "对我方联系婉拒{count}次，最近{day}", -7, 1.2),
    )),
    Feature("intention", Axis.INTENT, "投资意向", Rule.NEWEST, "intention", _levels(
        ("unwilling", "最近表示暂无意向（{day}）", -8),
        ("watching", "最近表示观望（{day}）", -1),
        ("interested", "最近表示有意向（{day}）", 5),
        ("strong", "最近表示意向强烈（{day}）", 10),
    ), WINDOW),
    Feature("silence", Axis.INTENT, "距上次接触", Rule.DAYS, "touch", _levels(
        ("0", "不到一个月前刚有接触（{day}）", 2, 0.0),
        ("31", "", 0, 31.0),
        ("91", "超过三个月没有接触（上次{day}）", -3, 91.0),
        ("181", "超过半年没有接触（上次{day}）", -6, 181.0),
    )),
    Feature("leader", Axis.INTENT, "领导出面", Rule.HIGHEST, "leader", _levels(
        ("1", "", 0, 1.0),
        ("2", "半年内有部门领导出面", 2, 2.0),
        ("3", "半年内有区县领导出面", 4, 3.0),
        ("4", "半年内有市级以上领导出面", 6, 4.0),
    ), WINDOW),
    Feature("dropped", Axis.INTENT, "终止的项目", Rule.MASS, "dropped", _levels(
        ("0.25", "有{count}个项目终止，最近{day}", -4, 0.25),
        ("1.2", "有{count}个项目终止，最近{day}", -7, 1.2),
    )),
)  # fmt: skip
HALF_LIVES = {
    **{kind.value: half_life for kind, half_life, _points, _cap in SIGNALS},
    "reply": 30.0,
    "refusal": 180.0,
    "dropped": 365.0,
}
EXPERT_TABLE = PointsTable(
    version="expert-2",
    label_zh="专家权重，未校准",
    features=(*FIT, *(_signal(kind, points, cap) for kind, _half_life, points, cap in SIGNALS), *ENGAGEMENT),
    half_lives=HALF_LIVES,
    touch_half_life_days=90.0,
)
