"""The page on which the office sets whom an overdue promise is told to, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.fieldwork.chains import services
from crm.fieldwork.chains.ladder import MOST_STEPS, TOLD_LABELS, Ladder, Rung, Told
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict

bp = Blueprint("ladder", __name__, url_prefix="/follow-ups/ladder")
NONE, PARTS = -1, 2
HOURS, MINUTES = 24, 60


@bp.get("")
@requires(Permission.PIPELINE_CONFIGURE)
def edit() -> ResponseReturnValue:
    """Show the ladder as it is."""
    return _page(services.the_ladder(db.session()), [])


@bp.post("")
@requires(Permission.PIPELINE_CONFIGURE)
def save() -> ResponseReturnValue:
    """Set the ladder."""
    wanted = _read(request.form)
    try:
        services.save_ladder(db.session(), current_actor(), wanted, now=timing.now())
    except DomainError as error:
        return _page(wanted, [say(problem) for problem in error.problems]), error.status
    flash(tr("已保存提醒规则"), "ok")
    return redirect(url_for("ladder.edit"), 303)


def _page(ladder: Ladder, problems: list[str]) -> str:
    blank = Rung(NONE, frozenset())
    return render_template(
        "home/ladder.html",
        ladder=ladder,
        rungs=[*ladder.rungs, *[blank] * MOST_STEPS][:MOST_STEPS],
        told=TOLD_LABELS,
        clock=_clock,
        problems=problems,
    )


def _read(form: MultiDict[str, str]) -> Ladder:
    rungs = []
    for place in range(MOST_STEPS):
        typed = form.get(f"rung_{place}_day", "").strip()
        if not typed:
            continue
        told = frozenset(Told(one) for one in form.getlist(f"rung_{place}_told") if one in set(Told))
        day = number_or_none(typed)
        rungs.append(Rung(NONE if day is None else day, told, risk=form.get(f"rung_{place}_risk") == "1"))
    stalled = number_or_none(form.get("stalled_days", "").strip())
    return Ladder(
        rungs=tuple(rungs),
        workdays=form.get("workdays") == "1",
        opens=_minutes(form.get("opens", "")),
        closes=_minutes(form.get("closes", "")),
        stalled_days=0 if stalled is None else stalled,
    )


def _minutes(typed: str) -> int:
    parts = typed.split(":")
    numbers = [number_or_none(part) for part in parts[:PARTS]]
    if len(numbers) < PARTS or None in numbers:
        return NONE
    hour, minute = (number or 0 for number in numbers)
    return hour * MINUTES + minute if hour < HOURS and minute < MINUTES else NONE


def _clock(minutes: int) -> str:
    return f"{minutes // MINUTES:02d}:{minutes % MINUTES:02d}" if minutes >= 0 else ""
