"""Published rules of 考核 as data, with the values that were published or invented for them."""

from __future__ import annotations

from typing import Any

CITY = {
    "name": "某市年度招商引资考核", "source": "公开发布的年度考核结果", "total": {"round": 2},
    "rules": [
        {"key": "省外投资", "label": "省外新增投资", "kind": "ratio", "done": "省外完成率", "weight": 0.5, "cap": 0.5},
        {"key": "外资", "label": "实际使用外资", "kind": "ratio", "done": "外资完成率", "most": 1.2, "weight": 0.5},
        {
            "key": "项目", "label": "签约项目", "kind": "composite", "weight": 0.5, "cap": "weight",
            "parts": [
                {"done": "项目数", "target": "项目任务", "share": "50%"},
                {"done": "项目额", "target": "金额任务", "share": "50%"},
            ],
        },
        {
            "key": "大项目", "label": "大项目", "kind": "ladder", "full": 0.5, "floor": 0,
            "steps": [
                {"value": "三到十亿", "at_least": 7, "each": 0.1, "label": "3—10亿元"},
                {"value": "十到二十亿", "at_least": 4, "each": 0.1, "label": "10—20亿元"},
                {"value": "二十亿以上", "at_least": 1, "each": 0.1, "label": "20亿元以上"},
            ],
        },
        {
            "key": "加分", "label": "加分", "kind": "sum", "cap": 0.5,
            "plus": [
                {"value": "奖补", "each": 0.2}, {"value": "重点企业", "each": 0.2}, {"value": "现场签约", "each": 0.1},
            ],
        },
        {
            "key": "质量", "label": "项目质量", "kind": "sum", "base": 0.5, "floor": 0,
            "less": [{"value": "超时限未开工", "each": 0.1}, {"value": "弄虚作假", "each": 0.2}],
        },
    ],
}  # fmt: skip
CITY_UNITS = {
    "units": [
        {"key": "A", "values": {
            "省外完成率": "96%", "外资完成率": "120%", "项目数": 28, "项目任务": 27, "项目额": 177.7, "金额任务": 54,
            "三到十亿": 7, "十到二十亿": 4, "二十亿以上": 1, "奖补": 0, "重点企业": 1, "现场签约": 1,
            "超时限未开工": 1, "弄虚作假": 0}},
        {"key": "B", "values": {
            "省外完成率": "90%", "外资完成率": "120%", "项目数": 30, "项目任务": 20, "项目额": 220.24, "金额任务": 100,
            "三到十亿": 7, "十到二十亿": 4, "二十亿以上": 1, "奖补": 1, "重点企业": 1, "现场签约": 1,
            "超时限未开工": 1, "弄虚作假": 0}},
    ],
}  # fmt: skip
KEY_PROJECTS = {
    "name": "重点项目考核", "total": {"round": 2},
    "rules": [{
        "key": "项目", "label": "重点项目", "kind": "items", "items": "项目", "combine": "average", "rules": [
            {"kind": "choices", "value": "建设性质", "choices": {"新开工": 5, "续建": 2}},
            {"kind": "bands", "value": "年度计划", "bands": [
                {"at_least": 10, "points": 20}, {"at_least": 5, "points": 10}, {"at_least": 1, "points": 6},
                {"at_least": 0, "points": 3}]},
            {"kind": "choices", "value": "类别", "choices": {"产业": 15, "民生": 8, "功能": 6}},
            {"kind": "ratio", "done": "完成投资", "target": "年度计划", "weight": 60},
            {"kind": "condition", "condition": "省级考核", "points": 20},
            {"kind": "condition", "condition": "投产", "points": 20},
            {"kind": "condition", "condition": "投运", "points": 10},
        ],
    }],
}  # fmt: skip
KEY_PROJECT_UNITS = {
    "units": [{"key": "管委会", "items": {"项目": [
        {"name": "云岭轴承", "建设性质": "新开工", "年度计划": 3, "完成投资": 2.4, "类别": "产业", "省级考核": True,
         "投产": False, "投运": False}]}}],
}  # fmt: skip
MONTH = {
    "name": "驻点人员月考核",
    "rules": [
        {"key": "出勤", "label": "出勤", "kind": "bands", "value": "出勤天数", "below_each": 1, "bands": [
            {"at_least": 20, "points": 10}, {"at_least": 15, "points": 9}, {"at_least": 10, "points": 8}]},
        {"key": "走访", "label": "走访企业", "kind": "best", "value": "走访数", "weight": 10},
        {"key": "接待", "label": "接待客商", "kind": "best", "value": "接待数", "weight": 10},
        {"key": "项目", "label": "项目信息", "kind": "best", "value": "项目数", "weight": 15},
        {"key": "优质", "label": "优质项目", "kind": "best", "value": "优质数", "weight": 15},
        {"key": "领导", "label": "领导级对接", "kind": "best", "value": "领导数", "weight": 20},
        {"key": "外资", "label": "外资签约", "kind": "formula", "formula": "20 / 参与人数 if 外资签约 else 0"},
        {"key": "缺勤", "label": "查岗缺勤", "kind": "sum", "less": [{"value": "查岗缺勤数", "each": 10}]},
    ],
}  # fmt: skip
_NONE = {"出勤天数": 20, "走访数": 20, "接待数": 5, "项目数": 6, "优质数": 2, "领导数": 4}
MONTH_PEOPLE = {
    "units": [
        {"key": "甲", "group": "驻点", "values": {
            "出勤天数": 16, "走访数": 12, "接待数": 3, "项目数": 4, "优质数": 1, "领导数": 1, "外资签约": True,
            "参与人数": 2, "查岗缺勤数": 1}},
        {"key": "乙", "group": "驻点", "values": {**_NONE, "外资签约": False, "参与人数": 1, "查岗缺勤数": 0}},
    ],
}  # fmt: skip
EFFICACY = {
    "name": "功效系数",
    "rules": [{"key": "利用外资", "label": "利用外资", "kind": "min_max", "value": "到资", "weight": 30}],
}
EFFICACY_UNITS = {
    "units": [{"key": key, "values": {"到资": value}} for key, value in (("甲", 1200), ("乙", 800), ("丙", 400))]
}
Json = dict[str, Any]
