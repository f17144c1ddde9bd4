"""Pages of the weekly report: list, web view with every figure a link, edit, freeze, download."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, NotFoundError
from crm.core.tasks import TaskState
from crm.reports import queries, services
from crm.reports.docx import render_docx
from crm.reports.forms import BuildForm, FreezeForm, SectionForm
from crm.reports.models import ReportState, WeeklyReport
from crm.reports.pages import page_of
from crm.reports.period import week_at, week_of
from crm.reports.stored import document_of, rows_of
from crm.reports.weeks import cut_off, parse_week
from crm.reports.xlsx import render_xlsx
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from crm.core.tasks import Task
    from crm.reports.document import WeeklyDocument
    from crm.reports.period import Week

bp = Blueprint("weekly", __name__)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_WEEKS = 8
SHOWN_ROWS = 200
OPEN_STATES = (TaskState.NEW, TaskState.SENT, TaskState.RUNNING)


def sees_all() -> bool:
    """Whether the person's reading covers all units: they may see drafts and the whole annex."""
    return current_actor().scope(Permission.REPORT_READ) is None


def _week(name: str) -> Week:
    try:
        return week_of(*parse_week(name))
    except ValueError:
        abort(404)


def _report(week: Week) -> WeeklyReport | None:
    found = queries.report_by_week(db.session(), week.iso_year, week.iso_week)
    if found is not None and found.state is ReportState.DRAFT and not sees_all():
        return None
    return found


def _existing(name: str) -> WeeklyReport:
    found = _report(_week(name))
    if found is None:
        raise NotFoundError(queries.MISSING)
    return found


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
    week = _week(name)
    task = _task(week)
    if task is not None and task.state in OPEN_STATES and sees_all():
        return render_template("reports/weekly_wait.html", week=week, task=task)
    report = _report(week)
    if report is None:
        if task is not None and task.state is TaskState.DEAD and sees_all():
            return render_template("reports/weekly_wait.html", week=week, task=task)
        raise NotFoundError(queries.MISSING)
    return _page(report)


def _task(week: Week) -> Task | None:
    return queries.draft_task(db.session(), week.name)


@bp.get("/reports/weekly/<name>/progress")
@requires(Permission.REPORT_READ)
def progress(name: str) -> ResponseReturnValue:
    """Answer the waiting page: still building, or go and look."""
    week = _week(name)
    task = _task(week)
    if not sees_all():
        raise NotFoundError(queries.MISSING)
    if task is not None and task.state in OPEN_STATES:
        return render_template("reports/weekly_progress.html", week=week, task=task)
    target = url_for("weekly.show", name=week.name)
    if "HX-Request" not in request.headers:
        return redirect(target)
    return "", 200, {"HX-Redirect": target}


def _page(report: WeeklyReport, form: SectionForm | None = None) -> str:
    actor = current_actor()
    draft = report.state is ReportState.DRAFT
    return render_template(
        "reports/weekly.html",
        report=report,
        week=week_of(report.iso_year, report.iso_week),
        page=page_of(report),
        document=document_of(report),
        changes=services.changes(report),
        form=form,
        freeze_form=FreezeForm(formdata=None, version=report.version),
        early=timing.now() < report.cutoff_at,
        may_edit=draft and actor.may(Permission.REPORT_BUILD),
        may_freeze=draft and actor.may(Permission.REPORT_FREEZE),
        sees_all=sees_all(),
    )


@bp.post("/reports/weekly/<name>/edit")
@requires(Permission.REPORT_BUILD)
def edit(name: str) -> ResponseReturnValue:
    """Keep the words a person put in place of the generated ones."""
    report, form = _existing(name), SectionForm()
    if not form.validate():
        return _page(report, form), 422
    words = None if request.form.get("action") == "reset" else text(form.text)
    version = cast("int", form.version.data)
    try:
        services.edit_section(
            db.session(), current_actor(), report, text(form.section), words, version, now=timing.now()
        )
    except DomainError as error:
        form.refuse(error.problems)
        form.version.data = report.version
        return _page(report, form), error.status
    flash(tr("已保存"), "ok")
    return redirect(url_for("weekly.show", name=name, _anchor=f"s-{text(form.section)}"))


@bp.post("/reports/weekly/<name>/freeze")
@requires(Permission.REPORT_FREEZE)
def freeze(name: str) -> ResponseReturnValue:
    """Number and close an issue."""
    report, form = _existing(name), FreezeForm()
    version = cast("int", form.version.data) if form.validate() else 0
    services.freeze(db.session(), current_actor(), report, version, now=timing.now())
    flash(tr("第%(issue)s期已定稿", issue=report.issue_no), "ok")
    return redirect(url_for("weekly.show", name=name))


@bp.get("/reports/weekly/<name>/docx")
@requires(Permission.REPORT_READ)
def docx(name: str) -> ResponseReturnValue:
    """Download the issue as a Word file; the download is logged."""
    return _download(_existing(name), "docx", WORD, render_docx)


@bp.get("/reports/weekly/<name>/xlsx")
@requires(Permission.REPORT_READ)
def xlsx(name: str) -> ResponseReturnValue:
    """Download the annex with the rows behind every figure, for those who see all units."""
    if not sees_all():
        raise NotFoundError(queries.MISSING)
    return _download(_existing(name), "xlsx", EXCEL, render_xlsx)


def _download(
    report: WeeklyReport, suffix: str, kind: str, render: Callable[[WeeklyDocument], bytes]
) -> ResponseReturnValue:
    week = week_of(report.iso_year, report.iso_week)
    document = document_of(report)
    content = render(document)
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
    name = f"{document.title_red}-{week.name}.{suffix}"
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)


@bp.get("/reports/weekly/<int:report_id>/figure/<key>")
@requires(Permission.REPORT_READ)
def figure(report_id: int, key: str) -> ResponseReturnValue:
    """List the rows a figure was counted from; of other units only their number is told."""
    report = queries.report(db.session(), report_id, drafts=sees_all())
    found = next((one for one in report.figures if one.key == key), None)
    if found is None:
        raise NotFoundError(queries.MISSING)
    columns, kept = rows_of(report, key)
    unit_id = request.args.get("unit", type=int)
    if unit_id is not None:
        kept = [row for row in kept if row.unit_id == unit_id]
    scope = current_actor().scope(Permission.REPORT_READ)
    shown = [row for row in kept if scope is None or row.unit_id is None or row.unit_id in scope]
    start = max(request.args.get("start", 0, type=int), 0)
    return render_template(
        "reports/figure.html",
        report=report,
        week=week_of(report.iso_year, report.iso_week),
        figure=found,
        columns=columns,
        rows=shown[start : start + SHOWN_ROWS],
        start=start,
        step=SHOWN_ROWS,
        total=sum((row.amount for row in kept), Decimal(0)),
        size=len(kept),
        shown=len(shown),
        unit_id=unit_id,
        unit_name=queries.unit_names(db.session(), week_of(report.iso_year, report.iso_week).day).get(unit_id)
        if unit_id
        else None,
    )
