"""A chain under way, late promises, notices and a group robot, for tests of how pages look and behave."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.auth.models import User
from crm.fieldwork.chains import services
from crm.fieldwork.chains.rules import Action, ChainDraft, Step, Trigger
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import TouchKind
from crm.notices import channels
from crm.notices.channels import ChannelDraft
from crm.notices.rules import NoticeKind, Vendor
from crm.notices.services import tell
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

STEPS = (
    Step("发电子邮件介绍园区储能产业链配套和近期可供地块", Action.MAIL, 0),
    Step("致电约访", Action.CALL, 3, workdays=True, after_previous=False),
)
URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"


def furnish(session: Session, office: Office, firms: list[Enterprise]) -> None:
    """Start an outreach, leave a promise late, tell both people of it, add a robot."""
    boss = office.actor(session, office.registrar)
    draft = ChainDraft("三步触达", Trigger.TOUCH, STEPS, TouchKind.VISIT)
    chain = services.save(session, boss, None, draft, now=NOW)
    owner, ids = (office.officer.id, office.east.id), [firm.id for firm in firms[:2]]
    services.start(session, boss, chain.id, ids, owner, key="face", now=NOW, today=TODAY)
    late = FollowUp(
        title="书面答复用能指标问题",
        enterprise_id=firms[1].id,
        unit_id=office.east.id,
        owner_id=office.officer.id,
        due_on=TODAY - timedelta(days=20),
        created_by=office.officer.id,
        created_at=NOW,
    )
    session.add(late)
    robot = ChannelDraft("East", Vendor.WECOM, URL, "", None, frozenset(NoticeKind))
    row = channels.add(session, boss, robot, (), now=NOW)
    people = [user.id for user in session.query(User).filter(User.username.like("all-%"))]
    words, params = "待办逾期%(days)s天：%(title)s（%(owner)s）", {"days": 14, "title": late.title, "owner": "陈晓"}
    tell(session, people, NoticeKind.OVERDUE, words, "/follow-ups/stalled", None, NOW, params=params)
    tell(session, people, NoticeKind.JOB, "导出已完成，共%(n)s行，请下载", "/exports", None, NOW, params={"n": 12})
    channels.try_out(session, boss, row.id, now=NOW)
