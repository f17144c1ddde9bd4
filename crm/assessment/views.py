"""Pages of targets and campaigns (百日会战)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment import queries, services
from crm.assessment.charts import campaign_chart
from crm.assessment.facts import READ, Window
from crm.assessment.forms import CampaignForm, GridInput, TargetsForm, cell_name, read_grid, shown_grid
from crm.assessment.links import rows_href
from crm.assessment.measures import MEASURES
from crm.assessment.rules import LEVEL_LABELS, METRIC_BASIS, METRIC_LABELS, METRIC_UNITS, Metric, TargetLevel, elapsed
from crm.assessment.standings import Standing, standing
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.units import names_on
from crm.core.errors import DomainError, Problem
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.assessment.models import Campaign
    from crm.auth.models import OrgUnit

bp = Blueprint("assessment", __name__)
BAD_CELL = Problem("target.value", "任务数要是 1 到 1000000 之间的整数；不下达的请留空。标红的格子请改。")


def _href(metric: Metric, window: Window, unit_id: int | None = None) -> str:
    """Link to the rows, empty where the person may not see them: totals are public, rows are not."""
    scope = current_actor().scope(READ[MEASURES[metric.value].kind])
    if scope is not None and unit_id not in scope:
        return ""
    return rows_href(metric.value, window, unit_id)


def _standing(window: Window, goals: dict[tuple[int, Metric], int]) -> Standing:
    session = db.session()
    done = queries.matrix(session, window)
    unit_ids = sorted({unit_id for unit_id, _metric in (*goals, *done)})
    units = list(names_on(session, window.end, unit_ids).items())  # as they were called then
    return standing(units, done, goals, elapsed(window.start, window.end, timing.today()))


@bp.get("/targets")
@requires(Permission.REPORT_READ)
def targets() -> ResponseReturnValue:
    """Show what each unit must do in a year and how far it is."""
    year, level = _year(), _level()
    window = Window(date(year, 1, 1), date(year, 12, 31), timing.now())
    goals = queries.targets(db.session(), year, level)
    return render_template(
        "assessment/targets.html",
        year=year,
        level=level,
        levels=LEVEL_LABELS,
        standing=_standing(window, goals),
        window=window,
        href=_href,
        has_goals=bool(goals),
        labels=METRIC_LABELS,
        units=METRIC_UNITS,
        bases=METRIC_BASIS,
        may_edit=current_actor().may(Permission.TARGET_MANAGE),
    )


@bp.get("/targets/edit")
@requires(Permission.TARGET_MANAGE)
def edit_targets() -> ResponseReturnValue:
    """Show the grid of targets to fill in."""
    held = queries.targets(db.session(), _year(), _level())
    return _targets_form(TargetsForm(), shown_grid(held))


@bp.post("/targets/edit")
@requires(Permission.TARGET_MANAGE)
def save_targets() -> ResponseReturnValue:
    """Keep the grid of targets."""
    year, level = _year(), _level()
    units = queries.target_units(db.session(), year, timing.today())
    form, grid = TargetsForm(), read_grid(request.form, [unit.id for unit in units])
    if grid.bad:
        form.refuse([BAD_CELL])
        return _targets_form(form, grid), 422
    try:
        services.set_targets(db.session(), current_actor(), year, level, grid.values, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _targets_form(form, grid), 422
    flash(tr("%(year)s年任务已保存", year=year), "ok")
    return redirect(url_for("assessment.targets", year=year, level=level.value))


def _targets_form(form: TargetsForm, grid: GridInput) -> str:
    year = _year()
    return render_template(
        "assessment/targets_edit.html",
        form=form,
        year=year,
        level=_level(),
        levels=LEVEL_LABELS,
        **_grid_context(queries.target_units(db.session(), year, timing.today()), grid),
    )


def _grid_context(units: Sequence[OrgUnit], grid: GridInput) -> dict[str, object]:
    return {
        "grid_units": units,
        "grid": grid,
        "cell_name": cell_name,
        "metrics": list(Metric),
        "labels": METRIC_LABELS,
        "units": METRIC_UNITS,
    }


def _year() -> int:
    year = request.args.get("year", type=int)
    return year if year and services.FIRST_YEAR <= year <= services.LAST_YEAR else timing.today().year


def _level() -> TargetLevel:
    asked = request.args.get("level", "")
    return TargetLevel(asked) if asked in set(TargetLevel) else TargetLevel.ENSURE


@bp.get("/campaigns")
@requires(Permission.REPORT_READ)
def campaigns() -> ResponseReturnValue:
    """List the campaigns, newest first."""
    today = timing.today()
    rows = [
        {"campaign": campaign, "units": units, "elapsed": elapsed(campaign.start_on, campaign.end_on, today)}
        for campaign, units in queries.campaigns(db.session())
    ]
    return render_template(
        "assessment/campaigns.html",
        rows=rows,
        today=today,
        may_edit=current_actor().may(Permission.CAMPAIGN_MANAGE),
    )


@bp.get("/campaigns/<int:campaign_id>")
@requires(Permission.REPORT_READ)
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show the completion table of a campaign, overall and by unit."""
    session = db.session()
    found = queries.campaign(session, campaign_id)
    window = Window(found.start_on, found.end_on, timing.now())
    state = _standing(window, queries.tasks(session, campaign_id))
    return render_template(
        "assessment/campaign.html",
        campaign=found,
        standing=state,
        window=window,
        href=_href,
        labels=METRIC_LABELS,
        units=METRIC_UNITS,
        bases=METRIC_BASIS,
        chart=campaign_chart(state),
        today=timing.today(),
        may_edit=current_actor().may(Permission.CAMPAIGN_MANAGE),
    )


@bp.get("/campaigns/new")
@requires(Permission.CAMPAIGN_MANAGE)
def new_campaign() -> ResponseReturnValue:
    """Show the form of a new campaign."""
    return _campaign_form(CampaignForm(), GridInput(), None)


@bp.post("/campaigns/new")
@requires(Permission.CAMPAIGN_MANAGE)
def create_campaign() -> ResponseReturnValue:
    """Start a campaign."""
    return _save_campaign(None)


@bp.get("/campaigns/<int:campaign_id>/edit")
@requires(Permission.CAMPAIGN_MANAGE)
def edit_campaign(campaign_id: int) -> ResponseReturnValue:
    """Show the form of a campaign with its tasks."""
    found = queries.campaign(db.session(), campaign_id)
    return _campaign_form(CampaignForm(obj=found), shown_grid(queries.tasks(db.session(), campaign_id)), found)


@bp.post("/campaigns/<int:campaign_id>/edit")
@requires(Permission.CAMPAIGN_MANAGE)
def change_campaign(campaign_id: int) -> ResponseReturnValue:
    """Keep the changes to a campaign."""
    return _save_campaign(queries.campaign(db.session(), campaign_id))


def _task_units(found: Campaign | None) -> list[OrgUnit]:
    session = db.session()
    held = {unit_id for unit_id, _metric in queries.tasks(session, found.id)} if found else set()
    valid = {unit.id for unit in people.units(session, timing.today())}
    return queries.units_by_id(session, sorted(held | valid))


def _save_campaign(found: Campaign | None) -> ResponseReturnValue:
    form, grid = CampaignForm(), read_grid(request.form, [unit.id for unit in _task_units(found)])
    valid = form.validate()
    if grid.bad:
        form.refuse([BAD_CELL])
    if not valid or grid.bad:
        return _campaign_form(form, grid, found), 422
    draft = services.CampaignDraft(
        text(form.name),
        cast("date", form.start_on.data),
        cast("date", form.end_on.data),
        text(form.slogan),
        grid.values,
    )
    try:
        if found is None:
            found = services.create_campaign(db.session(), current_actor(), draft, now=timing.now())
        else:
            services.change_campaign(db.session(), current_actor(), found.id, draft, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _campaign_form(form, grid, found), 422
    flash(tr("会战已保存"), "ok")
    return redirect(url_for("assessment.campaign", campaign_id=found.id))


def _campaign_form(form: CampaignForm, grid: GridInput, found: Campaign | None) -> str:
    context = _grid_context(_task_units(found), grid)
    return render_template("assessment/campaign_edit.html", form=form, campaign=found, **context)
