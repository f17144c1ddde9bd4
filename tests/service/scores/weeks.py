"""What tests of the list of the week share: scored enterprises, the desk of a squad, what stands in the way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from crm.fieldwork.models import FollowUp
from crm.pipeline.claims.kinds import ClaimStatus
from crm.pipeline.claims.models import Claim
from crm.scores import weekly
from crm.scoring.models import EnterpriseScore
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.enterprises.models import Enterprise
    from crm.scores.candidates import Desk
    from tests.support.builders import Office


def scored(session: Session, points: int = 70, **fields: Any) -> Enterprise:
    firm = builders.enterprise(session, **fields)
    session.add(
        EnterpriseScore(
            enterprise_id=firm.id, points=points, fit=points - 50, intent=0, grade="B", reasons=[],
            table_version="test", as_of=NOW,
        )
    )  # fmt: skip
    session.flush()
    return firm


def desk(session: Session, office: Office, user: User | None = None, unit_id: int | None = None) -> Desk:
    actor = office.actor(session, user or office.officer)
    return weekly.desk(session, actor, unit_id, now=NOW, today=TODAY)


def listed(session: Session, office: Office, user: User | None = None) -> list[int]:
    return [row.enterprise.id for row in weekly.read(session, desk(session, office, user)).rows]


def promise(session: Session, firm: Enterprise, owner: User, unit_id: int, due_on: date | None = TODAY) -> FollowUp:
    row = FollowUp(
        title="回电", enterprise_id=firm.id, unit_id=unit_id, owner_id=owner.id, due_on=due_on,
        created_by=owner.id, created_at=NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def claim(session: Session, office: Office, firm: Enterprise) -> None:
    deal = builders.project(session, builders.enterprise(session), office.south, office.outsider)
    session.add(
        Claim(
            project_id=deal.id, enterprise_id=firm.id, investor=firm.name, investor_key=firm.id,
            unit_id=office.south.id, status=ClaimStatus.ACTIVE, content="x", created_by=office.outsider.id,
            created_at=NOW, filed_by=office.outsider.id, filed_at=NOW, content_hash="x",
            protection_until=TODAY + timedelta(days=30),
        )
    )  # fmt: skip
    session.flush()
