from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import text

from crm.assessment import queries, services
from crm.assessment.items import STANDARD, Item
from crm.assessment.measures import MEASURES
from crm.assessment.rules import Metric, TargetLevel
from tests.service.test_migrations import config_for
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

ITEMS = (STANDARD[0], Item("signed_amount", MEASURES["signed_amount"]))


def test_targets_and_tasks_survive_the_way_down_and_up(database: Database, session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    east = office.east.id
    services.set_targets(session, actor, 2026, TargetLevel.ENSURE, {(0, "leads"): 9, (east, "leads"): 9}, now=NOW)
    tasks = {(east, "leads"): 5, (east, "signed_amount"): 12_000}
    draft = services.CampaignDraft("会战", TODAY, TODAY, "", tasks, ITEMS)
    campaign_id = services.create_campaign(session, actor, draft, now=NOW).id
    session.commit()
    with database.engine.begin() as connection:
        command.downgrade(config_for(connection), "0028")
        held = connection.execute(text("SELECT unit_id, metric, value FROM target")).all()
        assert [tuple(row) for row in held] == [(east, "leads", 9)]
        kept = connection.execute(text("SELECT unit_id, metric, value FROM campaign_task")).all()
        assert [tuple(row) for row in kept] == [(east, "leads", 5)]
        command.upgrade(config_for(connection), "head")
    assert queries.targets(session, 2026, TargetLevel.ENSURE) == {(east, Metric.LEADS): 9}
    assert queries.tasks(session, campaign_id) == {(east, "leads"): 5}
    assert [item.key for item in queries.items(session, campaign_id)] == ["leads"]
    services.set_targets(session, actor, 2026, TargetLevel.ENSURE, {(office.south.id, "leads"): 3}, now=NOW)
    assert queries.targets(session, 2026, TargetLevel.ENSURE) == {(office.south.id, Metric.LEADS): 3}
