"""The form of a half-monthly check as .docx: what changed since the last one, and lines to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.delivery.plans.halves import half_of
from crm.delivery.plans.lights import LIGHT_LABELS
from crm.delivery.plans.wording import plain
from crm.pipeline.landing.nodes import NODE_LABELS
from crm.word.blocks import Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from datetime import date

    from crm.delivery.plans.checks import Sheet
    from crm.pipeline.landing.models import DeliveryPlan
    from crm.pipeline.models import Project

BLANK = "　" * 26


def form_paper(project: Project, plan: DeliveryPlan, sheet: Sheet, today: date) -> bytes:
    """Return the form of a day; nothing but what changed since the last check stands in it."""
    half = half_of(today)
    causes = "；".join(plain((cause.text, dict(cause.params))) for cause in sheet.verdict.causes)
    light = LIGHT_LABELS[sheet.verdict.light] + (f"：{causes}" if causes else "")
    agent = plan.agent.name if plan.agent else "未定"
    owner = project.owner.name if project.owner else "未定"
    head = [
        Paragraph(f"项目负责人：{owner}　代办员：{agent}"),
        Paragraph(f"亮灯情况：{light}"),
        Paragraph(f"本期跟踪截止：{date_text(half.due_on)}"),
    ]
    sections = [
        Section(project.name, tuple(head)),
        Section(f"{date_text(sheet.since)}以来的变化", _changes(sheet)),
        Section("接下来的节点", _ahead(sheet)),
        Section("本期进展", (Paragraph(BLANK),)),
        Section("存在问题", (Paragraph(BLANK),)),
        Section("下步打算", (Paragraph(BLANK),)),
        Section("", (Paragraph("填表人：　　　　　　　　　填表日期：　　　　　　　"),)),
    ]
    return paper(Properties("签约项目半月跟踪表", "", today), sections, below=date_text(today))


def _changes(sheet: Sheet) -> tuple[Paragraph | Table, ...]:
    if not sheet.changes:
        return (Paragraph("没有变化。请在“本期进展”里写明原因。"),)
    rows = tuple((date_text(change.on), plain(change.said)) for change in sheet.changes)
    return (Table("", ("日期", "变化"), rows, (3, 9)),)


def _ahead(sheet: Sheet) -> tuple[Paragraph | Table, ...]:
    if not sheet.ahead:
        return (Paragraph("全部办结。"),)
    rows = tuple((NODE_LABELS[node.kind], node.unit.name, date_text(node.due_on), "") for node in sheet.ahead)
    return (Table("", ("节点", "责任单位", "期限", "预计办结"), rows, (3, 4, 3, 3)),)
