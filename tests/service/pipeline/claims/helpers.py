"""Ready-made claims and disputes, one line each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.auth.rules import Role
from crm.pipeline import services as pipeline
from crm.pipeline.claims import services
from crm.pipeline.claims.models import ClaimDispute
from crm.pipeline.claims.rules import ClaimDraft
from crm.pipeline.limits import ProjectDraft
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.enterprises.models import Enterprise
    from crm.pipeline.claims.models import Claim
    from crm.pipeline.models import Project
    from tests.support.builders import Office


def project(session: Session, office: Office, firm: Enterprise, by: User, name: str) -> Project:
    """Register a lead of a person's unit."""
    return pipeline.register_lead(session, office.actor(session, by), firm.id, ProjectDraft(name=name), now=NOW)


def draft(session: Session, deal: Project, by: User, **fields: Any) -> ClaimDraft:
    """Say everything a claim must say."""
    contact = builders.contact(session, deal.enterprise, deal.unit, by)
    values: dict[str, Any] = {
        "content": "建设电解液生产线",
        "total_investment": Decimal(12000),
        "fixed_investment": Decimal(8000),
        "land": "约80亩",
        "energy": "年用电3000万度",
        "environment": "废水接管，无重金属",
        "output": Decimal(30000),
        "tax": Decimal(1500),
        "contact_id": contact.id,
        **fields,
    }
    return ClaimDraft(**values)


def filed(session: Session, office: Office, firm: Enterprise, by: User, name: str = "电解液项目") -> Claim:
    """Register a lead and file a complete claim on its investor."""
    deal = project(session, office, firm, by, name)
    actor = office.actor(session, by)
    services.save_draft(session, actor, deal.id, draft(session, deal, by), now=NOW)
    return services.file(session, actor, deal.id, now=NOW, today=TODAY)


def contested(session: Session, office: Office) -> tuple[Claim, Claim, ClaimDispute]:
    """Let two squads claim one investor."""
    firm = builders.enterprise(session)
    first = filed(session, office, firm, office.officer, "电解液项目")
    second = filed(session, office, firm, office.outsider, "新能源材料项目")
    session.commit()
    dispute = session.query(ClaimDispute).filter_by(second_claim_id=second.id).one()
    session.commit()  # a page may write now: SQLite lets one at a time
    return first, second, dispute


def second_registrar(session: Session, office: Office) -> User:
    """Add a registrar who also works for the eastern squad."""
    return builders.user(session, "qiao", "乔安", (office.east, Role.OFFICER), (office.bureau, Role.REGISTRAR))
