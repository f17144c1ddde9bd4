"""Pages of a project's way: its history, taking a mistaken move back, exits and what a loss taught."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.pipeline import limits, queries, rules, sections
from crm.pipeline import services as projects
from crm.pipeline.deals import setting
from crm.pipeline.exits import queries as ways
from crm.pipeline.exits import services
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.core.errors import Problem
    from crm.pipeline.models import Project

bp = Blueprint("exits", __name__, url_prefix="/projects")
P = Permission
LONGEST = 20_000


@bp.get("/losses")
@requires(P.PROJECT_READ)
def losses() -> ResponseReturnValue:
    """List the losses that nobody has gone over yet."""
    found = ways.unlearned(db.session(), current_actor())
    return render_template("pipeline/exits/losses.html", found=found, rules=rules, today=timing.today())


@bp.get("/<int:project_id>/history")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show every change of stage and every exit of a project."""
    return _page(queries.get(db.session(), current_actor(), project_id))


@bp.post("/<int:project_id>/history/undo")
@requires(P.PROJECT_MOVE)
def undo(project_id: int) -> ResponseReturnValue:
    """Take the newest move back."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_MOVE)
    reason, version = request.form.get("reason", "")[:LONGEST], request.form.get("version", 0, type=int)
    try:
        projects.undo_move(session, actor, project_id, reason=reason, version=version, now=timing.now())
    except ConflictError:
        raise
    except DomainError as error:
        return _page(project, error.problems, reason), error.status
    flash(tr("已撤销，项目回到“%(stage)s”", stage=tr(rules.STAGE_LABELS[project.stage])), "ok")
    return _back(project_id)


@bp.post("/<int:project_id>/history/exits/<int:exit_id>/learn")
@requires(P.PROJECT_WRITE)
def learn(project_id: int, exit_id: int) -> ResponseReturnValue:
    """Write down what a loss taught."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    learned = request.form.get("learned", "")[:LONGEST]
    try:
        services.learn(session, actor, project_id, exit_id, learned, now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        return _page(project, error.problems, learned=learned), error.status
    flash(tr("复盘已登记"), "ok")
    return _back(project_id)


def _page(project: Project, problems: Sequence[Problem] = (), reason: str = "", *, learned: str = "") -> str:
    session, actor = db.session(), current_actor()
    steps = ways.history(session, project.id)
    last = steps[0].entry
    mine = last.by == actor.user_id or queries.may_return(actor, project.unit_id)
    hours = setting.current(session).undo_hours
    late = timing.now() > last.at + timedelta(hours=hours)
    open_ = last.from_stage is not None and last.undoes is None and project.exit_kind is None
    return render_template(
        "pipeline/exits/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "exits.show"),
        steps=steps,
        firsts=ways.first_dates(session, [project.id]).get(project.id, ways.FirstDates()),
        exits=ways.of_project(session, actor, project.id),
        may_undo=open_ and mine and not late and actor.reaches(P.PROJECT_MOVE, project.unit_id),
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        hours=hours,
        problems=[say(problem) for problem in problems],
        reason=reason,
        learned=learned,
        rules=rules,
        today=timing.today(),
    )


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("exits.show", project_id=project_id), 303)
