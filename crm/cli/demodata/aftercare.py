"""What firms of the demonstration ask for after they came: demands, rounds, loans, a plan, a survey."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.aftercare.cases import services as cases
from crm.aftercare.cases.rules import CaseDraft, CaseStepDraft
from crm.aftercare.cases.words import CaseKind, CaseStepKind, Channel, Refusal, Topic, Verdict
from crm.aftercare.financing import services as financing
from crm.aftercare.financing.rules import NeedDraft, NeedStepKind
from crm.aftercare.financing.services import NeedStep
from crm.aftercare.firmplans import services as plans
from crm.aftercare.firmplans.services import ItemDraft
from crm.aftercare.rounds import services as rounds
from crm.aftercare.rounds.rules import RoundDraft
from crm.aftercare.surveys import services as surveys
from crm.aftercare.surveys.rules import USUAL, SurveyDraft
from crm.cli.demodata.office import LEADER, REGISTRAR, SECOND_LEADER, unit_of
from crm.core.scheduling import local_day
from crm.fieldwork.models import Touch
from crm.fieldwork.queries import counted
from crm.fieldwork.rules import TouchKind
from crm.fieldwork.secrecy import not_secret

if TYPE_CHECKING:
    from crm.aftercare.cases.models import ServiceCase
    from crm.cli.demodata.desk import Desk

K = CaseStepKind


@dataclass(frozen=True, slots=True)
class Act:
    """One step: who, how many days ago, what."""

    by: str
    ago: int
    step: CaseStepDraft


def add_aftercare(desk: Desk) -> None:
    """Write the last months of aftercare."""
    firms = list(desk.enterprises.values())
    _add_cases(desk, [firm.id for firm in firms])
    _add_rounds(desk, [firm.id for firm in firms])
    _add_loans(desk, [firm.id for firm in firms])
    _add_plan(desk, firms[0].id)
    _add_survey(desk, [firm.id for firm in firms])


def _add_cases(desk: Desk, firms: list[int]) -> None:
    industry, land, finance = (desk.units[key].id for key in ("industry", "land", "finance"))

    def accept(ago: int, lead: int, *others: int) -> Act:
        return Act(REGISTRAR, ago, CaseStepDraft(K.ACCEPT, lead_id=lead, with_ids=others))

    road = "厂区东门外道路破损，货车绕行，每天多走六公里。"
    late = CaseDraft(CaseKind.DEMAND, Topic.LAND, "办理二期用地手续", "二期用地批了半年还没供地。", Channel.VISIT,
                     local_day(desk.at(114, 10)), firms[0], "钱总", "13800000101")  # fmt: skip
    _play(
        desk, "hexiaofeng", 114, late, accept(110, land), Act("gaoyuanshan", 60, CaseStepDraft(K.NOTE, "已报省厅预审"))
    )
    replied = CaseDraft(CaseKind.DEMAND, Topic.UTILITY, "修复厂区东门外道路", road, Channel.PHONE,
                        local_day(desk.at(21, 10)), firms[1], "孙经理", "13800000102")  # fmt: skip
    answer = CaseStepDraft(K.REPLY, "道路已列入本月养护计划，月底前修好。")
    _play(desk, "tangruoxi", 21, replied, accept(17, industry), Act("dingruofei", 3, answer))
    well = CaseDraft(CaseKind.DEMAND, Topic.PERMIT, "加快环评批复", "技改项目环评报了一个月。", Channel.VISIT,
                     local_day(desk.at(62, 10)), firms[2], "李主任", "13800000103")  # fmt: skip
    done = Act("zengyian", 35, CaseStepDraft(K.JUDGED, verdict=Verdict.SATISFIED))
    _play(desk, "zengyian", 62, well, accept(58, desk.units["environment"].id),
          Act("fanqinghe", 40, CaseStepDraft(K.REPLY, "环评已批复，批文当天送到企业。")), done)  # fmt: skip
    again = CaseDraft(CaseKind.DEMAND, Topic.POLICY, "兑现设备补助", "2025年度设备补助还没有到账。", Channel.LETTER,
                      local_day(desk.at(85, 10)), firms[3], "周财务", "13800000104")  # fmt: skip
    _play(
        desk, "xiezhiwei", 85, again, accept(80, finance, industry),
        Act("baojingwen", 64, CaseStepDraft(K.REPLY, "资金已下达，按流程拨付。")),
        Act("xiezhiwei", 60, CaseStepDraft(K.REOPEN, "企业说钱还没有到账，不满意")),
        Act("baojingwen", 48, CaseStepDraft(K.REPLY, "补助已到账，附回单号。")),
        Act("xiezhiwei", 44, CaseStepDraft(K.JUDGED, verdict=Verdict.FAIR)),
    )  # fmt: skip
    fresh = CaseDraft(CaseKind.DEMAND, Topic.LABOUR, "解决外地职工子女入学", "十二名职工子女要转学。", Channel.MEETING,
                      local_day(desk.at(5, 10)), firms[4], "吴经理", "13800000105")  # fmt: skip
    _play(desk, "yaosiheng", 5, fresh)
    civil = CaseDraft(CaseKind.DEMAND, Topic.ARREARS, "追讨供应商货款", "下游民企拖欠货款八十万元。", Channel.PLATFORM,
                      local_day(desk.at(32, 10)), firms[5], "郑总", "13800000106")  # fmt: skip
    words = "属于企业之间的合同纠纷，已告知调解和诉讼途径"
    _play(desk, "tangruoxi", 32, civil, Act(REGISTRAR, 28, CaseStepDraft(K.REFUSE, words, refusal=Refusal.CIVIL)))
    foreign = CaseDraft(CaseKind.FOREIGN, Topic.ENFORCEMENT, "重复检查影响生产", "一个月内四个部门分别来查消防。",
                        Channel.COUNTER, local_day(desk.at(16, 10)), firms[6], "王先生", "13800000107",
                        confidential=True)  # fmt: skip
    _play(desk, "guxingzhi", 16, foreign, accept(11, desk.units["justice"].id, industry))
    _from_visit(desk)


def _play(desk: Desk, by: str, ago: int, draft: CaseDraft, *acts: Act) -> ServiceCase:
    at = desk.at(ago, 11)
    row = cases.receive(desk.session, desk.actor(by), draft, now=at, today=local_day(at))
    for act in acts:
        then = desk.at(act.ago, 15)
        cases.go_on(desk.session, desk.actor(act.by), row.id, act.step, now=then, today=local_day(then))
    return row


def _from_visit(desk: Desk) -> None:
    here = (Touch.kind == TouchKind.VISIT, counted(), not_secret(Touch.project_id))
    touch = desk.session.scalars(select(Touch).where(*here).order_by(Touch.id.desc()).limit(1)).one()
    by = next(name for name, person in desk.people.items() if person.id == touch.created_by)
    at = max(desk.at(1, 17), touch.recorded_at)
    cases.from_touch(desk.session, desk.actor(by), touch.id, now=at, today=local_day(at))


def _add_rounds(desk: Desk, firms: list[int]) -> None:
    boss, year = desk.actor(REGISTRAR), desk.today.year
    at = desk.on(desk.today.replace(day=1), 9)
    keepers = (LEADER, SECOND_LEADER, "luoqingyang", "hanzheng", "penghuaiyuan", "duanwenlan")
    for place, firm in enumerate(firms[:12]):
        name = keepers[place % len(keepers)]
        official, unit = desk.people[name], unit_of(desk, name)
        draft = RoundDraft(year, firm, unit.id, official.id, 4 if place % 2 else 6)
        rounds.put(desk.session, boss, draft, now=at, today=desk.today)


def _add_loans(desk: Desk, firms: list[int]) -> None:
    by, at = desk.actor("tangruoxi"), desk.at(40, 10)

    def need(firm: int, amount: int, term: int, purpose: str) -> int:
        return financing.register(desk.session, by, NeedDraft(firm, Decimal(amount), term, purpose), now=at).id

    won, going = need(firms[0], 3000, 36, "购买进口设备"), need(firms[2], 800, 12, "流动资金")
    need(firms[4], 1500, 24, "厂房改造")
    matched, later = NeedStep(NeedStepKind.MATCH, "云溪农商行"), desk.at(30, 10)
    for one in (won, going):
        financing.go_on(desk.session, by, one, matched, now=later)
    granted = NeedStep(NeedStepKind.GRANT, granted=Decimal(2600), text="以设备抵押，利率下浮")
    financing.go_on(desk.session, by, won, granted, now=desk.at(12, 16))


def _add_plan(desk: Desk, firm: int) -> None:
    by, at = desk.actor("luoqingyang"), desk.at(50, 9)
    row = plans.make(desk.session, by, firm, "两年内二期投产，成为县里首家上市后备企业", now=at)
    items = (
        ("协调二期用地", "yinqianxun", 20),
        ("对接融资三千万元", "tangruoxi", 35),
        ("申报省级专精特新", "qinmuye", 90),
    )
    for title, owner, days in items:
        due = local_day(at) + timedelta(days=days)
        draft = ItemDraft(title, desk.people[owner].id, due)
        made = plans.add_item(desk.session, by, row.id, draft, now=at, today=local_day(at))
        if owner == "tangruoxi":
            then = desk.at(12, 17)
            told = "云溪农商行放款2600万元"
            plans.finish(desk.session, desk.actor(owner), row.id, made.id, told, now=then, today=local_day(then))


def _add_survey(desk: Desk, firms: list[int]) -> None:
    boss, at = desk.actor(REGISTRAR), desk.at(25, 9)
    draft = SurveyDraft(f"{desk.today.year}年度营商环境满意度调查", USUAL, desk.today + timedelta(days=20))
    survey = surveys.begin(desk.session, boss, draft, now=at, today=local_day(at))
    for place, firm in enumerate(firms[:9]):
        scores = [5 - (place + number) % 3 for number in range(len(USUAL))]
        who, then = (boss, desk.at(10, 10)) if place % 3 == 0 else (None, desk.at(15, 20))
        said = "用电增容希望再快一些。" if place == 1 else ""
        surveys.answer(desk.session, who, survey, firm, scores, said, now=then, today=local_day(then))
