"""Pages of who reported for the week and who is missing, the word of a unit without news, and the settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.reports.chasing import queries, rules, services
from crm.reports.chasing.forms import SetupForm
from crm.reports.chasing.rules import Naming, Setup
from crm.reports.weeks import parse_week
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flask.typing import ResponseReturnValue

    from crm.reports.period import Week

bp = Blueprint("returns", __name__, url_prefix="/reports/weekly/returns")
READ = Permission.REPORT_READ
NO_WEEK = Problem("report.week", "没有这一周：请核对年份和周次。")
NO_HOURS = Problem("chase.words", "请写提前的小时数，用逗号隔开，例如 24,2；不提醒就留空。", "hours")


def overview() -> dict[str, Any]:
    """What the page of weekly reports shows of the week being collected."""
    week = queries.open_week(db.session(), timing.now())
    return _shown(week)


def _shown(week: Week) -> dict[str, Any]:
    actor = current_actor()
    setup = queries.setup(db.session())
    scope = actor.scope(READ)
    rows = queries.standings(db.session(), week, timing.now(), setup)
    mine = [one for one in rows if scope is None or one.unit_id in scope]
    heads = queries.heads(db.session(), [one.unit_id for one in mine], timing.today())
    return {
        "mute": {one.unit_id for one in mine if one.unit_id not in heads},
        "week": week,
        "rows": sorted(mine, key=lambda one: one.reported),
        "reported": sum(1 for one in mine if one.reported),
        "speaks": {one.unit_id for one in mine if services.may_speak(actor, one.unit_id)},
        "open": timing.now() < week.cutoff,
        "hours": setup.hours,
        "may_set": actor.may(Permission.REPORT_BUILD),
        "due": {one.unit_id for one in mine if one.unit_id in heads and rules.may_remind(one, timing.now())},
    }


@bp.get("")
@requires(READ)
def index() -> ResponseReturnValue:
    """List who reported for a week, by default the one being collected."""
    name = request.args.get("week", "")
    week = _week(name) if name else queries.open_week(db.session(), timing.now())
    return render_template("reports/returns.html", returns=_shown(week))


def _week(name: str) -> Week:
    try:
        return queries.week_known(db.session(), *parse_week(name))
    except ValueError:
        raise NotFoundError(NO_WEEK) from None


@bp.post("/<name>/silence")
@requires(READ)
def silence(name: str) -> ResponseReturnValue:
    """Say that a unit has nothing to report."""
    return _speak(name, services.say_nothing, tr("已报：本周无动态"))


@bp.post("/<name>/silence/back")
@requires(READ)
def take_back(name: str) -> ResponseReturnValue:
    """Take that back."""
    return _speak(name, services.take_back, tr("已撤回“本周无动态”"))


@bp.post("/<name>/remind")
@requires(Permission.REPORT_BUILD)
def remind(name: str) -> ResponseReturnValue:
    """Remind one unit now, or every one that owes something."""
    unit_id = number_or_none(request.form.get("unit", ""))
    try:
        told = services.remind(db.session(), current_actor(), _week(name), unit_id, now=timing.now())
    except ConflictError as error:
        db.session().rollback()
        flash("；".join(say(problem) for problem in error.problems), "bad")
    else:
        flash(tr("已提醒%(units)s个单位的%(people)s人", **told), "ok")
    return redirect(url_for("returns.index", week=name), 303)


def _speak(name: str, act: Callable[..., None], said: str) -> ResponseReturnValue:
    unit_id = number_or_none(request.form.get("unit", "")) or 0
    act(db.session(), current_actor(), _week(name), unit_id, now=timing.now())
    flash(said, "ok")
    return redirect(url_for("returns.index", week=name), 303)


@bp.get("/settings")
@requires(Permission.REPORT_BUILD)
def settings() -> ResponseReturnValue:
    """Show who has to report and when they are reminded."""
    setup = queries.setup(db.session())
    data = {
        "units": list(setup.units),
        "hours": ",".join(str(one) for one in setup.hours),
        "naming": setup.naming.value,
    }
    return _settings(SetupForm(formdata=None, data=data))


@bp.post("/settings")
@requires(Permission.REPORT_BUILD)
def save() -> ResponseReturnValue:
    """Save it; a refusal keeps what was typed."""
    form = SetupForm()
    try:
        services.save_setup(db.session(), current_actor(), _typed(form), now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _settings(form), error.status
    flash(tr("已保存"), "ok")
    return redirect(url_for("returns.index"), 303)


def _settings(form: SetupForm) -> str:
    units = people.units(db.session(), timing.today())
    form.units.choices = [(unit.id, unit.name) for unit in units]
    heads = queries.heads(db.session(), form.units.data or [], timing.today())
    mute = [unit.name for unit in units if unit.id in (form.units.data or []) and unit.id not in heads]
    return render_template("reports/returns_settings.html", form=form, mute=mute)


def _typed(form: SetupForm) -> Setup:
    if not form.validate():
        raise DomainError(*(Problem("form", say_all(errors), name) for name, errors in form.errors.items()))
    words = re.split(r"[,，、;；\s]+", text(form.hours).strip(",，、;； "))
    numbers = [number_or_none(one) for one in words if one]
    if any(one is None for one in numbers):
        raise DomainError(NO_HOURS)
    known = {unit.id for unit in people.units(db.session(), timing.today())}
    units = tuple(one for one in form.units.data or [] if one in known)
    return Setup(units, tuple(one for one in numbers if one is not None), Naming(form.naming.data))


def say_all(errors: object) -> str:
    """Put the errors of a field into one line."""
    return "；".join(str(one) for one in errors) if isinstance(errors, list | tuple) else str(errors)
