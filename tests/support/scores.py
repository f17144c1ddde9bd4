"""Enterprises with scores as lists show them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.live import ensured
from crm.scoring.models import EnterpriseScore, ScoreOverride
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

# name, points, fit, intent, points thirty days ago, sum before it was limited
SCORED = (
    ("甲", 82, 20, 12, 70, 82),
    ("乙", 64, 18, -4, 71, 64),
    ("丙", 40, -6, -4, None, 40),
    ("戊", 99, 30, 19, 99, 104),
    ("己", 99, 9, 40, 90, 137),
)


def scored_firms(session: Session, office: Office) -> dict[str, Enterprise]:
    """Five scored enterprises and 丁 without a score; a person set 丙 to 99 for a week."""
    model = ensured(session, NOW)
    made: dict[str, Enterprise] = {}
    for name, points, fit, intent, before, raw in SCORED:
        made[name] = builders.enterprise(session, f"{name}示例公司")
        shown: dict[str, Any] = {"points": points, "fit": fit, "intent": intent, "grade": EXPERT_TABLE.grade(points)}
        kept: dict[str, Any] = {"reasons": [], "table_version": "t", "as_of": NOW, "model_id": model.model_id}
        z = model.table.z_of(raw)
        session.add(EnterpriseScore(enterprise_id=made[name].id, z=z, points_30d=before, **shown, **kept))
    span = {"set_at": NOW - timedelta(days=1), "expires_at": NOW + timedelta(days=7)}
    session.add(
        ScoreOverride(enterprise_id=made["丙"].id, points=99, reason="x", set_by_id=office.registrar.id, **span)
    )
    made["丁"] = builders.enterprise(session, "丁示例公司")
    session.flush()
    return made
