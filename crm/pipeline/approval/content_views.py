"""Two small pages of a paper's folder: the finding on one clause, the answer of one department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.pipeline import queries as projects
from crm.pipeline.approval import contents, queries, rules
from crm.pipeline.approval.forms import AnswerForm, FindingForm
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("approval_contents", __name__, url_prefix="/projects/<int:project_id>/approvals")
P = Permission


@bp.route("/clauses/<int:clause_id>", methods=["GET", "POST"])
@requires(P.APPROVAL_RECORD)
def clause(project_id: int, clause_id: int) -> ResponseReturnValue:
    """Judge one clause."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.APPROVAL_RECORD)
    row, history = queries.clause(session, project.id, clause_id)
    form, status = FindingForm().offer(), 200
    if request.method == "POST":

        def act() -> object:
            return contents.find(
                session, actor, project_id, clause_id, form.found(), text(form.basis), now=timing.now()
            )

        refused = attempt(form, act)
        if refused is None:
            flash(tr("审查结果已登记"), "ok")
            return redirect(url_for("approval.show", project_id=project_id), 303)
        status = refused
    page = {"project": project, "row": row, "history": history, "form": form, "rules": rules}
    return render_template("pipeline/approval/clause.html", **page), status


@bp.route("/consultations/<int:consultation_id>", methods=["GET", "POST"])
@requires(P.APPROVAL_RECORD)
def consultation(project_id: int, consultation_id: int) -> ResponseReturnValue:
    """Keep what one department answered."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.APPROVAL_RECORD)
    row, department = queries.consultation(session, project.id, consultation_id)
    form, status = AnswerForm().offer(), 200
    if request.method == "POST":

        def act() -> object:
            stance, body = form.said(), text(form.body)
            return contents.answer(session, actor, project_id, consultation_id, stance, body, now=timing.now())

        refused = attempt(form, act)
        if refused is None:
            flash(tr("答复已登记"), "ok")
            return redirect(url_for("approval.show", project_id=project_id), 303)
        status = refused
    page = {"project": project, "row": row, "department": department, "form": form, "rules": rules}
    return render_template("pipeline/approval/consultation.html", **page), status
