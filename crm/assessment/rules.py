"""Metrics that targets and campaigns count, with their counting basis (口径)."""

from __future__ import annotations

from enum import StrEnum


class Metric(StrEnum):
    """The five tasks of a campaign, in the order of the table."""

    LEADS = "leads"
    VISITS = "visits"
    INSPECTIONS = "inspections"
    SIGNINGS = "signings"
    STARTS = "starts"


METRIC_LABELS: dict[Metric, str] = {
    Metric.LEADS: "收集招商信息",
    Metric.VISITS: "外出走访企业",
    Metric.INSPECTIONS: "邀请来区考察",
    Metric.SIGNINGS: "新签约项目",
    Metric.STARTS: "新开工项目",
}
METRIC_UNITS: dict[Metric, str] = {
    Metric.LEADS: "条",
    Metric.VISITS: "家",
    Metric.INSPECTIONS: "家",
    Metric.SIGNINGS: "个",
    Metric.STARTS: "个",
}
METRIC_BASIS: dict[Metric, str] = {
    Metric.LEADS: "期内登记的招商线索，按登记单位计，一个项目只计一次",
    Metric.VISITS: "期内走访过的企业，同一单位同一企业只计一家，作废记录不计",
    Metric.INSPECTIONS: "期内来区考察的企业，同一单位同一企业只计一家，作废记录不计",
    Metric.SIGNINGS: "期内首次进入签约阶段且有正式合同的项目，意向和框架协议不计",
    Metric.STARTS: "期内首次进入开工阶段的项目",
}


class TargetLevel(StrEnum):
    """确保 and 力争."""

    ENSURE = "ensure"
    STRIVE = "strive"
