"""The rows of an import: mended cell by cell, skipped, and told who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.imports import kinds, lines, pages, rules, runs, shown
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.imports.models import ImportRow

bp = Blueprint("import_rows", __name__, url_prefix="/imports/<int:run_id>/rows/<int:line>")
NO_CHOICE = Problem("import.choice", "请选“就是它”、“新建”或“跳过”。")


@bp.get("")
@requires(*kinds.PERMISSIONS)
def row(run_id: int, line: int) -> ResponseReturnValue:
    """Show one row with all its cells."""
    session = db.session()
    run = runs.shown_run(session, current_actor(), run_id)
    return render_template("imports/row.html", **pages.row(run, lines.get_row(session, run_id, line)))


@bp.post("")
@requires(*kinds.PERMISSIONS)
def save(run_id: int, line: int) -> ResponseReturnValue:
    """Mend several cells of a row at once."""
    session = db.session()
    run = runs.shown_run(session, current_actor(), run_id)
    texts = {
        index: request.form[f"cell-{index}"][: shown.LONGEST]
        for index in range(len(run.options["headings"]))
        if f"cell-{index}" in request.form
    }
    lines.mend(session, current_actor(), run_id, line, texts, now=timing.now())
    flash(tr("已重新核对第 %(n)s 行。", n=line), "ok")
    return _back(run_id)


@bp.get("/cells/<int:index>")
@requires(*kinds.PERMISSIONS)
def cell(run_id: int, line: int, index: int) -> ResponseReturnValue:
    """Open one cell for mending; without htmx the whole row."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("import_rows.row", run_id=run_id, line=line, _anchor=f"f-{index}"))
    session = db.session()
    run = runs.shown_run(session, current_actor(), run_id)
    context = pages.row(run, lines.get_row(session, run_id, line))
    found = next((one for one in context["line"].cells if one.index == index), None)
    if found is None:
        raise NotFoundError(rules.NO_CELL)
    return render_template("imports/_cell_edit.html", cell=found, **context)


@bp.post("/cells/<int:index>")
@requires(*kinds.PERMISSIONS)
def mend(run_id: int, line: int, index: int) -> ResponseReturnValue:
    """Mend one cell; the row is checked again."""
    session = db.session()
    text = request.form.get("text", "")[: shown.LONGEST]
    return _answer(run_id, lines.mend(session, current_actor(), run_id, line, {index: text}, now=timing.now()))


@bp.post("/settle")
@requires(*kinds.PERMISSIONS)
def settle(run_id: int, line: int) -> ResponseReturnValue:
    """Say who a row is: an enterprise of the register, a new one, or nobody."""
    chosen = request.form.get("choice", "")
    plain = chosen in {rules.NEW, rules.SKIP} or chosen.startswith(lines.LINE)
    choice = chosen if plain else number_or_none(chosen)
    if choice is None:
        raise DomainError(NO_CHOICE)
    found = lines.settle(db.session(), current_actor(), run_id, line, choice, now=timing.now())
    return _answer(run_id, found)


@bp.post("/skip")
@requires(*kinds.PERMISSIONS)
def skip(run_id: int, line: int) -> ResponseReturnValue:
    """Leave a row out."""
    return _answer(run_id, lines.skip(db.session(), current_actor(), run_id, line, now=timing.now()))


@bp.post("/unskip")
@requires(*kinds.PERMISSIONS)
def unskip(run_id: int, line: int) -> ResponseReturnValue:
    """Take a row back in."""
    return _answer(run_id, lines.unskip(db.session(), current_actor(), run_id, line, now=timing.now()))


def _answer(run_id: int, found: ImportRow) -> ResponseReturnValue:
    """The row as it stands now with the counts, or back to the page without htmx."""
    if "HX-Request" not in request.headers:
        return _back(run_id)
    run = runs.shown_run(db.session(), current_actor(), run_id)
    return render_template("imports/_answer.html", **{**pages.state(run), **pages.row(run, found)})


def _back(run_id: int) -> ResponseReturnValue:
    return redirect(url_for("imports.show", run_id=run_id, only=request.args.get("only") or None), 303)
