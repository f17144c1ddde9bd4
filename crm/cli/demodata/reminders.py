"""What the demonstration follows up by itself: two chains, an outreach under way, and notices of the last days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import OrgUnit
from crm.cli.demodata.office import REGISTRAR
from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Enterprise
from crm.fieldwork import followups
from crm.fieldwork.chains import climbing, services
from crm.fieldwork.chains.rules import Action, Answer, ChainDraft, Step, Trigger
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import TouchKind
from crm.notices import channels
from crm.notices.channels import ChannelDraft
from crm.notices.rules import ROBOT_KINDS, Vendor

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk

STOPS = frozenset({Answer.REFUSED, Answer.VISITED})
MATERIAL = ChainDraft(
    "走访后一周寄材料",
    Trigger.TOUCH,
    (Step("寄送园区画册和政策汇编", Action.MATERIAL, 7), Step("致电问材料收到没有", Action.CALL, 3, workdays=True)),
    TouchKind.VISIT,
)
OUTREACH = ChainDraft(
    "陌生企业三步触达",
    Trigger.MANUAL,
    (
        Step("发电子邮件介绍园区", Action.MAIL, 0, stops=STOPS),
        Step("致电约访", Action.CALL, 3, workdays=True, stops=STOPS),
        Step("登门拜访", Action.VISIT, 5, workdays=True, stops=STOPS),
    ),
)
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=demonstration"
STARTED, ANSWERED, WRITTEN, ROUNDS = 6, 2, 6, (3, 2, 1)


def add_reminders(desk: Desk) -> None:
    """Set up chains and a robot that is switched off, start an outreach, make the last rounds of the ladder."""
    session, registrar = desk.session, desk.actor(REGISTRAR)
    services.save(session, registrar, None, MATERIAL, now=desk.at(20, 10))
    chain = services.save(session, registrar, None, OUTREACH, now=desk.at(20, 10, 30))
    touched = select(Enterprise.id).where(Enterprise.last_touch_at.is_not(None))
    firms = list(session.scalars(touched.order_by(Enterprise.last_touch_at, Enterprise.id).limit(STARTED)))
    started = desk.at(WRITTEN, 9)
    owner = (registrar.user_id, registrar.unit_ids[0])
    services.start(session, registrar, chain.id, firms, owner, key="demonstration", now=started, today=started.date())
    first = select(FollowUp).where(FollowUp.kind == "chain.mail").order_by(FollowUp.id).limit(ANSWERED)
    for row in session.scalars(first).all():
        followups.complete_follow_up(session, registrar, row.id, now=desk.at(WRITTEN, 16), answer=Answer.SILENT)
    unit = session.scalars(select(OrgUnit.id).order_by(OrgUnit.id)).first()
    draft = ChannelDraft("招商工作群", Vendor.WECOM, ROBOT, "", unit, frozenset(ROBOT_KINDS), active=False)
    channels.add(session, registrar, draft, (), now=desk.at(20, 11))
    for days in ROUNDS:
        climbing.climb(session, now=desk.at(days, 10), zone=SHANGHAI)
