"""The daily digest as a page: a day's signals by kind, each story once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.signals import digest
from crm.web import db, timing
from crm.web.access import requires
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("digest", __name__, url_prefix="/signals/digest")
NO_DAY = Problem("digest.day", "没有这一天的日报；日报每天早上8点汇总前24小时的动态。")


@bp.get("")
@requires(Permission.SIGNAL_READ)
def index() -> ResponseReturnValue:
    """Go to the newest digest: today's from eight in the morning, else yesterday's."""
    today = timing.today()
    _begin, end = digest.window(today)
    newest = today if timing.now() >= end else today - timedelta(days=1)
    return redirect(url_for("digest.show", day=newest.isoformat()))


@bp.get("/<day>")
@requires(Permission.SIGNAL_READ)
def show(day: str) -> ResponseReturnValue:
    """Show the digest of a day."""
    wanted = day_or_none(day)
    if wanted is None or wanted > timing.today():
        raise NotFoundError(NO_DAY)
    found = digest.read(db.session(), current_actor(), wanted)
    later = wanted + timedelta(days=1)
    return render_template(
        "signals/digest.html",
        digest=found,
        window=digest.window(wanted),
        earlier=url_for("digest.show", day=(wanted - timedelta(days=1)).isoformat()),
        later=url_for("digest.show", day=later.isoformat()) if later <= timing.today() else "",
    )
