"""「本周该找谁」: the list of a squad, planning with one click, putting off with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.scores import candidates, display, explaining, ranking, services, weekly
from crm.scores.forms import DeferralForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.filters import day
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.scores.candidates import Desk

bp = Blueprint("week", __name__, url_prefix="/this-week")
MOST_PUT_OFF = 100


@bp.get("")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """Show whom the squad should call this week; htmx gets the list alone."""
    at = _desk()
    if "HX-Request" in request.headers:
        return render_template("scores/_week.html", **_list(at))
    return render_template("scores/week.html", **_list(at), units=_units(), tab="list", put_off=_put_off(at))


@bp.get("/put-off")
@requires(Permission.TOUCH_READ)
def deferred() -> ResponseReturnValue:
    """Show what the squad has put off, with reasons and the way back."""
    at = _desk()
    rows = candidates.deferrals(db.session(), at, MOST_PUT_OFF)
    return render_template(
        "scores/put_off_list.html", rows=rows, at=at, units=_units(), tab="put_off", put_off=len(rows), may=_may(at)
    )


@bp.post("/<int:enterprise_id>/plan")
@requires(Permission.TOUCH_WRITE)
def plan(enterprise_id: int) -> ResponseReturnValue:
    """Plan the suggested step for this week."""
    session, at = db.session(), _desk()
    firm, found = weekly.one(session, at, enterprise_id)
    row = services.plan(session, at, enterprise_id, display.title(found.step))
    words = tr("已加入您的待办：%(name)s，%(day)s前办", name=firm.name, day=day(row.due_on))
    return _answer(at, words, undo=url_for("week.unplan", follow_up_id=row.id, unit=at.unit_id))


@bp.post("/plans/<int:follow_up_id>/undo")
@requires(Permission.TOUCH_WRITE)
def unplan(follow_up_id: int) -> ResponseReturnValue:
    """Take a plan back."""
    services.unplan(db.session(), current_actor(), follow_up_id, now=timing.now(), today=timing.today())
    flash(tr("已撤销安排，企业回到名单"), "ok")
    return redirect(url_for("week.index", unit=request.args.get("unit")), 303)


@bp.get("/<int:enterprise_id>/put-off")
@requires(Permission.TOUCH_WRITE)
def ask(enterprise_id: int) -> ResponseReturnValue:
    """Show the form that puts an enterprise off."""
    return _form(_desk(), enterprise_id, DeferralForm(formdata=None), 200)


@bp.post("/<int:enterprise_id>/put-off")
@requires(Permission.TOUCH_WRITE)
def defer(enterprise_id: int) -> ResponseReturnValue:
    """Put an enterprise off with a reason."""
    at, form = _desk(), DeferralForm()
    if not form.validate():
        return _form(at, enterprise_id, form, DomainError.status)
    try:
        row = services.defer(db.session(), at, enterprise_id, form.words(), int(form.weeks.data))
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        form.refuse(error.problems)
        return _form(at, enterprise_id, form, error.status)
    words = tr("已推后，%(day)s回到名单", day=day(row.until))
    return _answer(at, words, undo=url_for("week.bring_back", enterprise_id=enterprise_id, unit=at.unit_id))


@bp.post("/<int:enterprise_id>/bring-back")
@requires(Permission.TOUCH_WRITE)
def bring_back(enterprise_id: int) -> ResponseReturnValue:
    """Put an enterprise that was put off back on the list."""
    at = _desk()
    services.bring_back(db.session(), at, enterprise_id)
    flash(tr("已回到名单"), "ok")
    return redirect(url_for("week.index", unit=at.unit_id), 303)


def _desk() -> Desk:
    unit_id = number_or_none(request.values.get("unit", ""))
    return weekly.desk(db.session(), current_actor(), unit_id, now=timing.now(), today=timing.today())


def _page() -> int:
    return number_or_none(request.values.get("page", "")) or 1


def _list(at: Desk, page: int | None = None) -> dict[str, object]:
    found = weekly.read(db.session(), at, page or _page())
    hrefs = explaining.listed_hrefs(db.session(), at.actor, [row.score for row in found.rows])
    return {
        "at": at,
        "week": found,
        "lines": [display.line(row, hrefs) for row in found.rows],
        "span": ranking.week(at.today),
        "may": _may(at),
        "focus": number_or_none(request.values.get("place", "")),
    }


def _may(at: Desk) -> bool:
    return at.actor.reaches(Permission.TOUCH_WRITE, at.unit_id)


def _units() -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in weekly.units(db.session(), current_actor(), timing.today())]


def _put_off(at: Desk) -> int:
    return len(candidates.deferrals(db.session(), at, MOST_PUT_OFF))


def _form(at: Desk, enterprise_id: int, form: DeferralForm, status: int) -> ResponseReturnValue:
    firm, found = weekly.one(db.session(), at, enterprise_id)
    template = "scores/_put_off.html" if "HX-Request" in request.headers else "scores/put_off.html"
    page = render_template(
        template,
        at=at,
        firm=firm,
        ranked=found,
        form=form,
        page=_page(),
        place=number_or_none(request.values.get("place", "")),
    )
    return page, status, {"HX-Retarget": f"#firm-{enterprise_id}", "HX-Reswap": "outerHTML"}


def _answer(at: Desk, words: str, undo: str) -> ResponseReturnValue:
    """Answer htmx with the renewed list and a toast, a plain form with the list as a page."""
    if "HX-Request" not in request.headers:
        flash({"text": words, "undo": undo}, "ok")  # type: ignore[arg-type]  # a toast with undo
        return redirect(url_for("week.index", unit=at.unit_id, page=_page() if _page() > 1 else None), 303)
    answer = make_response(render_template("scores/_week.html", **_list(at)))
    answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": words, "tone": "good", "undo": undo}})
    return answer
