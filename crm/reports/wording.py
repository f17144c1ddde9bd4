"""Sentences of the weekly report from its figures, in the trade's own wording.

A clause without a figure is left out and a zero is said in words, so no sentence ever
holds a gap for somebody to fill in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.core.money import format_wan, half_up, percent
from crm.reports.document import WeeklyDocument
from crm.word.wording import date_range

WAN_UNIT = "万元"
EMPTY_SECTION = "本周无此类情况。"
EMPTY_ROW = "本周无记录"


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """How far one target is met.

    `verb` and `label` as in 累计 + 收集招商信息; `done`, `target` in `unit`, money in
    万元; `expected` is the share of the target due by now (时序进度), 0 to 1.
    """

    label: str
    unit: str
    done: Decimal | int
    target: Decimal | int | None = None
    expected: Decimal | None = None
    verb: str = "累计"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of the week beside that of the week before; money in 万元."""

    label: str
    unit: str
    now: Decimal | int
    before: Decimal | int

    @property
    def size(self) -> Decimal:
        """How much more (positive) or less (negative) it is."""
        return Decimal(self.now) - Decimal(self.before)

    @property
    def text(self) -> str:
        """较上周增加3条."""
        return difference(self.now, self.before, self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigures:
    """The figures of one week that the overview names; None leaves a clause out.

    `signed_wan` is the total investment of the newly signed projects in 万元.
    """

    start: date
    end: date
    region: str = "全区"
    goal: str = "年度目标"
    trips: int | None = None
    visits: int | None = None
    receptions: int | None = None
    guests: int | None = None
    leads: int | None = None
    negotiating: int | None = None
    signed: int | None = None
    signed_wan: Decimal | None = None
    started: int | None = None
    progress: tuple[TargetProgress, ...] = ()
    changes: tuple[Change, ...] = ()


def issue_text(document: WeeklyDocument) -> str:
    """Return 第46期（总第312期）, 第46期, or （草稿） before a number is given."""
    if document.issue_no is None:
        return "（草稿）"
    total = "" if document.total_no is None else f"（总第{document.total_no}期）"
    return f"第{document.issue_no}期{total}"


def amount(value: Decimal | int, unit: str) -> str:
    """Return a figure with its unit; 万元 grows to 亿元 where it should."""
    if unit == WAN_UNIT:
        return format_wan(Decimal(value))
    return f"{Decimal(value):f}{unit}"


def pace(done: Decimal | int, target: Decimal | int, expected: Decimal) -> str:
    """Return 超/落后时序进度X个百分点; `expected` is the share due by now, 0 to 1."""
    points = half_up((Decimal(done) / Decimal(target) - expected) * 100, 1)
    if points == 0:
        return "与时序进度持平"
    side = "超" if points > 0 else "落后"
    return f"{side}时序进度{abs(points)}个百分点"


def progress_clause(progress: TargetProgress, goal: str) -> str:
    """Return 累计签约项目12个，完成年度目标55个的21.8%，…; no target, no share."""
    done = amount(progress.done, progress.unit)
    clause = f"{progress.verb}{progress.label}{done}"
    if not progress.target:
        return clause
    target = amount(progress.target, progress.unit)
    share = percent(progress.done, progress.target)
    clause = f"{clause}，完成{goal}{target}的{share}"
    if progress.expected is None:
        return clause
    return f"{clause}，{pace(progress.done, progress.target, progress.expected)}"


def difference(now: Decimal | int, before: Decimal | int | None, unit: str) -> str:
    """Return 较上周增加3条, 较上周减少3条 or 与上周持平; '' without a week before."""
    if before is None:
        return ""
    change = Decimal(now) - Decimal(before)
    if change == 0:
        return "与上周持平"
    way = "增加" if change > 0 else "减少"
    return f"较上周{way}{amount(abs(change), unit)}"


def overview(figures: WeekFigures) -> str:
    """Return the opening sentence of the report (本周概况)."""
    clauses = [clause for clause in _clauses(figures) if clause]
    period = f"本周（{date_range(figures.start, figures.end)}）"
    week = "，".join(clauses) if clauses else "无新增招商工作动态"
    text = f"{period}，{figures.region}{week}"
    reached = [progress_clause(one, figures.goal) for one in figures.progress]
    since = f"；截至目前，{'；'.join(reached)}" if reached else ""
    return f"{text}{since}。{compared(figures.changes)}"


def compared(changes: tuple[Change, ...]) -> str:
    """Return 与上周相比，外出招商增加2批次，拜访企业减少3家，新开工项目持平。; '' if both weeks were empty."""
    if not any(one.now or one.before for one in changes):
        return ""
    moved = [
        f"{one.label}{'增加' if one.size > 0 else '减少'}{amount(abs(one.size), one.unit)}"
        for one in changes
        if one.size
    ]
    same = "、".join(one.label for one in changes if not one.size)
    return f"与上周相比，{'，'.join([*moved, *([f'{same}持平'] if same else [])])}。"


def _clauses(figures: WeekFigures) -> Iterable[str]:
    """Return the clauses of the week; nothing at all happened gives none."""
    counts = (
        figures.trips,
        figures.visits,
        figures.receptions,
        figures.leads,
        figures.negotiating,
        figures.signed,
        figures.started,
    )
    if not any(counts):
        return ()
    return (
        _outbound(figures.trips, figures.visits),
        _receptions(figures.receptions, figures.guests),
        _new_leads(figures.leads, figures.negotiating),
        _signed(figures.signed, figures.signed_wan),
        _started(figures.started),
    )


def _outbound(trips: int | None, visits: int | None) -> str:
    if trips is None and visits is None:
        return ""
    said = [f"外出招商{trips}批次"] if trips else []
    if visits:
        said.append(f"拜访企业{visits}家")
    return "、".join(said) or "未组织外出招商"


def _receptions(receptions: int | None, guests: int | None) -> str:
    if receptions is None:
        return ""
    if not receptions:
        return "未接待来访客商"
    people = f"{guests}人次" if guests else ""
    return f"接待客商{receptions}批次{people}"


def _new_leads(leads: int | None, negotiating: int | None) -> str:
    if leads is None and negotiating is None:
        return ""
    if not leads and not negotiating:
        return "未新增线索和在谈项目" if None not in (leads, negotiating) else ""
    if not leads:
        return f"新增在谈项目{negotiating}个"
    return f"新增线索{leads}条" + (f"、在谈项目{negotiating}个" if negotiating else "")


def _signed(signed: int | None, signed_wan: Decimal | None) -> str:
    if signed is None:
        return ""
    if not signed:
        return "未新增签约项目"
    total = f"、总投资{format_wan(signed_wan)}" if signed_wan else ""
    return f"新签约项目{signed}个{total}"


def _started(started: int | None) -> str:
    if started is None:
        return ""
    return f"新开工项目{started}个" if started else "未新增开工项目"
