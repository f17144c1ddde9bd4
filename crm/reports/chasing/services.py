"""Reminding units of the week's report, and their word that there is nothing to report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from crm.auth.rules import Permission
from crm.core import audit, options
from crm.core.db import insert_ignore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.scheduling import SHANGHAI
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.reports.chasing import queries, rules
from crm.reports.chasing.models import WeeklyChase, WeeklySilence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.reports.chasing.rules import Setup, Standing
    from crm.reports.period import Week

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
NOT_HEAD = Problem("chase.head", "“本周无动态”由本单位组长报，请找组长或招商办。")
NOT_DUE = Problem("chase.not_due", "这个单位本周不用报送。")
OVER = Problem("chase.over", "这一周已经截稿，不能再改；有情况请写进下一期。")
LOGGED = Problem("chase.logged", "本单位这周已经登记了走访或项目进展，不用报无动态。")
REPORTED = Problem("chase.reported", "这个单位已经报送，不用提醒。")
SOON = Problem("chase.soon", "一小时内已经提醒过，请过一会儿再提醒。")
NOBODY = Problem("chase.nobody", "没有可以提醒的人：请先在人员里给这些单位安排组长或办事员。")
LINK = "/reports/weekly/returns"
TEXT = "“%(unit)s”%(week)s周报还没有报送信息，%(cutoff)s截稿。请登记走访或项目进展；没有的请报“本周无动态”。"
SAID = ["iso_year", "iso_week", "unit_id"]
ONCE = [*SAID, "hours"]


def may_speak(actor: Actor, unit_id: int) -> bool:
    """Whether a person may say for a unit that there is nothing to report: its team lead, or the office."""
    return actor.reaches(Permission.LEAD_TRIAGE, unit_id)


def save_setup(session: Session, actor: Actor, setup: Setup, *, now: datetime) -> None:
    """Keep who has to report, when they are reminded, and how the report names the rest."""
    if not actor.may(Permission.REPORT_BUILD):
        raise ForbiddenError(FORBIDDEN)
    problems = rules.setup_problems(setup)
    if problems:
        raise DomainError(*problems)
    value = {
        "units": sorted(set(setup.units)),
        "hours": sorted(set(setup.hours), reverse=True),
        "naming": setup.naming.value,
    }
    options.write(session, actor.user_id, queries.KEY, value, now=now)


def say_nothing(session: Session, actor: Actor, week: Week, unit_id: int, *, now: datetime) -> None:
    """Keep a unit's word that the week brought nothing; saying it twice is saying it once."""
    one = _standing(session, actor, week, unit_id, now)
    if one.logged:
        raise ConflictError(LOGGED)
    row = {**_of(week, unit_id), "said_by": actor.user_id, "said_at": now}
    if insert_ignore(session, WeeklySilence, [row], SAID):
        _record(session, actor, "report.silence", week, unit_id, now)


def take_back(session: Session, actor: Actor, week: Week, unit_id: int, *, now: datetime) -> None:
    """Take that word back before the cut-off."""
    _standing(session, actor, week, unit_id, now)
    session.execute(
        delete(WeeklySilence).where(
            *(getattr(WeeklySilence, key) == value for key, value in _of(week, unit_id).items())
        )
    )
    _record(session, actor, "report.silence_back", week, unit_id, now)


def chase(session: Session, *, now: datetime) -> dict[str, int]:
    """Remind every unit that owes something, once for each hour set; return how many units and people were told."""
    setup = queries.setup(session)
    week = queries.open_week(session, now)
    step = rules.step_due(setup.hours, week.cutoff, now)
    if step is None or queries.is_frozen(session, week):
        return {"units": 0, "people": 0}
    missing = [one for one in queries.standings(session, week, now, setup) if not one.reported]
    return _tell(session, missing, week, {"hours": step, "told_by": None, "told_at": now})


def remind(session: Session, actor: Actor, week: Week, unit_id: int | None, *, now: datetime) -> dict[str, int]:
    """Remind one unit now, or all that owe something and were not just told; return how many units and people."""
    if not actor.may(Permission.REPORT_BUILD):
        raise ForbiddenError(FORBIDDEN)
    if now >= week.cutoff or queries.is_frozen(session, week):
        raise ConflictError(OVER)
    queries.hold(session, week, unit_id)
    found = queries.standings(session, week, now, queries.setup(session))
    if unit_id is not None:
        found = [_one(found, unit_id)]
    due = [one for one in found if rules.may_remind(one, now)]
    if not due:
        raise ConflictError(REPORTED if all(one.reported for one in found) else SOON)
    told = _tell(session, due, week, {"hours": None, "told_by": actor.user_id, "told_at": now})
    if not told["units"]:
        raise ConflictError(NOBODY)
    audit.record(session, actor.user_id, "report.chase", ("org_unit", unit_id), now=now, week=week.name, **told)
    return told


def _tell(session: Session, missing: Sequence[Standing], week: Week, how: dict[str, Any]) -> dict[str, int]:
    now: datetime = how["told_at"]
    heads = queries.heads(session, [one.unit_id for one in missing], now.astimezone(SHANGHAI).date())
    units = people = 0
    for one in missing:
        told = heads.get(one.unit_id, set())
        row = {**_of(week, one.unit_id), **how, "people": len(told)}
        if told and insert_ignore(session, WeeklyChase, [row], ONCE):
            units, people = units + 1, people + _remind(session, one, told, week, now)
    return {"units": units, "people": people}


def _remind(session: Session, one: Standing, told: set[int], week: Week, now: datetime) -> int:
    moment = week.cutoff.astimezone(SHANGHAI)
    cutoff = f"{moment.month}月{moment.day}日{moment:%H:%M}"
    params = {"unit": one.name, "week": week.name, "cutoff": cutoff}
    return tell(session, told, NoticeKind.DUE, TEXT, LINK, ("org_unit", one.unit_id), now, params=params)


def _standing(session: Session, actor: Actor, week: Week, unit_id: int, now: datetime) -> Standing:
    """The unit of a week that this person may speak for while it is open."""
    if not may_speak(actor, unit_id):
        raise ForbiddenError(NOT_HEAD)
    if now >= week.cutoff or queries.is_frozen(session, week):
        raise ConflictError(OVER)
    found = queries.standings(session, week, now, queries.setup(session))
    return _one(found, unit_id)


def _one(found: Sequence[Standing], unit_id: int) -> Standing:
    one = next((one for one in found if one.unit_id == unit_id), None)
    if one is None:
        raise NotFoundError(NOT_DUE)
    return one


def _of(week: Week, unit_id: int) -> dict[str, int]:
    return {"iso_year": week.iso_year, "iso_week": week.iso_week, "unit_id": unit_id}


def _record(session: Session, actor: Actor, verb: str, week: Week, unit_id: int, now: datetime) -> None:
    audit.record(session, actor.user_id, verb, ("org_unit", unit_id), now=now, week=week.name)
