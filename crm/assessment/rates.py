"""Every rate as data: a pair of measures, the numerator and the denominator, each with its own rows.

Adding a rate is adding one entry; a numerator that only a rate needs stands in :mod:`crm.assessment.parts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.assessment.measures import MEASURES

if TYPE_CHECKING:
    from crm.assessment.window import Measure


@dataclass(frozen=True, slots=True)
class Rate:
    """A percentage: ``done`` ÷ ``of``, its counting basis in words; both parts open their rows."""

    key: str
    label: str
    basis: str
    done: Measure
    of: Measure
    unit: str = "%"


def _rate(key: str, label: str, done: str, of: str, basis: str) -> Rate:
    return Rate(key, label, basis, MEASURES[done], MEASURES[of])


_ALL = (
    _rate(
        "lead_valid",
        "线索有效率",
        "leads_accepted",
        "leads",
        "期内登记的线索中，截至统计时已研判通过并有人接收的",
    ),
    _rate("review_passed", "研判通过率", "reviews_passed", "reviews", "期内作出的评审结论中，通过的"),
    _rate(
        "talk",
        "对接率",
        "targets_met",
        "targets_contacted",
        "期内联系过的名单内企业中，当面谈过的；同一单位同一企业只计一家",
    ),
    _rate(
        "listed_visit",
        "走访命中率",
        "visits_listed",
        "visits",
        "期内走访过的企业中，列入目标名单的；同一单位同一企业只计一家",
    ),
    _rate("inspection", "考察率", "talks_inspected", "negotiating", "期内开始洽谈的项目中，截至统计时已来考察的"),
    _rate("signing", "签约转化率", "talks_signed", "negotiating", "期内开始洽谈的项目中，截至统计时已正式签约的"),
    _rate("fulfilment", "履约率", "signed_registered", "signings", "期内签约的项目中，截至统计时已注册或已到资的"),
    _rate(
        "capital",
        "资金到位率",
        "signed_capital",
        "signed_amount",
        "期内首次签约的项目，截至统计时认定的到位资金与正式合同额之比",
    ),
    _rate(
        "recognition_capital",
        "认定率（到资）",
        "capital_recognized",
        "capital_reported",
        "期内认定的到位资金与期内到账上报的到位资金之比",
    ),
    _rate("start", "开工率", "signed_started", "signings", "期内签约的项目中，截至统计时已开工的"),
    _rate("production", "投产率", "started_producing", "starts", "期内开工的项目中，截至统计时已投产的"),
    _rate("capacity", "达产率", "producing_full", "productions", "期内投产的项目中，截至统计时已达产的"),
    _rate("recognition", "认定率（个数）", "recognized", "reported", "期内认定的合同数与期内上报的合同数之比"),
    _rate(
        "recognition_amount",
        "认定率（金额）",
        "recognized_amount",
        "reported_amount",
        "期内认定的合同额与期内上报的合同额之比",
    ),
    _rate(
        "big_signed", "大项目占比（引进）", "signings_big", "signings", "期内签约的项目中，固定资产投资3000万元以上的"
    ),
    _rate("big_started", "大项目占比（在建）", "starts_big", "starts", "期内开工的项目中，固定资产投资3000万元以上的"),
    _rate(
        "big_producing",
        "大项目占比（投产）",
        "productions_big",
        "productions",
        "期内投产的项目中，固定资产投资3000万元以上的",
    ),
    _rate("fit", "产业契合度", "new_fitting", "new_projects", "期内新建的项目中，属于本地规划产业的"),
    _rate("new_faces", "新面孔率", "contacts_new", "contacts_met", "期内见过的联系人中，期内才第一次见的"),
    _rate(
        "answered",
        "响应时限达标率",
        "tips_answered",
        "tips",
        "期内收到的线索报告中，一个工作日内答复的；当天不算，下一个工作日结束前答复即达标",
    ),
    _rate(
        "cases_closed",
        "诉求按期办结率",
        "cases_closed_in_time",
        "cases_due",
        "期内应办结的诉求中，每一轮都在期限内答复并已办结的",
    ),
    _rate("cases_answered", "诉求答复率", "cases_answered", "cases_accepted", "期内受理的诉求中，截至统计时已答复的"),
    _rate(
        "cases_satisfied",
        "诉求满意率",
        "cases_satisfied",
        "cases_judged",
        "期内办结、企业作出评价的诉求中，满意和基本满意的；回访未表态的不算",
    ),
    _rate(
        "blockers_in_time",
        "项目问题按期解决率",
        "blockers_in_time",
        "blockers_due",
        "期内到期的项目问题中，企业在登记时定的时限内确认解决的；后来改期的仍按最初时限算",
    ),
)
RATES: dict[str, Rate] = {rate.key: rate for rate in _ALL}
