"""Reviews of the demonstration: departments answer, the scorecard is filled in, the board votes and decides."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from crm.cli.demodata.office import REGISTRAR
from crm.pipeline.admission import queries, services, sittings
from crm.pipeline.admission import terms as office
from crm.pipeline.admission.closing import DecisionDraft
from crm.pipeline.admission.facts import gather
from crm.pipeline.admission.rules import DIMENSIONS, Ballot, Outcome, Verdict
from crm.pipeline.admission.scorecard import WEIGHTS

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk
    from crm.cli.demodata.projects import Walk

DEPARTMENTS: dict[str, tuple[str, str]] = {
    "law": ("justice", "jiangsiyuan"),
    "industry_policy": ("planning", "luzhiqiu"),
    "admission": ("industry", "dingruofei"),
    "planning": ("land", "gaoyuanshan"),
    "environment": ("environment", "fanqinghe"),
    "economy": ("finance", "baojingwen"),
}
BOARD = ("zhoumingyuan", "hejinglan", "sunliheng")
REFUSED = "曜岭新能"
SHARES = (10, 9, 8, 9, 7, 10, 9, 8, 9, 8, 9)
TAX_SHARE = Decimal("0.04")
SLOW_EVERY = 5
TEXTS: dict[str, str] = {
    "law": "投资主体资格、协议主要条款未见违法情形。",
    "industry_policy": "属于鼓励类，符合县产业发展规划。",
    "admission": "符合行业准入条件，能耗指标可以平衡。",
    "planning": "拟选地块符合国土空间规划，用地性质为工业用地。",
    "environment": "符合生态环境分区管控要求，须依法办理环评手续。",
    "economy": "投入产出测算合理，财政可以承受。",
}
FAILED = "废水接管容量不足，待污水厂扩容方案明确后复审。"
REASONS = "按申报材料和实地核查情况给分"
OVERRIDE = "属补链关键环节，经县长专题会研究同意，投产后两年内复核。"


def set_up(desk: Desk, now: datetime) -> None:
    """Name the departments and the board, and set the floors per 亩."""
    actor = desk.actor(REGISTRAR)
    plain = office.dump(office.current(desk.session))
    departments = {key: desk.units[unit].id for key, (unit, _reviewer) in DEPARTMENTS.items()}
    floors = {"departments": departments, "intensity_floor": "150", "tax_floor": "8"}
    office.set_terms(desk.session, actor, office.load(plain | floors), now=now, today=now.date())
    for number, username in enumerate(BOARD):
        user_id = desk.people[username].id
        sittings.appoint(desk.session, actor, user_id, chair=number == 0, valid_from=now.date(), now=now)


def plan(walk: Walk, since: int) -> None:
    """Write a review into the diary: asked, answered, scored, voted, decided."""
    walk.step(since - 1, 10, partial(_open, walk))
    early = [key for key in DIMENSIONS if key != "environment"]
    slow = walk.number % SLOW_EVERY == 0 and walk.plan.short != REFUSED
    walk.step(since - 3, 10, partial(_answer, walk, early))
    walk.step(since - (7 if slow else 4), 15, partial(_answer, walk, ["environment"]))
    walk.step(since - 7, 16, partial(_score, walk))
    for number, username in enumerate(BOARD):
        walk.step(since - 8, 9 + number, partial(_vote, walk, username))
    walk.step(since - 8, 15, partial(_decide, walk))


def _open(walk: Walk, now: datetime) -> None:
    desk, project = walk.desk, walk.row
    tax = ((project.total_investment or Decimal(0)) * TAX_SHARE).quantize(Decimal(1))
    services.open_case(desk.session, desk.actor(REGISTRAR), project.id, {}, annual_tax=tax, now=now, today=now.date())


def _answer(walk: Walk, keys: list[str], now: datetime) -> None:
    desk, project = walk.desk, walk.row
    case = queries.open_case(desk.session, project.id)
    for asked in queries.opinions(desk.session, case.id) if case else ():
        key = asked.opinion.dimension
        if key not in keys:
            continue
        failed = walk.plan.short == REFUSED and key == "environment"
        verdict = Verdict.FAIL if failed else Verdict.CONDITIONAL if key == "environment" else Verdict.CLEAR
        conditions = "开工前取得环评批复，污染物总量在区内平衡。" if verdict is Verdict.CONDITIONAL else ""
        reviewer = desk.actor(DEPARTMENTS[key][1])
        words = FAILED if failed else TEXTS[key]
        services.give_opinion(
            desk.session, reviewer, project.id, asked.opinion.id, verdict, words, now=now, conditions=conditions
        )


def _score(walk: Walk, now: datetime) -> None:
    desk = walk.desk
    lines = {}
    for number, (key, weight) in enumerate(WEIGHTS.items()):
        share = SHARES[(number + walk.number) % len(SHARES)]
        lines[key] = ((Decimal(weight) * share / 10).quantize(Decimal("0.1")), REASONS)
    services.score(desk.session, desk.actor(REGISTRAR), walk.row.id, lines, now=now)


def _vote(walk: Walk, username: str, now: datetime) -> None:
    ballot = Ballot.DISAGREE if walk.plan.short == REFUSED else Ballot.AGREE
    desk = walk.desk
    reason = FAILED if ballot is Ballot.DISAGREE else ""
    sittings.vote(desk.session, desk.actor(username), walk.row.id, ballot, reason, now=now, today=now.date())


def _decide(walk: Walk, now: datetime) -> None:
    desk, project = walk.desk, walk.row
    case = queries.open_case(desk.session, project.id)
    if case is None:
        return
    refused = walk.plan.short == REFUSED
    under = gather(desk.session, project, case, now.date()).floors and not refused
    draft = DecisionDraft(
        outcome=Outcome.FAIL if refused else Outcome.ADMIT,
        minutes_no=f"云溪评委纪〔{now.year}〕{desk.number()}号",
        minutes_on=now.date(),
        note=FAILED if refused else "六项均通过，建议加快协议起草。",
        override=OVERRIDE if under else "",
    )
    services.decide(desk.session, desk.actor(REGISTRAR), project.id, draft, now=now, today=now.date())
