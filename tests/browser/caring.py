"""What firms of the furnished office ask for: three demands, a round, a loan, a plan, a survey."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.aftercare.cases import services as cases
from crm.aftercare.cases.rules import CaseDraft, CaseStepDraft
from crm.aftercare.cases.words import CaseKind, CaseStepKind, Channel, Topic
from crm.aftercare.financing import services as financing
from crm.aftercare.financing.rules import NeedDraft, NeedStepKind
from crm.aftercare.financing.services import NeedStep
from crm.aftercare.firmplans import services as plans
from crm.aftercare.firmplans.services import ItemDraft
from crm.aftercare.rounds import services as rounds
from crm.aftercare.rounds.rules import RoundDraft
from crm.aftercare.surveys import services as surveys
from crm.aftercare.surveys.rules import SurveyDraft
from crm.core.scheduling import local_day
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

K = CaseStepKind
EARLIER = NOW - timedelta(days=30)
QUESTION = "岚桥办事效率"  # quoted by pages of either language


def furnish(session: Session, office: Office, firms: list[Enterprise]) -> None:
    """Leave one demand to be accepted, one to be answered, one to be judged by its firm."""
    officer, boss = office.actor(session, office.officer), office.actor(session, office.registrar)
    for place, firm in enumerate(firms[:3]):
        draft = CaseDraft(
            CaseKind.FOREIGN if place else CaseKind.DEMAND, Topic.LAND, "岚桥东门外修路", "货车绕行，每天多走六公里。",
            Channel.PHONE, local_day(EARLIER), firm.id, "Ms Li", "13800000109", confidential=place == 1,
        )  # fmt: skip
        row = cases.receive(session, officer, draft, now=EARLIER, today=local_day(EARLIER))
        steps = (CaseStepDraft(K.ACCEPT, lead_id=office.south.id), CaseStepDraft(K.REPLY, "本月修好。"))
        for step in steps[:place]:
            cases.go_on(session, boss, row.id, step, now=EARLIER, today=local_day(EARLIER))
    care = RoundDraft(TODAY.year, firms[0].id, office.east.id, office.officer.id, 6)
    rounds.put(session, boss, care, now=NOW, today=TODAY)
    need = financing.register(session, officer, NeedDraft(firms[0].id, Decimal(1200), 36, "购买设备"), now=NOW)
    financing.go_on(session, officer, need.id, NeedStep(NeedStepKind.MATCH, "云岭农商行"), now=NOW)
    plan = plans.make(session, officer, firms[0].id, "两年内二期投产", now=NOW)
    item = ItemDraft("协调二期用地", office.officer.id, TODAY)
    plans.add_item(session, officer, plan.id, item, now=NOW, today=TODAY)
    asked = SurveyDraft("岚桥满意度", (QUESTION,), TODAY + timedelta(days=20))
    survey = surveys.begin(session, officer, asked, now=NOW, today=TODAY)
    surveys.answer(session, officer, survey, firms[1].id, [4], "再快一些。", now=NOW, today=TODAY)
