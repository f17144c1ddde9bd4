"""A ready rule of each kind to put into a book, and how a rule reckons in the words of its fields. Pure."""

from __future__ import annotations

import json
from copy import deepcopy
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crm.assessment.books.rules import KIND_LABELS, NOT_A_BOOK, PROMOTION, VETO
from crm.assessment.engine.numbers import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.core.errors import Problem

PLACES = {VETO: "vetoes", PROMOTION: "promotions"}
SAMPLES: dict[str, dict[str, Any]] = {
    "ratio": {"key": "完成率", "label": "完成任务", "text": "完成数与任务之比乘20分，最多按120%计",
              "done": "完成数", "target": "任务数", "most": "120%", "weight": 20},
    "composite": {"key": "综合", "label": "签约项目", "text": "个数、金额各占一半，乘30分，超额不加分",
                  "weight": 30, "cap": "weight", "parts": [
                      {"done": "签约个数", "target": "签约个数任务", "share": "50%"},
                      {"done": "签约额", "target": "签约额任务", "share": "50%"}]},
    "ladder": {"key": "阶梯", "label": "分档项目", "text": "三档各要7个、4个、1个，每缺一个扣0.1分",
               "full": 10, "floor": 0, "per": "piece", "steps": [
                   {"value": "三亿项目", "at_least": 7, "each": 0.1}, {"value": "十亿项目", "at_least": 4, "each": 0.1},
                   {"value": "二十亿项目", "at_least": 1, "each": 0.1}]},
    "sum": {"key": "扣分", "label": "项目质量", "text": "基础分20分，超期未开工每个扣2分，弄虚作假每个扣10分",
            "base": 20, "floor": 0, "less": [{"value": "超期未开工", "each": 2}, {"value": "弄虚作假", "each": 10}]},
    "bands": {"key": "出勤", "label": "驻点出勤", "text": "满20天10分，15至19天9分，10至14天8分，再少一天减1分",
              "value": "出勤天数", "below_each": 1, "bands": [
                  {"at_least": 20, "points": 10}, {"at_least": 15, "points": 9}, {"at_least": 10, "points": 8}]},
    "choices": {"key": "类别", "label": "项目类别", "text": "产业项目15分，民生项目8分，功能项目6分",
                "value": "项目类别", "choices": {"产业": 15, "民生": 8, "功能": 6}},
    "every": {"key": "每个", "label": "签约项目", "text": "每签约一个加10分，最多30分",
              "value": "签约个数", "every": 1, "each": 10, "cap": 30},
    "condition": {"key": "落地", "label": "项目落地", "text": "落地了得10分，没落地0分",
                  "condition": "开工个数 ≥ 1", "points": 10, "otherwise": 0},
    "min_max": {"key": "功效", "label": "到位资金", "text": "功效系数法，权重30%", "value": "到位资金", "weight": 30},
    "best": {"key": "最高", "label": "走访企业", "text": "与同组最多的之比乘30分", "value": "走访企业", "weight": 30},
    "place": {"key": "名次", "label": "到资名次", "text": "同组第一名20分，每低一名减2分",
              "value": "到位资金", "points": [20, 18, 16], "step": 2, "floor": 0},
    "rating": {"key": "互评", "label": "互评", "text": "园区70%、乡镇30%，满15分", "items": "互评票", "mark": "得分",
               "weight": 15, "groups": [{"group": "园区", "share": "70%"}, {"group": "乡镇", "share": "30%"}]},
    "items": {"key": "逐项", "label": "重点项目", "text": "每个项目新开工5分、续建2分，进度满60分，投产加20分",
              "items": "重点项目", "missing": "zero", "rules": [
                  {"kind": "choices", "value": "状态", "choices": {"新开工": 5, "续建": 2}},
                  {"kind": "ratio", "done": "完成", "target": "年度计划", "weight": 60, "cap": "weight"},
                  {"kind": "condition", "condition": "given(投产, 0) = 1", "points": 20}]},
    "formula": {"key": "公式", "label": "外出招商", "text": "每批次2分、每位县领导带队再加1分，最多20分",
                "formula": "外出批次 × 2 + 领导带队", "cap": 20},
    VETO: {"key": "否决", "label": "弄虚作假，一票否决评优", "when": "造假次数 > 0", "effect": "no_honour"},
    PROMOTION: {"key": "晋档", "label": "超额晋一档", "when": "亿元项目 - 亿元任务 ≥ 3 or 十亿项目数 ≥ 1"},
}  # fmt: skip
FIELDS: dict[str, str] = {  # in the order in which they are told: the database keeps none
    "items": "列表",
    "mark": "分数列",
    "groups": "评分组",
    "group": "组",
    "scale": "票面满分",
    "drop_extremes": "去掉最高最低",
    "where": "只看",
    "rules": "每项",
    "combine": "合计方式",
    "top": "取前",
    "each_cap": "单项封顶",
    "done": "完成",
    "target": "目标",
    "parts": "各项",
    "share": "占",
    "full": "满分",
    "value": "看",
    "condition": "条件",
    "at_least": "至少",
    "points": "得分",
    "needs": "还要",
    "otherwise": "否则",
    "over": "超出",
    "every": "每",
    "each": "每个",
    "most": "最多按",
    "whole": "只计整数",
    "steps": "各档",
    "per": "按",
    "base": "基础分",
    "plus": "加分",
    "less": "扣分",
    "bands": "各档",
    "below": "以下得",
    "below_each": "再每少一减",
    "choices": "类别",
    "other": "其他",
    "low": "低分",
    "high": "高分",
    "better": "方向",
    "when_equal": "相等时",
    "step": "每名减",
    "formula": "公式",
    "weight": "分值",
    "cap": "封顶",
    "floor": "最低",
    "round": "小数位",
    "factor": "系数",
    "when": "适用于",
    "missing": "没有数时",
    "label": "名称",
}
WORDS: dict[str, str] = {
    "": "",
    "weight": "分值",
    "zero": "计0",
    "error": "不排名",
    "exempt": "不考核",
    "full": "满分",
    "sum": "合计",
    "average": "平均",
    "best": "最高",
    "more": "越大越好",
    "less": "越小越好",
    "piece": "每缺一个",
    "step": "每缺一档",
    "true": "是",
    "false": "否",
}
PLAIN = frozenset({"key", "label", "text", "kind", "section", "note"})
CODED = frozenset({"cap", "missing", "combine", "better", "per", "whole", "drop_extremes"})


def added(text: str, kind: str) -> tuple[str, Problem | None]:
    """Put a ready rule of a kind at the end of a book as typed; a text that is no book stays as it is."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text, NOT_A_BOOK
    place = PLACES.get(kind, "rules")
    if not isinstance(body, dict) or not isinstance(body.setdefault(place, []), list) or kind not in SAMPLES:
        return text, NOT_A_BOOK
    rule = deepcopy(SAMPLES[kind]) if kind in PLACES else {**deepcopy(SAMPLES[kind]), "kind": kind}
    taken = {one.get("key") for one in body[place] if isinstance(one, dict)}
    rule["key"] = next(key for at in range(len(taken) + 1) if (key := f"{rule['key']}{at or ''}") not in taken)
    body[place].append(rule)
    return json.dumps(body, ensure_ascii=False, indent=1), None


def how(rule: Mapping[str, Any], *, inside: bool = False) -> str:
    """Say how a rule reckons, field by field: 完成：签约个数；目标：任务；分值：20."""
    kind = [KIND_LABELS.get(rule["kind"], "")] if inside and "kind" in rule else []
    told = [key for key in (*FIELDS, *sorted(rule.keys() - FIELDS.keys())) if key in rule and key not in PLAIN]
    fields = [f"{FIELDS.get(key, key)}：{_said(key, rule[key])}" for key in told]
    return "；".join(kind + fields)


def plain(rule: Mapping[str, Any]) -> str:
    """Say it with the names of the fields as the engine has them."""
    return json.dumps({key: one for key, one in rule.items() if key not in PLAIN}, ensure_ascii=False)


def _said(key: str, value: Any) -> str:  # noqa: ANN401 (a value of JSON)
    if isinstance(value, list):
        return "、".join(f"（{how(one, inside=True)}）" if isinstance(one, dict) else str(one) for one in value)
    if isinstance(value, dict):
        ranked = sorted(value.items(), key=lambda pair: (-_number(pair[1]), pair[0]))
        return "、".join(f"{word} {points}" for word, points in ranked)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return WORDS.get(text, text) if key in CODED else text


def _number(points: object) -> Fraction:
    found = read(str(points))
    return found if isinstance(found, Fraction) else Fraction(0)
