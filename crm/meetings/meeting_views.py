"""Pages of one meeting: who comes, agenda, what is decided, minutes, and the file of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.core.errors import DomainError, Problem
from crm.meetings import agenda, decisions, minutes, queries, services
from crm.meetings.forms import DecisionForm, ItemForm, MeetingForm, MinutesForm, NoteForm, ReasonForm
from crm.meetings.pages import REFUSED, back, people_part, project_choices, record, submit, tried
from crm.meetings.proposals import proposals
from crm.meetings.rules import (
    SOURCE_LABELS,
    MeetingState,
    Presence,
    days_late,
)
from crm.meetings.views import READERS, seated
from crm.pipeline.attempts import attempt
from crm.pipeline.cards import Clock
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

bp = Blueprint("meeting", __name__, url_prefix="/meetings/<int:meeting_id>")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BAD_STATE = Problem("meeting.presence", "没有这种到会情况，请从页面上的按钮点。")


@bp.get("")
@requires(*READERS)
def show(meeting_id: int) -> ResponseReturnValue:
    """Show a meeting."""
    return record(meeting_id)


@bp.route("/edit", methods=["GET", "POST"])
@requires(*READERS)
def edit(meeting_id: int) -> ResponseReturnValue:
    """Change a planned meeting."""
    session, actor = db.session(), current_actor()
    row = services.managed(session, actor, meeting_id, MeetingState.PLANNED, lock=False)
    names = ("title", "held_on", "starts_at", "place", "chair_id", "unit_id", "version")
    values = {name: getattr(row, name) for name in names}
    coming = [person.user_id for person, _name, _title in queries.people(session, row.id)]
    form: MeetingForm = seated(MeetingForm(**values, kind=row.kind.value, members=coming))
    if request.method == "GET":
        return render_template("meetings/form.html", form=form, meeting=row)
    version = form.version.data or 0
    refused = attempt(
        form, lambda: services.change(session, actor, meeting_id, form.draft(), version=version, now=timing.now())
    )
    if refused is not None:
        session.expire(row)
        return render_template("meetings/form.html", form=form, meeting=row), refused
    flash(tr("会议已保存。"), "ok")
    return back(meeting_id)


@bp.post("/cancel")
@requires(*READERS)
def cancel(meeting_id: int) -> ResponseReturnValue:
    """Cancel a planned meeting."""
    form = ReasonForm()
    return submit(
        meeting_id,
        form,
        "cancel_form",
        lambda: services.cancel(db.session(), current_actor(), meeting_id, text(form.reason), now=timing.now()),
        tr("会议已取消。"),
    )


@bp.post("/hold")
@requires(*READERS)
def hold(meeting_id: int) -> ResponseReturnValue:
    """Begin a meeting."""
    tried(
        lambda: services.hold(db.session(), current_actor(), meeting_id, now=timing.now(), today=timing.today()),
        tr("会议已开，可以登记到会、议定事项和纪要。"),
    )
    return back(meeting_id)


@bp.post("/people/<int:user_id>")
@requires(*READERS)
def presence(meeting_id: int, user_id: int) -> ResponseReturnValue:
    """Write down whether somebody came, with one tap."""
    wanted = request.values.get("presence", "")
    if wanted not in set(Presence):
        raise DomainError(BAD_STATE)
    session, actor, now = db.session(), current_actor(), timing.now()
    tried(
        lambda: services.set_presence(
            session, actor, meeting_id, user_id, Presence(wanted), now=now, today=timing.today()
        )
    )
    if "HX-Request" in request.headers:
        return render_template("meetings/_people.html", **people_part(queries.get(session, actor, meeting_id)))
    return back(meeting_id, "people")


@bp.post("/people/present")
@requires(*READERS)
def all_present(meeting_id: int) -> ResponseReturnValue:
    """Mark everybody not yet written down as present, with one tap."""
    tried(
        lambda: services.all_present(db.session(), current_actor(), meeting_id, now=timing.now(), today=timing.today()),
        tr("其余参会人都记为到会。"),
    )
    return back(meeting_id, "people")


@bp.route("/agenda", methods=["GET", "POST"])
@requires(*READERS)
def propose(meeting_id: int) -> ResponseReturnValue:
    """Show what the agenda may take up; take up what was ticked."""
    session, actor = db.session(), current_actor()
    clock = Clock(timing.now(), timing.today(), timing.zone())
    if request.method == "POST":
        keys = request.form.getlist("item")
        if tried(lambda: agenda.take_up(session, actor, meeting_id, keys, clock), tr("已加入议程。")):
            return back(meeting_id, "agenda")
        return redirect(url_for("meeting.propose", meeting_id=meeting_id), 303)
    meeting = services.managed(session, actor, meeting_id, MeetingState.PLANNED, MeetingState.HELD, lock=False)
    return render_template(
        "meetings/agenda.html",
        meeting=meeting,
        found=proposals(session, actor, meeting, clock),
        sources=SOURCE_LABELS,
        late=lambda day: days_late(day, timing.today()) if day else 0,
        today=timing.today(),
    )


@bp.post("/items")
@requires(*READERS)
def add_item(meeting_id: int) -> ResponseReturnValue:
    """Add an item by hand."""
    form = ItemForm().offer(project_choices())
    return submit(
        meeting_id,
        form,
        "item_form",
        lambda: agenda.add(
            db.session(), current_actor(), meeting_id, text(form.title), text(form.detail),
            form.project_id.data or None, now=timing.now(),
        ),
        tr("已加入议程。"),
    )  # fmt: skip


@bp.post("/items/<int:item_id>/<any(up, down, remove):step>")
@requires(*READERS)
def item_step(meeting_id: int, item_id: int, step: str) -> ResponseReturnValue:
    """Move an item up or down, or take it off."""
    session, actor = db.session(), current_actor()
    if step == "remove":
        tried(lambda: agenda.remove(session, actor, meeting_id, item_id, now=timing.now()), tr("已从议程移除。"))
    else:
        agenda.move(session, actor, meeting_id, item_id, up=step == "up")
    return back(meeting_id, "agenda")


@bp.post("/items/<int:item_id>/note")
@requires(*READERS)
def item_note(meeting_id: int, item_id: int) -> ResponseReturnValue:
    """Write down what was said on an item."""
    form = NoteForm()
    if not form.validate():
        return record(meeting_id, note_form=form), REFUSED
    agenda.note(db.session(), current_actor(), meeting_id, item_id, text(form.note), now=timing.now())
    flash(tr("讨论情况已保存。"), "ok")
    return back(meeting_id, f"item-{item_id}")


@bp.post("/decisions")
@requires(*READERS)
def decide(meeting_id: int) -> ResponseReturnValue:
    """Write a decision down."""
    session, actor = db.session(), current_actor()
    rows = queries.items(session, actor, meeting_id)
    form = DecisionForm().offer([(row.id, row.title) for row in rows], people.seats(session, None, timing.today()))
    return submit(
        meeting_id,
        form,
        "decision_form",
        lambda: decisions.decide(session, actor, meeting_id, form.draft(), now=timing.now(), today=timing.today()),
        tr("议定事项已登记，承办人的待办里已有这一件。"),
    )


@bp.post("/minutes")
@requires(*READERS)
def write(meeting_id: int) -> ResponseReturnValue:
    """Keep the minutes."""
    form = MinutesForm()
    return submit(
        meeting_id,
        form,
        "minutes_form",
        lambda: services.write_minutes(
            db.session(), current_actor(), meeting_id, text(form.minutes), text(form.guests),
            version=form.version.data or 0, now=timing.now(),
        ),
        tr("纪要已保存。"),
    )  # fmt: skip


@bp.post("/issue")
@requires(*READERS)
def issue(meeting_id: int) -> ResponseReturnValue:
    """Issue the minutes."""
    tried(
        lambda: services.issue(db.session(), current_actor(), meeting_id, now=timing.now()),
        tr("纪要已印发，正文不再改；议定事项继续跟踪。"),
    )
    return back(meeting_id)


@bp.get("/minutes.docx")
@requires(*READERS)
def file(meeting_id: int) -> Response:
    """Hand out the minutes as a Word file."""
    session, actor = db.session(), current_actor()
    meeting = queries.get(session, actor, meeting_id)
    body = minutes.minutes_file(session, actor, meeting, timing.today())
    return send_file(io.BytesIO(body), mimetype=DOCX, as_attachment=True, download_name=minutes.file_name(meeting))
