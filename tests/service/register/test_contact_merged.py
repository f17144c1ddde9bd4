from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm.core.errors import DomainError
from crm.enterprises import contacts
from crm.register import merging
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_a_merged_contact_sends_to_the_other_record_and_is_not_called_erased(session: Session, office: Office) -> None:
    officer, firm = office.actor(session, office.officer), builders.enterprise(session)
    kept, gone = (builders.contact(session, firm, office.east, office.officer, "赵敏") for _ in range(2))
    merging.merge(session, officer, "contact", kept.id, gone.id, merging.Choice(confirmed=True), now=NOW)
    with pytest.raises(DomainError) as refused:
        contacts.writable(session, officer, gone.id)
    assert refused.value.problems == (contacts.MERGED,)
