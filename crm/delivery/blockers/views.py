"""Pages of blockers: the list, those of a project, raising one, one of them and what may be done with it."""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.delivery.blockers import course, order_paper, pages, queries, rules, services
from crm.delivery.blockers.forms import (
    AgainForm,
    AssignForm,
    CloseForm,
    CoordinateForm,
    ProgressForm,
    RaiseForm,
    asked,
    filters_from,
)
from crm.delivery.blockers.rules import BlockerSource
from crm.enterprises.queries import enterprise
from crm.pipeline import queries as projects
from crm.pipeline import sections
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from crm.delivery.blockers.models import Blocker
    from crm.web.forms import Form

bp = Blueprint("blockers", __name__)
P = Permission
READERS = (P.PROJECT_READ, P.OPINION_GIVE)
RAISERS = (P.TOUCH_WRITE, P.SITE_INSPECT, P.INSTRUCTION_GIVE)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/blockers")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """List blockers, the earliest deadline first."""
    session, actor, today = db.session(), current_actor(), timing.today()
    wanted = filters_from(request.args)
    page = queries.page(session, actor, wanted, today, cursor=request.args.get("cursor"))
    book = queries.rules_of(session)
    return render_template(
        "delivery/blockers/index.html",
        page=page,
        wanted=wanted,
        asked=asked(wanted),
        counts=queries.counts(session, actor, wanted, today),
        states={row.id: queries.state(row, today) for row in page.rows},
        lamps={row.id: queries.lamp(row, today) for row in page.rows},
        subject=queries.subject,
        number=queries.number,
        names=book.names(),
        units=[(unit.id, unit.name) for unit in people.units(session, today)],
        may_raise=services.may_raise(actor),
        words=pages.WORDS,
    )


@bp.get("/projects/<int:project_id>/blockers")
@requires(P.PROJECT_READ)
def of_project(project_id: int) -> ResponseReturnValue:
    """Show the blockers of a project."""
    session, actor, today = db.session(), current_actor(), timing.today()
    project = projects.get(session, actor, project_id)
    rows = queries.of_project(session, actor, project.id)
    return render_template(
        "delivery/blockers/project.html",
        project=project,
        tabs=sections.tabs(actor, project, "blockers.of_project"),
        rows=rows,
        states={row.id: queries.state(row, today) for row in rows},
        lamps={row.id: queries.lamp(row, today) for row in rows},
        names=queries.rules_of(session).names(),
        may_raise=services.may_raise(actor),
        words=pages.WORDS,
    )


@bp.route("/blockers/new", methods=["GET", "POST"])
@requires(*RAISERS)
def new() -> ResponseReturnValue:
    """Raise a blocker, on a project or on an enterprise alone."""
    session, actor, today = db.session(), current_actor(), timing.today()
    book = queries.rules_of(session)
    form = RaiseForm() if request.method == "POST" else _fresh()
    form.offer(queries.projects(session, actor), book, pages.seats(session, today))
    firm_id = number_or_none(text(form.enterprise))
    firm = enterprise(session, firm_id) if firm_id else None
    page = {"form": form, "firm": firm}
    if request.method == "GET":
        return render_template("delivery/blockers/new.html", **page)
    made: list[Blocker] = []

    def act() -> None:
        draft = form.draft(book, today)
        made.append(services.raise_one(session, actor, draft, now=timing.now(), today=today))

    status = attempt(form, act)
    if status is not None:
        return render_template("delivery/blockers/new.html", **page), status
    flash(tr("已登记并交办"), "ok")
    return redirect(url_for("blockers.show", blocker_id=made[0].id), 303)


@bp.get("/blockers/<int:blocker_id>")
@requires(*READERS)
def show(blocker_id: int) -> ResponseReturnValue:
    """Show one blocker with what happened and what the person may do."""
    session, actor = db.session(), current_actor()
    return pages.shown(session, actor, queries.get(session, actor, blocker_id), timing.today())


@bp.get("/blockers/<int:blocker_id>/order.docx")
@requires(*READERS)
def order(blocker_id: int) -> ResponseReturnValue:
    """Give the slip (问题交办单) of a blocker as a Word file."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, blocker_id)
    data = order_paper.render(row, queries.rules_of(session), queries.steps(session, row.id), timing.today())
    return send_file(
        BytesIO(data), WORD, as_attachment=True, download_name=f"问题交办单{row.raised_on.year}-{row.id}.docx"
    )


@bp.post("/blockers/<int:blocker_id>/progress")
@requires(*READERS)
def progress(blocker_id: int) -> ResponseReturnValue:
    """Tell progress, or that it is solved."""
    form = ProgressForm()

    def act() -> None:
        solved = bool(form.solved.data)
        services.progress(db.session(), current_actor(), blocker_id, text(form.text), solved=solved, now=timing.now())

    return _acted(blocker_id, "progress", form, act)


@bp.post("/blockers/<int:blocker_id>/close")
@requires(*READERS)
def close(blocker_id: int) -> ResponseReturnValue:
    """Close on the firm's word."""
    form, today = CloseForm().offer(), timing.today()

    def act() -> None:
        services.close(db.session(), current_actor(), blocker_id, form.word(), now=timing.now(), today=today)

    return _acted(blocker_id, "close", form, act)


@bp.post("/blockers/<int:blocker_id>/<any('return', 'reopen'):what>")
@requires(*READERS)
def again(blocker_id: int, what: str) -> ResponseReturnValue:
    """Send back what was reported, or reopen what was closed."""
    form, today = AgainForm(), timing.today()
    do = course.give_back if what == "return" else course.reopen

    def act() -> None:
        told = (text(form.reason), form.due_on.data)
        do(db.session(), current_actor(), blocker_id, *told, now=timing.now(), today=today)

    return _acted(blocker_id, what, form, act)


@bp.post("/blockers/<int:blocker_id>/assign")
@requires(*READERS)
def assign(blocker_id: int) -> ResponseReturnValue:
    """Give it to others, or another deadline."""
    session, today = db.session(), timing.today()
    form = AssignForm().offer(pages.seats(session, today))

    def act() -> None:
        told = (form.charge(), text(form.reason))
        course.assign(session, current_actor(), blocker_id, *told, now=timing.now(), today=today)

    return _acted(blocker_id, "assign", form, act)


@bp.post("/blockers/<int:blocker_id>/coordinate")
@requires(*READERS)
def coordinate(blocker_id: int) -> ResponseReturnValue:
    """Ask for a coordination meeting."""
    form = CoordinateForm()

    def act() -> None:
        course.coordinate(db.session(), current_actor(), blocker_id, text(form.reason), now=timing.now())

    return _acted(blocker_id, "coordinate", form, act)


def _acted(blocker_id: int, name: str, form: Form, act: Callable[[], object]) -> ResponseReturnValue:
    """Do it and go back to the page, or show the page with what was refused."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, blocker_id)
    status = attempt(form, act)
    if status is not None:
        session.expire_all()
        row = queries.get(session, actor, blocker_id)
        return pages.shown(session, actor, row, timing.today(), (name, form)), status
    flash(tr("已登记"), "ok")
    return redirect(url_for("blockers.show", blocker_id=blocker_id), 303)


def _fresh() -> RaiseForm:
    """Return an empty form, filled in with what the address names."""
    args = request.args
    source = args.get("source", "")
    project_id = number_or_none(args.get("project", ""))
    if project_id:
        projects.get(db.session(), current_actor(), project_id)
    if source and source not in set(BlockerSource):
        abort(404)
    return RaiseForm(
        formdata=None,
        client_id=secrets.token_hex(16),
        project_id=str(project_id or ""),
        enterprise=args.get("enterprise", ""),
        ref=args.get("ref", ""),
        source=source or BlockerSource.PROJECT.value,
        title=args.get("title", "")[: rules.LINE],
    )
