"""Task forces as my day and their list show them: my part, and what blocks their projects."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.delivery.blockers import services as blockers
from crm.delivery.blockers.rules import BlockerDraft
from crm.delivery.taskforces import queries
from crm.pipeline.team import services
from crm.pipeline.team.rules import ForceDraft, ForceRole
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def test_my_task_forces_show_my_part_and_what_blocks_their_projects(
    as_outsider: Browser, session: Session, office: Office
) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, name="精密件项目")
    registrar = office.actor(session, office.registrar)
    for name, liaison in (("拆迁专班", office.outsider.id), ("用能专班", 0)):
        draft = ForceDraft(name, "腾地", office.lead.id, TODAY, liaison_id=liaison)
        services.form_force(session, registrar, deal.id, draft, whole_enterprise=False, now=NOW)
    raised = BlockerDraft(
        "tap-00000001", "还有两户", "demolition", office.east.id, office.lead.id, TODAY, project_id=deal.id
    )
    blockers.raise_one(session, registrar, raised, now=NOW, today=TODAY)
    late = TODAY + timedelta(days=1)
    found = queries.mine(session, office.actor(session, office.outsider), late)
    assert [(one.force.name, one.subject, one.own, one.people) for one in found] == [
        ("拆迁专班", "精密件项目", ForceRole.LIAISON, 2)
    ]
    assert [(one.blockers, one.late) for one in found] == [(1, 1)]
    assert len(queries.page(session, registrar, late, own=False, cursor=None).rows) == 2
    assert queries.page(session, registrar, late, own=True, cursor=None).rows == ()
    session.commit()
    day = as_outsider.get("/").text
    assert "拆迁专班" in day
    assert "用能专班" not in day
    assert "联络员" in as_outsider.get("/task-forces?mine=1").text
