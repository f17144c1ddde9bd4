"""Pages of yearly targets: the table of units, the grid they are set in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment import queries, services
from crm.assessment.board import board
from crm.assessment.facts import Window
from crm.assessment.forms import OFFICE, GridInput, TargetsForm, cell_name, read_grid, shown_grid
from crm.assessment.items import STANDARD
from crm.assessment.rules import LEVEL_LABELS, TargetLevel, elapsed
from crm.assessment.views import BAD_CELL
from crm.assessment.words import labels
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("targets", __name__, url_prefix="/targets")


def asked_year() -> int:
    """The year of the address, else this year."""
    year = request.args.get("year", type=int)
    return year if year and services.FIRST_YEAR <= year <= services.LAST_YEAR else timing.today().year


def asked_level() -> TargetLevel:
    """The level of the address, else 确保."""
    asked = request.args.get("level", "")
    return TargetLevel(asked) if asked in set(TargetLevel) else TargetLevel.ENSURE


@bp.get("")
@requires(Permission.REPORT_READ)
def index() -> ResponseReturnValue:
    """Show what each unit must do in a year and how far it is."""
    year, level = asked_year(), asked_level()
    start, end = date(year, 1, 1), date(year, 12, 31)
    goals = queries.targets(db.session(), year, level)
    shown = board(Window(start, end, timing.now()), goals, elapsed(start, end, timing.today()))
    return render_template(
        "assessment/targets.html",
        year=year,
        level=level,
        levels=LEVEL_LABELS,
        board=shown,
        office=queries.office_targets(db.session(), year, level),
        has_goals=bool(goals),
        may_edit=current_actor().may(Permission.TARGET_MANAGE),
    )


@bp.get("/edit")
@requires(Permission.TARGET_MANAGE)
def edit() -> ResponseReturnValue:
    """Show the grid of targets to fill in."""
    session, year, level = db.session(), asked_year(), asked_level()
    held = {(unit_id, str(metric)): value for (unit_id, metric), value in queries.targets(session, year, level).items()}
    whole = queries.office_targets(session, year, level)
    return _form(TargetsForm(), shown_grid({**held, **{(OFFICE, str(key)): value for key, value in whole.items()}}))


@bp.post("/edit")
@requires(Permission.TARGET_MANAGE)
def save() -> ResponseReturnValue:
    """Keep the grid of targets."""
    year, level = asked_year(), asked_level()
    units = queries.target_units(db.session(), year, timing.today())
    form, grid = TargetsForm(), read_grid(request.form, [OFFICE, *(unit.id for unit in units)])
    if grid.bad:
        form.refuse([BAD_CELL])
        return _form(form, grid), 422
    try:
        services.set_targets(db.session(), current_actor(), year, level, grid.values, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _form(form, grid), 422
    flash(tr("%(year)s年任务已保存", year=year), "ok")
    return redirect(url_for("targets.index", year=year, level=level.value))


def _form(form: TargetsForm, grid: GridInput) -> str:
    year = asked_year()
    return render_template(
        "assessment/targets_edit.html",
        form=form,
        year=year,
        level=asked_level(),
        levels=LEVEL_LABELS,
        grid_units=queries.target_units(db.session(), year, timing.today()),
        grid=grid,
        cell_name=cell_name,
        items=STANDARD,
        labels=labels(STANDARD),
        office=OFFICE,
    )
