"""Pages that invite to an event: from a list, a saved view or any filter, from one enterprise, from typed names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.enterprises import queries as register
from crm.enterprises.models import Enterprise
from crm.fieldwork.events import guests, queries
from crm.fieldwork.events.rules import EVENT_LABELS, MOST_LINES, Guest, typed_lines
from crm.register import list_queries, list_state, saved_views, typed_names
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict

    from crm.register.list_state import State

bp = Blueprint("event_invites", __name__)
P = Permission
ALL, SHOWN = "all", 20
LONGEST_TEXT = 60_000
REFUSED = 422
NOBODY = Problem("invite.nobody", "请先选择要邀请的企业、联系人或名单。")
NO_LINES = Problem("invite.lines", "请一行写一家：企业名称，后面可以用逗号隔开写姓名。")
TOO_MANY_LINES = Problem("invite.many_lines", "一次最多300行，请分几次录入。")
SKIP, TYPED = "skip", "typed"


@bp.get("/events/choose")
@requires(P.TOUCH_WRITE)
def choose() -> ResponseReturnValue:
    """Choose the event to which ticked or filtered enterprises are invited; the address carries them on."""
    found = queries.choices(db.session(), current_actor(), timing.today())
    carried = [(key, value) for key, value in request.args.items(multi=True) if key != "cursor"]
    return render_template("register/invite_choose.html", events=found, carried=carried, kinds=EVENT_LABELS)


@bp.get("/events/<int:event_id>/invite")
@requires(P.TOUCH_WRITE)
def ask(event_id: int) -> ResponseReturnValue:
    """Show the ways to invite; with a selection in the address, who it is."""
    return _page(event_id)


@bp.post("/events/<int:event_id>/invite")
@requires(P.TOUCH_WRITE)
def invite(event_id: int) -> ResponseReturnValue:
    """Invite the enterprises of a selection."""
    ids = _ids(request.form)
    return _invite(event_id, [Guest(enterprise_id=one) for one in ids])


@bp.post("/events/<int:event_id>/invite/people")
@requires(P.TOUCH_WRITE)
def people(event_id: int) -> ResponseReturnValue:
    """Invite contacts of one enterprise, or the enterprise itself."""
    firm = number_or_none(request.form.get("enterprise", ""))
    contacts = [number_or_none(text) for text in request.form.getlist("contact")]
    wanted = [Guest(contact_id=one) for one in contacts if one is not None]
    return _invite(event_id, wanted or ([Guest(enterprise_id=firm)] if firm else []))


@bp.post("/events/<int:event_id>/invite/names")
@requires(P.TOUCH_WRITE)
def names(event_id: int) -> ResponseReturnValue:
    """Match a typed list with the register; the second time invite what was chosen for each line."""
    typed = request.form.get("names", "")[:LONGEST_TEXT]
    lines = typed_lines(typed)
    if not lines or len(lines) > MOST_LINES:
        return _page(event_id, typed=typed, problems=[NO_LINES if not lines else TOO_MANY_LINES]), REFUSED
    if "invite" not in request.form:
        return _page(event_id, typed=typed, matches=typed_names.match(db.session(), lines))
    wanted = [_chosen(request.form.get(f"line-{number}", SKIP), *line) for number, line in enumerate(lines)]
    return _invite(event_id, [one for one in wanted if one is not None], typed=typed)


def _chosen(choice: str, firm: str, person: str) -> Guest | None:
    if choice == TYPED:
        return Guest(firm=firm, person=person)
    enterprise_id = number_or_none(choice)
    return Guest(enterprise_id=enterprise_id, person=person) if enterprise_id else None


def _invite(event_id: int, wanted: Sequence[Guest], *, typed: str = "") -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    problems: tuple[Problem, ...] = () if wanted else (NOBODY,)
    if wanted:
        try:
            new = guests.invite(session, actor, event_id, wanted, now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            session.rollback()
            problems = error.problems
        else:
            flash(tr("新邀请%(new)s位，%(known)s位已在名单里。", new=new, known=len(wanted) - new), "ok")
            return redirect(url_for("event_guests.index", event_id=event_id), 303)
    return _page(event_id, typed=typed, problems=problems), REFUSED


def _page(
    event_id: int,
    *,
    typed: str = "",
    matches: Sequence[typed_names.Match] = (),
    problems: Sequence[Problem] = (),
) -> str:
    session, actor = db.session(), current_actor()
    event = queries.get(session, actor, event_id)
    args = request.args
    state = _state(args)
    chosen = state is not None or bool(args.getlist("id"))
    ids = _ids(args) if chosen else []
    firm_id = args.get("enterprise", type=int)
    firm = register.enterprise(session, firm_id) if firm_id else None
    q = args.get("find", "").strip()[:80]
    return render_template(
        "register/invite.html",
        event=event,
        problems=[say(problem) for problem in problems],
        ids=ids,
        carried=[(key, value) for key, value in args.items(multi=True)],
        chosen=chosen,
        names=list(session.scalars(select(Enterprise.name).where(Enterprise.id.in_(ids[:SHOWN])))) if ids else [],
        most=guests.MOST,
        views=saved_views.seen_by(session, actor, limit=60),
        lists=register.lists(session),
        firm=firm,
        contacts=register.contacts_of(session, actor, firm.id) if firm else [],
        q=q,
        picks=register.suggest(session, q) if q and firm is None else [],
        typed=typed,
        matches=matches,
    )


def _state(args: MultiDict[str, str]) -> State | None:
    """The filter an address names: a saved view, a list, or a state of the register's list."""
    view = number_or_none(args.get("view", ""))
    if view and list_state.bare(args):
        return list_state.from_plain(saved_views.get(db.session(), current_actor(), view).state)
    state = list_state.from_args(args)
    return state if state.narrowed or args.get("scope") == ALL else None


def _ids(args: MultiDict[str, str]) -> list[int]:
    """The ticked enterprises, else all that the filter lets through (one more than allowed at most)."""
    ticked = [one for one in map(number_or_none, args.getlist("id")) if one is not None]
    if ticked and args.get("scope") != ALL:
        return list(dict.fromkeys(ticked))[: guests.MOST + 1]
    state = _state(args)
    if state is None:
        return []
    found = list_queries.matching(db.session(), current_actor(), state, timing.now())
    return list(db.session().scalars(found.limit(guests.MOST + 1)))
