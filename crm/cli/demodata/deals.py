"""Deals of the demonstration: what contracts bind to, foreign money, teams, one exception, one move taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm.cli.demodata.office import BUREAU, LEADER, REGISTRAR
from crm.pipeline import services
from crm.pipeline.deals import covenants
from crm.pipeline.deals import queries as agreements
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.rules import (
    NOTHING,
    Covenant,
    DepositDraft,
    ForeignMoney,
    ObligationState,
    Payment,
    Promise,
    Side,
    in_yuan,
)
from crm.pipeline.exceptions import services as exceptions
from crm.pipeline.exceptions.rules import Decision, ExceptionKind, Request
from crm.pipeline.exits import queries as ways
from crm.pipeline.limits import AgreementDraft, Exit
from crm.pipeline.moves import HandOver
from crm.pipeline.rules import SIGNED_EXIT, Stage
from crm.pipeline.team import services as team
from crm.pipeline.team.rules import ForceDraft, Seat, TeamRole
from crm.pipeline.words import AgreementKind, ExitKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from crm.cli.demodata.projects import Walk

FOREIGN = {"青衿生物": ("USD", Decimal("7.0824")), "澄江精密": ("EUR", Decimal("8.1537"))}
UNDONE, WAIVED, CASE, FORCE = "岐岭机床", "汐月线缆", "璞屿陶瓷", "朔屿风电"
ZONE = ZoneInfo("Asia/Shanghai")
TOWNS = ("chengguan", "qingxi", "baima")
TRADES = ("industry", "planning", "land")
OURS = ("按净地标准交付项目用地", "协助办理项目备案、环评和施工许可", "建成园区至项目地块的道路和供水管网")
THEIRS = ("在本县注册独立法人公司", "缴纳履约保证金", "取得施工许可后90天内开工", "开工后18个月内投产")
SHARE = Decimal("0.01")


def draft_of(walk: Walk, kind: AgreementKind, wan: int, number: str, day: date) -> AgreementDraft:
    """Return an agreement as it would be typed; a few in foreign money, contracts with what they bind to."""
    amount, money = Decimal(wan), None
    if walk.plan.short in FOREIGN:
        currency, rate = FOREIGN[walk.plan.short]
        money = ForeignMoney(currency, (amount / rate).quantize(Decimal(1)), rate, day, "人民银行中间价")
        amount = in_yuan(money)
    covenant = _covenant(walk.number, amount, day) if kind is AgreementKind.CONTRACT else NOTHING
    return AgreementDraft(kind, day, amount, number, money, covenant)


def _covenant(number: int, amount: Decimal, day: date) -> Covenant:
    ours = [Promise(Side.OURS, text, day + timedelta(days=20 + 40 * place)) for place, text in enumerate(OURS)]
    theirs = [Promise(Side.THEIRS, text, day + timedelta(days=15 + 60 * place)) for place, text in enumerate(THEIRS)]
    promises = (*ours[: 2 + number % 2], *theirs)
    if number % 4 == 0:
        return Covenant(promises, no_deposit="标准厂房租赁项目，按约定不收")
    half = (amount * SHARE / 2).quantize(Decimal(1))
    deposits = (DepositDraft(half, day + timedelta(days=15)), DepositDraft(half, day + timedelta(days=60)))
    return Covenant(promises, deposits=deposits)


def staff(walk: Walk, now: datetime) -> None:
    """Fill the four roles and the two leading units of a project."""
    desk, actor, today = walk.desk, walk.desk.actor(walk.owner), now.date()
    assistant = "chenyutong" if walk.owner != "chenyutong" else "xujiahe"
    holders = {
        TeamRole.LEADER: desk.people[LEADER].id,
        TeamRole.LEAD_UNIT: desk.units[BUREAU].id,
        TeamRole.MANAGER: desk.people[walk.owner].id,
        TeamRole.ASSISTANT: desk.people[assistant].id,
        TeamRole.INDUSTRY_UNIT: desk.units[TRADES[walk.number % len(TRADES)]].id,
        TeamRole.TERRITORY_UNIT: desk.units[TOWNS[walk.number % len(TOWNS)]].id,
    }
    for role, holder in holders.items():
        team.set_role(desk.session, actor, walk.row.id, Seat(role, holder, today), now=now, today=today)


def exit_of(walk: Walk, leaving: Exit) -> Exit:
    """Complete an exit with where the project went."""
    desk, actor = walk.desk, walk.desk.actor(REGISTRAR)
    if leaving.kind is ExitKind.LOST:
        return replace(leaving, place="西北某市")
    if leaving.kind is ExitKind.MERGED:
        return replace(leaving, merged_into_id=ways.mergeable(desk.session, actor, walk.row)[0][0])
    if leaving.kind is ExitKind.TRANSFERRED:
        return replace(leaving, to_unit_id=desk.units["qingxi"].id)
    return leaving


def note_of(stage: Stage) -> HandOver:
    """Return the hand-over note of a signing."""
    if stage is not Stage.SIGNED:
        return HandOver()
    return HandOver("招商局项目服务专员", "已答应15天内协助注册公司，用地红线图随合同移交。")


def plan(walk: Walk, stage: Stage, since: int) -> None:
    """Write into the diary what belongs to deals in a stage."""
    short = walk.plan.short
    if stage is Stage.SIGNED:
        walk.step(since - 4, 15, partial(_keep, walk))
        if short == FORCE:
            walk.step(since - 6, 9, partial(_force, walk))
        if short == CASE:
            walk.step(since - 7, 9, partial(_case, walk))
    if short == UNDONE and stage is walk.plan.stage:
        walk.step(since - 2, 16, partial(_mistake, walk))
    if short == WAIVED and stage is walk.plan.stage:
        walk.step(since - 3, 9, partial(_waive, walk))


def _keep(walk: Walk, now: datetime) -> None:
    """One obligation is kept and the first instalment arrives."""
    desk, actor, contract = walk.desk, walk.desk.actor(walk.owner), walk.contract
    if contract is None:
        return
    first = agreements.obligations(desk.session, contract.id)[0]
    evidence = f"云溪国用地交〔{now.year}〕{desk.number()}号"
    session, met = desk.session, ObligationState.MET
    covenants.settle(session, actor, walk.row.id, first.id, met, evidence=evidence, now=now, kind=Duty.OTHER)
    for deposit in agreements.deposits(desk.session, contract.id)[:1]:
        payment = Payment(now.date(), f"银行回单{desk.number():06d}")
        covenants.pay(desk.session, actor, walk.row.id, deposit.id, payment, now=now, today=now.date())


def _mistake(walk: Walk, now: datetime) -> None:
    """A move made by mistake is taken back an hour later."""
    desk, actor, project = walk.desk, walk.desk.actor(walk.owner), walk.row
    services.move(desk.session, actor, project.id, Stage.INSPECTING, reason="", version=project.version, now=now)
    text, later = "点错了卡片，企业还没有来考察。", now + timedelta(hours=1)
    services.undo_move(desk.session, actor, project.id, reason=text, version=project.version, now=later)


def _waive(walk: Walk, now: datetime) -> None:
    until = walk.desk.today + timedelta(days=30)
    text = "对方高层行程冲突，先研判、后补考察，考察于有效期内完成。"
    _grant(walk, Request(ExceptionKind.SPECIAL, text, until, "inspection"), now)


def _case(walk: Walk, now: datetime) -> None:
    until = walk.desk.today + timedelta(days=120)
    granted = "项目投产前三年，按对本县的实际贡献给予设备补助，总额不超过两百万元。"
    basis = "县政府常务会议审定的重大项目一事一议办法"
    _grant(walk, Request(ExceptionKind.CASE, "投资大、带动强，需专项支持。", until, None, granted, basis), now)


def part(walk: Walk, leaving: Exit, now: datetime) -> None:
    """Let a leader agree that a project goes that was signed."""
    until = now.date() + timedelta(days=10)
    _grant(walk, Request(ExceptionKind.SPECIAL, leaving.detail, until, SIGNED_EXIT.key), now)


def _grant(walk: Walk, request: Request, now: datetime) -> None:
    desk = walk.desk
    asker = desk.actor(walk.owner)
    row = exceptions.ask(desk.session, asker, walk.row.id, request, now=now, today=now.date(), zone=ZONE)
    decision = Decision(grants=True, number=f"专题会〔{now.year}〕{desk.number()}号")
    exceptions.decide(desk.session, desk.actor(LEADER), walk.row.id, row.id, decision, now=now + timedelta(hours=2))


def _force(walk: Walk, now: datetime) -> None:
    desk = walk.desk
    people = tuple(desk.people[name].id for name in (walk.owner, "xujiahe", "qinmuye"))
    draft = ForceDraft(
        "风电装备项目对接专班", "盯紧用地、并网和码头三件事，每周碰头一次。", desk.people[REGISTRAR].id, now.date(),
        now.date() + timedelta(days=180), people, desk.people[LEADER].id, desk.people["qinmuye"].id,
    )  # fmt: skip
    team.form_force(desk.session, desk.actor(REGISTRAR), walk.row.id, draft, whole_enterprise=False, now=now)
