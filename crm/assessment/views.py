"""Pages of campaigns (百日会战): board, people, items, phases and tasks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment import queries, services
from crm.assessment.board import campaign_board
from crm.assessment.chart_figures import as_of
from crm.assessment.chart_figures import campaign as campaign_figure
from crm.assessment.facts import READ, Window
from crm.assessment.forms import (
    SECTORS,
    CampaignForm,
    GridInput,
    ItemsForm,
    RowsInput,
    cell_name,
    read_grid,
    read_items,
    read_phases,
    shown_grid,
    shown_items,
    shown_phases,
)
from crm.assessment.items import MOST_ITEMS, MOST_PHASES, STANDARD
from crm.assessment.links import rows_href
from crm.assessment.measures import CHOOSABLE
from crm.assessment.rules import elapsed
from crm.assessment.words import SECTOR_LABELS, figure_words, labels
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from datetime import date

    from flask.typing import ResponseReturnValue

    from crm.assessment.items import Item
    from crm.assessment.models import Campaign
    from crm.auth.models import OrgUnit

bp = Blueprint("assessment", __name__)
bp.add_app_template_filter(figure_words, "figure")
BAD_CELL = Problem("target.value", "任务数要是大于零的数（条、家、个填整数）；不下达的请留空。标红的格子请改。")
SPARE = 2
MOST_PEOPLE = 200


@bp.get("/campaigns")
@requires(Permission.REPORT_READ)
def campaigns() -> ResponseReturnValue:
    """List the campaigns, newest first."""
    today = timing.today()
    rows = [
        {"campaign": campaign, "units": units, "elapsed": elapsed(campaign.start_on, campaign.end_on, today)}
        for campaign, units in queries.campaigns(db.session())
    ]
    may_edit = current_actor().may(Permission.CAMPAIGN_MANAGE)
    return render_template("assessment/campaigns.html", rows=rows, today=today, may_edit=may_edit)


@bp.get("/campaigns/<int:campaign_id>")
@requires(Permission.REPORT_READ)
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show the board of a campaign: pace and forecast, phases, completion matrix per unit."""
    found = queries.campaign(db.session(), campaign_id)
    board = campaign_board(found)
    actor = current_actor()
    return render_template(
        "assessment/_board.html" if request.headers.get("HX-Request") else "assessment/campaign.html",
        campaign=found,
        board=board,
        phases=queries.phases(db.session(), campaign_id),
        figure=campaign_figure(board),
        about=as_of(timing.now()),
        may_export=actor.may(Permission.REGISTER_EXPORT),
        today=timing.today(),
        may_edit=actor.may(Permission.CAMPAIGN_MANAGE),
        may_close=actor.may(Permission.REPORT_BUILD),
    )


@bp.get("/campaigns/<int:campaign_id>/people")
@requires(Permission.REPORT_READ)
def campaign_people(campaign_id: int) -> ResponseReturnValue:
    """Show what each person of the reader's units brought to a campaign (责任到人)."""
    session, actor = db.session(), current_actor()
    found = queries.campaign(session, campaign_id)
    items = queries.items(session, campaign_id)
    scope = actor.scope(Permission.REPORT_READ)
    window = Window(found.start_on, found.end_on, timing.now(), scope)
    lines = queries.by_people(session, window, items)
    return render_template(
        "assessment/people.html",
        campaign=found,
        items=items,
        labels=labels(items),
        lines=lines[:MOST_PEOPLE],
        hidden=max(len(lines) - MOST_PEOPLE, 0),
        href=partial(_person_href, window),
        names=people.names(session, [person for person, _sums in lines[:MOST_PEOPLE] if person is not None]),
    )


def _person_href(window: Window, item: Item, person: int | None) -> str:
    """Where the rows of one person open; what is nobody's has no such list."""
    scope = current_actor().scope(READ[item.measure.kind])
    inside = scope is None or (window.units is not None and window.units <= scope)
    if person is None or not inside:
        return ""
    lens = replace(item.lens, people=frozenset({person}))
    return rows_href(item.measure.key, replace(window, lens=lens))


@bp.get("/campaigns/new")
@requires(Permission.CAMPAIGN_MANAGE)
def new_campaign() -> ResponseReturnValue:
    """Show the form of a new campaign."""
    return _campaign_form(CampaignForm(), GridInput(), RowsInput(), None)


@bp.post("/campaigns/new")
@requires(Permission.CAMPAIGN_MANAGE)
def create_campaign() -> ResponseReturnValue:
    """Start a campaign."""
    return _save_campaign(None)


@bp.get("/campaigns/<int:campaign_id>/edit")
@requires(Permission.CAMPAIGN_MANAGE)
def edit_campaign(campaign_id: int) -> ResponseReturnValue:
    """Show the form of a campaign with its tasks."""
    session = db.session()
    found = queries.campaign(session, campaign_id)
    rows = shown_phases(queries.phases(session, campaign_id))
    return _campaign_form(CampaignForm(obj=found), shown_grid(queries.tasks(session, campaign_id)), rows, found)


@bp.post("/campaigns/<int:campaign_id>/edit")
@requires(Permission.CAMPAIGN_MANAGE)
def change_campaign(campaign_id: int) -> ResponseReturnValue:
    """Keep the changes to a campaign."""
    return _save_campaign(queries.campaign(db.session(), campaign_id))


@bp.get("/campaigns/<int:campaign_id>/items")
@requires(Permission.CAMPAIGN_MANAGE)
def edit_items(campaign_id: int) -> ResponseReturnValue:
    """Show what is counted in a campaign, to be chosen anew."""
    found = queries.campaign(db.session(), campaign_id)
    return _items_form(ItemsForm(), shown_items(queries.items(db.session(), campaign_id)), found)


@bp.post("/campaigns/<int:campaign_id>/items")
@requires(Permission.CAMPAIGN_MANAGE)
def save_items(campaign_id: int) -> ResponseReturnValue:
    """Keep what is counted in a campaign."""
    found = queries.campaign(db.session(), campaign_id)
    form, rows = ItemsForm(), read_items(request.form)
    if not form.validate() or rows.problems:
        form.refuse(rows.problems)
        return _items_form(form, rows, found), 422
    try:
        gone = services.set_items(db.session(), current_actor(), campaign_id, rows.items, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _items_form(form, rows, found), 422
    flash(tr("任务指标已保存，请填各单位的任务数。"), "ok")
    if gone:
        flash(tr("去掉的指标原有%(n)s个单位任务，已一并取消。", n=gone), "info")
    return redirect(url_for("assessment.edit_campaign", campaign_id=campaign_id))


def _task_units(found: Campaign | None) -> list[OrgUnit]:
    session = db.session()
    held = {unit_id for unit_id, _key in queries.tasks(session, found.id)} if found else set()
    valid = {unit.id for unit in people.units(session, timing.today())}
    return queries.units_by_id(session, sorted(held | valid))


def _save_campaign(found: Campaign | None) -> ResponseReturnValue:
    items = queries.items(db.session(), found.id) if found else STANDARD
    form, grid = CampaignForm(), read_grid(request.form, [unit.id for unit in _task_units(found)], items)
    phases, valid = read_phases(request.form), form.validate()
    problems = [*([BAD_CELL] if grid.bad else []), *phases.problems]
    if not valid or problems:
        form.refuse(problems)
        return _campaign_form(form, grid, phases, found), 422
    start, end = cast("date", form.start_on.data), cast("date", form.end_on.data)
    draft = services.CampaignDraft(text(form.name), start, end, text(form.slogan), grid.values)
    draft = replace(draft, phases=phases.phases)
    try:
        if found is None:
            found = services.create_campaign(db.session(), current_actor(), draft, now=timing.now())
        else:
            services.change_campaign(db.session(), current_actor(), found.id, draft, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _campaign_form(form, grid, phases, found), 422
    flash(tr("会战已保存"), "ok")
    return redirect(url_for("assessment.campaign", campaign_id=found.id))


def _campaign_form(form: CampaignForm, grid: GridInput, phases: RowsInput, found: Campaign | None) -> str:
    items = queries.items(db.session(), found.id) if found else STANDARD
    blank = min(max(MOST_PHASES - len(phases.typed), 0), SPARE)
    return render_template(
        "assessment/campaign_edit.html",
        form=form,
        campaign=found,
        phases=[*phases.typed, *({} for _one in range(blank))],
        grid_units=_task_units(found),
        grid=grid,
        cell_name=cell_name,
        items=items,
        labels=labels(items),
    )


def _items_form(form: ItemsForm, rows: RowsInput, found: Campaign) -> str:
    blank = min(max(MOST_ITEMS - len(rows.typed), 0), SPARE)
    return render_template(
        "assessment/items_edit.html",
        form=form,
        campaign=found,
        rows=[*rows.typed, *({} for _one in range(blank))],
        measures=CHOOSABLE,
        sectors={key: SECTOR_LABELS[key] for key in SECTORS},
    )
