"""Every measure as data: what is counted, in which unit, on which basis. Adding one is adding one entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func

from crm.assessment.facts import (
    ONE,
    Measure,
    RowKind,
    entries,
    firms,
    reached,
    recognized,
    reported,
    signed_contracts,
    touches,
)
from crm.assessment.rules import METRIC_BASIS, METRIC_LABELS, METRIC_UNITS, Metric
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import TouchKind
from crm.pipeline.models import Agreement, Project
from crm.pipeline.rules import STAGE_LABELS, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select

    from crm.assessment.facts import Window

INVESTMENT = func.coalesce(Project.total_investment, 0)
GUESTS = func.coalesce(Touch.headcount, 0)
RECOGNIZED_WAN = func.coalesce(Agreement.recognized_amount, 0)
FUNNEL_STAGES: tuple[Stage, ...] = (
    Stage.LEAD,
    Stage.VISITING,
    Stage.INSPECTING,
    Stage.REVIEWING,
    Stage.PRE_SIGNING,
    Stage.SIGNED,
    Stage.STARTED,
    Stage.IN_PRODUCTION,
)
REACHED_BASIS = "期内新建的项目中，曾经到达该阶段或更后阶段的，重复合并的不计"
_METRIC_ROWS: dict[Metric, tuple[RowKind, Callable[[Window], Select[Any]]]] = {
    Metric.LEADS: (RowKind.ENTRY, entries(Stage.LEAD)),
    Metric.VISITS: (RowKind.TOUCH, firms(TouchKind.VISIT)),
    Metric.INSPECTIONS: (RowKind.TOUCH, firms(TouchKind.INSPECTION)),
    Metric.SIGNINGS: (RowKind.ENTRY, entries(Stage.SIGNED, contract=True)),
    Metric.STARTS: (RowKind.ENTRY, entries(Stage.STARTED)),
}
_GUEST_KINDS = (TouchKind.RECEPTION, TouchKind.INSPECTION)
_ALL = (
    *(
        Measure(metric.value, METRIC_LABELS[metric], METRIC_UNITS[metric], METRIC_BASIS[metric], *_METRIC_ROWS[metric])
        for metric in Metric
    ),
    Measure(
        "visit_batches",
        "外出招商",
        "批次",
        "期内的走访，每次计一批，作废记录不计",
        RowKind.TOUCH,
        touches(TouchKind.VISIT),
    ),
    Measure(
        "receptions",
        "接待客商",
        "批次",
        "期内的接待和来区考察，每次计一批，作废记录不计",
        RowKind.TOUCH,
        touches(*_GUEST_KINDS),
    ),
    Measure(
        "guests",
        "接待人次",
        "人次",
        "期内接待和来区考察登记的人数合计，未填人数的不计",
        RowKind.TOUCH,
        touches(*_GUEST_KINDS, amount=GUESTS),
    ),
    Measure(
        "negotiating",
        "新增在谈项目",
        "个",
        "期内首次进入走访对接阶段的项目，重复合并的不计",
        RowKind.ENTRY,
        entries(Stage.VISITING),
    ),
    Measure(
        "signed_amount",
        "新签约总投资",
        "万元",
        "期内首次签约项目的正式合同金额合计，意向和框架协议不计，待核老项目不计",
        RowKind.AGREEMENT,
        signed_contracts,
    ),
    Measure(
        "reported",
        "上报签约",
        "个",
        "期内签订并已上报的正式合同，意向和框架协议不计，待核老项目不计",
        RowKind.AGREEMENT,
        reported(ONE),
    ),
    Measure(
        "reported_amount",
        "上报签约额",
        "万元",
        "期内签订并已上报的正式合同金额合计，待核老项目不计",
        RowKind.AGREEMENT,
        reported(Agreement.amount),
    ),
    Measure(
        "recognized",
        "认定签约",
        "个",
        "期内通过认定的正式合同，以认定日期为准，待核老项目不计",
        RowKind.AGREEMENT,
        recognized(ONE),
    ),
    Measure(
        "recognized_amount",
        "认定签约额",
        "万元",
        "期内通过认定的合同金额合计，以认定日期为准，待核老项目不计",
        RowKind.AGREEMENT,
        recognized(RECOGNIZED_WAN),
    ),
    *(
        Measure(f"reached_{stage.value}", STAGE_LABELS[stage], "个", REACHED_BASIS, RowKind.PROJECT, reached(stage))
        for stage in FUNNEL_STAGES
    ),
    *(
        Measure(
            f"reached_amount_{stage.value}",
            STAGE_LABELS[stage],
            "万元",
            REACHED_BASIS,
            RowKind.PROJECT,
            reached(stage, INVESTMENT),
        )
        for stage in FUNNEL_STAGES
    ),
)
MEASURES: dict[str, Measure] = {measure.key: measure for measure in _ALL}
