"""Money, site tours and a quarter's assessment of the demonstration: what was spent, shown and counted."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from crm.assessment.books import lists, ratings
from crm.assessment.books import services as books
from crm.assessment.books.ratings import RatingDraft
from crm.assessment.books.rules import Feed, FeedKind, Span
from crm.assessment.books.services import RunDraft
from crm.assessment.budgets import services as money
from crm.assessment.budgets.rules import SpendDraft, SpendKind
from crm.assessment.tours import queries as touring
from crm.assessment.tours import services as tours
from crm.assessment.tours.services import StopDraft, TourDraft
from crm.auth.models import OrgUnit
from crm.auth.rules import UNIT_LABELS
from crm.cli.demodata.office import LEADER, RECOGNIZER, REGISTRAR, SECOND_LEADER, unit_of
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from crm.assessment.tours.models import SiteTour
    from crm.cli.demodata.desk import Desk

K = SpendKind
BUDGETS = {
    "shenzhen": 60, "shanghai": 60, "electronics": 45, "equipment": 45, "materials": 40, "squad1": 20, "squad2": 20,
    "squad3": 20, "chengguan": 8, "qingxi": 8, "baima": 8,
}  # fmt: skip


class Paid(NamedTuple):
    """A sum that was spent: by whom, how long ago, on what."""

    who: str
    days: int
    amount: str
    kind: SpendKind
    purpose: str


SPENT = (
    Paid("xujiahe", 150, "6.4", K.POST, "驻深圳办公用房租金（上半年）"),
    Paid("yenanxing", 148, "5.8", K.POST, "驻上海办公用房租金（上半年）"),
    Paid("xujiahe", 40, "0.86", K.TRAVEL, "赴惠州、东莞走访交通费"),
    Paid("tangruoxi", 62, "1.35", K.RECEPTION, "接待电子信息企业考察团"),
    Paid("zengyian", 33, "2.1", K.PUBLICITY, "装备制造产业招商手册印制"),
    Paid("xiezhiwei", 75, "4.5", K.AGENCY, "委托新能源产业研究报告"),
    Paid("bailuxi", 21, "0.64", K.TRAVEL, "赴泉州、温州走访差旅"),
    Paid("zhuchangqing", 18, "0.72", K.TRAVEL, "赴天津、保定走访差旅"),
    Paid("hexiaofeng", 9, "0.18", K.RECEPTION, "接待食品企业来镇考察"),
)
JUDGES = (LEADER, SECOND_LEADER, "mazhihe", RECOGNIZER, REGISTRAR)
CRITERIA = "项目质量和规模 10 30\n建设进度 10 30\n现场组织和讲解 10 20\n要素保障和服务 10 20"
SHOWN = ("electronics", "equipment", "materials", "squad1")
RULES: dict[str, Any] = {
    "name": "季度综合考核办法", "source": "演示", "total": {"round": 2, "cap": 100},
    "rules": [
        {"key": "走访", "label": "外出走访", "text": "走访企业数与本组最多的单位之比乘30分",
         "kind": "best", "value": "走访企业", "weight": 30},
        {"key": "线索", "label": "有效线索", "text": "每条2分，最多20分",
         "kind": "every", "value": "线索数", "every": 1, "each": 2, "cap": 20},
        {"key": "重点", "label": "重点项目", "text": "新开工每个10分，续建每个5分，最多20分",
         "kind": "items", "items": "重点项目", "cap": 20, "missing": "zero",
         "rules": [{"kind": "choices", "value": "状态", "choices": {"新开工": 10, "续建": 5}}]},
        {"key": "观摩", "label": "观摩拉练", "text": "观摩平均得分乘15%",
         "kind": "ratio", "done": "观摩得分", "target": "100", "weight": 15, "missing": "zero"},
        {"key": "互评", "label": "互评", "text": "县领导和招商办60%，各组各队40%",
         "kind": "rating", "items": "互评票", "mark": "得分", "weight": 15, "missing": "zero",
         "groups": [{"group": "县领导和招商办", "share": "60%"}, {"group": "各组各队", "share": "40%"}]},
    ],
    "consequences": {"honours": 2, "bottom": 1, "runs": 2},
}  # fmt: skip
FEEDS = {
    "走访企业": Feed(FeedKind.MEASURE, "visits"),
    "线索数": Feed(FeedKind.MEASURE, "leads"),
    "观摩得分": Feed(FeedKind.TOUR, "mean", Span.YEAR),
}
WORKS = {"electronics": ("新开工", "续建"), "equipment": ("续建",), "materials": ("新开工",)}
RATERS = {
    "县领导和招商办": (LEADER, SECOND_LEADER, REGISTRAR),
    "各组各队": ("tangruoxi", "zengyian", "xiezhiwei", "xujiahe"),
}


def add_standing(desk: Desk, now: datetime) -> None:
    """Write budgets and entries, a tour that is over and one that is judged, and an assessment with a rating."""
    registrar = desk.actor(REGISTRAR)
    amounts: dict[int, Decimal | None] = {desk.units[key].id: Decimal(one) for key, one in BUDGETS.items()}
    money.set_budgets(desk.session, registrar, desk.today.year, amounts, basis="县财政年初预算", now=now)
    for one in SPENT:
        at = desk.at(one.days, 16)
        draft = SpendDraft(unit_of(desk, one.who).id, at.date(), Decimal(one.amount), one.kind, one.purpose)
        money.spend(desk.session, desk.actor(one.who), draft, now=at, today=at.date())
    _over(desk)
    _judged(desk, now)
    _assess(desk, now)


def _tour(desk: Desk, name: str, at: datetime) -> SiteTour:
    registrar = desk.actor(REGISTRAR)
    judges = frozenset(desk.people[one].id for one in JUDGES)
    draft = TourDraft(name, at.date(), CRITERIA, judges, trim=True)
    row = tours.save(desk.session, registrar, draft, now=at)
    for key in SHOWN:
        unit = desk.units[key]
        best = select(Project).where(
            Project.unit_id == unit.id, Project.confidential.is_(False), Project.exit_kind.is_(None)
        )
        running = best.where(Project.stage.in_([Stage.STARTED, Stage.SIGNED])).order_by(Project.id)
        deal = desk.session.scalars(running).first() or desk.session.scalars(best.order_by(Project.id)).first()
        shown = StopDraft(unit.id, "" if deal else f"{unit.name}在谈项目展示", deal.id if deal else None)
        tours.add_stop(desk.session, registrar, row.id, shown, now=at)
    return tours.open_tour(desk.session, registrar, row.id, now=at)


def _hand_in(desk: Desk, row: SiteTour, who: str, at: datetime, stops: int) -> None:
    for stop in touring.tour(desk.session, row.id).stops[:stops]:
        marks = {f"c{item}": f"{desk.random.randint(70, 98) / 10:g}" for item in range(1, 5)}
        tours.hand_in(desk.session, desk.actor(who), (row.id, stop.id), marks, remark="", now=at)


def _over(desk: Desk) -> None:
    at = desk.at(48, 9)
    row = _tour(desk, f"{at:%Y}年{(at.month + 2) // 3}季度观摩拉练", at)
    for hours, who in enumerate(JUDGES, start=1):
        _hand_in(desk, row, who, at + timedelta(hours=hours), len(SHOWN))
    tours.close(desk.session, desk.actor(REGISTRAR), row.id, now=at + timedelta(hours=8))


def _judged(desk: Desk, now: datetime) -> None:
    row = _tour(desk, "冬季项目现场观摩", now - timedelta(hours=6))
    for who, stops in ((SECOND_LEADER, len(SHOWN)), ("mazhihe", 2), (REGISTRAR, 1)):
        _hand_in(desk, row, who, now - timedelta(hours=2), stops)


def _assess(desk: Desk, now: datetime) -> None:
    session, registrar, today = desk.session, desk.actor(REGISTRAR), desk.today
    body = json.dumps(RULES, ensure_ascii=False)
    book = books.save_book(session, registrar, body, FEEDS, note="演示：统计、列表、观摩和互评都用上", now=now)
    books.publish(session, registrar, book.id, now=now)
    kinds = ("electronics", "equipment", "materials", "squad1", "squad2", "squad3")
    groups = {desk.units[key].id: UNIT_LABELS[session.get_one(OrgUnit, desk.units[key].id).kind] for key in kinds}
    draft = RunDraft(f"{today.year}年前{(today.month + 2) // 3}季度考核", today.replace(month=1, day=1), today, groups)
    run = books.open_run(session, registrar, book.id, draft, now=now)
    for key, states in WORKS.items():
        rows = [{"name": f"{desk.units[key].name}重点项目{at}", "状态": state} for at, state in enumerate(states, 1)]
        place = (run.id, desk.units[key].id, "重点项目")
        lists.put_list(session, registrar, place, rows, note="重点项目调度表", now=now)
    people = {desk.people[who].id: group for group, held in RATERS.items() for who in held}
    wanted = RatingDraft(today + timedelta(days=7), frozenset(groups), people)
    row = ratings.invite(session, registrar, run.id, "互评票", wanted, now=now, today=today)
    for who in (LEADER, "zengyian", "xiezhiwei"):
        actor = desk.actor(who)
        _rater, allowed = ratings.mine(session, row, actor)
        typed = {unit_id: str(desk.random.randint(76, 97)) for unit_id in sorted(allowed)}
        ratings.hand_in(session, actor, row.id, typed, now=now)
    books.compute(session, run.id, now=now)
