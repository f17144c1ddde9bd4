"""Pages of referrers with the yield of each channel and agent, and of leaders linked to things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from crm.auth.identity import current_actor
from crm.auth.queries import units
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.pipeline.intake import leaders, referrers
from crm.pipeline.intake.dimensions import LINK_LABELS, REFERRER_LABELS, LinkKind
from crm.pipeline.intake.forms import LinkForm, ReferrerForm
from crm.pipeline.rules import CHANNEL_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("referrers", __name__, url_prefix="/leads/referrers")
links = Blueprint("leader_links", __name__, url_prefix="/leads/leaders")
P = Permission


@bp.get("")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """Show what came through each channel and each referrer."""
    session, actor = db.session(), current_actor()
    return render_template(
        "pipeline/intake/referrers.html",
        channels=referrers.by_channel(session, actor),
        rows=referrers.listing(session, actor),
        channel_labels=CHANNEL_LABELS,
        kinds=REFERRER_LABELS,
        today=timing.today(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.LEAD_TRIAGE)
def new() -> ResponseReturnValue:
    """Add a referrer."""
    return _save(ReferrerForm().offer(), None)


@bp.route("/<int:referrer_id>", methods=["GET", "POST"])
@requires(P.LEAD_TRIAGE)
def edit(referrer_id: int) -> ResponseReturnValue:
    """Change a referrer."""
    row = referrers.get(db.session(), referrer_id)
    return _save(ReferrerForm(obj=row).offer(), referrer_id)


def _save(form: ReferrerForm, referrer_id: int | None) -> ResponseReturnValue:
    status = 200
    if form.is_submitted():
        status = DomainError.status
        if form.validate():
            try:
                referrers.save(db.session(), current_actor(), form.values(), now=timing.now(), referrer_id=referrer_id)
            except DomainError as error:
                form.refuse(error.problems)
            else:
                flash(tr("已保存"), "ok")
                return redirect(url_for("referrers.index"), 303)
    return render_template("pipeline/intake/referrer.html", form=form, referrer_id=referrer_id), status


@links.get("", endpoint="index")
@requires(P.PROJECT_READ)
def linked() -> ResponseReturnValue:
    """Show which leader is linked to what."""
    return _leaders(_link_form())


@links.post("")
@requires(P.PIPELINE_CONFIGURE)
def add() -> ResponseReturnValue:
    """Link a leader to a region, a project or a squad."""
    form = _link_form()
    if form is None or not form.validate():
        return _leaders(form), DomainError.status
    kind = LinkKind(form.kind.data)
    ids = {LinkKind.PROJECT: form.project_id.data, LinkKind.SQUAD: form.unit_id.data}
    target = ids.get(kind) or "" if kind in ids else text(form.region)
    draft = leaders.LinkDraft(
        form.leader_id.data, kind, target, form.valid_from.data or timing.today(), form.valid_to.data
    )
    try:
        leaders.link(db.session(), current_actor(), draft, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _leaders(form), error.status
    flash(tr("已挂钩"), "ok")
    return redirect(url_for("leader_links.index"), 303)


@links.post("/<int:link_id>/end")
@requires(P.PIPELINE_CONFIGURE)
def end(link_id: int) -> ResponseReturnValue:
    """End a link today."""
    leaders.end(db.session(), current_actor(), link_id, today=timing.today(), now=timing.now())
    flash(tr("已结束挂钩"), "ok")
    return redirect(url_for("leader_links.index"), 303)


def _link_form() -> LinkForm | None:
    """Return the form for those who may link; None for readers."""
    session, actor, today = db.session(), current_actor(), timing.today()
    if not actor.may(P.PIPELINE_CONFIGURE):
        return None
    form = LinkForm(valid_from=today)
    squads = [(unit.id, unit.name) for unit in units(session, today)]
    return form.offer(leaders.leaders(session, today), leaders.key_projects(session, actor), squads)


def _leaders(form: LinkForm | None) -> str:
    rows = leaders.listing(db.session(), current_actor(), timing.today())
    return render_template("pipeline/intake/leaders.html", rows=rows, form=form, kinds=LINK_LABELS)
