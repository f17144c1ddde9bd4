"""Pages of holds: taking a part of a carrier, giving it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ForbiddenError
from crm.land import holders
from crm.land.carrier_forms import EndForm, HoldForm
from crm.pipeline import queries as projects
from crm.pipeline.attempts import attempt
from crm.pipeline.models import Project
from crm.resources.carriers import queries, rules, services
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.resources.carriers.models import Carrier

bp = Blueprint("carrier_holds", __name__)
P = Permission
MOST = 300


def _managed(carrier_id: int) -> Carrier:
    row = queries.get(db.session(), carrier_id)
    if not queries.may_manage(current_actor(), row.unit_id):
        raise ForbiddenError(services.FORBIDDEN)
    return row


def _choices() -> list[tuple[int, str]]:
    """Projects under way that the person may see, the latest first."""
    statement = (
        select(Project.id, Project.name)
        .where(projects.visible_to(current_actor()), Project.exited_at.is_(None))
        .order_by(Project.id.desc())
        .limit(MOST)
    )
    return [(row.id, row.name) for row in db.session().execute(statement)]


@bp.route("/carriers/<int:carrier_id>/holds/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def take(carrier_id: int) -> ResponseReturnValue:
    """Hold a part of a carrier."""
    session, actor, row = db.session(), current_actor(), _managed(carrier_id)
    free = queries.show(session, row, timing.today()).free
    start = {"area": free or None, "from_on": timing.today(), "project_id": request.args.get("project", "")}
    form = HoldForm(data=start).offer(_choices())
    page = {"form": form, "row": row, "free": free, "rules": rules}
    if request.method == "GET":
        return render_template("land/carriers/take.html", **page)

    def act() -> None:
        draft = form.draft()
        if draft.project_id is not None:
            projects.get(session, actor, draft.project_id)
        services.take(session, actor, carrier_id, draft, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("land/carriers/take.html", **page), status
    flash(tr("已登记占用"), "ok")
    return redirect(url_for("carriers.show", carrier_id=carrier_id), 303)


@bp.route("/carriers/holds/<int:hold_id>/end", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def end(hold_id: int) -> ResponseReturnValue:
    """End a hold: the part goes back to the pool."""
    session, actor = db.session(), current_actor()
    held = queries.hold(session, hold_id)
    row, form = _managed(held.carrier_id), EndForm(until_on=timing.today())
    holder = holders.names(session, actor, [held])[held.id]
    page = {"form": form, "row": row, "held": held, "holder": holder, "rules": rules}
    if request.method == "GET":
        return render_template("land/carriers/end.html", **page)

    def act() -> None:
        day = form.until_on.data
        assert day is not None  # noqa: S101 (the form demands it)
        services.give_back(session, actor, hold_id, until_on=day, reason=text(form.reason), now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("land/carriers/end.html", **page), status
    flash(tr("已结束占用，从第二天起可以再供"), "ok")
    return redirect(url_for("carriers.show", carrier_id=row.id), 303)
