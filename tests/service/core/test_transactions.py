from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from crm.auth.models import Roster
from crm.auth.rules import Role
from crm.core.db import ReadOnlyError
from crm.core.searchindex import prefer_the_index
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


def test_a_page_that_only_reads_cannot_write_past_its_objects(database: Database) -> None:
    with database.glance() as session, pytest.raises(ReadOnlyError):
        session.execute(update(Roster).values(valid_to=date(2026, 1, 2)))


def test_a_search_leaves_no_setting_behind_on_its_connection(postgres_database: Database) -> None:
    with postgres_database.glance() as session:
        prefer_the_index(session)
        assert session.scalar(text("SHOW enable_seqscan")) == "off"
    with postgres_database.glance() as session:
        assert session.scalar(text("SHOW enable_seqscan")) == "on"


def test_an_error_of_the_database_names_no_value(database: Database) -> None:
    with database.transaction() as session:
        builders.user(session, "zhang", "张三")
    with pytest.raises(IntegrityError) as refused, database.transaction() as session:
        builders.user(session, "zhang", "张三")
    assert "张三" not in str(refused.value)


def test_a_page_reads_what_would_be_streamed_at_once(database: Database) -> None:
    with database.transaction() as session:
        builders.office(session)
    with database.glance() as session:
        rows = session.scalars(select(Roster.id).execution_options(yield_per=1))
        assert len(list(rows)) > 1
