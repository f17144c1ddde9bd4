"""Pages of 包联: the firms of each official in a year, putting one into somebody's care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from crm.aftercare import picking
from crm.aftercare.picking import FirmForm
from crm.aftercare.rounds import queries, rules, services
from crm.aftercare.rounds.rules import RoundDraft
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.pipeline.attempts import attempt
from crm.pipeline.forms import CHOOSE, LINE
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import WholeField
from crm.web.forms import Form, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("rounds", __name__, url_prefix="/rounds")
P = Permission
PLANNED = InputRequired(_("请填写全年走访几次。"))


class RoundForm(FirmForm):
    """Put a firm into an official's care."""

    who = SelectField(_("包联的人"), [CHOOSE])
    year = WholeField(_("年度"), [InputRequired(_("请填写年度。"))])
    planned = WholeField(_("全年走访几次"), [PLANNED])
    note = StringField(_("备注"), [LINE])


class PlanForm(Form):
    """Change how many visits are planned."""

    planned = WholeField(_("全年走访几次"), [PLANNED])
    note = StringField(_("备注"), [LINE])


@bp.get("")
@requires(P.CASE_READ)
def index() -> ResponseReturnValue:
    """List the firms of each official with visits planned and done."""
    session, actor, today = db.session(), current_actor(), timing.today()
    year = request.args.get("year", today.year, type=int)
    year = year if today.year - 10 <= year <= today.year + 1 else today.year
    mine = request.args.get("mine") == "1"
    user_id, unseen = actor.user_id if mine else None, request.args.get("unseen") == "1"
    return render_template(
        "aftercare/rounds/index.html",
        page=queries.listing(session, actor, year, user_id=user_id, cursor=request.args.get("cursor"), unseen=unseen),
        sums=queries.sums(session, actor, year),
        year=year,
        mine=mine,
        unseen=unseen,
        today=today,
        rules=rules,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def new() -> ResponseReturnValue:
    """Put a firm into an official's care."""
    session, actor, today = db.session(), current_actor(), timing.today()
    own = f"{actor.unit_ids[0]}:{actor.user_id}" if actor.unit_ids else ""
    form = RoundForm(year=today.year, planned=4, who=own, enterprise_id=request.args.get("enterprise", ""))
    form.who.choices = picking.people(actor)
    status = None
    if not picking.looking():

        def act() -> None:
            unit_id, user_id = picking.person_of(text(form.who))
            draft = RoundDraft(form.year.data, form.firm_id, unit_id, user_id, form.planned.data, text(form.note))
            services.put(session, actor, draft, now=timing.now(), today=today)

        status = attempt(form, act)
        if status is None:
            flash(tr("已安排包联"), "ok")
            return redirect(url_for("rounds.index", year=form.year.data), 303)
    return render_template("aftercare/rounds/form.html", form=form, **picking.offered(actor, form)), status or 200


@bp.route("/<int:round_id>/edit", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def edit(round_id: int) -> ResponseReturnValue:
    """Change how many visits are planned."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, round_id)
    form, status = PlanForm(obj=row), None
    if request.method == "POST":

        def act() -> None:
            typed = {"planned": form.planned.data, "note": text(form.note)}
            services.change(session, actor, round_id, **typed, now=timing.now(), today=timing.today())

        status = attempt(form, act)
        if status is None:
            flash(tr("已保存"), "ok")
            return redirect(url_for("rounds.index", year=row.year), 303)
    return render_template("aftercare/rounds/edit.html", form=form, row=row), status or 200


@bp.post("/<int:round_id>/end")
@requires(P.CASE_WRITE)
def end(round_id: int) -> ResponseReturnValue:
    """Take a firm out of an official's care."""
    row = services.end(db.session(), current_actor(), round_id, now=timing.now(), today=timing.today())
    flash(tr("已停止包联，走访记录不受影响"), "ok")
    return redirect(url_for("rounds.index", year=row.year), 303)
