"""Measures beside the five of a campaign: every stage, kind of agreement and answer, and the parts of rates."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import literal

from crm.assessment.capital import CAPITAL
from crm.assessment.cohorts import (
    MEETINGS,
    cohort,
    created,
    fitting,
    listed,
    passed_reviews,
    persons,
    registered_or_funded,
    reviews,
    taken,
    tips,
    tips_in_time,
)
from crm.assessment.demands import DEMANDS
from crm.assessment.facts import (
    CONTRACTS,
    COUNTED,
    COUNTED_ENTRY,
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
    entries,
    firms,
    reported,
)
from crm.assessment.obstacles import OBSTACLES
from crm.core.types import Wan
from crm.fieldwork.rules import TouchKind
from crm.pipeline.models import Agreement, Project
from crm.pipeline.rules import AgreementKind, Stage

PERSON_ONCE = Clause("同一单位同一人只计一次")
OWN_COLUMN = Clause("不计入签约")
FOREIGN = Clause("只计该币种的合同", lambda window: Agreement.currency == (window.lens.currency or DOLLAR))
DOLLAR = "USD"
LARGE = Decimal(3000)
BIG = Clause("固定资产投资3000万元以上的才计", lambda _window: Project.fixed_investment >= literal(LARGE, Wan()))
TO_STAGES = (
    Measure(
        "registrations",
        "新注册项目",
        "个",
        "期内首次进入注册阶段的项目，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        entries(Stage.REGISTERED),
    ),
    Measure(
        "productions",
        "新投产项目",
        "个",
        "期内首次进入投产阶段的项目，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        entries(Stage.IN_PRODUCTION),
    ),
    Measure(
        "full_capacity",
        "新达产项目",
        "个",
        "期内首次进入达产阶段的项目，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        entries(Stage.FULL_CAPACITY),
    ),
    Measure(
        "signings_big",
        "签约的大项目",
        "个",
        "期内首次签约的项目，意向和框架协议不计，固定资产投资3000万元以上的才计，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        entries(Stage.SIGNED, FORMAL, BIG),
    ),
    Measure(
        "starts_big",
        "开工的大项目",
        "个",
        "期内首次进入开工阶段的项目，固定资产投资3000万元以上的才计，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        entries(Stage.STARTED, BIG),
    ),
    Measure(
        "productions_big",
        "投产的大项目",
        "个",
        "期内首次进入投产阶段的项目，固定资产投资3000万元以上的才计，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        entries(Stage.IN_PRODUCTION, BIG),
    ),
)
COHORTS = (
    Measure(
        "leads_accepted",
        "有效线索",
        "条",
        "期内登记的招商线索中截至统计时已有人接收的，一个项目只计一次，重复合并的不计",
        RowKind.ENTRY,
        Counting(taken, (ONE_PROJECT, SINGLE)),
    ),
    Measure(
        "talks_inspected",
        "洽谈后来考察的项目",
        "个",
        "期内首次进入走访对接阶段、截至统计时已到考察或更后阶段的项目，重复合并的不计",
        RowKind.ENTRY,
        cohort(Stage.VISITING, Stage.INSPECTING, SINGLE),
    ),
    Measure(
        "talks_signed",
        "洽谈后签约的项目",
        "个",
        "期内首次进入走访对接阶段、截至统计时已签约的项目，意向和框架协议不计，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        cohort(Stage.VISITING, Stage.SIGNED, FORMAL, NEW, COUNTED, SINGLE),
    ),
    Measure(
        "signed_registered",
        "签约后注册或到资的项目",
        "个",
        "期内首次签约、截至统计时已注册或已有资金认定到位的项目，意向和框架协议不计，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        Counting(registered_or_funded, (FORMAL, NEW, COUNTED_ENTRY, SINGLE)),
    ),
    Measure(
        "signed_started",
        "签约后开工的项目",
        "个",
        "期内首次签约、截至统计时已开工的项目，意向和框架协议不计，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        cohort(Stage.SIGNED, Stage.STARTED, FORMAL, NEW, COUNTED_ENTRY, SINGLE),
    ),
    Measure(
        "started_producing",
        "开工后投产的项目",
        "个",
        "期内首次开工、截至统计时已投产的项目，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        cohort(Stage.STARTED, Stage.IN_PRODUCTION, NEW, COUNTED_ENTRY, SINGLE),
    ),
    Measure(
        "producing_full",
        "投产后达产的项目",
        "个",
        "期内首次投产、截至统计时已达产的项目，待核老项目不计，不予认定的不计，重复合并的不计",
        RowKind.ENTRY,
        cohort(Stage.IN_PRODUCTION, Stage.FULL_CAPACITY, NEW, COUNTED_ENTRY, SINGLE),
    ),
    Measure(
        "new_projects",
        "新建项目",
        "个",
        "期内登记的项目，重复合并的不计",
        RowKind.PROJECT,
        Counting(created, (SINGLE,)),
    ),
    Measure(
        "new_fitting",
        "新建的规划产业项目",
        "个",
        "期内登记、行业或产品属于本地规划产业的项目，重复合并的不计",
        RowKind.PROJECT,
        Counting(fitting, (SINGLE,)),
        office=True,
    ),
)
PEOPLE = (
    Measure(
        "targets_contacted",
        "联系过的名单内企业",
        "家",
        "期内以任何方式联系过、列入目标名单的企业，同一单位同一企业只计一家，作废记录不计",
        RowKind.TOUCH,
        Counting(firms(only=listed), (ONCE_EACH, VALID)),
    ),
    Measure(
        "targets_met",
        "当面谈过的名单内企业",
        "家",
        "期内走访、接待、考察、洽谈过、列入目标名单的企业，同一单位同一企业只计一家，作废记录不计",
        RowKind.TOUCH,
        Counting(firms(*MEETINGS, only=listed), (ONCE_EACH, VALID)),
    ),
    Measure(
        "visits_listed",
        "走访的名单内企业",
        "家",
        "期内走访过、列入目标名单的企业，同一单位同一企业只计一家，作废记录不计",
        RowKind.TOUCH,
        Counting(firms(TouchKind.VISIT, only=listed), (ONCE_EACH, VALID)),
    ),
    Measure(
        "contacts_met",
        "见过的联系人",
        "人",
        "期内走访、接待、考察、洽谈时见过的联系人，同一单位同一人只计一次，作废记录不计",
        RowKind.CONTACT,
        Counting(persons(), (PERSON_ONCE, VALID)),
    ),
    Measure(
        "contacts_new",
        "新面孔",
        "人",
        "期内本单位第一次见的联系人，同一单位同一人只计一次，作废记录不计",
        RowKind.CONTACT,
        Counting(persons(lambda inner, window: inner.c.ever >= window.instants[0]), (PERSON_ONCE, VALID)),
    ),
)
ANSWERS = (
    Measure(
        "reviews",
        "评审结论",
        "个",
        "期内作出的事前评估结论，重复合并的不计",
        RowKind.REVIEW,
        Counting(reviews, (SINGLE,)),
    ),
    Measure(
        "reviews_passed",
        "评审通过",
        "个",
        "期内通过的事前评估，重复合并的不计",
        RowKind.REVIEW,
        Counting(passed_reviews, (SINGLE,)),
    ),
    Measure("tips", "线索报告", "条", "期内收到的随手报", RowKind.TIP, Counting(tips)),
    Measure(
        "tips_answered",
        "按时答复的线索报告",
        "条",
        "期内收到、下一个工作日结束前已答复的随手报",
        RowKind.TIP,
        Counting(tips_in_time),
    ),
)
PAPERS = (
    Measure(
        "intents",
        "意向协议",
        "个",
        "期内签订并已上报的意向协议，不计入签约，待核老项目不计",
        RowKind.AGREEMENT,
        Counting(reported(ONE, AgreementKind.INTENT), (OWN_COLUMN, NEW)),
    ),
    Measure(
        "intents_amount",
        "意向协议额",
        "万元",
        "期内签订并已上报的意向协议金额合计，不计入签约，待核老项目不计，分成的按比例计",
        RowKind.AGREEMENT,
        Counting(reported(Agreement.amount, AgreementKind.INTENT), (OWN_COLUMN, NEW, SHARED)),
    ),
    Measure(
        "frameworks",
        "框架协议",
        "个",
        "期内签订并已上报的框架协议，不计入签约，待核老项目不计",
        RowKind.AGREEMENT,
        Counting(reported(ONE, AgreementKind.FRAMEWORK), (OWN_COLUMN, NEW)),
    ),
    Measure(
        "frameworks_amount",
        "框架协议额",
        "万元",
        "期内签订并已上报的框架协议金额合计，不计入签约，待核老项目不计，分成的按比例计",
        RowKind.AGREEMENT,
        Counting(reported(Agreement.amount, AgreementKind.FRAMEWORK), (OWN_COLUMN, NEW, SHARED)),
    ),
    Measure(
        "contract_foreign",
        "合同外资",
        "万美元",
        "期内签订并已上报的正式合同的原币金额合计，只计该币种的合同，意向和框架协议不计，待核老项目不计，分成的按比例计",
        RowKind.AGREEMENT,
        Counting(reported(Agreement.original_amount), (FOREIGN, CONTRACTS, NEW, SHARED)),
    ),
)
PARTS = (*TO_STAGES, *COHORTS, *PEOPLE, *ANSWERS, *PAPERS, *CAPITAL, *DEMANDS, *OBSTACLES)
