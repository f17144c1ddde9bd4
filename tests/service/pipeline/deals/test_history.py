from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import go, lead
from tests.service.test_migrations import config_for
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

SIGN_ALONE = "UPDATE project SET stage = 'signed'"


def test_every_change_of_stage_is_numbered_and_the_project_names_the_last(session: Session, office: Office) -> None:
    project = go(session, office.actor(session, office.officer), lead(session, office), Stage.VISITING)
    session.commit()
    entries = session.scalars(select(StageEntry).order_by(StageEntry.seq)).all()
    assert [(entry.seq, entry.to_stage) for entry in entries] == [(1, "lead"), (2, "visiting")]
    assert project.stage_seq == 2


@pytest.mark.parametrize("statement", [SIGN_ALONE, f"{SIGN_ALONE}, stage_seq = 2", "UPDATE project SET stage_seq = 2"])
def test_the_database_refuses_a_stage_without_its_row_of_history(
    session: Session, office: Office, statement: str
) -> None:
    lead(session, office)
    session.commit()
    with pytest.raises(IntegrityError):
        _run(session, statement)
    session.rollback()
    assert session.scalar(select(Project.stage)) is Stage.LEAD


def _run(session: Session, statement: str) -> None:
    session.execute(text(statement))
    session.commit()


def test_the_database_keeps_the_row_on_which_a_stage_rests(session: Session, office: Office) -> None:
    lead(session, office)
    session.commit()
    with pytest.raises(IntegrityError):
        _run(session, "DELETE FROM stage_entry")


def test_two_changes_of_a_project_never_bear_one_number(session: Session, office: Office) -> None:
    project = lead(session, office)
    twin = {"project_id": project.id, "seq": 1, "to_stage": "visiting", "at": NOW, "by": office.officer.id}
    session.add(StageEntry(**twin, unit_id=office.east.id))
    with pytest.raises(IntegrityError):
        session.flush()


def test_older_rows_are_numbered_and_missing_ones_written(database: Database, session: Session, office: Office) -> None:
    project = go(session, office.actor(session, office.officer), lead(session, office), Stage.VISITING)
    session.commit()
    with database.engine.begin() as connection:
        command.downgrade(config_for(connection), "0008")
        assert "stage_seq" not in {column["name"] for column in inspect(connection).get_columns("project")}
        connection.execute(text("UPDATE project SET stage = 'inspecting'"))
    with database.engine.begin() as connection:
        command.upgrade(config_for(connection), "head")
    session.expire_all()
    assert session.scalar(select(Project.stage_seq)) == 3
    rows = session.scalars(select(StageEntry).where(StageEntry.project_id == project.id).order_by(StageEntry.seq))
    assert [(row.seq, row.from_stage, row.to_stage) for row in rows] == [
        (1, None, "lead"),
        (2, "lead", "visiting"),
        (3, "visiting", "inspecting"),
    ]
    with pytest.raises(IntegrityError):
        _run(session, SIGN_ALONE)
