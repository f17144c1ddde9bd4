"""Facts in bulk for figures: many leads, visits, signings in few statements."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from crm.core.text import fold
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.pipeline.intake.models import LeadIntake
from crm.pipeline.intake.rules import LeadState
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.rules import ORDER, AgreementKind, Capital, Channel, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit, User

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def firms(session: Session, count: int) -> list[int]:
    """Add so many enterprises; return their ids."""
    first = next(_numbers)
    names = [f"云岭批量{first}号{index}有限公司" for index in range(count)]
    session.execute(
        insert(Enterprise),
        [
            {"name": name, "folded_name": fold(name), "sort_key": name, "created_at": MONDAY, "updated_at": MONDAY}
            for name in names
        ],
    )
    found = session.scalars(select(Enterprise.id).where(Enterprise.name.in_(names)).order_by(Enterprise.id))
    return list(found)


def touches(session: Session, unit: OrgUnit, by: User, firm_ids: Sequence[int], **fields: Any) -> None:
    """Add one visit of each enterprise, on Tuesday unless told otherwise."""
    values: dict[str, Any] = {
        "kind": TouchKind.VISIT,
        "occurred_at": MONDAY + timedelta(days=1),
        "recorded_at": MONDAY + timedelta(days=1, hours=2),
        "leader_level": LeaderLevel.STAFF,
        "summary": "了解扩产计划，介绍园区配套。",
        "intention": Intention.WATCHING,
        **fields,
    }
    rows = [
        {
            **values,
            "client_id": f"bulk-{next(_numbers)}",
            "enterprise_id": firm,
            "unit_id": unit.id,
            "created_by": by.id,
        }
        for firm in firm_ids
    ]
    if rows:
        session.execute(insert(Touch), rows)


def projects(
    session: Session, unit: OrgUnit, by: User, firm_ids: Sequence[int], stage: Stage = Stage.LEAD, **fields: Any
) -> list[int]:
    """Add one project for each enterprise that passed every stage up to ``stage`` on Tuesday."""
    at = fields.pop("at", MONDAY + timedelta(days=1))
    made = []
    for firm in firm_ids:
        name = f"批量项目{next(_numbers)}"
        values = {
            "name": name,
            "folded_name": name,
            "enterprise_id": firm,
            "unit_id": unit.id,
            "owner_id": by.id,
            "stage": stage,
            "stage_since": at,
            "stage_seq": ORDER.index(stage) + 1,
            "capital": Capital.PRIVATE,
            "channel": Channel.SQUAD,
            "total_investment": Decimal(5000),
            "created_by": by.id,
            "created_at": at,
            "updated_at": at,
        }
        row = Project(**{**values, **fields})
        session.add(row)
        made.append(row)
    session.flush()
    passed = ORDER[: ORDER.index(stage) + 1]
    entries = [
        {"project_id": row.id, "seq": seq, "to_stage": step.value, "at": at, "by": by.id, "unit_id": unit.id}
        for row in made
        for seq, step in enumerate(passed, start=1)
    ]
    if entries:
        session.execute(insert(StageEntry), [{**entry, "first": True} for entry in entries])
    leads = [
        {"project_id": row.id, "state": LeadState.ACCEPTED, "since": at, "first_by": by.id, "version": 1}
        for row in made
    ]
    if leads:
        session.execute(insert(LeadIntake), leads)
    return [row.id for row in made]


def contracts(session: Session, unit: OrgUnit, by: User, project_ids: Sequence[int], **fields: Any) -> None:
    """Add one formal contract of 5,000 万元 for each project."""
    values: dict[str, Any] = {
        "kind": AgreementKind.CONTRACT,
        "signed_on": (MONDAY + timedelta(days=1)).date(),
        "amount": Decimal(5000),
        "reported_by": by.id,
        "reported_at": MONDAY + timedelta(days=1),
        **fields,
    }
    session.add_all(Agreement(project_id=project, unit_id=unit.id, **values) for project in project_ids)
    session.flush()
