"""Where sentences somebody wrote may still name a person: told to whoever erases, with a way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, literal, null, or_, select, union_all
from sqlalchemy import cast as to

from crm.assessment.models import CampaignBulletin
from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange
from crm.core.db import Base
from crm.delivery.blockers.models import Blocker, BlockerStep
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.enterprises.models import Contact, Enterprise, EnterpriseRelation, ProfileEntry
from crm.fieldwork.events.models import Event, EventCredit, EventDelegate, EventGuest
from crm.fieldwork.models import FollowUp, Touch, TouchContact
from crm.fieldwork.photos.models import TouchPhoto
from crm.fieldwork.postings.models import CheckIn, Posting
from crm.fieldwork.receptions.models import Reception, ReceptionPerson, ReceptionSlot
from crm.fieldwork.supervision.models import SiteFinding, SiteInspection, SiteRecheck
from crm.fieldwork.trips.models import Trip, TripMember, TripStop
from crm.meetings.models import AgendaItem, Meeting, MeetingDecision
from crm.pipeline.deals.models import Obligation
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.models import Agreement, Project, ProjectNote, Review, StageEntry
from crm.register.traces import IMPORT_ROW, holds, runs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from crm.register.traces import Words

EACH = 50
LOGGED = "audit"
SAID = ("touch", "follow_up", "trip", "reception", "event", "meeting", "project", "stream_comment", ENTERPRISE)
AT: dict[str, str] = {
    "touch": "/visits/{}",
    "photo": "/visits/{}",
    "follow_up": "/follow-ups",
    "trip": "/trips/{}",
    "reception": "/receptions/{}",
    "event": "/events/{}",
    "meeting": "/meetings/{}",
    "bulletin": "/campaigns/bulletins/{}",
    "inspection": "/inspections/{}",
    "blocker": "/blockers/{}",
    "post": "/postings/{}",
    "project": "/projects/{}",
    "comment": "/enterprises/{}/stream",
    "project_comment": "/projects/{}/stream",
    "profile": "/enterprises/{}/profile",
    ENTERPRISE: "/enterprises/{}",
    "relation": "/enterprises/{}/relations",
    CONTACT: "/contacts/{}",
    "enterprise_history": "/enterprises/{}/history",
    "contact_history": "/contacts/{}/history",
    "weekly": "/reports/weekly",
    "import": "/imports/{}",
    LOGGED: "/admin/audit",
}
LABELS: dict[str, str] = {
    "touch": "走访记录",
    "photo": "走访照片（可能拍到本人）",
    "follow_up": "待办",
    "trip": "出访（目的、审批、纪要、拜访要点）",
    "reception": "接待（名单、行程、反馈）",
    "event": "活动（安排、来宾、代表团）",
    "meeting": "会议（议程、纪要、议定事项）",
    "bulletin": "活动简报",
    "inspection": "现场督查（情况、问题、复查）",
    "blocker": "项目问题（情况、企业确认人、办理经过）",
    "post": "驻点签到",
    "project": "项目（内容、记事、评审、变动原因）",
    "comment": "企业动态里的评论",
    "project_comment": "项目动态里的评论",
    "profile": "企业档案",
    ENTERPRISE: "企业简介或来源",
    "relation": "企业关系备注",
    CONTACT: "其他联系人的备注或引荐人",
    "enterprise_history": "企业的修改历史",
    "contact_history": "其他联系人的修改历史",
    "weekly": "周报",
    "import": "导入的原始文件",
    LOGGED: "更正前的原文（审计记录）",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """One place: kind of record and its number."""

    kind: str
    ref: int

    @property
    def label(self) -> str:
        """Chinese name of the kind."""
        return LABELS[self.kind]

    @property
    def href(self) -> str:
        """Where it can be read and corrected."""
        return AT[self.kind].format(self.ref)


def find(session: Session, ids: Sequence[int], words: Words) -> list[Mention]:
    """Say where these words stand in what people wrote, at most :data:`EACH` places of a kind."""
    told = words.searched
    parts = [
        *_files(ids),
        *((*_texts(told, ids), *_gatherings(told), *_on_site(told), *_comments(told)) if told else ()),
    ]
    pieces = [select(part.limit(EACH).subquery()) for part in parts]
    rows = session.execute(union_all(*pieces)).all()
    return [Mention(kind, ref) for kind, ref in sorted({(str(row[0]), int(row[1] or 0)) for row in rows})]


def _texts(texts: Sequence[str], ids: Sequence[int]) -> list[Select[Any]]:
    report, figure = Base.metadata.tables["weekly_report"].c, Base.metadata.tables["report_figure"].c
    frozen = Base.metadata.tables["report_rows"].c
    step = Base.metadata.tables["weekly_step"].c
    others = FieldChange.ref_id.not_in(ids)
    told = or_(holds(FieldChange.before, texts), holds(FieldChange.after, texts))
    return [
        _place("touch", Touch.id, texts, Touch.summary, Touch.report, Touch.people, Touch.place, Touch.void_reason),
        _place("follow_up", FollowUp.id, texts, FollowUp.title, FollowUp.done_note),
        _place("trip", Trip.id, texts, Trip.title, Trip.purpose, Trip.approval_note, Trip.minutes),
        _place("trip", TripMember.trip_id, texts, TripMember.name),
        _place("trip", TripStop.trip_id, texts, TripStop.title, TripStop.place, TripStop.meets, TripStop.points,
               TripStop.proposals, TripStop.sites, TripStop.policies, TripStop.skipped),
        _place("reception", Reception.id, texts, Reception.title, Reception.place, Reception.purpose,
               Reception.feedback),
        _place("reception", ReceptionPerson.reception_id, texts, ReceptionPerson.name),
        _place("reception", ReceptionSlot.reception_id, texts, ReceptionSlot.title, ReceptionSlot.place,
               ReceptionSlot.responsible, ReceptionSlot.feedback),
        _place("project", Project.id, texts, Project.name, Project.content, Project.exit_detail),
        _place("project", ProjectNote.project_id, texts, ProjectNote.body),
        _place("project", StageEntry.project_id, texts, StageEntry.reason, StageEntry.takes_over, StageEntry.promised),
        _place("project", ProjectExit.project_id, texts, ProjectExit.detail, ProjectExit.place, ProjectExit.learned),
        _place("project", GateException.project_id, texts, GateException.reason, GateException.granted,
               GateException.note),
        _place("project", Obligation.project_id, texts, Obligation.body, Obligation.evidence),
        _place("project", Review.project_id, texts, Review.note, Review.opinions),
        _place("project", Agreement.project_id, texts, Agreement.difference_reason),
        _place("profile", ProfileEntry.enterprise_id, texts, ProfileEntry.body, ProfileEntry.source),
        _place(ENTERPRISE, Enterprise.id, texts, Enterprise.profile, Enterprise.source_org),
        _place("relation", EnterpriseRelation.from_id, texts, EnterpriseRelation.note, EnterpriseRelation.source),
        _place(CONTACT, Contact.id, texts, Contact.note, Contact.introducer, Contact.source).where(
            Contact.id.not_in(ids)
        ),
        _row("enterprise_history", FieldChange.ref_id).where(FieldChange.kind == ENTERPRISE, told),
        _row("contact_history", FieldChange.ref_id).where(FieldChange.kind == CONTACT, others, told),
        _row("weekly", report.id).where(or_(holds(report.texts, texts), holds(report.edited, texts))),
        _row("weekly", figure.report_id).where(figure.id == frozen.figure_id, holds(frozen.rows, texts)),
        _row("weekly", step.report_id).where(holds(step.reason, texts)),
        _row(LOGGED, to(null(), Contact.id.type)).select_from(AuditEvent).where(
            holds(AuditEvent.detail, texts), AuditEvent.subject_type.in_(SAID)
        ),
    ]  # fmt: skip


def _gatherings(texts: Sequence[str]) -> list[Select[Any]]:
    """Events, meetings and bulletins."""
    return [
        _place("event", Event.id, texts, Event.name, Event.place, Event.host, Event.partners, Event.theme,
               Event.cancel_reason),
        _place("event", EventDelegate.event_id, texts, EventDelegate.name, EventDelegate.speech),
        _place("event", EventGuest.event_id, texts, EventGuest.firm, EventGuest.person),
        _place("event", EventCredit.event_id, texts, EventCredit.reason),
        _place("meeting", Meeting.id, texts, Meeting.title, Meeting.guests, Meeting.minutes, Meeting.cancel_reason),
        _place("meeting", AgendaItem.meeting_id, texts, AgendaItem.title, AgendaItem.detail, AgendaItem.note),
        _place("meeting", MeetingDecision.meeting_id, texts, MeetingDecision.text, MeetingDecision.note),
        _place("bulletin", CampaignBulletin.id, texts, CampaignBulletin.title, CampaignBulletin.body),
    ]  # fmt: skip


def _on_site(texts: Sequence[str]) -> list[Select[Any]]:
    """Inspections and check-ins."""
    looked = _place("inspection", SiteFinding.inspection_id, texts, SiteRecheck.note)
    signed = _place("post", Posting.post_id, texts, CheckIn.note)
    return [
        _place("blocker", Blocker.id, texts, Blocker.title, Blocker.detail, Blocker.confirmed_by),
        _place("blocker", BlockerStep.blocker_id, texts, BlockerStep.body),
        _place("inspection", SiteInspection.id, texts, SiteInspection.place, SiteInspection.outside_people,
               SiteInspection.summary, SiteInspection.void_reason),
        _place("inspection", SiteFinding.inspection_id, texts, SiteFinding.body),
        looked.join(SiteRecheck, SiteRecheck.finding_id == SiteFinding.id),
        signed.join(CheckIn, CheckIn.posting_id == Posting.id),
    ]  # fmt: skip


def _comments(texts: Sequence[str]) -> list[Select[Any]]:
    said = Base.metadata.tables["stream_comment"].c
    found = holds(said.body, texts)
    return [
        _row("comment", said.enterprise_id).where(found, said.enterprise_id.is_not(None)),
        _row("project_comment", said.project_id).where(found, said.project_id.is_not(None)),
    ]


def _files(ids: Sequence[int]) -> list[Select[Any]]:
    lines = Base.metadata.tables[IMPORT_ROW].c
    wrote = select(literal("import", String()).label("kind"), runs_of(ids).distinct().subquery().c.run_id)
    photos = _row("photo", TouchPhoto.touch_id).join(TouchContact, TouchContact.touch_id == TouchPhoto.touch_id)
    return [
        _row("import", lines.run_id).where(lines.contact_id.in_(ids)).distinct(),
        wrote,
        photos.where(TouchContact.contact_id.in_(ids)).distinct(),
    ]


def _place(
    kind: str, number: InstrumentedAttribute[Any], texts: Sequence[str], *columns: InstrumentedAttribute[Any]
) -> Select[Any]:
    return _row(kind, number).where(or_(*(holds(column, texts) for column in columns)))


def _row(kind: str, number: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
    return select(literal(kind, String()).label("kind"), number.label("ref"))
