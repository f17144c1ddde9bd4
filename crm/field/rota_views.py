"""领导轮值: do the leaders take their turns at the posts, by month and by campaign; each figure with its rows."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from crm.assessment.models import Campaign
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.field import posting_pages as pages
from crm.field.posting_forms import RotaForm
from crm.fieldwork.postings import rota
from crm.fieldwork.postings.rota_rules import RotaSetup
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("rota", __name__, url_prefix="/postings/rota")
REFUSED = 422
MONTHS_SHOWN = 12
CAMPAIGNS = 30


@bp.get("")
@requires(Permission.STAFF_MANAGE, Permission.INSTRUCTION_WATCH)
def index() -> ResponseReturnValue:
    """Show the rota of a month or of a campaign."""
    session, today = db.session(), timing.today()
    campaigns = list(session.scalars(select(Campaign).order_by(Campaign.start_on.desc()).limit(CAMPAIGNS)))
    asked = request.args.get("campaign", type=int)
    campaign = next((row for row in campaigns if row.id == asked), None)
    first = day_or_none(request.args.get("month", "") + "-01") or today.replace(day=1)
    start, end = (campaign.start_on, campaign.end_on) if campaign else (first, _last(first))
    until = min(end, today)
    found = rota.report(session, pages.days(start, until), rota.setup(session)) if start <= today else None
    return render_template(
        "field/rota.html",
        found=found,
        start=start,
        end=end,
        until=until,
        running=end >= today,
        campaign=campaign,
        campaigns=campaigns,
        months=_months(today),
        month=f"{first:%Y-%m}",
    )


@bp.route("/settings", methods=["GET", "POST"])
@requires(Permission.STAFF_MANAGE)
def settings() -> ResponseReturnValue:
    """Set what the office demands."""
    session, actor, today = db.session(), current_actor(), timing.today()
    kept = rota.setup(session)
    form = (
        RotaForm()
        if request.method == "POST"
        else RotaForm(
            formdata=None,
            share=kept.share,
            min_days=kept.min_days,
            heads_needed=kept.heads_needed,
            head_ids=list(kept.head_ids),
        )
    )
    people = rota.leaders(session, today, today)
    form.head_ids.choices = [(user.id, f"{user.name} · {user.title}" if user.title else user.name) for user in people]
    if request.method == "GET":
        return render_template("field/rota_settings.html", form=form)
    if form.validate():
        wanted = RotaSetup(
            form.share.data or 0, form.min_days.data or 0, form.heads_needed.data or 0, tuple(form.head_ids.data or ())
        )
        try:
            rota.set_setup(session, actor, wanted, now=timing.now(), today=today)
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("轮值要求已保存。"), "ok")
            return redirect(url_for("rota.index"), 303)
    return render_template("field/rota_settings.html", form=form), REFUSED


def _last(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _months(today: date) -> list[str]:
    """Return the months on offer, this one first."""
    found, first = [], today.replace(day=1)
    for _step in range(MONTHS_SHOWN):
        found.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return found
