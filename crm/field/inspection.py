"""The report of an inspection (考察报告), written from visitors, itinerary and feedback; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.fieldwork.receptions import rules
from crm.fieldwork.receptions.rules import Side, SlotKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.fieldwork.receptions.models import Reception
    from crm.fieldwork.receptions.rules import Outcome


def report(row: Reception, outcome: Outcome, sites: Mapping[int, str]) -> str:
    """Write the report of an inspection (考察报告) from visitors, itinerary and feedback."""
    guests = rules.party([(one.role, one.heads) for one in row.people if one.side is Side.VISITOR])
    came = "、".join(f"{label}{count}人" for label, count in guests) or "未登记"
    hosts = "、".join(one.called for one in row.people if one.side is Side.HOST) or "未登记"
    parts = [f"来访人员：{came}。", f"接待人员：{hosts}。"]
    shown = [slot for slot in row.slots if slot.kind is SlotKind.SITE]
    if shown:
        parts.append(
            "考察现场："
            + "；".join(_site(slot.title, slot.place, sites.get(slot.id, slot.feedback)) for slot in shown)
            + "。"
        )
    parts.append(f"对方反馈：{outcome.feedback.strip()}")
    if outcome.next_step.strip():
        parts.append(f"下步：{outcome.next_step.strip()}")
    return "\n".join(parts)


def _site(title: str, place: str | None, feedback: str | None) -> str:
    where = f"（{place}）" if place else ""
    return f"{title}{where}{f'，反馈：{feedback}' if feedback else ''}"
