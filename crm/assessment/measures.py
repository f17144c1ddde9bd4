"""Every measure as data: what is counted, in which unit, on which basis. Adding one is adding one entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func

from crm.assessment.facts import (
    BY_DAY,
    BY_UNIT,
    CONTRACTS,
    COUNTED_PAPER,
    COUNTED_SIGNED,
    EACH_TIME,
    FORMAL,
    NEW,
    ONCE_EACH,
    ONE,
    ONE_PROJECT,
    SHARED,
    SINGLE,
    VALID,
    Clause,
    Counting,
    Measure,
    RowKind,
    entered,
    entries,
    firms,
    reached,
    recognized,
    reported,
    signed_contracts,
    touches,
)
from crm.assessment.parts import PARTS
from crm.assessment.rules import METRIC_BASIS, METRIC_LABELS, METRIC_UNITS, Metric
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import TouchKind
from crm.pipeline.models import Agreement, Project
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select

    from crm.assessment.facts import Window

INVESTMENT = func.coalesce(Project.total_investment, 0)
GUESTS = func.coalesce(Touch.headcount, 0)
RECOGNIZED_WAN = func.coalesce(Agreement.recognized_amount, 0)
REACHED_LABELS: dict[Stage, tuple[str, str]] = {
    Stage.LEAD: ("到达线索", "到达线索·总投资（万元）"),
    Stage.VISITING: ("到达走访对接", "到达走访对接·总投资（万元）"),
    Stage.INSPECTING: ("到达考察", "到达考察·总投资（万元）"),
    Stage.REVIEWING: ("到达研判评审", "到达研判评审·总投资（万元）"),
    Stage.PRE_SIGNING: ("到达拟签约", "到达拟签约·总投资（万元）"),
    Stage.SIGNED: ("到达签约", "到达签约·总投资（万元）"),
    Stage.STARTED: ("到达开工", "到达开工·总投资（万元）"),
    Stage.IN_PRODUCTION: ("到达投产", "到达投产·总投资（万元）"),
}
FUNNEL_STAGES: tuple[Stage, ...] = tuple(REACHED_LABELS)
REACHED_BASIS = "期内新建的项目中，曾经到达该阶段或更后阶段的，待核老项目和不予认定的只算到签约前，重复合并的不计"
REACHED_AMOUNT_BASIS = (
    "期内新建的项目中，曾经到达该阶段或更后阶段的项目的总投资合计，没填总投资的计0，待核老项目和不予认定的只算到签约前，"
    "重复合并的不计"
)
_METRIC_ROWS: dict[Metric, tuple[RowKind, Callable[[Window], Select[Any]]]] = {
    Metric.LEADS: (RowKind.ENTRY, Counting(entered(Stage.LEAD), (BY_UNIT, ONE_PROJECT, SINGLE))),
    Metric.VISITS: (RowKind.TOUCH, Counting(firms(TouchKind.VISIT), (ONCE_EACH, VALID))),
    Metric.INSPECTIONS: (RowKind.TOUCH, Counting(firms(TouchKind.INSPECTION), (ONCE_EACH, VALID))),
    Metric.SIGNINGS: (RowKind.ENTRY, entries(Stage.SIGNED, FORMAL)),
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
        Counting(touches(TouchKind.VISIT), (EACH_TIME, VALID)),
    ),
    Measure(
        "receptions",
        "接待客商",
        "批次",
        "期内的接待和来区考察，每次计一批，作废记录不计",
        RowKind.TOUCH,
        Counting(touches(*_GUEST_KINDS), (EACH_TIME, VALID)),
    ),
    Measure(
        "guests",
        "接待人次",
        "人次",
        "期内接待和来区考察登记的人数合计，未填人数的不计",
        RowKind.TOUCH,
        Counting(touches(*_GUEST_KINDS, amount=GUESTS), (Clause("未填人数的不计"),)),
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
        "期内首次签约项目的正式合同金额合计，意向和框架协议不计，待核老项目不计，不予认定的不计，重复合并的不计，分成的按比例计",
        RowKind.AGREEMENT,
        Counting(signed_contracts, (CONTRACTS, NEW, COUNTED_SIGNED, SINGLE, SHARED)),
    ),
    Measure(
        "reported",
        "上报签约",
        "个",
        "期内签订并已上报的正式合同，意向和框架协议不计，待核老项目不计",
        RowKind.AGREEMENT,
        Counting(reported(ONE), (CONTRACTS, NEW)),
    ),
    Measure(
        "reported_amount",
        "上报签约额",
        "万元",
        "期内签订并已上报的正式合同金额合计，意向和框架协议不计，待核老项目不计，分成的按比例计",
        RowKind.AGREEMENT,
        Counting(reported(Agreement.amount), (CONTRACTS, NEW, SHARED)),
    ),
    Measure(
        "recognized",
        "认定签约",
        "个",
        "期内通过认定的正式合同，意向和框架协议不计，以认定日期为准，待核老项目不计，不予认定的不计",
        RowKind.AGREEMENT,
        Counting(recognized(ONE), (CONTRACTS, BY_DAY, NEW, COUNTED_PAPER)),
    ),
    Measure(
        "recognized_amount",
        "认定签约额",
        "万元",
        "期内通过认定的合同金额合计，意向和框架协议不计，以认定日期为准，待核老项目不计，不予认定的不计，分成的按比例计",
        RowKind.AGREEMENT,
        Counting(recognized(RECOGNIZED_WAN), (CONTRACTS, BY_DAY, NEW, COUNTED_PAPER, SHARED)),
    ),
    *(
        Measure(f"reached_{stage.value}", label, "个", REACHED_BASIS, RowKind.PROJECT, reached(stage))
        for stage, (label, _amount) in REACHED_LABELS.items()
    ),
    *(
        Measure(
            f"reached_amount_{stage.value}",
            label,
            "万元",
            REACHED_AMOUNT_BASIS,
            RowKind.PROJECT,
            reached(stage, INVESTMENT),
        )
        for stage, (_count, label) in REACHED_LABELS.items()
    ),
)
MEASURES: dict[str, Measure] = {measure.key: measure for measure in (*_ALL, *PARTS)}
CHOOSABLE: tuple[Measure, ...] = tuple(one for key, one in MEASURES.items() if not key.startswith("reached_"))
