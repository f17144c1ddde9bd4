"""Books of rules to begin from, in the manner of published ones; every office changes weights and names."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "city": {
        "name": "县区年度招商考核办法",
        "source": "示例",
        "total": {"round": 2, "cap": 100},
        "rules": [
            {
                "key": "签约", "label": "签约项目", "text": "签约个数、签约额各占一半，完成任务得30分，超额不加分",
                "kind": "composite", "weight": 30, "cap": "weight",
                "parts": [
                    {"done": "签约个数", "target": "签约个数任务", "share": "50%"},
                    {"done": "签约额", "target": "签约额任务", "share": "50%"},
                ],
            },
            {
                "key": "开工", "label": "项目开工", "text": "开工个数与任务之比乘20分，最多按120%计",
                "kind": "ratio", "done": "开工个数", "target": "开工任务", "most": "120%", "weight": 20,
            },
            {
                "key": "走访", "label": "外出走访", "text": "走访企业数与任务之比乘20分",
                "kind": "ratio", "done": "走访企业", "target": "走访任务", "weight": 20, "cap": "weight",
            },
            {
                "key": "质量", "label": "项目质量", "text": "基础分20分，超期未开工每个扣2分，弄虚作假每个扣10分",
                "kind": "sum", "base": 20, "floor": 0,
                "less": [
                    {"value": "超期未开工", "each": 2, "label": "超期未开工"},
                    {"value": "弄虚作假", "each": 10, "label": "弄虚作假"},
                ],
            },
            {
                "key": "报送", "label": "信息报送", "text": "缺报一次扣1分，扣完为止",
                "kind": "sum", "base": 10, "floor": 0, "less": [{"value": "缺报次数", "each": 1, "label": "缺报"}],
            },
        ],
        "vetoes": [
            {"key": "否决", "label": "弄虚作假，一票否决评优", "when": "弄虚作假 > 0", "effect": "no_honour"},
        ],
        "grades": [
            {"grade": "优秀", "at_least": 90, "share": "30%"}, {"grade": "良好", "at_least": 75},
            {"grade": "合格", "at_least": 60}, {"grade": "不合格", "at_least": 0},
        ],
        "consequences": {"honours": 3, "bottom": 1, "runs": 2},
    },
    "efficacy": {
        "name": "功效系数考核办法",
        "source": "示例",
        "rules": [
            {
                "key": "到资", "label": "认定到位资金", "text": "功效系数法，权重60%",
                "kind": "min_max", "value": "到位资金", "weight": 60,
            },
            {
                "key": "签约", "label": "签约个数", "text": "功效系数法，权重40%",
                "kind": "min_max", "value": "签约个数", "weight": 40,
            },
        ],
        "consequences": {"honours": 3, "bottom": 1, "runs": 2},
    },
    "squads": {
        "name": "小分队月度考核办法",
        "source": "示例",
        "rules": [
            {
                "key": "出勤", "label": "驻点出勤", "text": "满20天10分，15至19天9分，10至14天8分，再少一天减1分",
                "kind": "bands", "value": "出勤天数", "below_each": 1,
                "bands": [
                    {"at_least": 20, "points": 10}, {"at_least": 15, "points": 9}, {"at_least": 10, "points": 8},
                ],
            },
            {
                "key": "走访", "label": "走访企业", "text": "本队走访数与最多的队之比乘30分",
                "kind": "best", "value": "走访企业", "weight": 30,
            },
            {
                "key": "考察", "label": "来区考察", "text": "本队邀请数与最多的队之比乘30分",
                "kind": "best", "value": "来区考察", "weight": 30,
            },
            {
                "key": "签约", "label": "签约项目", "text": "每签约一个加10分，最多30分",
                "kind": "every", "value": "签约个数", "every": 1, "each": 10, "cap": 30,
            },
        ],
        "consequences": {"honours": 1, "bottom": 1, "runs": 2},
    },
}  # fmt: skip
