"""Internal opinions of departments on a plan: ask, write down the answer, take silence for no objection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.delivery.plans import opinions, pages, queries, rules
from crm.delivery.plans.forms import AnswerForm, DeemForm, QuestionForm
from crm.delivery.plans.rules import OpinionState
from crm.delivery.plans.views import shown
from crm.pipeline import queries as projects
from crm.pipeline.admission import queries as admission
from crm.pipeline.admission import terms as office
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from crm.delivery.plans.models import PlanOpinion
    from crm.pipeline.models import Project
    from crm.web.forms import Form

bp = Blueprint("plan_opinions", __name__, url_prefix="/projects/<int:project_id>/plan/opinions")
P = Permission


@bp.post("")
@requires(P.PROJECT_WRITE)
def ask(project_id: int) -> ResponseReturnValue:
    """Ask a department."""
    session, actor, now, today = db.session(), current_actor(), timing.now(), timing.today()
    form = QuestionForm().offer(pages.units(session, today))
    status = attempt(form, lambda: opinions.ask(session, actor, project_id, form.question(), now=now, today=today))
    if status is not None:
        project = projects.get(session, actor, project_id)
        plan = queries.plan_of(session, project_id)
        if plan is None:
            raise NotFoundError(queries.ABSENT)
        return shown(project, plan, question=form, status=status)
    flash(tr("已登记，答复期限按工作日算"), "ok")
    return redirect(url_for("plans.show", project_id=project_id), 303)


def _found(project_id: int, opinion_id: int) -> tuple[Project, PlanOpinion]:
    session = db.session()
    project = projects.get_for(session, current_actor(), project_id, P.PROJECT_READ)
    plan = queries.plan_of(session, project.id)
    found = queries.opinions(session, plan.id) if plan else []
    row = next((one for one in found if one.id == opinion_id), None)
    if row is None:
        raise NotFoundError(opinions.ABSENT)
    return project, row


@bp.get("/<int:opinion_id>")
@requires(P.PROJECT_READ)
def show(project_id: int, opinion_id: int) -> ResponseReturnValue:
    """Show an opinion with what can be done."""
    return _shown(project_id, opinion_id, {})


def _shown(project_id: int, opinion_id: int, forms: dict[str, Form], status: int = 200) -> ResponseReturnValue:
    session, actor, today = db.session(), current_actor(), timing.today()
    project, row = _found(project_id, opinion_id)
    silent = DeemForm(formdata=None)
    silent.responsible_id.choices = [
        (str(key), name) for key, name in admission.department_people(session, row.unit_id, today)
    ]
    page = render_template(
        "delivery/plans/opinion.html",
        project=project,
        opinion=row,
        forms={"answer": AnswerForm(formdata=None), "deem": silent, **forms},
        enabled=office.current(session).deemed,
        late=row.due_on < today,
        open=row.state is OpinionState.ASKED,
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        rules=rules,
    )
    return page, status


def _act(
    project_id: int, opinion_id: int, name: str, form: Form, write: Callable[[], object], done: str
) -> ResponseReturnValue:
    status = attempt(form, write)
    if status is not None:
        return _shown(project_id, opinion_id, {name: form}, status)
    flash(done, "ok")
    return redirect(url_for("plans.show", project_id=project_id), 303)


@bp.post("/<int:opinion_id>/answer")
@requires(P.PROJECT_WRITE)
def answer(project_id: int, opinion_id: int) -> ResponseReturnValue:
    """Write down the answer."""
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), AnswerForm()

    def write() -> None:
        opinions.answer(session, actor, project_id, opinion_id, text(form.answer), now=now, today=today)

    return _act(project_id, opinion_id, "answer", form, write, tr("答复已登记"))


@bp.post("/<int:opinion_id>/deem")
@requires(P.PROJECT_WRITE)
def deem(project_id: int, opinion_id: int) -> ResponseReturnValue:
    """Take silence for no objection."""
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), DeemForm()
    _project, row = _found(project_id, opinion_id)
    staff = admission.department_people(session, row.unit_id, today)
    form.responsible_id.choices = [(str(key), name) for key, name in staff]

    def write() -> None:
        chosen = number_or_none(text(form.responsible_id))
        opinions.deem(session, actor, project_id, opinion_id, responsible_id=chosen, now=now, today=today)

    return _act(project_id, opinion_id, "deem", form, write, tr("已记为超时视同无意见"))
