"""What fits what: carriers for a project and what it needs, enterprises for a carrier, all open projects at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.land import plot_firms
from crm.land.carrier_forms import NeedForm
from crm.land.chains import words
from crm.matching import bulk, listing, needs, places
from crm.matching.words import said
from crm.pipeline import queries as projects
from crm.pipeline import sections
from crm.pipeline.attempts import attempt
from crm.pipeline.rules import STAGE_LABELS
from crm.resources.carriers import queries as carriers
from crm.resources.carriers import rules
from crm.resources.matching.rules import LIMITS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.matching.models import MatchRun

bp = Blueprint("sites", __name__)
P = Permission
bp.add_app_template_filter(said, "said")


@bp.get("/projects/<int:project_id>/sites")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show carriers that fit a project, the best first, with the reasons; and why the others do not."""
    session, actor, day = db.session(), current_actor(), timing.today()
    project = projects.get(session, actor, project_id)
    held = carriers.holds_of(session, [project.id])
    return render_template(
        "land/sites/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "sites.show"),
        need=places.need_of(session, project),
        matches=places.for_project(session, project, day),
        held=held,
        carriers=carriers.named(session, [hold.carrier_id for hold in held]),
        day=day,
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        may_take=actor.may(P.RESOURCE_MANAGE),
        limits=LIMITS,
        rules=rules,
    )


@bp.route("/projects/<int:project_id>/sites/need", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def need(project_id: int) -> ResponseReturnValue:
    """State what a project needs of a place."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    row = needs.stated(session, project.id)
    form = NeedForm(data={name: getattr(row, name, None) for name in needs.FIELDS})
    if request.method == "GET":
        return render_template("land/sites/need.html", project=project, form=form)

    def act() -> None:
        values = {name: form[name].data for name in needs.FIELDS}
        needs.save(session, actor, project.id, values, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("land/sites/need.html", project=project, form=form), status
    flash(tr("已保存选址需求"), "ok")
    return redirect(url_for("sites.show", project_id=project.id), 303)


@bp.get("/carriers/<int:carrier_id>/firms")
@requires(P.RESOURCE_READ)
def firms(carrier_id: int) -> ResponseReturnValue:
    """Show enterprises to approach for what is free of a carrier, the weightiest first, with the reasons."""
    session, row = db.session(), carriers.get(db.session(), carrier_id)
    return render_template(
        "land/carriers/firms.html",
        row=row,
        called=plot_firms.firms(session, current_actor(), row, now=timing.now(), today=timing.today()),
        most=plot_firms.SHOWN,
        words=words,
        stages=STAGE_LABELS,
    )


@bp.get("/matches")
@requires(P.PROJECT_READ)
def matches() -> ResponseReturnValue:
    """Show what the last matching found for each open project the person may see."""
    session, actor = db.session(), current_actor()
    without = request.args.get("none") == "1"
    return render_template(
        "land/sites/all.html",
        page=listing.page(session, actor, without=without, cursor=request.args.get("cursor")),
        counts=listing.counts(session, actor),
        without=without,
        stages=STAGE_LABELS,
        **_run(bulk.latest(session)),
    )


@bp.post("/matches")
@requires(P.RESOURCE_MANAGE)
def match_all() -> ResponseReturnValue:
    """Have all open projects matched by a job."""
    try:
        bulk.start(db.session(), current_actor(), now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "info")
    return redirect(url_for("sites.matches"), 303)


@bp.get("/matches/runs/<int:run_id>")
@requires(P.PROJECT_READ)
def match_run(run_id: int) -> ResponseReturnValue:
    """Show how far a run is."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("sites.matches"))
    return render_template("land/sites/_run.html", **_run(bulk.get(db.session(), run_id)))


@bp.post("/matches/runs/<int:run_id>/stop")
@requires(P.RESOURCE_MANAGE)
def stop_matching(run_id: int) -> ResponseReturnValue:
    """Stop a run; what it found stays."""
    bulk.stop(db.session(), current_actor(), run_id, now=timing.now())
    return redirect(url_for("sites.matches"), 303)


def _run(run: MatchRun | None) -> dict[str, object]:
    return {"run": run, "percent": bulk.percent(run) if run else 0, "may_start": bulk.may_start(current_actor())}
