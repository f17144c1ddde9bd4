"""Pages of the list importer: upload, preview, progress, result."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises.lists import KNOWN
from crm.imports import export, runs
from crm.imports.columns import COLUMN_LABELS
from crm.imports.forms import StartForm, UploadForm
from crm.imports.rows import ListTarget
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import optional
from crm.web.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path

    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.imports.models import ImportRun

bp = Blueprint("imports", __name__)
PREVIEW_ROWS = 5
SHOWN_ROWS = 200
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def _files_dir() -> Path:
    return cast("Settings", current_app.config["SETTINGS"]).files_dir


@bp.get("/imports")
@requires(Permission.LIST_IMPORT)
def index() -> ResponseReturnValue:
    """Show the upload form and earlier runs."""
    return _index(UploadForm(), 200)


@bp.post("/imports")
@requires(Permission.LIST_IMPORT)
def upload() -> ResponseReturnValue:
    """Take a file in and go to its preview."""
    form = UploadForm()
    if form.validate():
        sent = form.file.data
        try:
            run = runs.upload(
                db.session(), current_actor(), sent.filename or "", sent.read(), _files_dir(), now=timing.now()
            )
        except DomainError as error:
            form.refuse(error.problems)
        else:
            return redirect(url_for("imports.show", run_id=run.id), 303)
    return _index(form, 422)


@bp.get("/imports/<int:run_id>")
@requires(Permission.LIST_IMPORT)
def show(run_id: int) -> ResponseReturnValue:
    """Show a run: its preview, its progress, or its result."""
    run = runs.get_run(db.session(), run_id)
    if run.state == runs.PREVIEW:
        lists = run.options["said"]["lists"]
        form = StartForm(
            data={"list_name": lists[0] if len(lists) == 1 else "", "year": runs.default_year(run, timing.today())}
        )
        return _preview(run, form, 200)
    template = "imports/_state.html" if "HX-Request" in request.headers else "imports/result.html"
    return render_template(template, run=run, left=run.rejected[:SHOWN_ROWS], labels=export.OUTCOME_LABELS)


@bp.post("/imports/<int:run_id>/start")
@requires(Permission.LIST_IMPORT)
def start(run_id: int) -> ResponseReturnValue:
    """Queue a run."""
    form = StartForm()
    if form.validate():
        target = ListTarget(optional(form.list_name), form.year.data, optional(form.source))
        try:
            runs.start(db.session(), current_actor(), run_id, target, now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已开始导入，可以离开本页，稍后回来看结果。"), "ok")
            return redirect(url_for("imports.show", run_id=run_id), 303)
    return _preview(runs.get_run(db.session(), run_id), form, 422)


@bp.get("/imports/<int:run_id>/left.<kind>")
@requires(Permission.LIST_IMPORT)
def left(run_id: int, kind: str) -> ResponseReturnValue:
    """Download the rows that were not taken."""
    run = runs.get_run(db.session(), run_id)
    rows = export.left_rows(
        run.options.get("headings", []), run.rejected, lambda message, params: tr(message, **params)
    )
    body = export.as_xlsx(rows) if kind == "xlsx" else export.as_csv(rows)
    answer = Response(body, mimetype=TYPES.get(kind, TYPES["csv"]))
    answer.headers.set("Content-Disposition", "attachment", filename=f"import-{run.id}-left.{kind}")
    return answer


def _index(form: UploadForm, status: int) -> ResponseReturnValue:
    found = runs.latest(db.session())
    names = people.names(db.session(), [run.created_by for run in found if run.created_by])
    limit = current_app.config["MAX_CONTENT_LENGTH"] // 1024 // 1024
    return render_template("imports/index.html", form=form, runs=found, names=names, limit=limit), status


def _preview(run: ImportRun, form: StartForm, status: int) -> ResponseReturnValue:
    table = runs.open_table(run, _files_dir())
    heads = {index: COLUMN_LABELS[column] for column, places in table.mapping.places.items() for index in places}
    headings = table.mapping.headings
    page = render_template(
        "imports/preview.html",
        run=run,
        form=form,
        headings=headings,
        heads=sorted(heads.items()),
        skipped=[heading for index, heading in enumerate(headings) if heading and index not in heads],
        sample=[row for _line, row in table.rows[:PREVIEW_ROWS]],
        total=len(table.rows),
        known=[one.name for one in KNOWN if not one.names_only],
    )
    return page, status
