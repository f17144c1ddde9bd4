from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm.auth.models import Roster
from crm.auth.rules import Role
from tests.support import builders

if TYPE_CHECKING:
    from crm.core.db import Database


def test_after_a_refused_commit_the_next_one_may_write(sqlite_database: Database) -> None:
    with sqlite_database.session() as session:
        session.execute(text("PRAGMA defer_foreign_keys=ON"))
        session.add(Roster(user_id=7, unit_id=7, role=Role.OFFICER, valid_from=date(2026, 1, 1)))
        with pytest.raises(IntegrityError):
            session.commit()
    with sqlite_database.transaction() as session:
        builders.office(session)
