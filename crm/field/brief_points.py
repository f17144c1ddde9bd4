"""Talking points a brief proposes: rules over signals, the last talk, promises and the stages of projects."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.fieldwork.rules import Intention, TouchKind
from crm.pipeline.rules import STAGE_LABELS, next_stage
from crm.signals.kinds import SignalKind

if TYPE_CHECKING:
    from datetime import date

    from crm.field.brief_facts import FirmFacts

MOST = 8
QUOTE = 36
BY_SIGNAL: dict[SignalKind, str] = {
    SignalKind.RELO: "对方有产业转移动向（%(quote)s）：问清搬迁时间表、规模和选址条件，介绍我方承接条件。",
    SignalKind.CAPX: "对方有扩产投资动向（%(quote)s）：问清新产能选址是否已定，争取列入备选。",
    SignalKind.SUPP: "对方有配套需求（%(quote)s）：介绍本地产业链上的配套企业，问清缺哪些环节。",
    SignalKind.COOP: "对方新签战略合作（%(quote)s）：问清合作项目落在哪里，能否带上下游一起来。",
    SignalKind.EXEC: "对方高层有变动（%(quote)s）：确认现在由谁管投资选址，重新建立联系。",
    SignalKind.LAND: "对方有用地或环评动作（%(quote)s）：问清进度，看是否还有可争取的部分。",
    SignalKind.ORDR: "对方近期中标或获大单（%(quote)s）：问清交付压力和产能缺口。",
    SignalKind.NEG: "有负面消息（%(quote)s）：只听不评，回来核实经营状况后再谈投入。",
}
BY_INTENTION: dict[Intention, str] = {
    Intention.STRONG: "上次意向强烈：这次把来区考察或签约时间定下来。",
    Intention.INTERESTED: "上次表示有意向：约定对方来区考察的人员和日期。",
    Intention.WATCHING: "上次还在观望：问清犹豫在哪里——用地、用工、物流还是政策，逐条回应。",
    Intention.NONE: "上次暂无意向：不谈项目，先了解规划和变化，保持联系。",
}
MEETINGS = frozenset({TouchKind.VISIT, TouchKind.RECEPTION, TouchKind.INSPECTION, TouchKind.NEGOTIATION})
FIRST = "首次拜访：先请对方介绍布局和规划，再讲我们能给什么，争取定下回访。"
LATE = "我方答应的“%(title)s”已超期%(days)s天：带上结果，主动说明。"
OPEN = "上次约定“%(title)s”：当面回复进展。"
STAGE = "项目“%(name)s”现在是“%(stage)s”：问清推进到“%(next)s”还缺什么，谁来定。"
NOBODY = "还没有登记对方联系人：争取认识管投资选址的人，记下职务。"


@dataclass(frozen=True, slots=True)
class Point:
    """One proposed point: a Chinese message with what to fill in."""

    message: str
    params: dict[str, str | int] = dataclasses.field(default_factory=dict)

    @property
    def text(self) -> str:
        """Write it in Chinese."""
        return self.message % self.params if self.params else self.message


def propose(facts: FirmFacts, today: date) -> list[Point]:
    """Return the points a visit should not miss, the most pressing first."""
    points = _promised(facts, today)
    last = next((touch for touch in facts.touches if touch.kind in MEETINGS), None)
    if last is None:
        points.append(Point(FIRST))
    elif last.intention in BY_INTENTION:
        points.append(Point(BY_INTENTION[last.intention]))
    points += _projects(facts)
    points += _signals(facts)
    if not facts.people:
        points.append(Point(NOBODY))
    return points[:MOST]


def _promised(facts: FirmFacts, today: date) -> list[Point]:
    late = [row for row in facts.promises if row.due_on is not None and row.due_on < today]
    others = [row for row in facts.promises if row not in late]
    points = [Point(LATE, {"title": row.title, "days": (today - row.due_on).days}) for row in late if row.due_on]
    return points[:3] + [Point(OPEN, {"title": row.title}) for row in others[:2]]


def _projects(facts: FirmFacts) -> list[Point]:
    points = []
    for row in facts.projects:
        following = next_stage(row.stage)
        if row.exit_kind is None and following is not None:
            params = {"name": row.name, "stage": STAGE_LABELS[row.stage], "next": STAGE_LABELS[following]}
            points.append(Point(STAGE, {**params}))
    return points[:2]


def _signals(facts: FirmFacts) -> list[Point]:
    """One point for each kind of signal, from its newest."""
    points: dict[str, Point] = {}
    for row in facts.signals:
        if row.kind not in points:
            points[row.kind] = Point(BY_SIGNAL[SignalKind(row.kind)], {"quote": shortened(row.quote)})
    return list(points.values())


def shortened(text: str) -> str:
    """Cut a quotation to a line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= QUOTE else f"{plain[: QUOTE - 1]}…"
