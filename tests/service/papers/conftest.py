"""An office that worked in October and November."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.support import builders, facts

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


@pytest.fixture
def worked(session: Session, office: Office) -> Office:
    """October and November hold visits and a contract."""
    firms = [builders.enterprise(session) for _ in range(4)]
    at = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
    for firm in firms[:3]:
        builders.touch(session, firm, office.east, office.officer, occurred_at=at, recorded_at=at)
    deals = facts.projects(session, office.east, office.officer, [firms[3].id], at=at)
    facts.contracts(session, office.east, office.officer, deals, amount=Decimal("1234.5"), signed_on=date(2026, 10, 21))
    session.flush()
    return office
