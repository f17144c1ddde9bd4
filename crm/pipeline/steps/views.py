"""The next steps of one project, as a page and as the popover of its card: done, done and next, new, move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.fieldwork import followups, rules
from crm.pipeline import board, limits, queries, sections
from crm.pipeline.forms import filter_labels
from crm.pipeline.record import open_steps
from crm.pipeline.rules import ORDER, STAGE_LABELS, next_stage
from crm.pipeline.steps.forms import StepForm
from crm.pipeline.views import clock, is_fragment
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("steps", __name__, url_prefix="/projects")
P = Permission


@bp.get("/<int:project_id>/steps")
@requires(P.PROJECT_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show what is to be done for a project."""
    return _page(queries.get(db.session(), current_actor(), project_id))


@bp.post("/<int:project_id>/steps")
@requires(P.TOUCH_WRITE)
def add(project_id: int) -> ResponseReturnValue:
    """Add the next step; it may tick off the one before."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.TOUCH_WRITE)
    form = StepForm()
    if not form.validate():
        return _page(project, form), limits.REFUSED
    now, today = timing.now(), timing.today()
    before = number_or_none(str(form.done.data or ""))
    try:
        if before is None:
            followups.add_follow_up(session, actor, form.draft(project), unit_id=project.unit_id, now=now, today=today)
        else:
            followups.complete_and_next(session, actor, before, form.draft(project), now=now, today=today)
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _page(project, form), limits.REFUSED
    return _done(project, tr("已安排下步"))


@bp.post("/<int:project_id>/steps/<int:step_id>/done")
@requires(P.TOUCH_WRITE)
def done(project_id: int, step_id: int) -> ResponseReturnValue:
    """Tick off a step."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.TOUCH_WRITE)
    row = followups.complete_follow_up(session, actor, step_id, now=timing.now())
    return _done(project, tr("已完成：%(title)s", title=row.title))


def _done(project: Project, words: str) -> ResponseReturnValue:
    """Answer the board with the popover and the card anew, a plain form with the page."""
    if not is_fragment():
        flash(words, "ok")
        return redirect(url_for("steps.show", project_id=project.id), 303)
    db.session().flush()
    row = board.card(db.session(), current_actor(), project.id, clock())
    return _page(project) + render_template("pipeline/steps/_card.html", row=row, labels=filter_labels())


def _page(project: Project, form: StepForm | None = None) -> str:
    session, actor = db.session(), current_actor()
    here = ORDER.index(project.stage)
    moves = actor.reaches(P.PROJECT_MOVE, project.unit_id) and project.exit_kind is None
    return render_template(
        "pipeline/steps/_show.html" if is_fragment() else "pipeline/steps/show.html",
        project=project,
        form=form or StepForm(formdata=None, due_on=timing.today() + rules.NEXT_AFTER),
        steps=open_steps(session, actor, project.id),
        tabs=sections.tabs(actor, project, "steps.show"),
        today=timing.today(),
        labels=STAGE_LABELS,
        following=next_stage(project.stage) if moves else None,
        before=ORDER[here - 1] if moves and here and queries.may_return(actor, project.unit_id) else None,
        may_write=actor.reaches(P.TOUCH_WRITE, project.unit_id),
        focus=request.args.get("focus", ""),
    )
