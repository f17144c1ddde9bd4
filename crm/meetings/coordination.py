"""The coordination list: blockers nobody could clear alone, put on the agenda of a meeting with one tap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.delivery.blockers import queries as blockers
from crm.delivery.blockers.pages import WORDS
from crm.delivery.blockers.queries import Filters
from crm.meetings import agenda, queries, services
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.auth.rules import Actor
    from crm.meetings.models import Meeting

bp = Blueprint("coordination", __name__, url_prefix="/meetings/coordination")
P = Permission
READERS = (P.TOUCH_READ, P.OPINION_GIVE)
REFUSED = 422
MOST = 100
LIST = Filters(coordinate=True)


@bp.get("")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """List what waits for a coordination meeting, with the meetings it can go to."""
    return _page([])


@bp.post("")
@requires(*READERS)
def put() -> ResponseReturnValue:
    """Put the ticked blockers on the agenda of the chosen meeting."""
    session, actor = db.session(), current_actor()
    meeting_id = request.form.get("meeting", 0, type=int)
    chosen = request.form.getlist("blocker", type=int)[:MOST]
    try:
        added = agenda.put_blockers(session, actor, meeting_id, chosen, now=timing.now())
    except DomainError as error:
        if error.status != REFUSED:
            raise
        return _page([say(problem) for problem in error.problems]), error.status
    flash(tr("已加入议程%(n)s项。", n=added), "ok")
    return redirect(url_for("meeting.show", meeting_id=meeting_id), 303)


def _page(problems: list[str]) -> str:
    session, actor, today = db.session(), current_actor(), timing.today()
    page = blockers.page(session, actor, LIST, today, cursor=request.args.get("cursor"), size=MOST)
    return render_template(
        "meetings/coordination.html",
        page=page,
        meetings=_meetings(actor),
        on_agenda=queries.on_agenda(session, actor, [row.id for row in page.rows]),
        subject=blockers.subject,
        states={row.id: blockers.state(row, today) for row in page.rows},
        names=blockers.rules_of(session).names(),
        chosen=set(request.form.getlist("blocker", type=int)),
        chosen_meeting=request.form.get("meeting", 0, type=int),
        may_call=services.may_call(actor),
        words=WORDS,
        problems=problems,
    )


def _meetings(actor: Actor) -> list[Meeting]:
    """Return the meetings to come that the person prepares, the next first."""
    coming = queries.page(db.session(), actor, past=False, today=timing.today(), cursor=None)
    return [meeting for meeting in coming.rows if services.may_manage(actor, meeting)]
