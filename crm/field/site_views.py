"""Pages of inspections on site (现场督查): the list, recording one on the phone, one of them with its photos."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import filestore
from crm.core.errors import DomainError, NotFoundError
from crm.delivery.blockers.queries import raised_from
from crm.delivery.blockers.rules import BlockerSource
from crm.field import site_pages as pages
from crm.field.site_forms import FindingForm, InspectionForm, VoidForm
from crm.fieldwork import firm_pick
from crm.fieldwork.supervision import pictures, queries, services
from crm.fieldwork.supervision.queries import PHOTO, SMALL, InspectionFilter
from crm.pipeline import queries as projects
from crm.pipeline import touches
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.models import Project

bp = Blueprint("inspections", __name__, url_prefix="/inspections")
P = Permission
REFUSED = 422


@bp.get("")
@requires(P.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List inspections, the latest first."""
    session, actor, today = db.session(), current_actor(), timing.today()
    wanted = InspectionFilter(
        request.args.get("unit", type=int),
        request.args.get("enterprise", type=int),
        request.args.get("project", type=int),
    )
    scope = actor.scope(P.TOUCH_READ)
    units = [(unit.id, unit.name) for unit in people.units(session, today) if scope is None or unit.id in scope]
    page = queries.inspections(session, actor, wanted, cursor=request.args.get("cursor"))
    return render_template(
        "field/inspections.html",
        page=page,
        wanted=wanted,
        units=units,
        counts=queries.counts(session, actor, today, mine=False),
        states={row.id: pages.states(row, today) for row in page.rows},
        words=pages.WORDS,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.SITE_INSPECT)
def new() -> ResponseReturnValue:
    """Record an inspection with photos and findings."""
    session, actor, today = db.session(), current_actor(), timing.today()
    form = InspectionForm() if request.method == "POST" else _fresh()
    project = _project(text(form.project))
    form.offer(*pages.choices(session, today, actor))
    if project is not None:
        form.enterprise_id.data = str(project.enterprise_id)
    if request.method == "GET" or "find" in request.form:
        return _form_page(form, project)
    form.validate()
    found = form.findings(today)
    if form.faultless:
        draft = form.draft(timing.now(), project.id if project else None)
        try:
            row = services.record(session, actor, draft, found, now=timing.now(), today=today)
            session.expire(row, ["inspectors"])
            pictures.add(session, actor, row, pages.sent(), folder=pages.folder(), now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            session.rollback()
            form.refuse(error.problems)
        else:
            flash(tr("已登记现场督查。"), "ok")
            return redirect(url_for("inspections.show", inspection_id=row.id), 303)
    return _form_page(form, _project(text(form.project))), REFUSED


@bp.get("/firms")
@requires(P.SITE_INSPECT)
def firms() -> ResponseReturnValue:
    """Offer enterprises while somebody types; without htmx it is the form itself."""
    query = request.args.get("q", "").strip()
    if "HX-Request" not in request.headers:
        return redirect(url_for("inspections.new", q=query))
    return render_template("field/_firms.html", picks=firm_pick.found(db.session(), query), q=query, chosen="")


@bp.get("/<int:inspection_id>")
@requires(P.TOUCH_READ)
def show(inspection_id: int) -> ResponseReturnValue:
    """Show one inspection."""
    return page(inspection_id)


@bp.post("/<int:inspection_id>/void")
@requires(P.SITE_INSPECT)
def void(inspection_id: int) -> ResponseReturnValue:
    """Void an inspection recorded by mistake."""
    form = VoidForm()
    if form.validate():
        services.void(db.session(), current_actor(), inspection_id, text(form.reason), now=timing.now())
        flash(tr("已作废，问题不再催办。"), "ok")
        return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)
    return page(inspection_id, voiding=form), REFUSED


@bp.post("/<int:inspection_id>/photos")
@requires(P.TOUCH_READ)
def add_photos(inspection_id: int) -> ResponseReturnValue:
    """Add photos: all of them, or none and the reason."""
    session, actor = db.session(), current_actor()
    row = queries.inspection(session, actor, inspection_id)
    try:
        count = pictures.add(session, actor, row, pages.sent(), folder=pages.folder(), now=timing.now())
    except DomainError as error:
        if error.status != REFUSED:
            raise
        session.rollback()
        flash(say(error.problems[0]), "bad")
    else:
        flash(tr("已加%(n)s张照片。", n=count) if count else tr("请先选择照片。"), "ok" if count else "warn")
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)


@bp.post("/<int:inspection_id>/photos/<name>/remove")
@requires(P.TOUCH_READ)
def remove_photo(inspection_id: int, name: str) -> ResponseReturnValue:
    """Take a photo away for good."""
    session, actor = db.session(), current_actor()
    row = queries.inspection(session, actor, inspection_id)
    pictures.remove(session, actor, row, name, folder=pages.folder(), now=timing.now())
    flash(tr("照片已删除，不能恢复。"), "ok")
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)


@bp.get("/<int:inspection_id>/photos/<name>")
@requires(P.TOUCH_READ)
def photo(inspection_id: int, name: str) -> ResponseReturnValue:
    """Send a photo, or its thumbnail."""
    kind = SMALL if "small" in request.args else PHOTO
    row = queries.photo(db.session(), current_actor(), inspection_id, name, kind)
    path = filestore.path_of(pages.folder(), row.sha256)
    if not path.is_file():
        raise NotFoundError(queries.NO_PHOTO)
    return send_file(path, filestore.mime(row.content_type), download_name=row.name)


def page(inspection_id: int, *, finding: FindingForm | None = None, voiding: VoidForm | None = None) -> str:
    """Return the page of one inspection."""
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.inspection(session, actor, inspection_id)
    project = touches.project_name(session, actor, row.project_id) if row.project_id else None
    inspects = actor.may(P.SITE_INSPECT) and row.voided_at is None
    if finding is None and inspects:
        finding = FindingForm(formdata=None).offer(pages.colleagues(session, today))
    return render_template(
        "field/inspection.html",
        row=row,
        project=project,
        photos=queries.photos(session, row.id),
        states=pages.states(row, today),
        blockers=raised_from(session, BlockerSource.INSPECTION, [one.id for one in row.findings]),
        inspects=inspects,
        adds_photos=row.voided_at is None and pictures.may_change(actor, row),
        finding_form=finding,
        void_form=voiding or VoidForm(formdata=None),
        words=pages.WORDS,
        today=today,
    )


def _fresh() -> InspectionForm:
    """Return an empty form, filled in with what the address names."""
    project = _project(request.args.get("project", ""))
    asked = request.args.get("enterprise", "")
    return InspectionForm(
        formdata=None,
        client_id=secrets.token_hex(16),
        project=str(project.id) if project else "",
        enterprise_id=str(project.enterprise_id) if project else asked,
        unit_id=project.unit_id if project else None,
        q=request.args.get("q", ""),
        inspected_at=timing.now(),
        inspector_ids=[current_actor().user_id],
    )


def _project(typed: str) -> Project | None:
    """Return the project the form is about; one that is hidden from the person is not found."""
    project_id = number_or_none(typed)
    return projects.get(db.session(), current_actor(), project_id) if project_id else None


def _form_page(form: InspectionForm, project: Project | None) -> str:
    session, actor = db.session(), current_actor()
    return render_template(
        "field/inspection_form.html",
        form=form,
        project=project,
        picks=[] if project else firm_pick.offered(session, actor, text(form.q), text(form.enterprise_id)),
        q=text(form.q),
        chosen=text(form.enterprise_id),
    )
