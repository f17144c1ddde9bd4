"""Pages of the weekly report: list, web view with every figure a link, edit, freeze, download."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, cast

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, NotFoundError
from crm.core.tasks import TaskState
from crm.reports import annex, queries, secrecy, services
from crm.reports.annex_views import hidden_rows, kept
from crm.reports.chasing.views import overview
from crm.reports.forms import BuildForm, FreezeForm, SectionForm
from crm.reports.frozen import annex_of, page
from crm.reports.period import week_at, week_of
from crm.reports.printing import print_docx
from crm.reports.road_views import bp as road
from crm.reports.showing import asked_week, existing, sees_all, shown, visible
from crm.reports.stored import TITLE_RED
from crm.reports.weeks import cut_off, parse_week
from crm.reports.xlsx import render_xlsx
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.core.tasks import Task
    from crm.reports.models import WeeklyReport
    from crm.reports.period import Week

bp = Blueprint("weekly", __name__)
bp.register_blueprint(road)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_WEEKS = 8
SHOWN_ROWS = 200
OPEN_STATES = (TaskState.NEW, TaskState.SENT, TaskState.RUNNING)


@bp.get("/reports/weekly")
@requires(Permission.REPORT_READ)
def index() -> ResponseReturnValue:
    """List the issues, and the last weeks that have none yet."""
    found = queries.reports(db.session(), drafts=sees_all())
    known = {(report.iso_year, report.iso_week) for report, _name in found}
    now = timing.now()
    recent = [week_of(*week_at(now - timedelta(days=7 * back))) for back in range(SHOWN_WEEKS)]
    missing = [week for week in recent if (week.iso_year, week.iso_week) not in known] if sees_all() else []
    return render_template(
        "reports/weekly_list.html",
        reports=[(report, week_of(report.iso_year, report.iso_week), name) for report, name in found],
        missing=missing,
        this_week=recent[0],
        form=BuildForm(week=recent[0].name),
        may_build=current_actor().may(Permission.REPORT_BUILD),
        returns=overview(),
    )


@bp.post("/reports/weekly/build")
@requires(Permission.REPORT_BUILD)
def build() -> ResponseReturnValue:
    """Ask for a week's draft; it is built in the background."""
    form = BuildForm()
    if not form.validate():
        messages = [str(message) for errors in form.errors.values() for message in errors]
        flash("；".join(messages), "error")
        return redirect(url_for("weekly.index"))
    try:
        year, number = parse_week(text(form.week))
    except ValueError:
        flash(tr("没有这一周：请核对年份和周次。"), "error")
        return redirect(url_for("weekly.index"))
    typed = form.cutoff.data
    cutoff = typed.replace(tzinfo=timing.zone()) if typed else None
    week = week_of(year, number, cutoff=cutoff or _kept_cutoff(year, number))
    try:
        services.request_draft(db.session(), current_actor(), week, now=timing.now())
    except DomainError as error:
        flash("；".join(say(problem) for problem in error.problems), "error")
        return redirect(url_for("weekly.index"))
    return redirect(url_for("weekly.show", name=week.name))


def _kept_cutoff(year: int, number: int) -> datetime:
    known = queries.report_by_week(db.session(), year, number)
    return known.cutoff_at if known is not None else cut_off(year, number)


@bp.get("/reports/weekly/<name>")
@requires(Permission.REPORT_READ)
def show(name: str) -> ResponseReturnValue:
    """Show a week's report, or how far its building is."""
    week = asked_week(name)
    task = _task(week)
    if task is not None and task.state in OPEN_STATES and sees_all():
        return render_template("reports/weekly_wait.html", week=week, task=task)
    report = visible(week)
    if report is None:
        if task is not None and task.state is TaskState.DEAD and sees_all():
            return render_template("reports/weekly_wait.html", week=week, task=task)
        raise NotFoundError(queries.MISSING)
    return shown(report)


def _task(week: Week) -> Task | None:
    return queries.draft_task(db.session(), week.name)


@bp.get("/reports/weekly/<name>/progress")
@requires(Permission.REPORT_READ)
def progress(name: str) -> ResponseReturnValue:
    """Answer the waiting page: still building, or go and look."""
    week = asked_week(name)
    task = _task(week)
    if not sees_all():
        raise NotFoundError(queries.MISSING)
    if task is not None and task.state in OPEN_STATES:
        return render_template("reports/weekly_progress.html", week=week, task=task)
    target = url_for("weekly.show", name=week.name)
    if "HX-Request" not in request.headers:
        return redirect(target)
    return "", 200, {"HX-Redirect": target}


@bp.post("/reports/weekly/<name>/edit")
@requires(Permission.REPORT_BUILD)
def edit(name: str) -> ResponseReturnValue:
    """Keep the words a person put in place of the generated ones."""
    report, form = existing(name), SectionForm()
    if not form.validate():
        return shown(report, form), 422
    words = None if request.form.get("action") == "reset" else text(form.text)
    version = cast("int", form.version.data)
    try:
        services.edit_section(
            db.session(), current_actor(), report, text(form.section), words, version, now=timing.now()
        )
    except DomainError as error:
        form.refuse(error.problems)
        form.version.data = report.version
        return shown(report, form), error.status
    flash(tr("已保存"), "ok")
    return redirect(url_for("weekly.show", name=name, _anchor=f"s-{text(form.section)}"))


@bp.post("/reports/weekly/<name>/freeze")
@requires(Permission.REPORT_FREEZE)
def freeze(name: str) -> ResponseReturnValue:
    """Number and close an issue."""
    report, form = existing(name), FreezeForm()
    version = cast("int", form.version.data) if form.validate() else 0
    services.freeze(db.session(), current_actor(), report, version, now=timing.now())
    flash(tr("第%(issue)s期已定稿", issue=report.issue_no), "ok")
    return redirect(url_for("weekly.show", name=name))


@bp.get("/reports/weekly/<name>/docx")
@requires(Permission.REPORT_READ)
def docx(name: str) -> ResponseReturnValue:
    """Download the issue as a Word file; the download is logged."""
    report = existing(name)
    secrecy.refuse(db.session(), report)
    return _download(report, "docx", WORD, print_docx(db.session(), report))


@bp.get("/reports/weekly/<name>/xlsx")
@requires(Permission.REPORT_READ)
def xlsx(name: str) -> ResponseReturnValue:
    """Download the annex with the rows behind every figure, for those who see all units; a large one is asked for.

    Rows of a project that is kept from the person are not in it.
    """
    if not sees_all():
        raise NotFoundError(queries.MISSING)
    report = existing(name)
    secrecy.refuse(db.session(), report)
    hidden = hidden_rows()
    if annex.size(report) <= annex.AT_ONCE:
        return _download(report, "xlsx", EXCEL, render_xlsx(annex_of(report, hidden)))
    written = kept(report, hidden)
    if not written.exists():
        return redirect(url_for("annex.wait", name=name))
    return _download(report, "xlsx", EXCEL, written.read_bytes())


def _download(report: WeeklyReport, suffix: str, kind: str, content: bytes) -> ResponseReturnValue:
    week = week_of(report.iso_year, report.iso_week)
    actor = current_actor()
    with db.writing() as own:
        audit.record(
            own,
            actor.user_id,
            "report.download",
            ("weekly_report", report.id),
            now=timing.now(),
            format=suffix,
            issue_no=report.issue_no,
        )
    name = f"{TITLE_RED}-{week.name}.{suffix}"
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)


@bp.get("/reports/weekly/<int:report_id>/figure/<key>")
@requires(Permission.REPORT_READ)
def figure(report_id: int, key: str) -> ResponseReturnValue:
    """List the rows a figure was counted from; of other units only their number is told."""
    report = queries.report(db.session(), report_id, drafts=sees_all())
    secrecy.refuse(db.session(), report)
    found = next((one for one in report.figures if one.key == key), None)
    if found is None:
        raise NotFoundError(queries.MISSING)
    unit_id = request.args.get("unit", type=int)
    start = max(request.args.get("start", 0, type=int), 0)
    scope = current_actor().scope(Permission.REPORT_READ)
    shown = page(db.session(), found, unit_id, scope, start, SHOWN_ROWS)
    hidden = hidden_rows()
    return render_template(
        "reports/figure.html",
        report=report,
        week=week_of(report.iso_year, report.iso_week),
        figure=found,
        columns=[name for name, _kind in found.columns],
        rows=[row for row in shown.rows if row.href not in hidden],
        start=start,
        step=SHOWN_ROWS,
        total=shown.total,
        size=shown.size,
        shown=shown.shown,
        unit_id=unit_id,
        unit_name=queries.unit_names(db.session(), week_of(report.iso_year, report.iso_week).day).get(unit_id)
        if unit_id
        else None,
    )
