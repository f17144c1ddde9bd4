"""A review under way, a paper at its second station and an instruction, for the furnished office."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.pipeline.admission import silence
from crm.pipeline.admission.models import Opinion
from crm.pipeline.admission.rules import NoticeWay
from crm.pipeline.admission.silence import NoticeDraft
from crm.pipeline.approval import contents
from crm.pipeline.approval.rules import Station
from crm.pipeline.instructions import services as instructions
from crm.pipeline.instructions.rules import InstructionDraft, ReplyKind, Urgency
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage
from tests.support import admission, approvals
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def furnish(session: Session, office: Office) -> None:
    """Write them on the first projects of their stages."""
    by_stage = {project.stage: project for project in session.query(Project).order_by(Project.id.desc())}
    _case(session, office, by_stage[Stage.REVIEWING])
    _paper(session, office, by_stage[Stage.PRE_SIGNING])
    _instruction(session, office, by_stage[Stage.LEAD])


def _case(session: Session, office: Office, project: Project) -> None:
    project.fixed_investment, project.land_mu = Decimal(9000), 60
    case = admission.opened(session, office, project, annual_tax=Decimal(480))
    admission.answered(session, office, project, environment="conditional", planning="fail", economy="")
    admission.scored(session, office, project)
    admission.voted(session, office, project, "agree", "disagree")
    silent = session.query(Opinion).filter_by(case_id=case.id, dimension="economy").one()
    proof = NoticeDraft(NoticeWay.OFFICIAL, "云招函〔2026〕41号", TODAY)
    actor = office.actor(session, office.registrar)
    silence.notify(session, actor, project.id, silent.id, proof, now=NOW, today=TODAY)


def _paper(session: Session, office: Office, project: Project) -> None:
    admission.reviewed(session, office, project)
    row = approvals.sent(session, office, project)
    approvals.furnished(session, office, row)
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    contents.add_clause(session, officer, project.id, row.id, "投产前三年厂房租金减半", now=NOW)
    unit = admission.panel(session, office).departments["planning"].id
    contents.consult(session, registrar, project.id, row.id, unit, now=NOW, today=TODAY)
    approvals.passed(session, office, row, Station.LEGALITY)


def _instruction(session: Session, office: Office, project: Project) -> None:
    draft = InstructionDraft(
        text="请摸清企业扩产选址的时间表，形成专报。",
        due_on=TODAY + timedelta(days=5),
        urgency=Urgency.URGENT,
        leader_id=office.leader.id,
        unit_id=office.east.id,
        paper_no="县领导批示〔2026〕31号",
        project_id=project.id,
    )
    row = instructions.give(session, office.actor(session, office.registrar), draft, now=NOW, today=TODAY)
    officer = office.actor(session, office.officer)
    instructions.reply(session, officer, row.id, ReplyKind.PROGRESS, "已约下周上门。", now=NOW)
