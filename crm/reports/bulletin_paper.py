"""The bulletin of a campaign as a Chinese paper (活动简报): its first words out of its figures, and its Word file."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.core import money
from crm.reports.document import WeeklyDocument
from crm.reports.docx import render_docx
from crm.word.blocks import Paragraph, Section, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Any

    from crm.assessment.models import CampaignBulletin
    from crm.assessment.standings import Standing

LISTED = 3
PROGRESS, DONE = "总体进展", "任务完成情况"
OVERALL, OVERALL_COLUMNS = "各项任务完成情况", ("任务", "完成", "任务数", "完成率")
RANKED, RANKED_COLUMNS = "各单位完成情况", ("名次", "单位", "平均完成率")
TASKS, TASKS_COLUMNS = "各单位各项任务", ("单位", "任务", "完成", "任务数")


def first_words(
    name: str, as_of: date, figures: Mapping[str, Any], standing: Standing, *, closing: bool = False
) -> str:
    """Return the text a person starts from: how far time is, each task, who leads and who lags. No project is named."""
    spent = standing.elapsed
    share = money.percent(spent.days, spent.total) or "—"
    lines = [f"截至{as_of.month}月{as_of.day}日，{name}已过{spent.days}天，占全程{spent.total}天的{share}。"]
    if closing:
        lines = [f"{name}历时{spent.total}天，现已结束。{_met(standing)}"]
    lines += [
        f"{one['label']}：完成{one['done']}{one['unit']}，任务{one['target']}{one['unit']}{_rate(one)}。"
        for one in figures["metrics"]
    ]
    ranked = sorted((line for line in standing.units if line.rank is not None), key=lambda line: line.rank or 0)
    if ranked:
        ahead = "、".join(line.name for line in ranked[:LISTED])
        lines.append(f"平均完成率靠前的单位：{ahead}。")
    if closing:
        return "\n".join([*lines, *_closing_lines(standing)])
    behind = [line.name for line in ranked if line.mean is not None and line.mean < Decimal(100) * spent.share]
    if behind:
        lines.append(f"落后于时间进度的单位{len(behind)}个：{'、'.join(behind)}。")
    return "\n".join(lines)


def first_title(name: str, *, closing: bool = False) -> str:
    """Return the title a person starts from."""
    return f"{name}{'收官通报' if closing else '进展情况'}"


def _met(standing: Standing) -> str:
    asked = [line for line in standing.metrics if line.progress.target]
    met = [line for line in asked if line.progress.met]
    if not asked:
        return ""
    if len(met) == len(asked):
        return f"{len(asked)}项任务全部完成。"
    rates = [line.progress.rate or Decimal(0) for line in asked]
    done = f"完成{len(met)}项" if met else "无一完成"
    return f"{len(asked)}项任务中{done}，完成率最高{max(rates)}%，最低{min(rates)}%。"


def _closing_lines(standing: Standing) -> list[str]:
    tasked = [line for line in standing.units if line.tasks]
    full = [line.name for line in tasked if line.met == line.tasks]
    empty = [line.name for line in tasked if not line.met]
    lines = [f"{len(tasked)}个单位中，完成全部任务的{len(full)}个{_names(full)}。"] if tasked else []
    return [*lines, f"没有完成任何一项任务的{len(empty)}个{_names(empty)}。"] if empty else lines


def _names(found: Sequence[str]) -> str:
    return f"：{'、'.join(found)}" if found else ""


def document(bulletin: CampaignBulletin, issuer: str) -> WeeklyDocument:
    """Return what the bulletin says; before it has a number its head says draft."""
    figures, campaign = bulletin.figures, bulletin.campaign
    overall = Table(OVERALL, OVERALL_COLUMNS, tuple(overall_rows(figures)), (5, 3, 3, 3), note=_until(bulletin.as_of))
    labels = [one["label"] for one in figures["metrics"]]
    units = Table(
        "各单位完成情况（完成/任务）",
        ("单位", *labels, "平均完成率", "名次"),
        tuple(_unit_row(unit) for unit in figures["units"]),
        (5, *(3 for _label in labels), 3, 2),
    )
    return WeeklyDocument(
        title_red=f"{quoted(campaign.name)}活动简报",
        title=bulletin.title,
        issue_no=bulletin.number,
        total_no=None,
        issuer=issuer,
        issued_on=bulletin.as_of,
        period_start=campaign.start_on,
        period_end=bulletin.as_of,
        summary="",
        sections=(
            Section(PROGRESS, (Paragraph(bulletin.body),)),
            Section(DONE, (overall, *((units,) if figures["units"] else ()))),
        ),
    )


def word_file(bulletin: CampaignBulletin, issuer: str) -> bytes:
    """Return the bulletin as .docx with a red head, as it is printed without a template."""
    return render_docx(document(bulletin, issuer))


def overall_rows(figures: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Each task with what is done of it."""
    return [
        (one["label"], f"{one['done']}{one['unit']}", f"{one['target']}{one['unit']}", _percent(one) or "—")
        for one in figures["metrics"]
    ]


def ranked_rows(figures: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Each unit with its place and mean."""
    placed = ((unit["name"], *_placed(unit)) for unit in figures["units"])
    return [(rank, name, mean) for name, mean, rank in placed]


def task_rows(figures: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Each task of each unit."""
    metrics = figures["metrics"]
    return [
        (unit["name"], one["label"], f"{done}{one['unit']}", f"{target}{one['unit']}" if target else "—")
        for unit in figures["units"]
        for one, (done, target) in zip(metrics, unit["cells"], strict=True)
    ]


def _until(day: date) -> str:
    return f"数据截至{day.isoformat()}。"


def file_name(bulletin: CampaignBulletin) -> str:
    """Name under which the file is saved."""
    number = f"第{bulletin.number}期" if bulletin.number is not None else "草稿"
    return f"{bulletin.campaign.name}活动简报{number}.docx"


def quoted(name: str) -> str:
    """Put a name in quotation marks, unless it brings its own."""
    return name if "“" in name else f"“{name}”"


def _unit_row(unit: Mapping[str, Any]) -> tuple[str, ...]:
    cells: Sequence[Sequence[int]] = unit["cells"]
    return (unit["name"], *(f"{done}/{target}" if target else str(done) for done, target in cells), *_placed(unit))


def _placed(unit: Mapping[str, Any]) -> tuple[str, str]:
    """Mean rate and place of a unit; a dash where it has no task."""
    mean = f"{unit['mean']}%" if unit["mean"] is not None else "—"
    return mean, str(unit["rank"]) if unit["rank"] is not None else "—"


def _percent(one: Mapping[str, Any]) -> str | None:
    return money.percent(one["done"], one["target"]) if one["target"] else None


def _rate(one: Mapping[str, Any]) -> str:
    rate = _percent(one)
    return f"，完成率{rate}" if rate else ""
