"""Blockers of the furnished office: one late and before a meeting, one reported as solved, one closed; a task force."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.delivery.blockers import course, services
from crm.delivery.blockers.rules import BlockerDraft, BlockerSource, Confirmation, Way
from crm.pipeline.models import Project
from crm.pipeline.team import services as team
from crm.pipeline.team.rules import ForceDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.support.builders import Office

LATE = NOW - timedelta(days=12)
TITLES = ("北侧还有两户没有签搬迁协议", "施工许可卡在图审", "供电增容排期太晚")


def furnish(session: Session, office: Office, person: User) -> None:
    """Write three blockers of the first open project, the first for ``person`` to clear, and its task force."""
    deal = session.query(Project).filter(Project.exit_kind.is_(None)).order_by(Project.id).first()
    assert deal is not None
    boss = office.actor(session, office.registrar)
    charged = ((office.east.id, person), (office.south.id, office.outsider), (office.south.id, office.outsider))
    rows = []
    for number, (title, (unit_id, who)) in enumerate(zip(TITLES, charged, strict=True)):
        draft = BlockerDraft(
            f"face-blocker-{number}", title, ("demolition", "permits", "energy")[number], unit_id, who.id,
            TODAY - timedelta(days=5), BlockerSource.VISIT, detail="企业希望月底前解决。", project_id=deal.id,
        )  # fmt: skip
        rows.append(services.raise_one(session, boss, draft, now=LATE, today=LATE.date()))
    course.coordinate(session, boss, rows[0].id, "补偿口径要统一", now=NOW)
    south = office.actor(session, office.outsider)
    for row in rows[1:]:
        services.progress(session, south, row.id, "已经办结", solved=True, now=NOW)
    word = Confirmation("李工", TODAY, Way.PHONE, "谢谢")
    services.close(session, boss, rows[2].id, word, now=NOW, today=TODAY)
    force = ForceDraft("腾地专班", "月底前腾出用地", office.lead.id, TODAY, None, (person.id,), office.leader.id)
    team.form_force(session, boss, deal.id, force, whole_enterprise=False, now=NOW)
