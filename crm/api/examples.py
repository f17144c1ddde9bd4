"""How a body may look, by the name of its structure; the test of the document sends each of them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "NewEnterprise": {
        "name": "云岭精密机械有限公司",
        "industry": "通用设备制造业",
        "region": "江苏省苏州市",
        "registered_capital": "12000.5",
    },
    "EnterpriseChange": {"website": "https://www.example.com", "revenue": None},
    "NewProject": {
        "enterprise_id": 1,
        "name": "年产一万套轴承项目",
        "channel": "squad",
        "capital": "private",
        "total_investment": "12000.5",
    },
    "ProjectChange": {"site": "东区三号地", "fixed_investment": "9000"},
    "Move": {"target": "visiting", "takes_over": "林涛", "promised": "接站、食宿"},
    "NewTouch": {
        "enterprise_id": 1,
        "kind": "visit",
        "occurred_at": "2026-11-19T14:00:00+08:00",
        "summary": "看了两条产线，谈了扩产。",
        "headcount": 3,
        "next_step": "送政策清单",
        "next_due": "2026-11-27",
    },
    "NewFollowUp": {"title": "送政策清单", "due_on": "2026-11-27", "enterprise_id": 1},
    "Done": {"note": "已送达"},
    "NewContact": {"name": "王伟", "post": "副总经理", "phone": "13812345678", "known_through": "visit"},
    "ContactChange": {"post": "总经理"},
    "Why": {"reason": "call"},
}
