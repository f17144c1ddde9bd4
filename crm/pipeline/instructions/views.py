"""Pages of leader instructions: the list, one of them, giving one, and those on a project."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.enterprises.queries import enterprise
from crm.pipeline import queries as projects
from crm.pipeline import sections
from crm.pipeline.attempts import attempt
from crm.pipeline.instructions import queries, rules, services
from crm.pipeline.instructions.forms import InstructionForm, ReplyForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.auth.rules import Actor
    from crm.pipeline.instructions.models import Instruction

USUAL = timedelta(days=7)  # how long an instruction usually has; the form begins with it
bp = Blueprint("instructions", __name__)
P = Permission
EVERYBODY = (P.PROJECT_READ, P.OPINION_GIVE)
VIEWS = (queries.MINE, queries.GIVEN, queries.ALL)


@bp.get("/instructions")
@requires(*EVERYBODY)
def index() -> ResponseReturnValue:
    """List instructions: mine to do, given by me, all."""
    session, actor = db.session(), current_actor()
    asked = request.args.get("mine", "")
    mine = asked if asked in VIEWS else queries.GIVEN if actor.may(P.INSTRUCTION_GIVE) else queries.MINE
    closed, cursor = request.args.get("state") == "closed", request.args.get("cursor")
    return render_template(
        "pipeline/instructions/index.html",
        page=queries.page(session, actor, mine=mine, closed=closed, cursor=cursor),
        mine=mine,
        closed=closed,
        late=queries.overdue(session, actor, timing.today()),
        rules=rules,
        today=timing.today(),
    )


@bp.get("/projects/<int:project_id>/instructions")
@requires(P.PROJECT_READ)
def of_project(project_id: int) -> ResponseReturnValue:
    """Show the instructions on a project."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    return render_template(
        "pipeline/instructions/project.html",
        project=project,
        found=queries.of_project(session, actor, project.id),
        rules=rules,
        today=timing.today(),
        tabs=sections.tabs(actor, project, "instructions.of_project"),
    )


@bp.route("/instructions/new", methods=["GET", "POST"])
@requires(P.INSTRUCTION_GIVE)
def new() -> ResponseReturnValue:
    """Give an instruction on a project or an enterprise."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project_id = request.values.get("project", type=int)
    enterprise_id = None if project_id else request.values.get("enterprise", 0, type=int)
    to = ""
    if project_id:
        project = projects.get(session, actor, project_id)
        subject, to = (
            project.name,
            f"{project.unit_id}:{project.owner_id}" if project.owner_id else f"{project.unit_id}",
        )
    else:
        subject = enterprise(session, enterprise_id or 0).name
    leaders = queries.leaders(session, today)
    own = actor.user_id if actor.user_id in dict(leaders) else None
    form = InstructionForm(leader_id=own, to=to, due_on=today + USUAL)
    form.offer(leaders, queries.addressees(session, today))
    status = 200
    if request.method == "POST":

        def act() -> object:
            draft = form.draft(project_id, enterprise_id)
            return services.give(session, actor, draft, now=timing.now(), today=today)

        refused = attempt(form, act)
        if refused is None:
            flash(tr("批示已交办"), "ok")
            where = url_for("instructions.of_project", project_id=project_id) if project_id else url_for(".index")
            return redirect(where, 303)
        status = refused
    page = {"form": form, "subject": subject, "project_id": project_id, "enterprise_id": enterprise_id}
    return render_template("pipeline/instructions/new.html", **page), status


@bp.route("/instructions/<int:instruction_id>", methods=["GET", "POST"])
@requires(*EVERYBODY)
def show(instruction_id: int) -> ResponseReturnValue:
    """Show an instruction with its answers, and what the person may do next."""
    session, actor = db.session(), current_actor()
    shown = queries.get(session, actor, instruction_id)
    kinds = _kinds(actor, shown.row)
    form, status = ReplyForm(kind=kinds[0] if kinds else None).offer(kinds or tuple(rules.ReplyKind)), 200
    if request.method == "POST":

        def act() -> object:
            kind = rules.ReplyKind(form.kind.data)
            return services.reply(session, actor, instruction_id, kind, text(form.text), now=timing.now())

        refused = attempt(form, act)
        if refused is None:
            flash(tr("已登记"), "ok")
            return redirect(url_for("instructions.show", instruction_id=instruction_id), 303)
        status = refused
    page = {
        "shown": shown,
        "row": shown.row,
        "replies": queries.replies(session, instruction_id),
        "form": form if kinds else None,
        "rules": rules,
        "today": timing.today(),
    }
    return render_template("pipeline/instructions/show.html", **page), status


def _kinds(actor: Actor, row: Instruction) -> tuple[rules.ReplyKind, ...]:
    """What the person may do with an instruction as it stands."""
    if row.state is rules.InstructionState.CLOSED:
        return ()
    if services.addressed(actor, row):
        return (rules.ReplyKind.PROGRESS, rules.ReplyKind.DONE)
    if actor.user_id in {row.leader_id, row.given_by} and row.state is rules.InstructionState.REPORTED:
        return (rules.ReplyKind.ACCEPTED, rules.ReplyKind.REFUSED)
    return ()
