from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crm.core.scheduling import SHANGHAI
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.intake.models import LeadTip
from crm.pipeline.intake.rules import TipSource, TipState
from crm.pipeline.words import ExitKind, ExitReason
from crm.scoremodel import history
from crm.scoremodel.spells import lead_months, month_of
from crm.scoring import chances
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from crm.pipeline.models import Project
    from tests.support.builders import Office

FIRST = datetime(2026, 11, 1, tzinfo=SHANGHAI)


def met(session: Session, office: Office, firm: Enterprise, days: int, **fields: object) -> None:
    when = FIRST - timedelta(days=days)
    builders.touch(session, firm, office.east, office.officer, occurred_at=when, recorded_at=when, **fields)


def project(session: Session, office: Office, firm: Enterprise, days: int, **fields: object) -> Project:
    when = FIRST - timedelta(days=days)
    return builders.project(session, firm, office.east, office.officer, created_at=when, stage_since=when, **fields)


def leave(session: Session, office: Office, deal: Project, days: int, kind: ExitKind) -> None:
    when, reason = FIRST - timedelta(days=days), next(iter(ExitReason))
    row = ProjectExit(project_id=deal.id, kind=kind, reason=reason, detail="不投了", by=office.officer.id, at=when)
    row.review_on = NOW.date() if kind is ExitKind.SUSPENDED else None
    session.add(row)
    deal.exit_kind, deal.exit_reason, deal.exited_at, deal.review_on = kind, reason, when, row.review_on
    session.flush()


def test_who_is_a_lead_now_is_whom_the_history_would_take_for_one(session: Session, office: Office) -> None:
    firms = [builders.enterprise(session) for _number in range(10)]
    plain, voided, signed, dropped, met_again, paused, secret, tipped, old, _never = firms
    met(session, office, plain, 40)
    met(session, office, voided, 40, voided_at=FIRST - timedelta(days=1), void_reason="记错了")
    met(session, office, signed, 200)
    contract = {"signed_on": (FIRST - timedelta(days=50)).date(), "reported_at": FIRST - timedelta(days=49)}
    builders.agreement(session, project(session, office, signed, 190), office.officer, **contract)
    for firm, kind in ((dropped, ExitKind.WITHDRAWN), (met_again, ExitKind.REJECTED), (paused, ExitKind.SUSPENDED)):
        leave(session, office, project(session, office, firm, 120), 60, kind)
    met(session, office, met_again, 20)
    project(session, office, secret, 100, confidential=True, code_name="青竹")
    tip = LeadTip(client_id="tip", text="想来看看", source=next(iter(TipSource)), enterprise_id=tipped.id)
    tip.state = TipState.NEW
    tip.reported_by, tip.unit_id, tip.reported_at = office.officer.id, office.east.id, FIRST - timedelta(days=70)
    session.add(tip)
    met(session, office, old, 900)
    session.flush()
    ids = [firm.id for firm in firms]
    told = {
        row.enterprise_id: row.age
        for story in history.stories(session)
        for row in lead_months(story, [month_of(FIRST)])
        if not row.late
    }
    assert chances.lead_ages(session, ids, FIRST) == told
    assert set(told) == {firm.id for firm in (plain, met_again, paused, tipped, old)}
