"""Features and levels of the table in words for people, as message ids; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.scoring.table import Axis, Rule

if TYPE_CHECKING:
    from crm.scoring.table import Feature, PointsTable

AXIS_LABELS: dict[Axis, str] = {Axis.FIT: "匹配度", Axis.INTENT: "意向"}
KEYS: dict[str, str] = {
    "none": "没有",
    "outside": "非主导产业",
    "special": "特色产业",
    "auxiliary": "辅助产业",
    "lead": "主导产业",
    "extend": "延链",
    "strengthen": "强链",
    "fill": "补链",
    "assigned": "小分队片区内",
    "unwilling": "暂无意向",
    "watching": "观望",
    "interested": "有意向",
    "strong": "意向强烈",
}
LEADERS = {1: "工作人员", 2: "部门领导", 3: "区县领导", 4: "市级以上领导"}
BY_RULE: dict[Rule, str] = {
    Rule.MASS: "折算不少于%(n)s条",
    Rule.COUNT: "%(n)s个及以上",
    Rule.DAYS: "满%(n)s天",
}
TOP, FROM_HERE = "%(list)s前%(n)s名", "%(n)s级及以上"
Said = tuple[str, dict[str, object]]


def level_words(feature: Feature, code: int) -> Said:
    """Say a level as (message id, parameters); parameters named ``list`` are message ids themselves."""
    level = feature.levels[code]
    if not code or level.key in KEYS:
        return KEYS.get(level.key, level.key), {}
    if feature.rule is Rule.PLACE:
        _name, _at, top = level.key.partition("@")
        return (TOP, {"list": level.label_zh, "n": top}) if top else (level.label_zh, {})
    if feature.rule is Rule.HIGHEST and level.at_least is not None:
        return LEADERS.get(int(level.at_least), FROM_HERE), {"n": f"{level.at_least:g}"}
    if level.at_least is not None and feature.rule in BY_RULE:
        return BY_RULE[feature.rule], {"n": f"{level.at_least:g}"}
    return level.label_zh or level.key, {}


def half_life_words(table: PointsTable, kind: str) -> str:
    """Name what a half-life belongs to: the label of the feature that reads its sum."""
    if kind == "touch":
        return "走访接触"
    sources = {f"signal_{kind}", kind}
    return next((feature.label_zh for feature in table.features if feature.source in sources), kind)
