"""Assessments of the furnished office: a book in force, runs, a slip, a list, a rating, tours and money."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.assessment.books import lists, ratings, services, slips
from crm.assessment.books.examples import EXAMPLES
from crm.assessment.books.ratings import RatingDraft
from crm.assessment.books.rules import Feed, FeedKind
from crm.assessment.books.services import RunDraft
from crm.assessment.budgets import services as money
from crm.assessment.budgets.rules import SpendDraft, SpendKind
from crm.assessment.rulemaking import services as drafts
from crm.assessment.tours import queries as touring
from crm.assessment.tours import services as tours
from crm.assessment.tours.services import StopDraft, TourDraft
from crm.auth.models import User
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

CRITERIA = "建设进度 10 60\n现场讲解 5 40"
LISTED = {"name": "重点项目与互评办法", "rules": [
    {"key": "重点", "label": "重点项目", "kind": "items", "items": "项目", "missing": "zero", "rules": [
        {"kind": "choices", "value": "状态", "choices": {"新开工": 5, "续建": 2}},
    ]},
    {"key": "互评", "label": "互评", "kind": "rating", "items": "评分", "mark": "分", "weight": 20, "missing": "zero"},
]}  # fmt: skip
FEEDS = {"走访企业": Feed(FeedKind.MEASURE, "visits"), "来区考察": Feed(FeedKind.MEASURE, "inspections")}


def furnish(session: Session, office: Office) -> None:
    """Write them."""
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    body = json.dumps(EXAMPLES["squads"], ensure_ascii=False)
    book = services.save_book(session, registrar, body, FEEDS, note="首版", now=NOW)
    services.publish(session, registrar, book.id, now=NOW)
    for name, confirmed in (("10月考核", True), ("11月考核", False)):
        groups = {office.east.id: "小分队", office.south.id: "小分队"}
        draft = RunDraft(name, date(2026, 11, 1), TODAY, groups)
        run = services.open_run(session, registrar, book.id, draft, now=NOW)
        for unit, days in ((office.east, "18"), (office.south, "12")):
            typed = {"出勤天数": days, "签约个数": "1"}
            services.put_values(session, registrar, run.id, unit.id, typed, note="考勤表", now=NOW)
        services.compute(session, run.id, now=NOW)
        if confirmed:
            services.confirm(session, leader, run.id, now=NOW)
            due_on = TODAY + timedelta(days=7)
            slips.issue(session, registrar, run.id, demand="补足走访任务", due_on=due_on, now=NOW, today=TODAY)
    _rate(session, office)
    _draft(session, office)
    _tour(session, office)
    _spend(session, office)


def _draft(session: Session, office: Office) -> None:
    """Begin a book whose rules are changed on their forms."""
    registrar = office.actor(session, office.registrar)
    drafts.begin(session, registrar, "明年的考核办法", "city", now=NOW)


def _rate(session: Session, office: Office) -> None:
    registrar = office.actor(session, office.registrar)
    book = services.save_book(session, registrar, json.dumps(LISTED, ensure_ascii=False), {}, note="", now=NOW)
    services.publish(session, registrar, book.id, now=NOW)
    groups = {office.east.id: "小分队", office.south.id: "小分队"}
    run = services.open_run(session, registrar, book.id, RunDraft("四季度考核", TODAY, TODAY, groups), now=NOW)
    rows = [{"name": "云岭轴承", "状态": "新开工"}]
    lists.put_list(session, registrar, (run.id, office.south.id, "项目"), rows, note="调度表", now=NOW)
    outside = [one.id for one in (office.leader, office.supervisor, office.recognizer)]  # who rate both squads
    asked = dict.fromkeys([*_everybody(session), *outside], "")
    draft = RatingDraft(TODAY + timedelta(days=3), frozenset(groups), asked)
    row = ratings.invite(session, registrar, run.id, "评分", draft, now=NOW, today=TODAY)
    marks = {office.south.id: "88", office.east.id: "90.5"}
    ratings.hand_in(session, office.actor(session, office.leader), row.id, marks, now=NOW)
    services.compute(session, run.id, now=NOW)


def _everybody(session: Session) -> list[int]:
    """Who looks at the pages."""
    return list(session.scalars(select(User.id).where(User.username.like("all-%"))))


def _tour(session: Session, office: Office) -> None:
    registrar = office.actor(session, office.registrar)
    for name, stages in (("三季度观摩", 2), ("四季度观摩", 1), ("冬季观摩", 0)):
        judges = frozenset({*_everybody(session), office.leader.id, office.supervisor.id})
        draft = TourDraft(name, TODAY, CRITERIA, judges, trim=True)
        row = tours.save(session, registrar, draft, now=NOW)
        for unit, title in ((office.south, "包装车间"), (office.east, "轴承二期")):
            tours.add_stop(session, registrar, row.id, StopDraft(unit.id, title), now=NOW)
        if stages:
            tours.open_tour(session, registrar, row.id, now=NOW)
            for who, mark in ((office.leader, "9"), (office.supervisor, "8.5")):
                for stop in touring.tour(session, row.id).stops:
                    place, marks = (row.id, stop.id), {"c1": mark, "c2": "4.5"}
                    tours.hand_in(session, office.actor(session, who), place, marks, remark="", now=NOW)
        if stages > 1:
            tours.close(session, registrar, row.id, now=NOW)


def _spend(session: Session, office: Office) -> None:
    amounts: dict[int, Decimal | None] = {office.east.id: Decimal(40), office.south.id: Decimal(1)}
    registrar, officer = (office.actor(session, one) for one in (office.registrar, office.officer))
    money.set_budgets(session, registrar, TODAY.year, amounts, basis="年初预算", now=NOW)
    for amount, purpose in (("1.25", "赴岚桥拜访机票"), ("0.4", "资料印制")):
        draft = SpendDraft(office.east.id, TODAY, Decimal(amount), SpendKind.TRAVEL, purpose)
        row = money.spend(session, officer, draft, now=NOW, today=TODAY)
    money.void(session, officer, row.id, reason="登记重了", now=NOW)
