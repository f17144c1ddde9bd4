"""Pages of likely repeats: the list, one to rule on, a look behind all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline import limits
from crm.pipeline.forms import CHOOSE, LONG, VersionField, member
from crm.pipeline.repeats import queries, rules, services
from crm.pipeline.repeats.rules import RepeatState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.fields import WanField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.pipeline.repeats.queries import Line

bp = Blueprint("repeats", __name__, url_prefix="/projects/repeats")
P = Permission
ALL = "all"


class RulingForm(Form):
    """What a likely repeat is, and why."""

    version = VersionField()
    state = RadioField(_("核定结果"), [CHOOSE])
    increment = WanField(_("增加的投资额（万元）"))
    reason = TextAreaField(_("理由"), [InputRequired(_("请写明核定理由。")), LONG])

    def offer(self) -> RulingForm:
        """Fill in what can be chosen."""
        self.state.choices = choices([(state, rules.STATE_LABELS[state]) for state in rules.RULINGS])
        return self


@bp.get("")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List the likely repeats, those that wait first."""
    asked = request.args.get("state", str(RepeatState.OPEN))
    state = member(RepeatState, asked)
    page = queries.listing(db.session(), current_actor(), state, cursor=request.args.get("cursor"))
    keys = [(str(one), rules.STATE_LABELS[one]) for one in RepeatState]
    tabs = [
        {"label": tr(label), "href": url_for("repeats.index", state=key), "current": key == (state or ALL)}
        for key, label in [*keys, (ALL, "全部")]
    ]
    may_rule = current_actor().may(P.CLAIM_RULE)
    return render_template("pipeline/repeats/index.html", page=page, tabs=tabs, state=asked, rules=rules, may=may_rule)


@bp.post("/look")
@requires(P.CLAIM_RULE)
def look() -> ResponseReturnValue:
    """Ask for a look behind all projects."""
    services.ask_for_all(db.session(), current_actor(), now=timing.now())
    flash(tr("已开始重查全部项目，新找到的会出现在本页"), "ok")
    return redirect(url_for("repeats.index"), 303)


@bp.route("/<int:repeat_id>", methods=["GET", "POST"])
@requires(P.PROJECT_READ)
def show(repeat_id: int) -> ResponseReturnValue:
    """Show a likely repeat, and rule on it."""
    session, actor = db.session(), current_actor()
    line = queries.line(session, actor, repeat_id)
    form = RulingForm(version=line.repeat.version).offer()
    if request.method == "GET":
        return _page(line, form)
    if not form.validate():
        return _page(line, form), limits.REFUSED
    state, version = member(RepeatState, form.state.data), form.version.data or 0
    try:
        services.rule(
            session, actor, repeat_id, state, form.increment.data, text(form.reason), version=version, now=timing.now()
        )
    except DomainError as error:
        form.refuse(error.problems)
        return _page(line, form), error.status
    flash(tr("已核定：%(state)s", state=tr(rules.STATE_LABELS[state])) if state else tr("已核定"), "ok")
    return redirect(url_for("repeats.index"), 303)


def _page(line: Line, form: RulingForm) -> str:
    actor = current_actor()
    involved = {line.project.created_by, line.repeat.registered_by, line.project.owner_id}
    return render_template(
        "pipeline/repeats/repeat.html",
        line=line,
        form=form,
        rules=rules,
        may=actor.may(P.CLAIM_RULE) and line.repeat.state is RepeatState.OPEN,
        barred=actor.user_id in involved,
    )
