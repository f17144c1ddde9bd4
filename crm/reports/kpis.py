"""The figures of the weekly report as data: adding a KPI is adding one entry here.

Counts of the week and of the year come from :mod:`crm.assessment.facts`, the same
selection that targets and campaigns use; standing figures (在谈、停滞、待办) are read as
of the cut-off in :mod:`crm.reports.queries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from crm.assessment import queries as facts
from crm.assessment.facts import RowKind
from crm.assessment.measures import MEASURES
from crm.reports import queries
from crm.reports.weeks import SHANGHAI
from crm.signals.kinds import KIND_LABELS, SignalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from crm.assessment.facts import Measure
    from crm.assessment.queries import FactRow
    from crm.fieldwork.models import FollowUp
    from crm.reports.document import Cell
    from crm.reports.period import Week
    from crm.reports.queries import Talk
    from crm.signals.models import Signal

ONE = Decimal(1)
FOLLOW_UP, SIGNAL = "follow_up", "signal"
FACT_COLUMNS = ("日期", "单位", "企业", "项目", "摘要", "计入")
TALK_COLUMNS = ("进入阶段日期", "单位", "企业", "项目", "阶段", "无进展天数")
TASK_COLUMNS = ("期限", "单位", "责任人", "事项", "企业")
YEARLY = {
    "leads": ("年内累计收集招商信息", "年初至截稿时登记的招商线索，按登记单位计，一个项目只计一次，重复合并的不计"),
    "visits": ("年内累计外出走访企业", "年初至截稿时走访过的企业，同一单位同一企业只计一家，作废记录不计"),
    "inspections": ("年内累计邀请来区考察", "年初至截稿时来区考察的企业，同一单位同一企业只计一家，作废记录不计"),
    "signings": (
        "年内累计新签约项目",
        "年初至截稿时首次进入签约阶段且有正式合同的项目，意向和框架协议不计，待核老项目不计",
    ),
    "starts": ("年内累计新开工项目", "年初至截稿时首次进入开工阶段的项目，待核老项目不计"),
    "reported": ("年内累计上报签约", "年初至截稿时签订并已上报的正式合同，意向和框架协议不计，待核老项目不计"),
    "reported_amount": ("年内累计上报签约额", "年初至截稿时签订并已上报的正式合同金额合计，待核老项目不计"),
    "recognized": ("年内累计认定签约", "年初至截稿时通过认定的正式合同，以认定日期为准，待核老项目不计"),
    "recognized_amount": ("年内累计认定签约额", "年初至截稿时通过认定的合同金额合计，以认定日期为准，待核老项目不计"),
}
SIGNAL_COLUMNS = ("采纳日期", "类别", "企业", "依据", "来源", "发布日期")


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One row behind a figure: what it adds, whose it is, where it opens and how it reads."""

    id: int
    unit_id: int | None
    amount: Decimal
    href: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure with its counting basis (口径) and the function that selects its rows."""

    key: str
    label: str
    unit: str
    basis: str
    row_kind: str
    columns: tuple[str, ...]
    select: Callable[[Session, Week], Sequence[KpiRow]]


def value_of(rows: Sequence[KpiRow]) -> Decimal:
    """A figure is the sum of what its rows add: their number, or their amounts."""
    return sum((row.amount for row in rows), Decimal(0))


def _fact_row(kind: RowKind, row: FactRow) -> KpiRow:
    href = f"/visits/{row.id}" if kind is RowKind.TOUCH else f"/projects/{row.project_id}"
    day = row.at.astimezone(SHANGHAI).date()
    cells = (day, row.unit, row.enterprise, row.project, row.note, row.amount)
    return KpiRow(row.id, row.unit_id, row.amount, href, cells)


def _of_week(measure: Measure, session: Session, week: Week) -> list[KpiRow]:
    return [_fact_row(measure.kind, row) for row in facts.rows(session, measure, week.window)]


def _of_year(measure: Measure, session: Session, week: Week) -> list[KpiRow]:
    return [_fact_row(measure.kind, row) for row in facts.rows(session, measure, week.year_window)]


def _counted(key: str) -> Kpi:
    one = MEASURES[key]
    return Kpi(one.key, one.label, one.unit, one.basis, one.kind.value, FACT_COLUMNS, partial(_of_week, one))


def _cumulative(key: str) -> Kpi:
    one = MEASURES[key]
    label, basis = YEARLY[key]
    return Kpi(f"year_{key}", label, one.unit, basis, one.kind.value, FACT_COLUMNS, partial(_of_year, one))


def _talk_row(talk: Talk) -> KpiRow:
    project = talk.project
    day = talk.since.astimezone(SHANGHAI).date()
    cells = (day, project.unit.name, project.enterprise.name, project.name, talk.stage_label, talk.idle_days)
    return KpiRow(project.id, project.unit_id, ONE, f"/projects/{project.id}", cells)


def _in_talk(session: Session, week: Week) -> list[KpiRow]:
    return [_talk_row(talk) for talk in queries.in_talk(session, week.cutoff)]


def _stalled(session: Session, week: Week) -> list[KpiRow]:
    return [_talk_row(talk) for talk in queries.stalled(session, week.cutoff)]


def _task_rows(session: Session, week: Week, tasks: Sequence[FollowUp]) -> list[KpiRow]:
    names = queries.unit_names(session, week.day)
    rows = []
    for task in tasks:
        firm = task.enterprise.name if task.enterprise else None
        href = f"/projects/{task.project_id}" if task.project_id else f"/enterprises/{task.enterprise_id}"
        cells = (task.due_on, names.get(task.unit_id), task.owner.name, task.title, firm)
        rows.append(KpiRow(task.id, task.unit_id, ONE, href if task.enterprise_id or task.project_id else "", cells))
    return rows


def _overdue(session: Session, week: Week) -> list[KpiRow]:
    return _task_rows(session, week, queries.overdue(session, week))


def _due_next(session: Session, week: Week) -> list[KpiRow]:
    return _task_rows(session, week, queries.due_next_week(session, week))


def _signal_row(signal: Signal) -> KpiRow:
    page = signal.article
    decided = signal.decided_at.astimezone(SHANGHAI).date() if signal.decided_at else None
    published = (page.published_at or page.fetched_at).astimezone(SHANGHAI).date()
    label = KIND_LABELS[SignalKind(signal.kind)]
    cells = (decided, label, signal.enterprise.name, signal.quote, page.publisher or page.source.name, published)
    return KpiRow(signal.id, None, ONE, f"/signals/{signal.id}", cells)


def _signals(session: Session, week: Week) -> list[KpiRow]:
    return [_signal_row(signal) for signal in queries.accepted_signals(session, week)]


def _late(session: Session, week: Week) -> list[KpiRow]:
    return [_fact_row(RowKind.TOUCH, row) for row in facts.rows(session, queries.late_touches(week), week.window)]


WEEKLY = (
    "visit_batches", "visits", "receptions", "guests", "inspections", "leads", "negotiating", "signings",
    "signed_amount", "reported", "reported_amount", "recognized", "recognized_amount", "starts",
)  # fmt: skip
_PROJECT = RowKind.PROJECT.value
KPIS: tuple[Kpi, ...] = (
    *(_counted(key) for key in WEEKLY),
    Kpi(
        "late",
        "补记走访接待",
        "次",
        "本周以前发生、上期截稿后才登记的走访、接待和考察，不计入本周数",
        RowKind.TOUCH.value,
        FACT_COLUMNS,
        _late,
    ),
    Kpi("in_talk", "在谈项目", "个", "截稿时处于走访对接至拟签约阶段、未退出的项目", _PROJECT, TALK_COLUMNS, _in_talk),
    Kpi("stalled", "停滞项目", "个", "截稿时超过该阶段时限没有进展、未退出的项目", _PROJECT, TALK_COLUMNS, _stalled),
    Kpi("signals", "采纳动态", "条", "上期截稿后至本期截稿前采纳的企业动态", SIGNAL, SIGNAL_COLUMNS, _signals),
    Kpi("overdue", "超期待办", "项", "截稿日前到期、截稿时未办结的待办", FOLLOW_UP, TASK_COLUMNS, _overdue),
    Kpi("due_next", "下周到期待办", "项", "下周一至周日到期、截稿时未办结的待办", FOLLOW_UP, TASK_COLUMNS, _due_next),
    *(_cumulative(key) for key in YEARLY),
)
