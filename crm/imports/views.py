"""Pages of the importer: upload, columns, check, import, result, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.core.errors import DomainError, NotFoundError
from crm.imports import blank, export, kinds, mapping_page, pages, rules, runs, shown
from crm.imports.forms import UploadForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from pathlib import Path

    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.imports.kinds import Kind

bp = Blueprint("imports", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _files_dir() -> Path:
    return cast("Settings", current_app.config["SETTINGS"]).files_dir


def _to(run_id: int) -> ResponseReturnValue:
    return redirect(url_for("imports.show", run_id=run_id), 303)


@bp.get("/imports")
@requires(*kinds.PERMISSIONS)
def index() -> ResponseReturnValue:
    """Show the upload form and earlier runs."""
    return _index(UploadForm(formdata=None), 200)


@bp.post("/imports")
@requires(*kinds.PERMISSIONS)
def upload() -> ResponseReturnValue:
    """Take a file in and go to its columns."""
    form, kind = UploadForm(), _kind()
    if form.validate():
        sent = form.file.data
        try:
            run = runs.upload(
                db.session(),
                current_actor(),
                sent.filename or "",
                sent.read(),
                _files_dir(),
                now=timing.now(),
                kind=kind,
            )
        except DomainError as error:
            form.refuse(error.problems)
        else:
            return _to(run.id)
    return _index(form, 422)


@bp.get("/imports/<int:run_id>")
@requires(*kinds.PERMISSIONS)
def show(run_id: int) -> ResponseReturnValue:
    """Show a run where it stands: its columns, its progress, its rows, its result."""
    run = runs.shown_run(db.session(), current_actor(), run_id)
    if rules.state_of(run.state) == rules.MAPPING:
        return mapping_page.page(run, 200)
    if "HX-Request" in request.headers:
        if rules.state_of(run.state) not in rules.BUSY:  # the rows belong to the page, not to its progress
            return Response(headers={"HX-Redirect": url_for("imports.show", run_id=run_id)})
        return render_template("imports/_state.html", **pages.state(run))
    return pages.run(run)


@bp.get("/imports/<int:run_id>/mapping")
@requires(*kinds.PERMISSIONS)
def mapping(run_id: int) -> ResponseReturnValue:
    """Show what the columns mean, also after a check."""
    return mapping_page.page(runs.shown_run(db.session(), current_actor(), run_id), 200)


@bp.post("/imports/<int:run_id>/mapping")
@requires(*kinds.PERMISSIONS)
def map_columns(run_id: int) -> ResponseReturnValue:
    """Keep what the columns mean; read the file anew, or go on to the check."""
    session, actor = db.session(), current_actor()
    run = runs.shown_run(session, current_actor(), run_id)
    form = mapping_page.form_of(run)
    reading = request.form.get("then") == "read"
    if form.validate() or reading:
        try:
            runs.remap(
                session, actor, run_id, mapping_page.choices(run, form, request.form), _files_dir(), now=timing.now()
            )
            if not reading:
                runs.start_check(session, actor, run_id, now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            return redirect(url_for("imports.mapping" if reading else "imports.show", run_id=run_id), 303)
    session.rollback()
    return mapping_page.page(runs.shown_run(session, current_actor(), run_id), 422, form)


@bp.post("/imports/<int:run_id>/apply")
@requires(*kinds.PERMISSIONS)
def apply(run_id: int) -> ResponseReturnValue:
    """Write the checked rows, in the background."""
    runs.start_apply(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("已开始导入，可以离开本页，稍后回来看结果。"), "ok")
    return _to(run_id)


@bp.post("/imports/<int:run_id>/cancel")
@requires(*kinds.PERMISSIONS)
def cancel(run_id: int) -> ResponseReturnValue:
    """Stop after the batch at hand."""
    runs.cancel(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("正在停下来。"), "ok")
    return _to(run_id)


@bp.post("/imports/<int:run_id>/resume")
@requires(*kinds.PERMISSIONS)
def resume(run_id: int) -> ResponseReturnValue:
    """Go on where it stopped."""
    runs.resume(db.session(), current_actor(), run_id, now=timing.now())
    return _to(run_id)


@bp.get("/imports/<int:run_id>/undo")
@requires(*kinds.PERMISSIONS)
def undo(run_id: int) -> ResponseReturnValue:
    """Say what taking back would take back."""
    run = runs.shown_run(db.session(), current_actor(), run_id)
    return render_template("imports/undo.html", run=run, kind=kinds.kind_of(run), tally=pages.tally(run))


@bp.post("/imports/<int:run_id>/undo")
@requires(*kinds.PERMISSIONS)
def take_back(run_id: int) -> ResponseReturnValue:
    """Take the import back, in the background."""
    runs.start_undo(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("已开始撤销，可以离开本页，稍后回来看结果。"), "ok")
    return _to(run_id)


@bp.get("/imports/<int:run_id>/errors.xlsx")
@requires(*kinds.PERMISSIONS)
def errors(run_id: int) -> ResponseReturnValue:
    """Download the rows that were not taken, each with its reason."""
    session = db.session()
    run = runs.shown_run(session, current_actor(), run_id)
    rows = export.left_rows(session, run, say, lambda one: url_for("register.show", enterprise_id=one, _external=True))
    body = export.errors_book(rows, tr(export.SHEET))
    answer = Response(body, mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"import-{run.id}-errors.xlsx")
    return answer


@bp.get("/imports/template/<key>.xlsx")
@requires(*kinds.PERMISSIONS)
def template(key: str) -> ResponseReturnValue:
    """Hand out an empty workbook of a kind with its headings, and how each is filled in."""
    kind = kinds.KINDS.get(key)
    if kind is None or kind.sheet is None or not kind.allows(current_actor()):
        raise NotFoundError(rules.MISSING)
    answer = Response(blank.workbook(kind), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{kind.key}-template.xlsx")
    return answer


def _kind() -> Kind:
    """The kind of import the address or the form names, else the first this person may do."""
    may = kinds.allowed(current_actor())
    asked = request.values.get("kind", "")
    return next((kind for kind in may if kind.key == asked), may[0])


def _index(form: UploadForm, status: int) -> ResponseReturnValue:
    session, kind = db.session(), _kind()
    found = runs.earlier(session, current_actor(), kind, request.args.get("cursor"))
    names = people.names(session, [run.created_by for run in found.rows if run.created_by])
    again = request.args.get("again", type=int)
    page = render_template(
        "imports/index.html",
        form=form,
        kind=kind,
        kinds=kinds.allowed(current_actor()),
        kind_tabs=pages.kind_tabs(kind),
        tips=[tr(tip) for tip in kind.sheet.tips] if kind.sheet else [],
        page=found,
        names=names,
        titles={run.id: shown.title(run) for run in found.rows},
        counts={run.id: shown.counts(run) for run in found.rows},
        states={run.id: rules.state_of(run.state) for run in found.rows},
        state_labels=shown.STATE_LABELS,
        again=runs.shown_run(session, current_actor(), again) if again else None,
        limit=current_app.config["MAX_CONTENT_LENGTH"] // 1024 // 1024,
    )
    return page, status
