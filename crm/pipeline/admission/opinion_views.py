"""One opinion of a review: giving it, proof of notice, silence; and the list of what departments are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits, papers
from crm.pipeline import queries as projects
from crm.pipeline.admission import queries, rules, services, silence
from crm.pipeline.admission import terms as office
from crm.pipeline.admission.forms import DeemedForm, NoticeForm, OpinionForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("opinions", __name__)
P = Permission
STATES = ("waiting", "overdue", "done")


@bp.get("/opinions")
@requires(P.PROJECT_READ, P.OPINION_GIVE)
def index() -> ResponseReturnValue:
    """List what departments are asked: waiting, overdue or given."""
    session, actor, today = db.session(), current_actor(), timing.today()
    state = request.args.get("state", STATES[0])
    state = state if state in STATES else STATES[0]
    department_id, cursor = request.args.get("department", type=int), request.args.get("cursor")
    page = queries.asked_page(session, actor, today, state=state, department_id=department_id, cursor=cursor)
    return render_template(
        "pipeline/admission/asked.html",
        page=page,
        state=state,
        department_id=department_id,
        departments=office.departments(session, today),
        rules=rules,
        today=today,
    )


@bp.get("/projects/<int:project_id>/opinions/<int:opinion_id>")
@requires(P.PROJECT_READ, P.OPINION_GIVE)
def opinion(project_id: int, opinion_id: int) -> ResponseReturnValue:
    """Show one opinion with its history, and the forms the person may use."""
    return _opinion(project_id, opinion_id)


def _opinion(
    project_id: int,
    opinion_id: int,
    given: OpinionForm | None = None,
    notice: NoticeForm | None = None,
    deemed: DeemedForm | None = None,
) -> str:
    session, actor, today = db.session(), current_actor(), timing.today()
    project = queries.get_project(session, actor, project_id)
    case, row = services.opinion_of(session, project.id, opinion_id)
    history = queries.history(session, row.id)
    running = case.state is rules.CaseState.OPEN
    speaks = running and actor.reaches(P.OPINION_GIVE, row.department_id)
    manages = running and actor.reaches(P.PROJECT_REVIEW, project.unit_id)
    proofs = queries.notices(session, row.id)
    people = queries.department_people(session, row.department_id, today) if manages else []
    return render_template(
        "pipeline/admission/opinion.html",
        project=project,
        row=row,
        history=history,
        proofs=proofs,
        paper_rows=queries.files(session, [answer.id for answer, _by, _for in history]),
        department=queries.department_name(session, row.department_id),
        rules=rules,
        say=say,
        form=(given or OpinionForm().offer()) if speaks else None,
        notice_form=(notice or NoticeForm(sent_on=today).offer()) if manages and not history else None,
        deemed_form=(deemed or DeemedForm().offer(people)) if manages and not history else None,
        deeming=rules.deeming_problems(
            row.dimension,
            office.current(session),
            due_on=row.due_on,
            today=today,
            noticed_on=min((proof.sent_on for proof, _by in proofs), default=None),
            answered=bool(history),
        ),
        today=today,
    )


@bp.post("/projects/<int:project_id>/opinions/<int:opinion_id>")
@requires(P.OPINION_GIVE)
def give(project_id: int, opinion_id: int) -> ResponseReturnValue:
    """Give a department's opinion."""
    form = OpinionForm().offer()
    if not form.validate():
        return _opinion(project_id, opinion_id, given=form), limits.REFUSED
    try:
        services.give_opinion(
            db.session(),
            current_actor(),
            project_id,
            opinion_id,
            form.said(),
            text(form.text),
            now=timing.now(),
            conditions=text(form.conditions),
            reason=text(form.reason),
            paper=papers.upload(form.paper.data),
            folder=papers.folder(),
        )
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _opinion(project_id, opinion_id, given=form), error.status
    flash(tr("意见已提交"), "ok")
    return redirect(url_for("admission.show", project_id=project_id), 303)


@bp.post("/projects/<int:project_id>/opinions/<int:opinion_id>/notice")
@requires(P.PROJECT_REVIEW)
def notify(project_id: int, opinion_id: int) -> ResponseReturnValue:
    """Keep the proof that a department was told."""
    form = NoticeForm().offer()
    if not form.validate():
        return _opinion(project_id, opinion_id, notice=form), limits.REFUSED
    moment = {"now": timing.now(), "today": timing.today()}
    try:
        silence.notify(db.session(), current_actor(), project_id, opinion_id, form.draft(), **moment)  # type: ignore[arg-type]  # a moment is two values
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _opinion(project_id, opinion_id, notice=form), error.status
    flash(tr("送达凭据已登记"), "ok")
    return redirect(url_for("opinions.opinion", project_id=project_id, opinion_id=opinion_id), 303)


@bp.post("/projects/<int:project_id>/opinions/<int:opinion_id>/deem")
@requires(P.PROJECT_REVIEW)
def deem(project_id: int, opinion_id: int) -> ResponseReturnValue:
    """Take silence for consent, where the office allows it."""
    session, today = db.session(), timing.today()
    project = projects.get_for(session, current_actor(), project_id, P.PROJECT_REVIEW)
    _case, row = services.opinion_of(session, project.id, opinion_id)
    form = DeemedForm().offer(queries.department_people(session, row.department_id, today))
    if not form.validate():
        return _opinion(project_id, opinion_id, deemed=form), limits.REFUSED
    who = {"responsible_id": form.responsible_id.data, "now": timing.now(), "today": today}
    try:
        silence.deem(session, current_actor(), project_id, opinion_id, **who)
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _opinion(project_id, opinion_id, deemed=form), error.status
    flash(tr("已按视同同意（超时）登记"), "ok")
    return redirect(url_for("admission.show", project_id=project_id), 303)


@bp.get("/projects/<int:project_id>/opinions/<int:opinion_id>/files/<int:file_id>")
@requires(P.PROJECT_READ, P.OPINION_GIVE)
def download(project_id: int, opinion_id: int, file_id: int) -> Response:
    """Send the paper of an opinion."""
    session = db.session()
    project = queries.get_project(session, current_actor(), project_id)
    _case, row = services.opinion_of(session, project.id, opinion_id)
    return papers.send(queries.paper(session, row.id, file_id))
