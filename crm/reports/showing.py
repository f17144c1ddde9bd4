"""One issue of the weekly report as a page: who sees it, and what the person may do with it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, render_template

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.reports import queries, road, secrecy, services
from crm.reports.chasing import queries as chasing
from crm.reports.forms import FreezeForm, ReturnForm
from crm.reports.models import STEP_LABELS, ReportState, RoadStep, Standing
from crm.reports.pages import page_of
from crm.reports.period import week_of
from crm.reports.stored import HEADINGS, document_of
from crm.reports.weeks import parse_week
from crm.web import db, timing
from crm.web.i18n import say

if TYPE_CHECKING:
    from crm.reports.forms import SectionForm
    from crm.reports.models import WeeklyReport
    from crm.reports.period import Week


def sees_all() -> bool:
    """Whether the person's reading covers all units: they may see drafts and the whole annex."""
    return current_actor().scope(Permission.REPORT_READ) is None


def asked_week(name: str) -> Week:
    """The week of an address, or not found."""
    try:
        return week_of(*parse_week(name))
    except ValueError:
        abort(404)


def visible(week: Week) -> WeeklyReport | None:
    """The report of a week, if there is one this person may see."""
    found = queries.report_by_week(db.session(), week.iso_year, week.iso_week)
    if found is not None and found.state is ReportState.DRAFT and not sees_all():
        return None
    return found


def existing(name: str) -> WeeklyReport:
    """The report of an address, or not found."""
    found = visible(asked_week(name))
    if found is None:
        raise NotFoundError(queries.MISSING)
    return found


def shown(report: WeeklyReport, form: SectionForm | None = None, returning: ReturnForm | None = None) -> str:
    """Render the page; ``form`` and ``returning`` hold what was typed and refused."""
    actor = current_actor()
    may = {step.value for step, permission in road.NEEDS.items() if actor.may(permission)}
    return render_template(
        "reports/weekly.html",
        report=report,
        week=week_of(report.iso_year, report.iso_week),
        page=page_of(report),
        document=document_of(report),
        changes=services.changes(report),
        form=form,
        freeze_form=FreezeForm(formdata=None, version=report.version),
        return_form=returning or ReturnForm(formdata=None, version=report.version),
        early=timing.now() < report.cutoff_at,
        stale=report.built_at < report.cutoff_at,
        own=road.submitter(report) == actor.user_id,
        may={step.value: step.value in may and report.standing in road.FROM[step] for step in RoadStep},
        may_edit=report.standing is Standing.DRAFT and actor.may(Permission.REPORT_BUILD),
        step_labels=STEP_LABELS,
        sees_all=sees_all(),
        returned=_returned(report),
        hidden=[say(one) for one in secrecy.problems(db.session(), report)],
        written=secrecy.written(db.session(), report),
        headings=HEADINGS,
    )


def _returned(report: WeeklyReport) -> tuple[int, int] | None:
    """Of a draft: how many units reported, and how many had to; a frozen issue says it in its own words."""
    if report.state is ReportState.FROZEN or not sees_all():
        return None
    done, wanted = chasing.counts(db.session(), chasing.week_known(db.session(), report.iso_year, report.iso_week))
    return (done, wanted) if wanted else None
