"""Projects of the demonstration, walked from lead to where they stand through every gate on the way."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from crm.cli.demodata import deals, leads, papers, plans, reviews
from crm.cli.demodata import field as fieldwork
from crm.cli.demodata.desk import asset
from crm.cli.demodata.office import RECOGNIZER, REGISTRAR
from crm.fieldwork.rules import TouchKind
from crm.pipeline import decisions, services
from crm.pipeline.exits import services as exits
from crm.pipeline.limits import Exit, ProjectDraft, is_signed
from crm.pipeline.rules import ORDER, AgreementKind, Capital, Channel, ExitKind, ExitReason, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.cli.demodata.desk import Desk, Diary
    from crm.pipeline.approval.models import Approval
    from crm.pipeline.models import Agreement, Project

S = Stage
GAPS: dict[Stage, int] = {
    S.VISITING: 5,
    S.INSPECTING: 18,
    S.REVIEWING: 20,
    S.PRE_SIGNING: 14,
    S.SIGNED: 16,
    S.REGISTERED: 18,
    S.LANDING: 25,
    S.STARTED: 40,
    S.IN_PRODUCTION: 70,
    S.FULL_CAPACITY: 60,
}
INTENT_EVERY, FRAMEWORK_EVERY, DIFFERENT_EVERY, PENDING_EVERY = 3, 2, 3, 4
PENDING_UNTIL = 30
OLD = 40
RECOGNIZED_SHARE = Decimal("0.85")
REASON = "流动资金和土地价款不计入认定投资额"
STEP = timedelta(minutes=35)
SITES = ("园区东片标准厂房", "园区二期A地块", "清溪组团", "城关镇物流片区")


@dataclass(frozen=True, slots=True)
class Plan:
    """One line of ``projects.csv``: where a project stands, for how many days, and how it left if it did."""

    short: str
    stage: Stage
    days: int
    channel: Channel
    capital: Capital
    leaving: str


@dataclass(slots=True)
class Walk:
    """One project on its road: its steps are written into the diary in their order."""

    desk: Desk
    diary: Diary
    plan: Plan
    owner: str
    number: int
    last: datetime | None = None
    project: Project | None = None
    contract: Agreement | None = None
    paper: Approval | None = None

    @property
    def row(self) -> Project:
        """The project, once registered."""
        if self.project is None:
            message = f"{self.plan.short} is not registered yet"
            raise RuntimeError(message)
        return self.project

    def step(self, days_ago: float, hour: int, act: Callable[[datetime], object]) -> None:
        """Write a step that comes after all steps before it; nothing happens today or later."""
        if days_ago < 1:
            return
        at = self.desk.at(days_ago, hour, (self.number * 7) % 60)
        if self.last is not None and at <= self.last:
            at = self.last + STEP
        self.last = at
        self.diary.write(at, act)

    def touch(self, days_ago: float, hour: int, kind: TouchKind) -> None:
        """Write a touch of the owner about this project."""
        self.step(days_ago, hour, partial(self._log, kind))

    def _log(self, kind: TouchKind, now: datetime) -> None:
        desk, diary = self.desk, self.diary
        fieldwork.log(desk, diary, self.owner, self.plan.short, kind, now, project_id=self.row.id)


def read_plans() -> list[Plan]:
    """Read the projects, in file order."""
    return [
        Plan(
            row["short"],
            Stage(row["stage"]),
            int(row["days"]),
            Channel(row["channel"]),
            Capital(row["capital"]),
            row["exit"],
        )
        for row in csv.DictReader(io.StringIO(asset("projects.csv")))
    ]


def plan_projects(desk: Desk, diary: Diary) -> None:
    """Write the road of every project into the diary."""
    old: list[Walk] = []
    for number, plan in enumerate(read_plans()):
        walk = Walk(desk, diary, plan, desk.keepers[plan.short], number)
        entered = _entries(plan)
        walk.step(entered[Stage.LEAD], 9, partial(_register, walk))
        walk.step(entered[Stage.LEAD], 10, partial(leads.triage, walk))
        for stage, days_ago in entered.items():
            if stage is not Stage.LEAD:
                _enter(walk, stage, days_ago)
            _live(walk, stage, days_ago)
            deals.plan(walk, stage, days_ago)
            plans.plan(walk, stage, days_ago)
        if plan.leaving:
            _plan_exit(walk)
        elif entered[Stage.LEAD] > OLD:
            old.append(walk)
    papers.plan_instructions(desk, diary, old)


def _entries(plan: Plan) -> dict[Stage, int]:
    """How many days ago each stage was entered, first to last."""
    days, found = plan.days, {plan.stage: plan.days}
    for stage in reversed(ORDER[1 : ORDER.index(plan.stage) + 1]):
        days += GAPS[stage]
        found[ORDER[ORDER.index(stage) - 1]] = days
    return dict(sorted(found.items(), key=lambda item: ORDER.index(item[0])))


def _register(walk: Walk, now: datetime) -> None:
    firm = walk.desk.firms[walk.plan.short]
    draft = ProjectDraft(
        name=f"{firm.short}{firm.project}",
        content=f"建设{firm.project}，主要产品为{firm.product}，计划总投资{firm.wan}万元，用地约{firm.land}亩。",
        capital=walk.plan.capital,
        channel=walk.plan.channel,
        total_investment=Decimal(firm.wan),
        fixed_investment=Decimal(firm.wan * 7 // 10),
        land_mu=firm.land,
        industry=firm.industry,
        site=SITES[walk.number % len(SITES)],
        product_line=firm.product,
    )
    desk = walk.desk
    enterprise = desk.enterprises[walk.plan.short]
    draft = leads.with_dimensions(draft, walk.number)
    walk.project = services.register_lead(desk.session, desk.actor(walk.owner), enterprise.id, draft, now=now)


def _live(walk: Walk, stage: Stage, since: int) -> None:
    """What happens inside a stage: what the next gate asks for, and ordinary work."""
    if stage is Stage.LEAD:
        walk.touch(since - 2, 15, TouchKind.CALL)
    elif stage is Stage.VISITING:
        walk.touch(since - 1, 10, TouchKind.VISIT)
        walk.touch(since - 6, 15, TouchKind.NEGOTIATION)
        walk.touch(since - 12, 14, TouchKind.VISIT)
    elif stage is Stage.INSPECTING:
        if walk.plan.short != deals.WAIVED:
            walk.touch(since - 4, 10, TouchKind.INSPECTION)
        walk.touch(since - 9, 15, TouchKind.NEGOTIATION)
        if walk.number % INTENT_EVERY == 0:
            walk.step(since - 10, 16, partial(_sign, walk, AgreementKind.INTENT))
    elif stage is Stage.REVIEWING:
        walk.step(since - 2, 11, partial(_note, walk))
        reviews.plan(walk, since)
    elif stage is Stage.PRE_SIGNING:
        walk.touch(since - 1, 9, TouchKind.NEGOTIATION)
        papers.plan(walk, since)
        if walk.number % FRAMEWORK_EVERY == 0:
            walk.step(since - 6, 15, partial(_sign, walk, AgreementKind.FRAMEWORK))
        walk.step(since - 9, 11, partial(_note, walk))
    elif stage is Stage.SIGNED and (since > PENDING_UNTIL or walk.number % PENDING_EVERY):
        walk.step(since - 5, 10, partial(_recognize, walk))
    else:
        walk.step(since - 8, 11, partial(_note, walk))


def _enter(walk: Walk, stage: Stage, days_ago: int) -> None:
    if stage is Stage.SIGNED:
        walk.step(days_ago, 9, partial(deals.staff, walk))
        walk.step(days_ago, 10, partial(_sign, walk, AgreementKind.CONTRACT))
    walk.step(days_ago, 11, partial(_move, walk, stage))


def _move(walk: Walk, stage: Stage, now: datetime) -> None:
    desk, project = walk.desk, walk.row
    reason = fieldwork.words(desk, stage.value, walk.plan.short) if stage.value in fieldwork.TEXTS else ""
    if plans.proves(walk, stage):
        plans.prove(walk, stage, now)
    else:
        note = deals.note_of(stage)
        version = project.version
        services.move(
            desk.session, desk.actor(walk.owner), project.id, stage, reason=reason, version=version, now=now, note=note
        )
    if is_signed(stage):
        desk.phases[walk.plan.short] = fieldwork.LATE
    elif stage is not Stage.VISITING:
        desk.phases[walk.plan.short] = fieldwork.DEEP


def _sign(walk: Walk, kind: AgreementKind, now: datetime) -> None:
    desk, firm = walk.desk, walk.desk.firms[walk.plan.short]
    mark = {AgreementKind.INTENT: "意", AgreementKind.FRAMEWORK: "框", AgreementKind.CONTRACT: "合"}[kind]
    draft = deals.draft_of(walk, kind, firm.wan, f"云溪招{mark}〔{now.year}〕{desk.number()}号", now.date())
    made = decisions.add_agreement(desk.session, desk.actor(walk.owner), walk.row.id, draft, now=now, today=now.date())
    if kind is AgreementKind.CONTRACT:
        walk.contract = made


def _recognize(walk: Walk, now: datetime) -> None:
    if walk.contract is None:
        return
    differs = walk.number % DIFFERENT_EVERY == 0
    amount = round(walk.contract.amount * RECOGNIZED_SHARE, 2) if differs else walk.contract.amount
    reason = REASON if differs else ""
    desk, actor = walk.desk, walk.desk.actor(RECOGNIZER)
    decisions.recognize_agreement(
        desk.session, actor, walk.row.id, walk.contract.id, amount=amount, reason=reason, now=now
    )


def _note(walk: Walk, now: datetime) -> None:
    desk = walk.desk
    late = desk.phases.get(walk.plan.short) == fieldwork.LATE
    text = fieldwork.words(desk, "note_late" if late else "note", walk.plan.short)
    services.add_note(desk.session, desk.actor(walk.owner), walk.row.id, text, now=now)


def _plan_exit(walk: Walk) -> None:
    kind, reason, days_ago, detail = walk.plan.leaving.split(":", 3)
    leaving = Exit(ExitKind(kind), ExitReason(reason), detail)
    if is_signed(walk.plan.stage):
        walk.step(int(days_ago) + 2, 10, partial(deals.part, walk, leaving))
    walk.step(int(days_ago), 16, partial(_leave, walk, leaving))


def _leave(walk: Walk, leaving: Exit, now: datetime) -> None:
    desk, project = walk.desk, walk.row
    if leaving.kind is ExitKind.SUSPENDED:
        leaving = Exit(leaving.kind, leaving.reason, leaving.detail, now.date() + timedelta(days=90))
    leaving = deals.exit_of(walk, leaving)
    desk.phases.pop(walk.plan.short, None)
    exits.leave(
        desk.session, desk.actor(REGISTRAR), project.id, leaving, version=project.version, now=now, today=now.date()
    )
