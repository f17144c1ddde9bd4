"""Follow-ups from any page: done, done and next, put off, added; each with a way back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.views import local_path
from crm.core.errors import DomainError
from crm.fieldwork import followups as services
from crm.fieldwork import queries
from crm.fieldwork.chains.course import PREFIX
from crm.fieldwork.chains.rules import ANSWER_LABELS, Action, Answer, answers
from crm.fieldwork.rules import NEXT_AFTER
from crm.home import day
from crm.home.forms import FollowUpForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("follow_ups", __name__)
REFUSED = 422
ALL = 200
ANSWERS = {f"{PREFIX}{action}": [(one.value, ANSWER_LABELS[one]) for one in answers(action)] for action in Action}
POSTPONE_DAYS = {"1": "明天", "3": "三天后", "7": "一周后"}


@bp.app_template_global("chain_answers")
def chain_answers(kind: str) -> list[tuple[str, str]]:
    """Return how a step of a chain can end; nothing for other follow-ups."""
    return ANSWERS.get(kind, [])


@bp.get("/follow-ups")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """Show all open follow-ups of the person."""
    return render_template("home/follow_ups.html", **_list(full=True), form=FollowUpForm(formdata=None))


@bp.post("/follow-ups")
@requires(Permission.TOUCH_WRITE)
def add() -> ResponseReturnValue:
    """Add a follow-up."""
    form = FollowUpForm()
    if form.validate():
        try:
            services.add_follow_up(db.session(), current_actor(), form.draft(), now=timing.now(), today=timing.today())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            return _answer(tr("已加入待办。"))
    if _fragment():
        return render_template("home/_due.html", **_list(), form=form), REFUSED
    return render_template("home/follow_ups.html", **_list(full=True), form=form), REFUSED


@bp.post("/follow-ups/<int:follow_up_id>/done")
@requires(Permission.TOUCH_WRITE)
def done(follow_up_id: int) -> ResponseReturnValue:
    """Tick off a follow-up."""
    said = request.form.get("answer", "")
    answer = Answer(said) if said in set(Answer) else Answer.DONE
    row = services.complete_follow_up(db.session(), current_actor(), follow_up_id, now=timing.now(), answer=answer)
    return _answer(tr("已完成：%(title)s", title=row.title), undo=_reopen(follow_up_id))


@bp.post("/follow-ups/<int:follow_up_id>/reopen")
@requires(Permission.TOUCH_WRITE)
def reopen(follow_up_id: int) -> ResponseReturnValue:
    """Take back a tick."""
    row = services.reopen_follow_up(db.session(), current_actor(), follow_up_id, now=timing.now())
    return _answer(tr("已撤销完成：%(title)s", title=row.title))


@bp.get("/follow-ups/<int:follow_up_id>/next")
@requires(Permission.TOUCH_WRITE)
def following(follow_up_id: int) -> ResponseReturnValue:
    """Show the form of the next step, filled in with the same matter a week on."""
    row = queries.follow_up(db.session(), current_actor(), follow_up_id)
    form = FollowUpForm(formdata=None, title=row.title, due_on=timing.today() + NEXT_AFTER, next=_back())
    template = "home/_follow_up_next.html" if _fragment() else "home/follow_up_next.html"
    return render_template(template, row=row, form=form, today=timing.today().isoformat())


@bp.post("/follow-ups/<int:follow_up_id>/next")
@requires(Permission.TOUCH_WRITE)
def done_and_next(follow_up_id: int) -> ResponseReturnValue:
    """Tick off a follow-up and add the next one."""
    session, actor = db.session(), current_actor()
    form = FollowUpForm()
    if form.validate():
        try:
            services.complete_and_next(
                session, actor, follow_up_id, form.draft(), now=timing.now(), today=timing.today()
            )
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            return _answer(tr("已完成，并安排了下一步。"), undo=_reopen(follow_up_id))
    row = queries.follow_up(session, actor, follow_up_id)
    template = "home/_follow_up_next.html" if _fragment() else "home/follow_up_next.html"
    page = render_template(template, row=row, form=form, today=timing.today().isoformat())
    return page, REFUSED, {"HX-Retarget": f"#due-{follow_up_id}", "HX-Reswap": "outerHTML"}


@bp.post("/follow-ups/<int:follow_up_id>/postpone")
@requires(Permission.TOUCH_WRITE)
def postpone(follow_up_id: int) -> ResponseReturnValue:
    """Put a follow-up off by a few days."""
    days = request.form.get("days", "")
    due_on = timing.today() + timedelta(days=int(days) if days in POSTPONE_DAYS else 1)
    row = services.postpone_follow_up(
        db.session(), current_actor(), follow_up_id, due_on, now=timing.now(), today=timing.today()
    )
    return _answer(tr("已推迟：%(title)s", title=row.title))


def _answer(words: str, undo: str = "") -> ResponseReturnValue:
    """Answer htmx with the renewed list and a toast, a plain form with the page it came from."""
    if _fragment():
        db.session().flush()
        answer = make_response(render_template("home/_due.html", **_list(), form=FollowUpForm(formdata=None)))
        toast = {"text": words, "tone": "good", **({"undo": undo} if undo else {})}
        answer.headers["HX-Trigger"] = json.dumps({"toast": toast})
        return answer
    flash({"text": words, "undo": undo} if undo else words, "ok")  # type: ignore[arg-type]  # a toast with undo
    return redirect(_back(), 303)


def _list(*, full: bool = False) -> dict[str, object]:
    """Return what the list shows; ``all`` in the address keeps it whole on the page of all follow-ups."""
    full = full or "all" in request.args
    limit = ALL if full else day.DUE
    return {**day.due_list(db.session(), current_actor(), timing.today(), limit), "all": "1" if full else ""}


def _reopen(follow_up_id: int) -> str:
    return url_for("follow_ups.reopen", follow_up_id=follow_up_id)


def _back() -> str:
    return local_path(request.values.get("next") or (url_for("follow_ups.index") if "all" in request.args else "/"))


def _fragment() -> bool:
    return "HX-Request" in request.headers
