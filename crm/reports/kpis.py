"""The figures of the weekly report as data: adding a KPI is adding one entry here.

Counts of the week and of the year come from :mod:`crm.assessment.facts`, the same
selection that targets and campaigns use; standing figures (在谈、停滞、待办) are read as
of the cut-off in :mod:`crm.reports.standing` and :mod:`crm.reports.queries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, case, cast, func, literal, null, select
from sqlalchemy.orm import aliased

from crm.assessment.facts import ONE, RowKind
from crm.assessment.measures import MEASURES
from crm.assessment.summing import selected
from crm.auth.models import User
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp
from crm.news.models import Article, Source
from crm.pipeline.models import Project
from crm.pipeline.rules import STAGE_LABELS
from crm.reports import queries
from crm.reports.frozen import row
from crm.reports.standing import idle_days, in_talks, on_postgresql, stalls, standing
from crm.reports.stored import Kind
from crm.signals.kinds import KIND_LABELS
from crm.signals.models import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import CTE, ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.assessment.facts import Measure, Window
    from crm.reports.period import Week

FOLLOW_UP, SIGNAL = "follow_up", "signal"
Columns = tuple[tuple[str, Kind], ...]
FACT_COLUMNS: Columns = (
    ("日期", Kind.DAY), ("单位", Kind.UNIT), ("企业", Kind.TEXT), ("项目", Kind.TEXT), ("摘要", Kind.TEXT),
    ("计入", Kind.AMOUNT),
)  # fmt: skip
TALK_COLUMNS: Columns = (
    ("进入阶段日期", Kind.DAY), ("单位", Kind.UNIT), ("企业", Kind.TEXT), ("项目", Kind.TEXT), ("阶段", Kind.TEXT),
    ("无进展天数", Kind.NUMBER),
)  # fmt: skip
TASK_COLUMNS: Columns = (
    ("期限", Kind.DAY), ("单位", Kind.UNIT), ("责任人", Kind.TEXT), ("事项", Kind.TEXT), ("企业", Kind.TEXT),
)  # fmt: skip
SIGNAL_COLUMNS: Columns = (
    ("采纳日期", Kind.DAY), ("类别", Kind.TEXT), ("企业", Kind.TEXT), ("依据", Kind.TEXT), ("来源", Kind.TEXT),
    ("发布日期", Kind.DAY),
)  # fmt: skip
YEARLY = {
    "leads": ("年内累计收集招商信息", "年初至截稿时登记的招商线索，按登记单位计，一个项目只计一次，重复合并的不计"),
    "visits": ("年内累计外出走访企业", "年初至截稿时走访过的企业，同一单位同一企业只计一家，作废记录不计"),
    "inspections": ("年内累计邀请来区考察", "年初至截稿时来区考察的企业，同一单位同一企业只计一家，作废记录不计"),
    "signings": (
        "年内累计新签约项目",
        "年初至截稿时首次进入签约阶段且有正式合同的项目，意向和框架协议不计，待核老项目不计，不予认定的不计，重复合并的不计",
    ),
    "starts": (
        "年内累计新开工项目",
        "年初至截稿时首次进入开工阶段的项目，待核老项目不计，不予认定的不计，重复合并的不计",
    ),
    "reported": ("年内累计上报签约", "年初至截稿时签订并已上报的正式合同，意向和框架协议不计，待核老项目不计"),
    "reported_amount": (
        "年内累计上报签约额",
        "年初至截稿时签订并已上报的正式合同金额合计，意向和框架协议不计，待核老项目不计，分成的按比例计",
    ),
    "recognized": (
        "年内累计认定签约",
        "年初至截稿时通过认定的正式合同，意向和框架协议不计，以认定日期为准，待核老项目不计，不予认定的不计",
    ),
    "recognized_amount": (
        "年内累计认定签约额",
        "年初至截稿时通过认定的合同金额合计，意向和框架协议不计，以认定日期为准，待核老项目不计，不予认定的不计，分成的按比例计",
    ),
}


@dataclass(frozen=True)
class Sources:
    """What rows are selected from: the week, and where projects stood at its cut-off, asked once for all figures."""

    session: Session
    week: Week

    @cached_property
    def standing(self) -> CTE:
        """Projects on their road at the cut-off."""
        return standing(self.session, self.week.cutoff)

    def day(self, at: Any) -> ColumnElement[str]:  # noqa: ANN401 (a column)
        """The day of an instant in Shanghai, as 2026-11-20."""
        if on_postgresql(self.session):
            return func.to_char(func.timezone("Asia/Shanghai", at), "YYYY-MM-DD")
        return func.strftime("%Y-%m-%d", at, "+8 hours")


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure with its counting basis (口径) and the function that selects its rows."""

    key: str
    label: str
    unit: str
    basis: str
    row_kind: str
    columns: Columns
    select: Callable[[Sources], Select[Any]]


def _at(path: str, row_id: Any) -> ColumnElement[str]:  # noqa: ANN401 (a column)
    return literal(path, Text()) + cast(row_id, Text())


def _facts(sources: Sources, measure: Measure, window: Window) -> Select[Any]:
    facts = selected(sources.session, measure, window).subquery()
    href = _at("/visits/", facts.c.id) if measure.kind is RowKind.TOUCH else _at("/projects/", facts.c.project_id)
    cells = (sources.day(facts.c.at), Enterprise.name, Project.name, facts.c.note)
    return (
        select(*row(facts.c.id, facts.c.unit_id, facts.c.amount, href, facts.c.at, *cells))
        .select_from(facts)
        .outerjoin(Enterprise, Enterprise.id == facts.c.enterprise_id)
        .outerjoin(Project, Project.id == facts.c.project_id)
    )


def _of_week(measure: Measure, sources: Sources) -> Select[Any]:
    return _facts(sources, measure, sources.week.window)


def _of_year(measure: Measure, sources: Sources) -> Select[Any]:
    return _facts(sources, measure, sources.week.year_window)


def _counted(key: str) -> Kpi:
    one = MEASURES[key]
    return Kpi(one.key, one.label, one.unit, one.basis, one.kind.value, FACT_COLUMNS, partial(_of_week, one))


def _cumulative(key: str) -> Kpi:
    one = MEASURES[key]
    label, basis = YEARLY[key]
    return Kpi(f"year_{key}", label, one.unit, basis, one.kind.value, FACT_COLUMNS, partial(_of_year, one))


def _talks(sources: Sources, which: Callable[[CTE], ColumnElement[bool]]) -> Select[Any]:
    stood, cutoff = sources.standing, sources.week.cutoff
    stage = case({stage.value: literal(label, Text()) for stage, label in STAGE_LABELS.items()}, value=stood.c.stage)
    cells = (
        sources.day(stood.c.since),
        Enterprise.name,
        Project.name,
        stage,
        idle_days(sources.session, stood, cutoff),
    )
    return (
        select(*row(stood.c.id, Project.unit_id, ONE, _at("/projects/", stood.c.id), stood.c.since, *cells))
        .select_from(stood)
        .join(Project, Project.id == stood.c.id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .where(which(stood))
    )


def _in_talk(sources: Sources) -> Select[Any]:
    return _talks(sources, in_talks)


def _stalled(sources: Sources) -> Select[Any]:
    return _talks(sources, partial(stalls, cutoff=sources.week.cutoff))


def _tasks(tasks: Select[Any]) -> Select[Any]:
    owner = aliased(User)
    href = case(
        (FollowUp.project_id.is_not(None), _at("/projects/", FollowUp.project_id)),
        (FollowUp.enterprise_id.is_not(None), _at("/enterprises/", FollowUp.enterprise_id)),
        else_=literal("", Text()),
    )
    cells = (FollowUp.due_on, owner.name, FollowUp.title, Enterprise.name)
    return (
        tasks.with_only_columns(*row(FollowUp.id, FollowUp.unit_id, ONE, href, FollowUp.due_on, *cells))
        .join(owner, owner.id == FollowUp.owner_id)
        .outerjoin(Enterprise, Enterprise.id == FollowUp.enterprise_id)
    )


def _overdue(sources: Sources) -> Select[Any]:
    return _tasks(queries.overdue(sources.week))


def _due_next(sources: Sources) -> Select[Any]:
    return _tasks(queries.due_next_week(sources.week))


def _signals(sources: Sources) -> Select[Any]:
    label = case({kind.value: literal(text, Text()) for kind, text in KIND_LABELS.items()}, value=Signal.kind)
    paper = func.coalesce(func.nullif(Article.publisher, ""), Source.name)
    published = sources.day(func.coalesce(Article.published_at, Article.fetched_at))
    cells = (sources.day(Signal.decided_at), label, Enterprise.name, Signal.quote, paper, published)
    nobody = cast(null(), BigInteger())
    return (
        queries.accepted_signals(sources.week)
        .with_only_columns(*row(Signal.id, nobody, ONE, _at("/signals/", Signal.id), Signal.decided_at, *cells))
        .join(Enterprise, Enterprise.id == Signal.enterprise_id)
        .join(Article, Article.id == Signal.article_id)
        .join(Source, Source.id == Article.source_id)
    )


def _late(sources: Sources) -> Select[Any]:
    return _facts(sources, queries.late_touches(sources.week), sources.week.window)


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
