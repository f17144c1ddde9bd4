"""The tables of the weekly report, from the facts of the week; pure. Contact phones are never printed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment.differences import whole
from crm.assessment.rules import METRIC_LABELS, METRIC_UNITS, Metric, ranks
from crm.core.money import digits, half_up, percent, wan_cell
from crm.fieldwork.rules import INTENTION_LABELS
from crm.pipeline.rules import STAGE_LABELS
from crm.reports import amending
from crm.reports.drafting import clipped
from crm.reports.stored import BuiltTable, CellLink
from crm.reports.weeks import SHANGHAI
from crm.word.blocks import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.assessment.differences import Reason
    from crm.reports.drafting import Material

PROGRESS_COLUMNS = ("序号", "单位", "年度目标", "本周", "累计", "完成率", "时序差", "排名")
WEEK_COLUMN, YEAR_COLUMN = 3, 4
VISIT_COLUMNS = ("序号", "日期", "企业名称", "地点", "拜访人员", "对方人员", "洽谈内容", "投资意向", "下步打算")
TALK_COLUMNS = ("序号", "项目名称", "投资方", "总投资（万元）", "用地（亩）", "产业类型", "单位", "跟进人员", "进度")
SIGNED_COLUMNS = ("序号", "项目", "投资方", "合同额（万元）", "签约日期", "单位", "负责人", "当前阶段")
WHY, MOST_WHY = 24, 4
LEDGER_COLUMNS = ("单位", "上报个数", "上报额（万元）", "认定个数", "认定额（万元）", "认定率", "差异原因")


def tables(material: Material) -> dict[str, list[BuiltTable]]:
    """The tables of each section by its key."""
    return {
        "outbound": [BuiltTable(visits(material))] if material.visits else [],
        "leads": [BuiltTable(talks(material))] if material.count("in_talk") else [],
        "signed": [
            *([BuiltTable(signed(material))] if material.contracts else []),
            *([ledger(material)] if material.values["year_reported"] or material.values["year_recognized"] else []),
        ],
        "progress": [
            *(progress(material, metric) for metric in Metric if _goals(material, metric)),
            *([BuiltTable(amending.table(*material.corrections))] if material.corrections[1] else []),
        ],
    }


def _goals(material: Material, metric: Metric) -> dict[int, int]:
    return {unit_id: value for (unit_id, one), value in material.targets.items() if one is metric}


def _short(day: date) -> str:
    return f"{day.month}.{day.day}"


def progress(material: Material, metric: Metric) -> BuiltTable:
    """招商任务完成进度表 of one metric: units with a target or a count, and their sum."""
    goals = _goals(material, metric)
    year, week = material.by_unit[f"year_{metric.value}"], material.by_unit[metric.value]
    shown = [unit_id for unit_id in material.units if unit_id in goals or year.get(unit_id)]
    rates = {unit_id: _rate(year.get(unit_id, Decimal(0)), goals.get(unit_id, 0)) for unit_id in shown}
    places = ranks({unit_id: half_up(rate, 1) if rate is not None else None for unit_id, rate in rates.items()})
    rows, links = [], []
    for index, unit_id in enumerate(shown):
        rank = str(places.get(unit_id, "—"))
        done = (week.get(unit_id, Decimal(0)), year.get(unit_id, Decimal(0)))
        rows.append(
            (str(index + 1), material.units[unit_id], *_progress_cells(material, goals.get(unit_id, 0), done), rank)
        )
        links += [
            CellLink(index, WEEK_COLUMN, metric.value, unit_id),
            CellLink(index, YEAR_COLUMN, f"year_{metric.value}", unit_id),
        ]
    whole = (sum(week.values(), Decimal(0)), sum(year.values(), Decimal(0)))
    rows.append(("", "合计", *_progress_cells(material, sum(goals.values()), whole), ""))
    links += [
        CellLink(len(shown), WEEK_COLUMN, metric.value, None),
        CellLink(len(shown), YEAR_COLUMN, f"year_{metric.value}", None),
    ]
    title = f"招商任务完成进度表（{METRIC_LABELS[metric]}，{METRIC_UNITS[metric]}）"
    return BuiltTable(Table(title, PROGRESS_COLUMNS, tuple(rows), (3, 8, 5, 4, 4, 5, 5, 3)), tuple(links))


def _rate(done: Decimal, goal: int) -> Decimal | None:
    return done * 100 / goal if goal else None


def _progress_cells(material: Material, goal: int, done: tuple[Decimal, Decimal]) -> tuple[str, ...]:
    week, year = done
    rate = _rate(year, goal)
    gap = "—" if rate is None else f"{half_up(rate - material.elapsed_share * 100, 1):+}"
    return (str(goal) if goal else "—", digits(week), digits(year), percent(year, goal) or "—", gap)


def visits(material: Material) -> Table:
    """拜访客商周报表: one row for each visit of the week."""
    rows = tuple(
        (
            str(number),
            _short(touch.occurred_at.astimezone(SHANGHAI).date()),
            touch.enterprise.name,
            touch.place or "",
            touch.author.name,
            clipped(touch.people or "", 24),
            clipped(touch.summary, 60),
            project or INTENTION_LABELS[touch.intention],
            clipped(material.steps.get(touch.id, ""), 30),
        )
        for number, (touch, project) in enumerate(material.visits, start=1)
    )
    return Table("拜访客商周报表", VISIT_COLUMNS, rows, (5, 6, 9, 7, 6, 7, 14, 7, 9))


def talks(material: Material) -> Table:
    """在谈项目信息采集表: projects in talks that changed this week (有变化才报)."""
    rows = tuple(
        (
            str(number),
            talk.project.name,
            talk.project.enterprise.name,
            wan_cell(talk.project.total_investment) if talk.project.total_investment else "",
            str(talk.project.land_mu or ""),
            talk.project.industry or "",
            talk.project.unit.name,
            talk.project.owner.name if talk.project.owner else "",
            talk.stage_label,
        )
        for number, talk in enumerate(material.talks, start=1)
    )
    note = (
        f"截稿时在谈项目{material.count('in_talk')}个（本周新增{material.count('negotiating')}个），"
        f"本表列本周有变化的{len(material.talks)}个；联系方式由跟进人员掌握，不在本表刊登。"
    )
    return Table("在谈项目信息采集表", TALK_COLUMNS, rows, (4, 10, 9, 8, 5, 6, 7, 5, 5), note)


def signed(material: Material) -> Table:
    """签约项目推进表: contracts of the projects that were signed this week."""
    rows = tuple(
        (
            str(number),
            contract.project.name,
            contract.project.enterprise.name,
            wan_cell(contract.amount),
            _short(contract.signed_on),
            material.units.get(contract.project.unit_id, ""),
            contract.project.owner.name if contract.project.owner else "",
            STAGE_LABELS[contract.project.stage],
        )
        for number, contract in enumerate(material.contracts, start=1)
    )
    return Table("签约项目推进表", SIGNED_COLUMNS, rows, (3, 9, 8, 8, 5, 6, 5, 5))


def _why(reasons: Sequence[Reason]) -> str:
    """Say why reported and recognised differ: each reason with its contracts and its part of the difference."""
    told = [f"{clipped(one.words, WHY)}{one.contracts}份{wan_cell(one.amount)}万元" for one in reasons[:MOST_WHY]]
    more = len(reasons) - MOST_WHY
    return "；".join([*told, f"另{more}种原因"] if more > 0 else told)


def ledger(material: Material) -> BuiltTable:
    """上报认定对照表 of the year: reported and recognised side by side, with reasons."""
    keys = ("year_reported", "year_reported_amount", "year_recognized", "year_recognized_amount")
    sums = [material.by_unit[key] for key in keys]
    shown = [unit_id for unit_id in material.units if any(unit_id in part for part in sums)]
    rows, links = [], []
    for index, unit_id in enumerate([*shown, None]):
        values = [sum(part.values(), Decimal(0)) if unit_id is None else part.get(unit_id, Decimal(0)) for part in sums]
        name = "合计" if unit_id is None else material.units[unit_id]
        cells = (digits(values[0]), wan_cell(values[1]), digits(values[2]), wan_cell(values[3]))
        reasons = whole(material.reasons.values()) if unit_id is None else material.reasons.get(unit_id, ())
        rows.append((name, *cells, percent(values[3], values[1]) or "—", _why(reasons)))
        links += [CellLink(index, column, key, unit_id) for column, key in enumerate(keys, start=1)]
    note = "年初至截稿时；上报以签订日为准，认定以认定日为准，认定率为认定额除以上报额；各项原因金额合计为上报减认定。"
    return BuiltTable(Table("上报认定对照表", LEDGER_COLUMNS, tuple(rows), (6, 4, 7, 4, 7, 5, 9), note), tuple(links))
