"""The sentences of each section, from the facts of the week; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from crm.assessment.rules import METRIC_LABELS, METRIC_UNITS, Metric
from crm.core.money import format_wan
from crm.enterprises.rules import mask_phone
from crm.pipeline.rules import IDLE_DAYS
from crm.reports import wording
from crm.reports.weeks import SHANGHAI
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from crm.assessment.differences import Reason
    from crm.assessment.periods.models import PeriodCorrection
    from crm.fieldwork.models import FollowUp, Touch
    from crm.pipeline.models import Agreement, Project
    from crm.reports.period import Week
    from crm.reports.standing import Talk
    from crm.signals.models import Signal

MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
MOST_POINTS = 15
LONGEST_SUMMARY = 80
KNOWN_BY = 4  # a quote that begins a name with these characters names the enterprise itself
NEXT_REPORT = timedelta(days=7)
COMPARED: dict[str, tuple[str, str]] = {
    "visit_batches": ("外出招商", "批次"),
    "visits": ("拜访企业", "家"),
    "receptions": ("接待客商", "批次"),
    "guests": ("接待人次", "人次"),
    "leads": ("新增线索", "条"),
    "negotiating": ("新增在谈项目", "个"),
    "signings": ("新签约项目", "个"),
    "signed_amount": ("签约总投资", "万元"),
    "starts": ("新开工项目", "个"),
}


@dataclass(frozen=True, slots=True)
class Material:
    """What one week's report is written from: of what is told in points only the first, of talks those that changed."""

    week: Week
    region: str
    values: Mapping[str, Decimal]
    before: Mapping[str, Decimal]
    visits: Sequence[tuple[Touch, str | None]]
    steps: Mapping[int, str]
    receptions: Sequence[tuple[Touch, str | None]]
    leads: Sequence[Project]
    negotiating: Sequence[Project]
    talks: Sequence[Talk]
    stalled: Sequence[Talk]
    contracts: Sequence[Agreement]
    reasons: Mapping[int, Sequence[Reason]]
    corrections: tuple[Sequence[PeriodCorrection], int]
    signals: Sequence[Signal]
    overdue: Sequence[FollowUp]
    due_next: Sequence[FollowUp]
    units: Mapping[int, str]
    targets: Mapping[tuple[int, Metric], int]
    by_unit: Mapping[str, Mapping[int, Decimal]]
    elapsed_share: Decimal

    def count(self, key: str) -> int:
        """A figure that is a number of things."""
        return int(self.values[key])

    def change(self, key: str, unit: str) -> str:
        """较上周增加3条."""
        return wording.difference(self.values[key], self.before.get(key), unit)


def region_of(issuer: str) -> str:
    """全县, 全市 or 全区, by the name of the office."""
    return next((f"全{word}" for word in "县区市" if word in issuer), "全区")


def clipped(text: str, length: int = LONGEST_SUMMARY) -> str:
    """One line of a note, a mobile number in it masked, cut where a table or a point would grow too long."""
    line = MOBILE.sub(lambda found: mask_phone("".join(found.groups())), " ".join(text.split()))
    return line if len(line) <= length else line[: length - 1] + "…"


def texts(material: Material) -> dict[str, str]:
    """The text of every section by its key."""
    return {
        "summary": summary(material),
        "outbound": _outbound(material),
        "inbound": _inbound(material),
        "leads": _leads(material),
        "signed": _signed(material),
        "news": _news(material),
        "issues": _issues(material),
        "progress": _progress(material),
        "next_week": _next_week(material),
    }


def _points(lines: Iterable[str], count: int, rest: str = "其余见附表") -> list[str]:
    """Write the first of so many things as points."""
    shown = [f"- {line}" for line in islice(lines, MOST_POINTS)]
    return shown if count <= MOST_POINTS else [*shown, f"另有{count - MOST_POINTS}项，{rest}。"]


def summary(material: Material) -> str:
    """本周概况 in one sentence."""
    progress = tuple(
        wording.TargetProgress(
            METRIC_LABELS[metric],
            METRIC_UNITS[metric],
            material.count(f"year_{metric.value}"),
            _goal(material, metric) or None,
            material.elapsed_share,
        )
        for metric in Metric
        if _goal(material, metric)
    )
    return wording.overview(
        wording.WeekFigures(
            start=material.week.start,
            end=material.week.end,
            region=material.region,
            trips=material.count("visit_batches"),
            visits=material.count("visits"),
            receptions=material.count("receptions"),
            guests=material.count("guests"),
            leads=material.count("leads"),
            negotiating=material.count("negotiating"),
            signed=material.count("signings"),
            signed_wan=material.values["signed_amount"],
            started=material.count("starts"),
            progress=progress,
            changes=tuple(
                wording.Change(label, unit, material.values[key], material.before[key])
                for key, (label, unit) in COMPARED.items()
                if key in material.before
            ),
        )
    )


def _goal(material: Material, metric: Metric) -> int:
    return sum(value for (_unit, one), value in material.targets.items() if one is metric)


def _joined(*clauses: str) -> str:
    return "，".join(clause for clause in clauses if clause) + "。"


def _outbound(material: Material) -> str:
    late = material.count("late")
    tail = [f"另补记本周以前的走访接待{late}次（上期截稿后登记，不计入本周数）。"] if late else []
    if not material.visits:
        return "\n".join([wording.EMPTY_SECTION, *tail])
    head = _joined(
        f"本周外出招商{material.count('visit_batches')}批次",
        f"拜访企业{material.count('visits')}家",
        material.change("visits", "家"),
    )
    firms: dict[str, dict[str, None]] = defaultdict(dict)
    for touch, _project in material.visits:
        firms[touch.unit.name][touch.enterprise.name] = None
    lines = [f"{unit}走访{len(names)}家：{'、'.join(names)}。" for unit, names in firms.items()]
    return "\n".join([head, *_points(lines, len(lines)), *tail])


def _inbound(material: Material) -> str:
    if not material.receptions:
        return wording.EMPTY_SECTION
    guests = material.count("guests")
    head = _joined(
        f"本周接待客商{material.count('receptions')}批次" + (f"{guests}人次" if guests else ""),
        f"其中来区考察企业{material.count('inspections')}家" if material.count("inspections") else "",
        material.change("receptions", "批次"),
    )
    lines = [
        f"{touch.unit.name}{_day(touch.occurred_at.astimezone(SHANGHAI).date())}接待{touch.enterprise.name}"
        f"{f'一行{touch.headcount}人' if touch.headcount else ''}：{clipped(touch.summary)}"
        for touch, _project in material.receptions
    ]
    return "\n".join([head, *_points(lines, len(lines))])


def _leads(material: Material) -> str:
    lines = [
        _joined(
            f"本周新增线索{material.count('leads')}条",
            material.change("leads", "条"),
            f"新增在谈项目{material.count('negotiating')}个",
            f"截稿时在谈项目{material.count('in_talk')}个",
        )
    ]
    if material.leads:
        lines += ["# 新增线索", *_points(map(_told, material.leads), material.count("leads"))]
    if material.negotiating:
        lines += ["# 新增在谈项目", *_points(map(_told, material.negotiating), material.count("negotiating"))]
    return "\n".join(lines)


def _told(project: Project) -> str:
    money = f"，计划总投资{format_wan(project.total_investment)}" if project.total_investment else ""
    return f"{project.name}（投资方{project.enterprise.name}{money}），{project.unit.name}登记。"


def _signed(material: Material) -> str:
    reported, recognized = material.count("reported"), material.count("recognized")
    signed = material.count("signings")
    if not (signed or reported or recognized or material.count("starts")):
        return wording.EMPTY_SECTION
    money = material.values["signed_amount"]
    head = _joined(
        f"本周新签约项目{signed}个" if signed else "本周未新增签约项目",
        f"总投资{format_wan(money)}" if money else "",
        material.change("signings", "个"),
        f"新开工项目{material.count('starts')}个" if material.count("starts") else "",
    )
    ledger = (
        f"本周上报签约{reported}个、合同额{format_wan(material.values['reported_amount'])}；"
        f"通过认定{recognized}个、认定额{format_wan(material.values['recognized_amount'])}。"
        "意向协议和框架协议不计入。"
    )
    return f"{head}\n{ledger}"


def _news(material: Material) -> str:
    lines = []
    for signal in material.signals:
        page = signal.article
        published = (page.published_at or page.fetched_at).astimezone(SHANGHAI).date()
        kind = KIND_LABELS[SignalKind(signal.kind)]
        quote = clipped(signal.quote, 160).rstrip("。")
        source = page.publisher or page.source.name
        told = quote if signal.enterprise.name[:KNOWN_BY] in quote else f"{signal.enterprise.name}：{quote}"
        lines.append(f"【{kind}】{told}。（{source}，{date_text(published)}）")
    return "\n".join(_points(lines, material.count("signals"), "见附表")) or wording.EMPTY_SECTION


def _issues(material: Material) -> str:
    by = _day(material.week.day + NEXT_REPORT)
    lines: list[str] = []
    if material.stalled:
        told = (
            f"{_idle(talk)}，请{_keeper(talk.project)}于{by}前报送进展或提出退出意见。" for talk in material.stalled
        )
        lines += ["# 停滞项目", *_points(told, material.count("stalled"))]
    if material.overdue:
        told = (
            f"{_titled(task)}，应于{_day(task.due_on or material.week.day)}完成，"
            f"超期{(material.week.day - (task.due_on or material.week.day)).days}天，请{task.owner.name}于{by}前办结。"
            for task in material.overdue
        )
        lines += ["# 超期待办", *_points(told, material.count("overdue"))]
    return "\n".join(lines) or wording.EMPTY_SECTION


def _idle(talk: Talk) -> str:
    limit = IDLE_DAYS[talk.stage]
    return f"{talk.project.name}在“{talk.stage_label}”阶段{talk.idle_days}天没有进展（时限{limit}天）"


def _keeper(project: Project) -> str:
    return project.unit.name + (project.owner.name if project.owner else "")


def _titled(task: FollowUp) -> str:
    """What is to be done, as part of a sentence, with the enterprise it is about."""
    return task.title.rstrip("。；; ") + (f"（{task.enterprise.name}）" if task.enterprise else "")


def _progress(material: Material) -> str:
    if not material.targets:
        return f"{material.week.day.year}年尚未下达任务目标。"
    return "各单位任务完成进度见下表，完成率四舍五入保留一位小数，时序差为完成率减时间进度。"


def _next_week(material: Material) -> str:
    lines = [
        f"{_titled(task)}，{task.owner.name}，{_day(task.due_on or material.week.end)}前完成。"
        for task in material.due_next
    ]
    return "\n".join(_points(lines, material.count("due_next"))) or "下周暂无到期的待办事项。"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
