"""Tables of papers: rows of finished texts from facts. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.core.money import percent, wan_cell
from crm.papers.wording import LABELS
from crm.word.blocks import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.assessment.rules import Progress
    from crm.assessment.standings import MetricLine, UnitLine
    from crm.papers.facts import Figures, Group, Late, SignedProject, Slip, StalledProject

NOTHING = "—"
ZERO = Decimal(0)
CELL = 60
MEASURES = ("reported", "reported_amount", "recognized", "recognized_amount")
SHORT: dict[str, str] = {"leads": "信息", "visits": "走访", "inspections": "考察", "signings": "签约", "starts": "开工"}

PROGRESS_TITLE, RECOGNITION_TITLE = "招商任务完成进度表", "上报认定对照表"
PROGRESS = ("序号", "任务", "年度目标", "本期", "累计", "完成率", "时序差", "完成单位")
RANKING = ("序号", "单位", *(SHORT[key] for key in LABELS), "平均完成率", "名次")
RECOGNITION = ("单位", "上报个数", "上报额（万元）", "认定个数", "认定额（万元）", "认定率")
STALLED = ("序号", "项目", "投资方", "单位", "负责人", "阶段", "没有进展")
LATE = ("事由", "事项", "责任单位", "责任人", "时限", "超期")
SLIPS = ("编号", "事项", "责任单位", "时限", "进展", "亮灯")
SIGNED = (
    "序号", "项目", "投资方", "总投资（万元）", "签约日期", "包保领导", "双牵头单位", "当前节点", "超期天数",
    "存在问题", "责任单位", "办结时限",
)  # fmt: skip


def day(value: date | None) -> str:
    """Return a day short enough for a column, in two lines."""
    return NOTHING if value is None else f"{value.year}年\n{value.month}月{value.day}日"


def cut(text: str) -> str:
    """Return a text in one line, short enough for a cell."""
    line = " ".join(text.split())
    return line if len(line) <= CELL else f"{line[: CELL - 1]}…"


def points(value: Decimal | None) -> str:
    """Return points ahead (+) or behind (-)."""
    return NOTHING if value is None else f"{value:+}"


def progress(figures: Figures) -> Table:
    """Each task of the year: target, done in the period and so far, rate, points ahead of time, units that met it."""
    rows = tuple(_metric(number, line, figures) for number, line in enumerate(figures.whole.metrics, start=1))
    return Table(PROGRESS_TITLE, PROGRESS, rows, (2, 5, 3, 3, 3, 3, 3, 4), "时序差是完成率减去时序进度的百分点。")


def _metric(number: int, line: MetricLine, figures: Figures) -> tuple[str, ...]:
    label, unit = LABELS[line.metric]
    within = sum(value for (_unit, key), value in figures.within.items() if key == line.metric)
    met = f"{line.units_met}/{line.units}" if line.units else NOTHING
    return (str(number), f"{label}（{unit}）", *_cells(line.progress, str(within)), met)


def _cells(of: Progress, within: str) -> tuple[str, ...]:
    target = str(of.target) if of.target else NOTHING
    return (target, within, str(of.done), NOTHING if of.rate is None else f"{of.rate}%", points(of.gap))


def ranking(group: Group, figures: Figures) -> Table:
    """Units of a kind, best first: done of target for each task (what the period added in brackets), mean, rank."""
    rows = tuple(_unit(number, line, figures) for number, line in enumerate(ranking_order(group), start=1))
    note = "各项为累计/年度目标，括号内是本期新增；每项完成率最高按100%计。"
    return Table(ranking_title(group), RANKING, rows, (2, 5, 4, 4, 4, 4, 4, 4, 2), note)


def ranking_title(group: Group) -> str:
    """Name the table of a kind of units."""
    return f"{group.label}排名表"


def ranking_order(group: Group) -> list[UnitLine]:
    """Units as their table lists them."""
    return sorted(group.standing.units, key=lambda line: (line.rank is None, line.rank or 0))


def _unit(number: int, line: UnitLine, figures: Figures) -> tuple[str, ...]:
    cells = []
    for key, cell in zip(LABELS, line.cells, strict=True):
        added = figures.within.get((line.unit_id, key))
        pair = f"{cell.done}/{cell.target}" if cell.target else str(cell.done)
        cells.append(f"{pair}\n（{added}）" if added else pair)
    mean = NOTHING if line.mean is None else f"{line.mean}%"
    return (str(number), line.name, *cells, mean, NOTHING if line.rank is None else str(line.rank))


def recognition(figures: Figures) -> Table:
    """Each unit: contracts and amounts reported and recognised in the period, rate of recognition by amount."""
    rows = []
    for unit_id in recognition_units(figures):
        reported, asked, recognized, given = (figures.sums.get(key, {}).get(unit_id, ZERO) for key in MEASURES)
        rate = percent(given, asked) or NOTHING
        name = figures.names[unit_id]
        rows.append((name, f"{reported:f}", wan_cell(asked), f"{recognized:f}", wan_cell(given), rate))
    note = "认定率是认定额与上报额之比，本期认定的可能是以前上报的；分成的金额按比例计。"
    return Table(RECOGNITION_TITLE, RECOGNITION, tuple(rows), (6, 3, 6, 3, 6, 3), note)


def recognition_units(figures: Figures) -> list[int]:
    """Units that reported something or had something recognised, as their table lists them."""
    return [one for one in figures.names if any(figures.sums.get(key, {}).get(one) for key in MEASURES)]


def stalled(rows: Sequence[StalledProject]) -> Table:
    """Projects that stand still, the longest first."""
    cells = tuple(
        (str(number), cut(one.name), cut(one.investor), one.unit, one.owner or NOTHING, one.stage, f"{one.idle}天")
        for number, one in enumerate(rows, start=1)
    )
    return Table("停滞项目", STALLED, cells, (2, 6, 6, 4, 3, 3, 3))


def late(title: str, rows: Sequence[Late], today: date) -> Table:
    """Late instructions or decisions, the oldest first."""
    cells = tuple(
        (
            cut(one.subject),
            cut(one.text),
            one.unit,
            one.person or NOTHING,
            day(one.due_on),
            f"{(today - one.due_on).days}天",
        )
        for one in rows
    )
    return Table(title, LATE, cells, (5, 6, 4, 3, 4, 2))


def slips(rows: Sequence[Slip]) -> Table:
    """Open supervision slips with their lamps."""
    cells = tuple(
        (
            one.number.replace("〔", "\n〔", 1),
            cut(one.demand),
            one.unit,
            day(one.due_on),
            cut(one.progress) or "没有回复",
            one.lamp,
        )
        for one in rows
    )
    return Table("后进督办单", SLIPS, cells, (11, 12, 8, 10, 10, 4))


def signed(rows: Sequence[SignedProject], today: date) -> Table:
    """Signed projects: who leads, where they stand, what is late."""
    cells = tuple(_signed(number, one, today) for number, one in enumerate(rows, start=1))
    return Table("签约项目推进表", SIGNED, cells, (8, 17, 17, 14, 15, 12, 12, 10, 9, 15, 12, 15))


def _signed(number: int, one: SignedProject, today: date) -> tuple[str, ...]:
    over = (today - one.due_on).days if one.due_on is not None else 0
    return (
        str(number),
        cut(one.name),
        cut(one.investor),
        NOTHING if one.investment is None else wan_cell(one.investment),
        day(one.signed_on),
        one.leader or NOTHING,
        one.leads or NOTHING,
        one.stage,
        str(over) if over > 0 else NOTHING,
        cut(one.task) or NOTHING,
        one.unit,
        day(one.due_on),
    )
