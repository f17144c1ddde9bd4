"""A new version of the index is written by itself, in the background or by a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from crm.core import clock, jobs, searchindex
from crm.core.tasks import Task
from crm.enterprises.queries import suggest
from tests.support import builders
from workers import inline, searchjobs

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    import config
    from crm.core.db import Database
    from tests.support.builders import Office


def test_the_job_runs_once_and_marks_the_index(
    session: Session, database: Database, settings: config.Settings, office: Office
) -> None:
    firm = builders.enterprise(session, "云岭岚桥有限公司")
    builders.contact(session, firm, office.east, office.officer, "钱望舒")
    for _ in range(2):
        searchjobs.ask(session, now=clock.now())
    assert session.scalar(select(func.count(Task.id)).where(Task.kind == jobs.REINDEX)) == 1
    session.commit()
    inline.drain(database, settings)
    assert [one.id for one in suggest(session, "lanqiao")] == [firm.id]
    assert searchindex.is_current(session)
    searchjobs.ask(session, now=clock.now())
    waiting = select(func.count(Task.id)).where(Task.kind == jobs.REINDEX, Task.dedupe_key.is_not(None))
    assert session.scalar(waiting) == 0


def test_an_empty_register_asks_for_nothing(session: Session) -> None:
    searchjobs.ask(session, now=clock.now())
    assert searchindex.is_current(session)
    assert session.scalar(select(func.count(Task.id))) == 0


def test_the_command_writes_the_index(app: Flask, session: Session) -> None:
    firm = builders.enterprise(session, "云岭岚桥有限公司")
    session.execute(delete(searchindex.SearchDocument))
    session.commit()
    result = app.test_cli_runner().invoke(args=["enterprises", "reindex"])
    assert result.exit_code == 0, result.output
    assert [one.id for one in suggest(session, "岚桥")] == [firm.id]
    session.rollback()
