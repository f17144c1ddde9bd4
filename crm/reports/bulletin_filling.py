"""What a template of a campaign's bulletin may name, with the values of one; and the template we bring along."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from crm.assessment.models import Campaign, CampaignBulletin
from crm.reports import bulletin_paper as paper
from crm.reports.docx_body import SILENCE
from crm.reports.filling import properties_of
from crm.reports.template_body import template_part
from crm.reports.wording import issue_text
from crm.word.package import Properties, word_parts
from crm.word.template.builtin import finished
from crm.word.template.values import Values, lines_block, sections_block, table_name
from crm.word.wording import date_range, date_text

if TYPE_CHECKING:
    from crm.reports.document import WeeklyDocument

__all__ = ["KIND", "builtin", "properties_of", "sample_values", "values"]
KIND = "campaign"
DAY = date(2026, 1, 1)
NAME = "“示例会战”活动简报"  # about as long as such names are: the red letters are sized by it
COUNTS = ("已过天数", "全程天数", "剩余天数", "任务项数", "单位数")


def values(bulletin: CampaignBulletin, told: WeeklyDocument) -> Values:
    """Gather everything a template may name; ``told`` is the bulletin as it is printed without one."""
    figures, found = bulletin.figures, Values()
    found.text("刊名", "红头上的名称", told.title_red)
    found.text("会战", "会战的名称", bulletin.campaign.name)
    found.text("标题", "红线下面的标题", told.title)
    found.text("期号", "第N期，草稿写“（草稿）”", issue_text(told))
    found.text("期数", "这场会战的第几期，只有数字，草稿没有", str(told.issue_no or ""))
    found.text("编印单位", "招商局的名称", told.issuer)
    found.text("日期", "数据截至的日期", date_text(told.issued_on))
    found.text("时段", "会战开始到数据截至的日期", date_range(told.period_start, told.period_end, with_year=True))
    found.text("年份", "数据截至日所在的年份", str(told.period_end.year))
    found.block("正文", "所有各节，带标题和编号", sections_block(told.outline, SILENCE))
    for section in told.outline:
        found.block(section.heading, f"“{section.heading}”一节的内容，不带标题", lines_block(section.blocks, SILENCE))
    for title, columns, rows in (
        (paper.OVERALL, paper.OVERALL_COLUMNS, paper.overall_rows(figures)),
        (paper.RANKED, paper.RANKED_COLUMNS, paper.ranked_rows(figures)),
        (paper.TASKS, paper.TASKS_COLUMNS, paper.task_rows(figures)),
    ):
        found.rows(table_name(title), f"“{title}”的各行", columns, rows)
    spent, total = figures["days"]
    counted = (spent, total, max(total - spent, 0), len(figures["metrics"]), len(figures["units"]))
    found.figures("数字", "会战的天数、任务和单位", dict(zip(COUNTS, map(str, counted), strict=True)))
    return found


def sample(*, full: bool) -> CampaignBulletin:
    """An invented bulletin to try a template with, or one without tasks and units."""
    campaign = Campaign(name="示例会战", start_on=DAY, end_on=date(2026, 4, 10))
    bulletin = CampaignBulletin(campaign=campaign, as_of=DAY, title="示例会战进展情况", body="示例文字。")
    bulletin.figures = {"days": [1, 100], "metrics": [], "units": []}
    if full:
        bulletin.number, bulletin.title = 1, "示例会战\n进展情况"
        bulletin.body = "示例文字，含 & < > \" ' 和生僻字𠮷。\n示例第二段。"
        bulletin.figures = {"days": [1, 100], "metrics": [_metric(), _metric()], "units": [_unit(), _unit()]}
    return bulletin


def _metric() -> dict[str, Any]:
    return {"label": "示例任务", "unit": "个", "done": 3, "target": 6}


def _unit() -> dict[str, Any]:
    return {"name": "示例单位", "cells": [[3, 6], [1, 0]], "mean": "50.0", "rank": 1}


def sample_document(*, full: bool) -> WeeklyDocument:
    """The same as it is printed without a template."""
    return paper.document(sample(full=full), "示例局")


def sample_values(*, full: bool) -> Values:
    """The values of an invented bulletin."""
    return values(sample(full=full), sample_document(full=full))


def builtin() -> bytes:
    """Return the template we bring along: the bulletin as it is printed without one."""
    part = template_part("{{ 刊名 }}", like=NAME, imprint=False)
    return finished(word_parts(Properties("活动简报", "", DAY), part))
