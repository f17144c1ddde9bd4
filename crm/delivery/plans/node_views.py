"""The page of one node: accept, finish with evidence, arrange, set aside, take up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.core.workdays import knows
from crm.delivery.plans import pages, queries, rules, services
from crm.delivery.plans.forms import AcceptForm, ArrangeForm, FilesForm, FinishForm, ReasonForm
from crm.delivery.plans.services import Files
from crm.delivery.plans.views import tell
from crm.delivery.plans.wording import said
from crm.pipeline import papers
from crm.pipeline import queries as projects
from crm.pipeline.attempts import attempt
from crm.pipeline.landing.nodes import NODE_LABELS, STAGE_OF, STATUTORY, NodeKind
from crm.pipeline.rules import STAGE_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from flask.typing import ResponseReturnValue
    from wtforms import MultipleFileField

    from crm.pipeline.landing.models import PlanNode
    from crm.pipeline.models import Project
    from crm.web.forms import Form

bp = Blueprint("plan_nodes", __name__, url_prefix="/projects/<int:project_id>/plan")
P = Permission


def _found(project_id: int, node_id: int, permission: Permission = P.PROJECT_READ) -> tuple[Project, PlanNode]:
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, permission)
    plan = queries.plan_of(session, project.id)
    nodes = queries.nodes(session, plan.id) if plan else []
    node = next((one for one in nodes if one.id == node_id), None)
    if node is None:
        raise NotFoundError(queries.NODE_ABSENT)
    return project, node


def _files(field: MultipleFileField) -> Files:
    uploads = [one for one in map(papers.upload, field.data or ()) if one is not None]
    return Files(uploads, papers.folder())


@bp.get("/nodes/<int:node_id>")
@requires(P.PROJECT_READ)
def show(project_id: int, node_id: int) -> ResponseReturnValue:
    """Show a node with its evidence and what can be done."""
    project, node = _found(project_id, node_id)
    return _shown(project, node, {})


def _shown(project: Project, node: PlanNode, forms: dict[str, Form], status: int = 200) -> ResponseReturnValue:
    session, actor, today = db.session(), current_actor(), timing.today()
    blank: dict[str, Form] = {
        "accept": AcceptForm(formdata=None, accepted_on=today),
        "finish": FinishForm(formdata=None, done_on=today),
        "arrange": _arranging(node),
        "files": FilesForm(formdata=None),
        "exempt": ReasonForm(formdata=None),
        "reopen": ReasonForm(formdata=None),
    }
    happened = [
        (row, name, tell(said(row, tr(NODE_LABELS[node.kind]))))
        for row, name in queries.facts(session, node.plan_id)
        if row.node_id == node.id
    ]
    page = render_template(
        "delivery/plans/node.html",
        project=project,
        line=pages.lines(session, [node], today)[0],
        node=node,
        label=NODE_LABELS[node.kind],
        stage=STAGE_LABELS[STAGE_OF[node.kind]] if node.kind in STAGE_OF else "",
        forms={**blank, **forms},
        refused=set(forms),
        statutory=node.kind in STATUTORY,
        start=node.kind is NodeKind.START,
        needed=node.kind in rules.NEEDED,
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id) and project.exit_kind is None,
        known=knows(node.due_on),
        facts=happened,
        rules=rules,
        today=today,
    )
    return page, status


def _arranging(node: PlanNode) -> ArrangeForm:
    data = {"unit_id": str(node.unit_id), "due_on": node.due_on, "clock_days": node.clock_days}
    return ArrangeForm(formdata=None, data=data).offer(pages.units(db.session(), timing.today()))


def _act(
    project_id: int, node_id: int, name: str, form: Form, write: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Submit one form of a node; what is refused is shown again on its page."""
    status = attempt(form, write)
    if status is not None:
        db.session().rollback()  # a gate may have refused what the node had written already
        project, node = _found(project_id, node_id)
        return _shown(project, node, {name: form}, status)
    flash(done, "ok")
    return redirect(url_for("plan_nodes.show", project_id=project_id, node_id=node_id), 303)


@bp.post("/nodes/<int:node_id>/arrange")
@requires(P.PROJECT_WRITE)
def arrange(project_id: int, node_id: int) -> ResponseReturnValue:
    """Set unit, date and clock."""
    session, actor, now, today = db.session(), current_actor(), timing.now(), timing.today()
    form = ArrangeForm().offer(pages.units(session, today))

    def write() -> None:
        services.arrange(session, actor, project_id, node_id, form.arrangement(), now=now, today=today)

    return _act(project_id, node_id, "arrange", form, write, tr("已保存"))


@bp.post("/nodes/<int:node_id>/accept")
@requires(P.PROJECT_WRITE)
def accept(project_id: int, node_id: int) -> ResponseReturnValue:
    """Record the acceptance of the application."""
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), AcceptForm()

    def write() -> None:
        day = form.accepted_on.data or today
        services.accept(session, actor, project_id, node_id, day, now=now, today=today)

    return _act(project_id, node_id, "accept", form, write, tr("已登记受理，时限从下一个工作日算起"))


@bp.post("/nodes/<int:node_id>/finish")
@requires(P.PROJECT_WRITE)
def finish(project_id: int, node_id: int) -> ResponseReturnValue:
    """Finish a node with its evidence."""
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), FinishForm()

    def write() -> None:
        files = _files(form.file)
        services.finish(session, actor, project_id, node_id, form.draft(), files=files, now=now, today=today)

    return _act(project_id, node_id, "finish", form, write, tr("已办结"))


@bp.post("/nodes/<int:node_id>/files")
@requires(P.PROJECT_WRITE)
def add_files(project_id: int, node_id: int) -> ResponseReturnValue:
    """Add evidence."""
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), FilesForm()

    def write() -> None:
        services.add_files(session, actor, project_id, node_id, _files(form.file), now=now, today=today)

    return _act(project_id, node_id, "files", form, write, tr("佐证已上传"))


@bp.post("/nodes/<int:node_id>/exempt")
@requires(P.PROJECT_WRITE)
def exempt(project_id: int, node_id: int) -> ResponseReturnValue:
    """Set a node aside as not needed."""
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), ReasonForm()

    def write() -> None:
        services.exempt(session, actor, project_id, node_id, text(form.reason), now=now, today=today)

    return _act(project_id, node_id, "exempt", form, write, tr("已列为不涉及"))


@bp.post("/nodes/<int:node_id>/reopen")
@requires(P.PROJECT_WRITE)
def reopen(project_id: int, node_id: int) -> ResponseReturnValue:
    """Take a node up again."""
    session, actor, now, today, form = db.session(), current_actor(), timing.now(), timing.today(), ReasonForm()

    def write() -> None:
        services.reopen(session, actor, project_id, node_id, text(form.reason), now=now, today=today)

    return _act(project_id, node_id, "reopen", form, write, tr("已撤回，可以重新办理"))


@bp.get("/files/<int:file_id>")
@requires(P.PROJECT_READ)
def file(project_id: int, file_id: int) -> Response:
    """Send a piece of evidence."""
    return papers.send(queries.evidence(db.session(), current_actor(), project_id, file_id))
