"""What fits what: carriers for a project and what it needs, enterprises for a carrier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.land import plot_firms
from crm.land.carrier_forms import NeedForm
from crm.land.chains import words
from crm.matching import needs, places
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
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

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
