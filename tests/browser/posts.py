"""A post with a person and an inspection with a finding, for tests of how pages look and behave."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.fieldwork.postings import presence, services
from crm.fieldwork.postings.rules import AbsenceDraft, AbsenceReason, PostDraft, PostingDraft, PostRole, Rank
from crm.fieldwork.supervision import services as supervision
from crm.fieldwork.supervision.rules import FindingDraft, InspectionDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

SPRING = TODAY - timedelta(days=200)


def furnish(session: Session, office: Office, firms: list[Enterprise], person: User) -> None:
    """Post the person and a colleague, let one sign and one be away, find something at a site."""
    boss = office.actor(session, office.registrar)
    draft = PostDraft("澄湖驻点", "苏南", "澄湖路8号", office.east.id, office.bureau.id, SPRING, 3)
    place = services.open_post(session, boss, draft, now=NOW, today=TODAY)
    staff = (
        (person, PostRole.HEAD, Rank.DEPUTY_SECTION),
        (office.officer, PostRole.MEMBER, Rank.STAFF),
        (office.leader, PostRole.ROTATING, Rank.COUNTY),
    )
    rows = [
        services.send(
            session,
            boss,
            place.id,
            PostingDraft(user.id, role, rank, role is not PostRole.ROTATING, SPRING),
            now=NOW,
        )
        for user, role, rank in staff
    ]
    away = AbsenceDraft(AbsenceReason.LEAVE, TODAY - timedelta(days=1), TODAY, "年休假")
    presence.excuse(session, boss, rows[1].id, away, now=NOW, today=TODAY)
    me = office.actor(session, person)
    presence.sign(session, me, rows[0].id, TODAY - timedelta(days=1), "在岗", now=NOW, today=TODAY)
    inspector = office.actor(session, office.supervisor)
    seen = InspectionDraft(
        client_id="face-site-0001",
        unit_id=office.east.id,
        inspected_at=NOW,
        summary="围挡没有到位。",
        enterprise_id=firms[1].id,
        inspector_ids=(office.supervisor.id,),
    )
    found = [FindingDraft("北侧围挡缺口约40米", who.id, TODAY) for who in (office.officer, person)]
    supervision.record(session, inspector, seen, found, now=NOW, today=TODAY)
