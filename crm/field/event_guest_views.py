"""Pages of an event's guests: the list, the door on a phone, one tap for each state, one tap for a lead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.enterprises import queries as register
from crm.field import event_leads
from crm.field.event_forms import WalkInForm
from crm.fieldwork.events import guests, queries, services
from crm.fieldwork.events.rules import CAME, GUEST_LABELS, GuestState
from crm.pipeline.attempts import attempt
from crm.pipeline.models import Project
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

bp = Blueprint("event_guests", __name__, url_prefix="/events/<int:event_id>")
P = Permission
LONGEST_QUERY = 80
UNKNOWN = Problem("guest.state", "没有这种状态，请从页面上的按钮点。")
REFUSED = 422


@bp.get("/guests")
@requires(P.TOUCH_READ)
def index(event_id: int) -> ResponseReturnValue:
    """List the guests with their states; ``door=1`` shows what is needed at the door and nothing else."""
    if "HX-Request" in request.headers and "HX-Boosted" not in request.headers:
        return render_template("field/_guests.html", **_list(event_id))
    return render_template("field/guests.html", **_list(event_id), form=WalkInForm(formdata=None), picks=[])


@bp.post("/guests/<int:guest_id>/state")
@requires(P.TOUCH_WRITE)
def state(event_id: int, guest_id: int) -> ResponseReturnValue:
    """Put one guest into a state; with htmx only the row comes back, and a way to undo."""
    wanted = request.values.get("state", "")
    if wanted not in set(GuestState):
        raise DomainError(UNKNOWN)
    session, actor = db.session(), current_actor()
    new = GuestState(wanted)
    before = guests.set_state(session, actor, event_id, guest_id, new, now=timing.now(), today=timing.today())
    line = queries.guest(session, actor, event_id, guest_id)
    words = tr("%(name)s：%(state)s", name=line.person or line.firm or "", state=tr(GUEST_LABELS[new]))
    if "HX-Request" not in request.headers:
        flash(words, "ok")
        return redirect(_back(event_id), 303)
    page = render_template("field/_guest_row.html", **_row(event_id), line=line)
    answer = make_response(page)
    undo = url_for("event_guests.state", event_id=event_id, guest_id=guest_id, state=before.value, **_kept())  # type: ignore[arg-type]  # plain texts
    toast = {"text": words, "tone": "good", "undo": undo} if before is not new else {"text": words, "tone": "good"}
    answer.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return answer


@bp.post("/guests/<int:guest_id>/lead")
@requires(P.LEAD_REPORT)
def lead(event_id: int, guest_id: int) -> ResponseReturnValue:
    """Make a lead of somebody who came."""
    session, actor, made = db.session(), current_actor(), []

    def act() -> None:
        made.append(event_leads.make_lead(session, actor, event_id, guest_id, now=timing.now()))

    if _tried(act) and isinstance(made[0], Project):
        href = url_for("pipeline.show", project_id=made[0].id)
        toast = {"text": tr("已登记线索：%(name)s", name=made[0].name), "href": href, "label": tr("打开")}
        flash(toast, "ok")  # type: ignore[arg-type]  # a toast with a link
    elif made:
        flash(tr("已报随手报，等组长或招商办答复；转成线索后自动计入这次活动。"), "ok")
    return redirect(_back(event_id), 303)


@bp.post("/guests/<int:guest_id>/remove")
@requires(P.TOUCH_WRITE)
def remove(event_id: int, guest_id: int) -> ResponseReturnValue:
    """Take a guest off the list."""
    if _tried(lambda: guests.remove(db.session(), current_actor(), event_id, guest_id, now=timing.now())):
        flash(tr("已从来宾名单移除。"), "ok")
    return redirect(_back(event_id), 303)


@bp.post("/guests/close")
@requires(P.TOUCH_WRITE)
def close(event_id: int) -> ResponseReturnValue:
    """Mark everybody who was expected and did not come as absent."""
    session, actor, absent = db.session(), current_actor(), []

    def act() -> None:
        absent.append(guests.close_door(session, actor, event_id, now=timing.now(), today=timing.today()))

    if _tried(act):
        flash(tr("%(n)s位邀请了没到的记为未到。", n=absent[0]), "ok")
    return redirect(_back(event_id), 303)


@bp.post("/walk-in")
@requires(P.TOUCH_WRITE)
def walk_in(event_id: int) -> ResponseReturnValue:
    """Write down somebody who came uninvited; a name typed may first be looked for in the register."""
    form = WalkInForm()
    session, actor = db.session(), current_actor()
    if "find" in request.form:
        return _door(event_id, form)

    def act() -> None:
        guests.walk_in(session, actor, event_id, form.guest(), now=timing.now(), today=timing.today())

    refused = attempt(form, act)
    if refused is not None:
        return _door(event_id, form), refused
    flash(tr("已登记到场。"), "ok")
    return redirect(url_for("event_guests.index", event_id=event_id, door=1), 303)


@bp.get("/walk-in/pick")
@requires(P.TOUCH_WRITE)
def pick(event_id: int) -> ResponseReturnValue:
    """Offer enterprises of the register while somebody types."""
    query = request.args.get("firm", "").strip()[:LONGEST_QUERY]
    if "HX-Request" not in request.headers:
        return redirect(url_for("event_guests.index", event_id=event_id, door=1))
    picks = register.suggest(db.session(), query) if query else []
    return render_template("field/_walk_in_picks.html", picks=picks, chosen=None)


def _door(event_id: int, form: WalkInForm) -> str:
    query = str(form.firm.data or "")[:LONGEST_QUERY]
    picks = register.suggest(db.session(), query) if query else []
    return render_template("field/guests.html", **_list(event_id, door=True), form=form, picks=picks)


def _list(event_id: int, *, door: bool = False) -> dict[str, object]:
    """What the list shows: at the door those who are still expected come first."""
    session, actor = db.session(), current_actor()
    at_door = door or "door" in request.args
    show = request.args.get("show", queries.ALL_EXPECTED if at_door else "")
    q = request.args.get("q", "").strip()[:LONGEST_QUERY]
    found = queries.guests(
        session, actor, event_id, show="" if q and at_door else show, q=q, cursor=request.args.get("cursor")
    )
    base = _row(event_id, door=at_door)
    counts = queries.counts(session, [event_id])[event_id]
    return {**base, "page": found, "show": show, "q": q, "counts": counts}


def _row(event_id: int, *, door: bool = False) -> dict[str, object]:
    session, actor = db.session(), current_actor()
    event = queries.get(session, actor, event_id)
    return {
        "event": event,
        "states": GUEST_LABELS,
        "came": CAME,
        "door": door or "door" in request.args,
        "begun": event.start_on <= timing.today() and event.cancelled_at is None,
        "may_write": actor.may(P.TOUCH_WRITE) and event.cancelled_at is None,
        "may_lead": actor.may(P.LEAD_REPORT),
        "manage": services.may_manage(actor, event),
    }


def _kept() -> dict[str, str]:
    return {key: request.args[key] for key in ("door", "show", "q", "cursor") if request.args.get(key)}


def _back(event_id: int) -> str:
    return url_for("event_guests.index", event_id=event_id, **_kept())  # type: ignore[arg-type]  # plain texts


def _tried(act: Callable[[], object]) -> bool:
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
    return True
