"""What of the words on a page is data: names and titles people wrote or chose, the same in either language."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.aftercare.cases.models import CaseStep, ServiceCase
from crm.aftercare.financing.models import FinancingNeed, FinancingStep
from crm.aftercare.firmplans.models import FirmPlan, FirmPlanItem
from crm.aftercare.surveys.models import Survey, SurveyAnswer
from crm.assessment.books.examples import EXAMPLES
from crm.assessment.books.list_models import AssessedList
from crm.assessment.books.models import AssessedUnit, AssessedValue, AssessmentRun, RuleBook, SupervisionSlip
from crm.assessment.budgets.models import Spending, UnitBudget
from crm.assessment.models import Campaign, CampaignBulletin
from crm.assessment.periods.models import Period
from crm.assessment.tours.models import SiteTour, TourStop
from crm.auth.models import OrgUnit, User
from crm.bank.models import BankEdition, BankLink, BankProject, BankProposalText
from crm.delivery.blockers.models import Blocker, BlockerStep
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.exits.models import ExitStep
from crm.delivery.obligations.models import ObligationRecord
from crm.delivery.plans.models import PlanCheck, PlanOpinion
from crm.enterprises.codes import industries, regions
from crm.enterprises.models import (
    Contact,
    ContactPost,
    Enterprise,
    EnterpriseAlias,
    EnterpriseRelation,
    ProfileEntry,
    TargetList,
)
from crm.fieldwork.chains.models import Chain
from crm.fieldwork.events.models import Event, EventCredit, EventDelegate, EventGuest
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.postings.models import Absence, CheckIn, StationedPost
from crm.fieldwork.receptions.models import Reception, ReceptionSlot
from crm.fieldwork.supervision.models import SiteFinding, SiteInspection
from crm.fieldwork.trips.models import Trip, TripMember, TripStop
from crm.meetings.models import AgendaItem, Meeting, MeetingDecision, MeetingSeries
from crm.news.models import Article, Source
from crm.notices.models import NoticeDelivery
from crm.pipeline.admission.models import BoardVote, CaseDecision, OpinionAnswer, OpinionNotice, ScoreLine
from crm.pipeline.approval.models import (
    Approval,
    ApprovalStep,
    ClauseFinding,
    Consultation,
    IncentiveClause,
    ReadinessCheck,
)
from crm.pipeline.approval.rules import CHECKLIST
from crm.pipeline.claims.models import Claim, ClaimEvidence, CreditSplit, Transfer
from crm.pipeline.deals.models import Obligation, ObligationTerm
from crm.pipeline.instructions.models import Instruction, InstructionReply
from crm.pipeline.intake.models import Handover, LeadEvent, LeadTip, Referrer
from crm.pipeline.landing.models import PlanNode
from crm.pipeline.models import Project
from crm.pipeline.team.models import TaskForce
from crm.register.models import SavedView
from crm.resources.carriers.models import Carrier, CarrierHold
from crm.resources.chains.models import IndustryChain, IndustryNode
from crm.resources.idle.models import IdleStep
from crm.resources.policies.models import OfficeAnswer, PolicyClause, PolicyVersion
from crm.resources.sheets.models import MapSheet
from crm.scores.models import WorkDeferral
from crm.scoring.models import ScoreOverride
from crm.signals.models import Signal
from crm.stream.models import StreamComment
from tests.browser.assessments import CRITERIA, LISTED
from tests.browser.caring import QUESTION

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    from tests.support.live import Live

SOUGHT = "岚桥"
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
INDUSTRY = ("新能源", "储能")  # what the furnished office calls an industry of its plan
# Chinese that English sentences quote: what to search for, and how a column must be headed.
QUOTED = (
    SOUGHT,
    QUESTION,
    *INDUSTRY,
    "〔2026〕1号",
    "招商函〔2026〕1号",
    "招商函〔2026〕2号",
    "招商函",  # the word of letters, a setting of the office
    "岚桥招商局",
    "“云岭”",
    "“企业名称”",
    "岚桥县",  # a border under the map
    " ".join(CHECKLIST),
    *(f"'{item}'" for item in CHECKLIST),
    *re.findall(r'"([^"]*[\u4e00-\u9fff][^"]*)"', json.dumps([EXAMPLES, LISTED], ensure_ascii=False)),
    *CHINESE.findall(CRITERIA),
    "云岭轴承",
)
# What people wrote or chose: names and titles stay as they are in either language.
DATA: tuple[InstrumentedAttribute[Any], ...] = (
    Enterprise.name, Project.name, Contact.name, User.name, OrgUnit.name, Source.name, FollowUp.title, Article.title,
    Campaign.name, Contact.post, EnterpriseAlias.alias, Signal.quote, Touch.summary,
    EnterpriseAlias.source, ProfileEntry.body, ProfileEntry.source, EnterpriseRelation.source, EnterpriseRelation.note,
    ContactPost.post, ContactPost.source, SavedView.name,
    Claim.content, Claim.land, Claim.energy, Claim.environment, ClaimEvidence.body, Transfer.reason, CreditSplit.reason,
    Project.site, Project.product_line,
    LeadTip.text, LeadTip.enterprise_name, LeadTip.answer, LeadEvent.reason, Handover.reason,
    Referrer.name, Referrer.contract_no,
    OpinionAnswer.body, OpinionAnswer.conditions, OpinionNotice.reference, ScoreLine.reason, BoardVote.reason,
    CaseDecision.minutes_no, Approval.title, ApprovalStep.body, IncentiveClause.body, ClauseFinding.basis,
    StreamComment.body,
    Consultation.body, ReadinessCheck.note, Instruction.body, Instruction.paper_no, InstructionReply.body,
    Trip.title, Trip.purpose, Trip.approved_by, TripMember.name, TripMember.post, TripStop.place, TripStop.meets,
    TripStop.points, TripStop.proposals, TripStop.sites, TripStop.policies, Enterprise.profile, TargetList.name,
    StationedPost.name, StationedPost.region, StationedPost.address, CheckIn.note, Absence.note,
    SiteInspection.summary, SiteFinding.body, Blocker.title, Blocker.detail, Blocker.confirmed_by, BlockerStep.body,
    TaskForce.name, TaskForce.purpose,
    Reception.title, Reception.place, ReceptionSlot.title, ReceptionSlot.place,
    Event.name, Event.place, Event.host, Event.partners, Event.theme, EventDelegate.speech, EventGuest.firm,
    EventGuest.person, EventCredit.reason, Meeting.title, MeetingSeries.name, AgendaItem.title, AgendaItem.detail,
    MeetingDecision.text, CampaignBulletin.title, CampaignBulletin.body, Chain.name, NoticeDelivery.body,
    WorkDeferral.reason, ScoreOverride.reason, CapitalVoucher.payer, CapitalVoucher.number, CapitalDecision.reason,
    PlanNode.pause_reason, PlanNode.reason, PlanCheck.progress, PlanCheck.problem, PlanCheck.next_step,
    PlanOpinion.matter, PlanOpinion.notice,
    RuleBook.name, RuleBook.note, AssessmentRun.name, AssessedUnit.group, AssessedValue.note, SupervisionSlip.demand,
    AssessedList.note, SiteTour.name, TourStop.title, Spending.purpose, Spending.void_reason, UnitBudget.basis,
    Obligation.body, Obligation.evidence, ObligationRecord.evidence, ObligationTerm.rate_source, ExitStep.detail,
    Period.name, Period.waived, MapSheet.name, Carrier.name, CarrierHold.holder, IdleStep.detail,
    ServiceCase.title, ServiceCase.body, CaseStep.body, FinancingNeed.purpose, FinancingNeed.bank, FinancingStep.bank,
    FirmPlan.goal, FirmPlanItem.title, Survey.title, SurveyAnswer.remark,
    IndustryChain.name, IndustryNode.name, PolicyVersion.title, PolicyVersion.document_no, PolicyVersion.issuer,
    PolicyClause.text, PolicyClause.number, PolicyClause.review_basis, PolicyClause.review_organ, OfficeAnswer.body,
    BankProject.name, BankProject.industry, BankProject.content, BankProject.conditions, BankProject.benefit,
    BankProject.contact_post, BankEdition.title, BankProposalText.title, BankLink.label,
)  # fmt: skip


def data_of(place: Live) -> list[str]:
    """Return what people wrote, longest first, so that a name goes before its parts."""
    with place.database.reading() as session:
        found = {text for column in DATA for text in session.scalars(select(column)) if text}
    standards = {*industries().values(), *regions().values()}  # the names of the national standards
    return sorted({*found, *QUOTED, *standards}, key=len, reverse=True)
