"""What the tests of contacts begin with: one firm, and one person who holds a post there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from crm.enterprises.indexing import index_contacts, index_enterprises
from crm.enterprises.models import ContactPost
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Contact, Enterprise
    from tests.support.builders import Office


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    row = builders.enterprise(session, "云岭电子有限公司")
    index_enterprises(session, [row.id])
    session.commit()
    return row


@pytest.fixture
def person(session: Session, office: Office, firm: Enterprise) -> Contact:
    row = builders.contact(
        session, firm, office.east, office.officer, "赵敏", post="副总经理", phone="13812345678", email="zm@x.cn"
    )
    session.add(
        ContactPost(contact_id=row.id, enterprise_id=firm.id, post=row.post, since=date(2024, 3, 1), created_at=NOW)
    )
    index_contacts(session, [row.id])
    session.commit()
    return row
