"""The page of one meeting, and what every form on it does when it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.core.errors import DomainError
from crm.meetings import agenda, queries, services
from crm.meetings.forms import DecisionForm, ItemForm, MinutesForm, ReasonForm
from crm.meetings.rules import (
    DECISION_LABELS,
    MEETING_LABELS,
    PRESENCE_LABELS,
    SOURCE_LABELS,
    STATE_LABELS,
    MeetingState,
    days_late,
)
from crm.pipeline.attempts import attempt
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to
from crm.web import db, timing
from crm.web.i18n import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from crm.meetings.models import AgendaItem, Meeting
    from crm.web.forms import Form

REFUSED = 422
MOST_PROJECTS = 200


def record(meeting_id: int, **forms: Form) -> str:
    """Show a meeting as it stands, with forms that were refused in place of fresh ones."""
    session, actor = db.session(), current_actor()
    meeting = queries.get(session, actor, meeting_id)
    items = queries.items(session, actor, meeting.id)
    manage = services.may_manage(actor, meeting)
    return render_template(
        "meetings/meeting.html",
        items=items,
        decided=queries.decided(session, actor, meeting.id),
        open_before=queries.open_before(session, actor, meeting) if meeting.state != "cancelled" else [],
        kinds=MEETING_LABELS,
        states=STATE_LABELS,
        sources=SOURCE_LABELS,
        labels=DECISION_LABELS,
        number=queries.meeting_number(meeting),
        days_late=days_late,
        **people_part(meeting),
        **{**(_forms(meeting, items) if manage else {}), **forms},
    )


def _forms(meeting: Meeting, items: list[AgendaItem]) -> dict[str, object]:
    """The forms that fit the state of the meeting."""
    ready: dict[str, object] = {}
    if meeting.state in agenda.OPEN:
        ready["item_form"] = ItemForm(formdata=None).offer(project_choices())
    if meeting.state is MeetingState.PLANNED:
        ready["cancel_form"] = ReasonForm(formdata=None)
    if meeting.state is MeetingState.HELD:
        seats = people.seats(db.session(), None, timing.today())
        shown = [(row.id, row.title) for row in items]
        ready["decision_form"] = DecisionForm(formdata=None).offer(shown, seats)
        ready["minutes_form"] = MinutesForm(
            formdata=None, minutes=meeting.minutes, guests=meeting.guests, version=meeting.version
        )
    return ready


def people_part(meeting: Meeting) -> dict[str, object]:
    """What the list of people shows."""
    session, actor, today = db.session(), current_actor(), timing.today()
    return {
        "meeting": meeting,
        "coming": queries.people(session, meeting.id),
        "presences": PRESENCE_LABELS,
        "begun": meeting.held_on <= today,
        "open": meeting.state in agenda.OPEN,
        "manage": services.may_manage(actor, meeting),
        "today": today,
    }


def project_choices() -> list[tuple[int, str]]:
    """Projects an item may be about."""
    statement = (
        select(Project.id, Project.name)
        .where(visible_to(current_actor()), Project.exit_kind.is_(None))
        .order_by(Project.id.desc())
        .limit(MOST_PROJECTS)
    )
    return [(number, name) for number, name in db.session().execute(statement)]


def submit(meeting_id: int, form: Form, name: str, act: Callable[[], object], words: str) -> ResponseReturnValue:
    """Send a form; refused, it stands on the page again with every word."""
    refused = attempt(form, act)
    if refused is not None:
        return record(meeting_id, **{name: form}), refused
    flash(words, "ok")
    return back(meeting_id)


def tried(act: Callable[[], object], words: str = "") -> bool:
    """Do it; what the rules refuse is said on the next page, and nothing of it is kept."""
    try:
        act()
    except DomainError as error:
        if error.status != REFUSED:
            raise
        db.session().rollback()
        for problem in error.problems:
            flash(say(problem), "bad")
        return False
    if words:
        flash(words, "ok")
    return True


def back(meeting_id: int, anchor: str = "") -> ResponseReturnValue:
    """Go back to the meeting."""
    return redirect(url_for("meeting.show", meeting_id=meeting_id, _anchor=anchor or None), 303)
