"""到岗到位: sign with one tap, put down an absence, see who is where on a day. No place is ever asked or read."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.core.workdays import is_workday
from crm.field import posting_pages as pages
from crm.field.posting_forms import AbsenceForm
from crm.fieldwork.postings import attendance, presence, queries
from crm.fieldwork.postings.rules import Presence
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("presence", __name__, url_prefix="/postings")
REFUSED = 422
AT_POST = "在岗"
ASKED_FOR = {"gap": "缺签", "absent": "不在岗", "there": "在岗"}


@bp.get("/presence")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """Show who is at which post on a day; gaps in words and icon."""
    session, actor, today = db.session(), current_actor(), timing.today()
    day = min(day_or_none(request.args.get("day", "")) or today, today)
    unit_id = request.args.get("unit", type=int)
    only = request.args.get("only", "")
    rows = attendance.people_on(session, actor, day, unit_id)
    found = attendance.grid(session, rows, pages.days(day, day))
    counts = attendance.tally(list(found.values()))
    shown = [row for row in rows if _wanted(found[row.id, day].state, only)]
    return render_template(
        "field/presence.html",
        day=day,
        workday=is_workday(day),
        is_today=day == today,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < today else None,
        groups=[(place, list(group)) for place, group in groupby(shown, key=lambda row: row.post)],
        total=len(rows),
        shown=len(shown),
        cells={row.id: found[row.id, day] for row in rows},
        counts=counts,
        only=only,
        choices=ASKED_FOR,
        unit_id=unit_id,
        unit=people.unit_names(session, [unit_id]).get(unit_id, "") if unit_id else "",
        visits=pages.open_visits(session, actor, found.values()),
        words=pages.WORDS,
        states=Presence,
    )


@bp.post("/people/<int:posting_id>/sign")
@requires(Permission.TOUCH_READ)
def sign(posting_id: int) -> ResponseReturnValue:
    """Sign that one is at the post; it can be taken back."""
    session, actor, today = db.session(), current_actor(), timing.today()
    day = day_or_none(request.form.get("day", "")) or today
    note = request.form.get("note", "").strip() or tr(AT_POST)
    row = queries.posting(session, actor, posting_id)
    try:
        made = presence.sign(session, actor, posting_id, day, note, now=timing.now(), today=today)
    except DomainError as error:
        if error.status != REFUSED:
            raise
        flash(say(error.problems[0]), "bad")
        return redirect(url_for("postings.show", post_id=row.post_id), 303)
    text = tr("已签到：%(name)s", name=row.post.name) if day == today else tr("已补签：%(day)s", day=day.isoformat())
    undo = url_for("presence.unsign", check_in_id=made.id)
    flash({"text": text, "undo": undo}, "ok")  # type: ignore[arg-type]  # a toast with undo
    return redirect(url_for("postings.index"), 303)


@bp.post("/notes/<int:check_in_id>/remove")
@requires(Permission.TOUCH_READ)
def unsign(check_in_id: int) -> ResponseReturnValue:
    """Take a note back."""
    presence.take_back(db.session(), current_actor(), check_in_id, now=timing.now(), today=timing.today())
    flash(tr("已撤回签到。"), "ok")
    return redirect(url_for("postings.index"), 303)


@bp.route("/people/<int:posting_id>/absences", methods=["GET", "POST"])
@requires(Permission.TOUCH_READ)
def excuse(posting_id: int) -> ResponseReturnValue:
    """Put down that somebody is away, and why."""
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.posting(session, actor, posting_id)
    if request.method == "GET":
        form = AbsenceForm(formdata=None, from_day=today, to_day=today).offer()
        return render_template("field/absence.html", row=row, form=form)
    form = AbsenceForm().offer()
    if form.validate():
        try:
            presence.excuse(session, actor, posting_id, form.draft(today), now=timing.now(), today=today)
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已登记%(name)s的缺勤。", name=row.user.name), "ok")
            return redirect(url_for("postings.show", post_id=row.post_id), 303)
    return render_template("field/absence.html", row=row, form=form), REFUSED


@bp.post("/absences/<int:absence_id>/remove")
@requires(Permission.TOUCH_READ)
def unexcuse(absence_id: int) -> ResponseReturnValue:
    """Take an absence off the list."""
    row = presence.unexcuse(db.session(), current_actor(), absence_id, now=timing.now(), today=timing.today())
    flash(tr("已删除缺勤记录。"), "ok")
    return redirect(url_for("postings.show", post_id=row.post_id), 303)


def _wanted(state: Presence, only: str) -> bool:
    groups = {
        "gap": {Presence.GAP, Presence.OPEN},
        "absent": {Presence.ABSENT},
        "there": {Presence.VISITED, Presence.SIGNED, Presence.LATE_SIGNED},
    }
    return state in groups.get(only, set(Presence))
