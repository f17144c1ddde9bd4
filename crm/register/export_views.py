"""Pages of exports: ask for one, watch it, fetch the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError
from crm.enterprises import queries as enterprises
from crm.register import export, filter_words, list_columns, list_queries, list_state
from crm.register.export_file import MOST_ROWS
from crm.register.list_views import asked
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.register.list_state import State

bp = Blueprint("exports", __name__)
TITLES = {export.PAGE: "企业列表", export.PEOPLE: "联系人", export.PROJECTS: "项目列表", export.BLOCKERS: "问题台账"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/enterprises/export")
@requires(Permission.REGISTER_EXPORT)
def ask() -> ResponseReturnValue:
    """Show what the file will hold, and what else may go in."""
    return _ask(asked()[0], [], 200)


@bp.post("/enterprises/export")
@requires(Permission.REGISTER_EXPORT)
def start() -> ResponseReturnValue:
    """Queue an export."""
    state = list_state.from_args(request.form)
    form = request.form
    wish = export.Wish(bool(form.get("contacts")), bool(form.get("full")), form.get("reason", ""))
    try:
        export.start(db.session(), current_actor(), state.plain, wish, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _ask(state, [say(problem) for problem in error.problems], error.status)
    flash(tr("已开始导出，完成后在这里下载。"), "ok")
    return redirect(url_for("exports.index"), 303)


@bp.get("/exports")
@requires(Permission.REGISTER_EXPORT)
def index() -> ResponseReturnValue:
    """Show the person's own exports."""
    session = db.session()
    runs = export.own(session, current_actor())
    waiting = any(run.status == export.QUEUED for run in runs)
    template = "register/_exports.html" if "HX-Request" in request.headers else "register/exports.html"
    return render_template(
        template, runs=runs, waiting=waiting, progress=export.progress(session) if waiting else {}, keep=export.KEEP
    )


@bp.get("/exports/<int:run_id>/file")
@requires(Permission.REGISTER_EXPORT)
def fetch(run_id: int) -> ResponseReturnValue:
    """Send the file to the one who asked for it, and to nobody else; the download is on record."""
    actor = current_actor()
    run = export.ready(db.session(), actor, run_id)
    path = export.path_of(cast("Settings", current_app.config["SETTINGS"]).files_dir, run.id)
    if not path.exists():
        flash(say(export.GONE), "warn")
        return redirect(url_for("exports.index"))
    with db.writing() as session:
        audit.record(session, actor.user_id, "export.download", ("export_run", run.id), now=timing.now())
    title = tr(TITLES[run.page])
    name = f"{title}-{run.created_at.astimezone(timing.zone()):%Y%m%d-%H%M}.xlsx"
    return send_file(path, mimetype=XLSX, as_attachment=True, download_name=name)


def _ask(state: State, problems: list[str], status: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    lists = {one.key: one.name for one in enterprises.lists(session)}
    page = render_template(
        "register/export.html",
        state=state,
        groups=filter_words.shown(state, lists),
        columns=[list_columns.BY_KEY[key] for key in state.columns],
        total=list_queries.count(session, actor, state, now=timing.now(), most=MOST_ROWS),
        most=MOST_ROWS,
        problems=problems,
        typed=request.form,
    )
    return page, status
