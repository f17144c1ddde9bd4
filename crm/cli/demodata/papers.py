"""Approvals and instructions of the demonstration: papers at several stations, two things a leader asked for."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from crm.cli.demodata.office import LEADER, REGISTRAR, SECOND_LEADER
from crm.pipeline.approval import contents, services
from crm.pipeline.approval.rules import (
    MEETINGS,
    Category,
    Finding,
    Readiness,
    Stance,
    Station,
    StepDraft,
    StepResult,
)
from crm.pipeline.instructions import services as instructions
from crm.pipeline.instructions.rules import InstructionDraft, ReplyKind, Urgency

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk, Diary
    from crm.cli.demodata.projects import Walk
    from crm.pipeline.approval.models import Approval
    from crm.pipeline.instructions.models import Instruction

CATEGORIES = (Category.FULL, Category.LAND, Category.POLICY, Category.FULL, Category.INVESTMENT)
CLAUSES = (
    ("项目用地按工业用地基准地价公开出让，不作价格承诺。", Finding.OK, "普遍适用于全部出让地块。"),
    ("按投产后三年地方税收留成给予等额奖励。", Finding.STRUCK, "属选择性财政奖补，没有上位依据，谈判后删去。"),
)
MINUTES: dict[Station, str] = {
    Station.STANDING: "云溪政常纪",
    Station.COMMITTEE: "云溪委常纪",
    Station.INVEST_BOARD: "云溪投委纪",
    Station.SOE_BOARD: "云溪国投纪",
    Station.LAND_BOARD: "云溪供地纪",
    Station.CITY: "市招商办复函",
}
WORDS: dict[Station, str] = {
    Station.LEGALITY: "主体、权限和主要条款合法，违约责任对等。",
    Station.FAIR: "逐条审查，违反规定的条款已删去。",
    Station.CONSULT: "财政、自然资源部门意见已采纳。",
    Station.READINESS: "用地、能耗指标已落实。",
}


def plan(walk: Walk, since: int) -> None:
    """Write the way of a paper into the diary; where it lies today depends on how long the stage has lasted."""
    category = CATEGORIES[walk.number % len(CATEGORIES)]
    walk.step(since - 1, 10, partial(_start, walk, category))
    walk.step(since - 2, 15, partial(_furnish, walk))
    for number in range(7):
        walk.step(since - 3 - number * 1.5, 10, partial(_step, walk))


def _start(walk: Walk, category: Category, now: datetime) -> None:
    desk, project = walk.desk, walk.row
    title = f"{project.name}投资协议（送审稿）"
    walk.paper = services.start(
        desk.session, desk.actor(walk.owner), project.id, category, title, now=now, today=now.date()
    )


def _furnish(walk: Walk, now: datetime) -> None:
    if walk.paper is None:
        return
    desk, row = walk.desk, walk.paper
    owner, registrar = desk.actor(walk.owner), desk.actor(REGISTRAR)
    for body, finding, basis in CLAUSES:
        clause = contents.add_clause(desk.session, owner, row.project_id, row.id, body, now=now)
        contents.find(desk.session, registrar, row.project_id, clause.id, finding, basis, now=now)
    for key in ("finance", "land"):
        unit = desk.units[key].id
        moment = {"now": now, "today": now.date()}
        asked = contents.consult(desk.session, registrar, row.project_id, row.id, unit, **moment)  # type: ignore[arg-type]  # a moment is two values
        words = f"复函〔{now.year}〕{desk.number()}号，无不同意见。"
        contents.answer(desk.session, registrar, row.project_id, asked.id, Stance.AGREE, words, now=now)
    items = dict.fromkeys(row.checklist, (Readiness.READY, "已有主管部门书面意见"))
    contents.check(desk.session, owner, row.project_id, row.id, items, now=now)


def _step(walk: Walk, now: datetime) -> None:
    row: Approval | None = walk.paper
    if row is None or row.station is None:
        return
    desk, station = walk.desk, row.station
    meeting = station in MEETINGS
    draft = StepDraft(
        station=station,
        result=StepResult.PASSED,
        decided_on=now.date(),
        minutes_no=f"{MINUTES[station]}〔{now.year}〕{desk.number()}号" if meeting else "",
        text=WORDS.get(station, "原则同意，按程序签约。"),
        has_file=station is Station.LEGALITY,
    )
    services.take(desk.session, desk.actor(REGISTRAR), row.project_id, row.id, draft, now=now, today=now.date())


def plan_instructions(desk: Desk, diary: Diary, walks: list[Walk]) -> None:
    """Write two instructions into the diary: one under way and late, one accepted."""
    diary.write(desk.at(20, 9), partial(_instruct, desk, diary, walks[0], walks[1]))


def _instruct(desk: Desk, diary: Diary, first: Walk, second: Walk, now: datetime) -> None:
    late = InstructionDraft(
        text="请对接企业华东总部，摸清扩产选址时间表，形成专报报我。",
        due_on=now.date() + timedelta(days=12),
        urgency=Urgency.URGENT,
        leader_id=desk.people[LEADER].id,
        unit_id=first.row.unit_id,
        project_id=first.row.id,
        paper_no=f"县领导批示〔{now.year}〕{desk.number()}号",
    )
    row = instructions.give(desk.session, desk.actor(REGISTRAR), late, now=now, today=now.date())
    diary.write(
        desk.at(12, 16), partial(_reply, desk, row, first.owner, ReplyKind.PROGRESS, "已约企业发展部，下周上门。")
    )
    done = InstructionDraft(
        text="协调供电部门一周内答复双回路供电方案。",
        due_on=now.date() + timedelta(days=7),
        urgency=Urgency.TOP,
        leader_id=desk.people[SECOND_LEADER].id,
        unit_id=second.row.unit_id,
        person_id=desk.people[second.owner].id,
        project_id=second.row.id,
    )
    row = instructions.give(desk.session, desk.actor(SECOND_LEADER), done, now=now, today=now.date())
    diary.write(
        desk.at(15, 16), partial(_reply, desk, row, second.owner, ReplyKind.DONE, "供电部门已书面答复，方案可行。")
    )
    diary.write(desk.at(14, 10), partial(_reply, desk, row, SECOND_LEADER, ReplyKind.ACCEPTED, "很好。"))


def _reply(desk: Desk, row: Instruction, username: str, kind: ReplyKind, text: str, now: datetime) -> None:
    instructions.reply(desk.session, desk.actor(username), row.id, kind, text, now=now)
