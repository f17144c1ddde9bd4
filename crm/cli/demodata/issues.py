"""Numbered papers of the demonstration, and who has to report for every weekly report."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from crm.cli.demodata.goals import BIG, ISSUES
from crm.cli.demodata.office import REGISTRAR, SECOND_LEADER
from crm.core.scheduling import SHANGHAI, local_day
from crm.papers.issues import services
from crm.papers.rules import PAPERS, recent
from crm.pipeline.cards import Clock
from crm.reports.chasing import services as chasing
from crm.reports.chasing.rules import Setup

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk, Diary
    from crm.papers.rules import Period

REPORTING = (*BIG, "shenzhen", "shanghai", "chengguan", "qingxi", "baima", "industry")
MADE = (("dispatch", 2, True), ("bulletin", 1, False))


def plan_issues(desk: Desk, diary: Diary) -> None:
    """Ask for weekly reports, then number the last papers on the day they are due; the newest is not sent out yet."""
    diary.write(desk.instant(desk.today - timedelta(days=7 * ISSUES + 6), 9), partial(_ask, desk))
    for key, count, sent in MADE:
        due = [one for one in recent(PAPERS[key].period, desk.today, count + 3) if one.due_on < desk.today]
        for period in due[:count]:
            diary.write(desk.instant(period.due_on, 15), partial(_number, desk, key, period, sent=sent))


def _ask(desk: Desk, now: datetime) -> None:
    setup = Setup(tuple(desk.units[key].id for key in REPORTING))
    chasing.save_setup(desk.session, desk.actor(REGISTRAR), setup, now=now)


def _number(desk: Desk, key: str, period: Period, now: datetime, *, sent: bool) -> None:
    clock = Clock(now, local_day(now), SHANGHAI)
    issue = services.build(desk.session, desk.actor(REGISTRAR), PAPERS[key], period, clock)
    later, leader = now + timedelta(hours=1), desk.actor(SECOND_LEADER)
    services.freeze(desk.session, leader, issue.id, issue.version, now=later)
    if sent:
        services.send(desk.session, leader, issue.id, issue.version, now=later)
