"""An office that has scored before: its rows stay through the change of the schema, the next pass renews them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import text

from crm.cli.database import alembic_config
from crm.scoring import queries, services
from crm.scoring.models import EnterpriseScore
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from crm.core.db import Database

SCORE = """
    INSERT INTO enterprise_score (enterprise_id, points, fit, intent, grade, reasons, table_version, as_of)
    VALUES (:firm, 62, 8, 4, 'B', '[]', 'expert-1', :at)
"""
EVENT = """
    INSERT INTO score_event (enterprise_id, scored_at, points, grade, cause, reasons, table_version)
    VALUES (:firm, :at, 62, 'B', 'nightly', '[]', 'expert-1')
"""


def test_scores_of_before_stay_and_the_next_pass_renews_them(database: Database) -> None:
    with database.transaction() as session:
        firm = builders.enterprise(session).id
    with database.engine.begin() as connection:
        configuration = alembic_config()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0024")
        for statement in (SCORE, EVENT):
            connection.execute(text(statement), {"firm": firm, "at": "2026-11-01 00:00:00+00:00"})
        command.upgrade(configuration, "head")
    with database.transaction() as session:
        old = session.get_one(EnterpriseScore, firm)
        assert (old.points, old.model_id, old.codes, old.mode) == (62, None, None, "expert")
        event = queries.history(session, firm)[0]
        assert (event.points, queries.replayed(session, event)) == (62, None)
        assert services.rescore(session, firm, now=NOW, cause="nightly")
        session.expire_all()
        assert (old.points, old.table_version, old.as_of) == (50, "expert-2", NOW)
        assert [row.points for row in queries.history(session, firm)] == [50, 62]
        services.rescore(session, firm, now=NOW + timedelta(days=12), cause="nightly")
        session.expire_all()
        assert old.points_30d == 62
