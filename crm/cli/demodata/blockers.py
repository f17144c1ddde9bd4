"""Blockers of the demonstration: late and before a meeting, waiting for the firm's word, closed, reopened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import REGISTRAR
from crm.core.scheduling import local_day
from crm.delivery.blockers import course, services
from crm.delivery.blockers.rules import BlockerDraft, BlockerSource, Confirmation, Way
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk
    from crm.delivery.blockers.models import Blocker

STAGES = (Stage.SIGNED, Stage.REGISTERED, Stage.LANDING, Stage.STARTED)
LATE, OPEN, SOLVED, CLOSED, AGAIN = "late", "open", "solved", "closed", "again"


@dataclass(frozen=True, slots=True)
class Story:
    """One blocker: raised how many days ago, with what term, by whom it is cleared and how it went."""

    title: str
    category: str
    unit: str
    person: str
    ago: int
    term: int
    went: str
    source: BlockerSource
    detail: str
    said: str


S = BlockerSource
STORIES = (
    Story("北侧还有两户没有签搬迁协议", "demolition", "qingxi", "hexiaofeng", 45, 28, LATE, S.PROJECT,
          "两户对过渡安置面积有异议，影响三通一平。", "已入户三次，一户同意按新评估价签。"),
    Story("二期用地还没有挂牌", "land", "land", "yinqianxun", 20, 30, OPEN, S.MEETING,
          "企业要求和一期同时供地。", "规划条件已出，正在报出让方案。"),
    Story("施工许可卡在图审", "permits", "industry", "qinmuye", 16, 14, SOLVED, S.VISIT,
          "图审意见改了两轮，企业希望并联办理。", "图审已通过，施工许可当天核发。"),
    Story("供电增容排期太晚，赶不上试生产", "energy", "chengguan", "duanwenlan", 60, 20, CLOSED, S.INSPECTION,
          "需增容4000千伏安。", "供电公司调整排期，变压器已送电。"),
    Story("投产前缺120名熟练工", "labour", "baima", "muqinglan", 40, 21, CLOSED, S.PHONE,
          "企业来电：焊工和质检最缺。", "办了两场专场招聘，到岗131人。"),
    Story("技改贷款抵押物不足", "finance", "finance", "baojingwen", 70, 20, AGAIN, S.INSTRUCTION,
          "设备抵押率只给四成。", "已由担保公司增信，银行同意放款。"),
)  # fmt: skip


def add_blockers(desk: Desk) -> None:
    """Raise one blocker on each of the first signed projects and let it go its way."""
    chosen = (Project.stage.in_(STAGES), Project.exit_kind.is_(None), Project.confidential.is_(False))
    ids = desk.session.scalars(select(Project.id).where(*chosen).order_by(Project.id).limit(len(STORIES))).all()
    for story, project_id in zip(STORIES, ids, strict=False):
        _tell(desk, story, project_id)


def _tell(desk: Desk, story: Story, project_id: int) -> None:
    boss, person = desk.actor(REGISTRAR), desk.actor(story.person)
    at = desk.at(story.ago, 10)
    day = local_day(at)
    due_on = day + timedelta(days=story.term)
    draft = BlockerDraft(
        client_id=f"demo-blocker-{desk.number()}",
        title=story.title,
        category=story.category,
        unit_id=desk.units[story.unit].id,
        responsible_id=desk.people[story.person].id,
        due_on=due_on,
        source=story.source,
        detail=story.detail,
        project_id=project_id,
    )
    row = services.raise_one(desk.session, boss, draft, now=at, today=day)
    told = desk.at(story.ago - story.term / 2, 15)
    solved = story.went in {SOLVED, CLOSED, AGAIN}
    services.progress(desk.session, person, row.id, story.said, solved=solved, now=told)
    if story.went == LATE:
        course.coordinate(desk.session, person, row.id, "补偿口径要县里统一，请上协调会定", now=desk.at(5, 9))
    if story.went in {CLOSED, AGAIN}:
        _close(desk, row, story)
    if story.went == AGAIN:
        again, soon = desk.at(6, 16), desk.today + timedelta(days=9)
        why = "银行只放了一半，企业要求继续协调"
        course.reopen(desk.session, boss, row.id, why, soon, now=again, today=local_day(again))


def _close(desk: Desk, row: Blocker, story: Story) -> None:
    at = desk.at(story.ago - story.term / 2 - 2, 11)
    word = Confirmation("企业项目部经理", local_day(at), Way.PHONE, "已解决，没有别的困难。")
    services.close(desk.session, desk.actor(REGISTRAR), row.id, word, now=at, today=local_day(at))
