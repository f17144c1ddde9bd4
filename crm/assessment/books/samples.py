"""A ready rule of each kind to begin from. Pure."""

from __future__ import annotations

from typing import Any

from crm.assessment.books.rules import PROMOTION, VETO

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
                  {"kind": "condition", "condition": "投产 = 1", "points": 20, "missing": "zero"}]},
    "formula": {"key": "公式", "label": "外出招商", "text": "每批次2分、每位县领导带队再加1分，最多20分",
                "formula": "外出批次 × 2 + 领导带队", "cap": 20},
    VETO: {"key": "否决", "label": "弄虚作假，一票否决评优", "when": "造假次数 > 0", "effect": "no_honour"},
    PROMOTION: {"key": "晋档", "label": "超额晋一档", "when": "亿元项目 - 亿元任务 ≥ 3 或 十亿项目数 ≥ 1"},
}  # fmt: skip
