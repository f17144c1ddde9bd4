"""Enterprises on nodes: placed by hand, confirmed or refused from the proposals, taken off, made a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.enterprises import queries as register
from crm.land.chains import approaching, finding
from crm.land.chains.forms import PlaceForm, ReasonForm
from crm.land.chains.node_views import PLACE, to
from crm.pipeline.attempts import attempt
from crm.resources.chains import matching, placing, queries, rights, rules
from crm.resources.chains.models import IndustryPlace
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import PlaceState, Side
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.enterprises.queries import EnterpriseOption
    from crm.resources.chains.models import IndustryNode

bp = Blueprint("industry_places", __name__)
P = Permission
MOST = 50
NOBODY = Problem("place.nobody", "请先勾选企业。")


@bp.route(f"{PLACE}/place", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def place(node_id: int) -> ResponseReturnValue:
    """Put an enterprise on a node by hand, or change what is said of it there."""
    session, actor = db.session(), current_actor()
    node = queries.node(session, node_id)
    rights.may_change(actor, node.chain.unit_id)
    side, form = _side(), PlaceForm()
    known = _known(node, side, request.args.get("place", type=int))
    if request.method == "GET":
        form = PlaceForm(formdata=None, data={"q": request.args.get("q", "")})
        return _page(node, side, form.show(known) if known else form, known, 200)
    if form.looking:
        return _page(node, side, form, known, 200)
    if form.complete():
        try:
            placing.place(session, actor, node.id, form.draft(side), now=timing.now())
        except DomainError as error:
            if error.status not in {DomainError.status, NotFoundError.status}:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已列入这个环节"), "ok")
            return to(node_id)
    return _page(node, side, form, known, 422)


def _side() -> Side:
    return Side.TARGET if request.args.get("side") == Side.TARGET else Side.LOCAL


def _known(node: IndustryNode, side: Side, place_id: int | None) -> IndustryPlace | None:
    row = db.session().get(IndustryPlace, place_id) if place_id else None
    if row is None or row.node_id != node.id or row.side is not side or row.ended_at is not None:
        return None
    return row


def _page(
    node: IndustryNode, side: Side, form: PlaceForm, known: IndustryPlace | None, status: int
) -> ResponseReturnValue:
    page = render_template(
        "chains/place.html",
        node=node,
        chain=node.chain,
        side=side,
        form=form,
        known=finding.name_of(db.session(), known.enterprise_id) if known else "",
        place=known,
        options=_found(text(form.q), form.chosen),
        rules=rules,
    )
    return page, status


def _found(query: str, chosen: int | None) -> Sequence[EnterpriseOption]:
    session = db.session()
    found = register.suggest(session, query) if query else []
    if chosen is None or any(one.id == chosen for one in found):
        return found
    try:
        row = register.enterprise(session, chosen)
    except DomainError:
        return found
    return [register.EnterpriseOption(row.id, row.name, row.region, ()), *found]


@bp.post(f"{PLACE}/confirm")
@requires(P.RESOURCE_MANAGE)
def confirm(node_id: int) -> ResponseReturnValue:
    """Confirm proposals that were ticked, with the reasons of this moment."""
    side, ids = _side(), _ticked()
    if ids:
        _confirm(node_id, side, ids)
        flash(tr("已确认%(n)s家企业", n=len(ids)), "ok")
    else:
        flash(say(NOBODY), "bad")
    return to(node_id, None if ids else _view(side))


def _confirm(node_id: int, side: Side, ids: Sequence[int]) -> None:
    session, actor, now = db.session(), current_actor(), timing.now()
    for one in ids:
        if side is Side.TARGET:
            approaching.make_target(session, actor, node_id, one, now=now)
        else:
            node = queries.node(session, node_id)
            reasons = finding.local_reasons(session, actor, node, one, now=now)
            draft = PlaceDraft(one, side, reasons=matching.shared(reasons))
            placing.place(session, actor, node_id, draft, now=now)


def _ticked() -> list[int]:
    found = [number_or_none(one) for one in request.form.getlist("enterprise_id")]
    return list(dict.fromkeys(one for one in found if one is not None))[:MOST]


def _view(side: Side) -> str:
    return "targets" if side is Side.TARGET else "locals"


@bp.post(f"{PLACE}/refuse")
@requires(P.RESOURCE_MANAGE)
def refuse(node_id: int) -> ResponseReturnValue:
    """Say that a proposed enterprise does not belong here."""
    session, actor, side = db.session(), current_actor(), _side()
    for one in _ticked():
        placing.refuse(session, actor, node_id, one, side, now=timing.now())
    flash(tr("不再推荐，可在环节概况里恢复。"), "ok")
    return to(node_id, _view(side))


@bp.post(f"{PLACE}/lead")
@requires(P.PROJECT_WRITE)
def lead(node_id: int) -> ResponseReturnValue:
    """Make a lead of an enterprise for this node."""
    ids = _ticked()
    if not ids:
        flash(say(NOBODY), "bad")
        return to(node_id, "targets")
    try:
        project = approaching.make_lead(db.session(), current_actor(), node_id, ids[0], now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        db.session().rollback()
        flash("".join(say(problem) for problem in error.problems), "bad")
        return to(node_id, "targets")
    flash(tr("已登记线索，推荐理由写在项目内容里。"), "ok")
    return redirect(url_for("pipeline.show", project_id=project.id), 303)


@bp.route("/industry-chains/places/<int:place_id>/off", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def take_off(place_id: int) -> ResponseReturnValue:
    """Take an enterprise off a node, with a reason; one that was refused may be proposed again."""
    session, actor = db.session(), current_actor()
    row = session.get(IndustryPlace, place_id)
    if row is None or row.ended_at is not None:
        raise NotFoundError(placing.MISSING)
    node = queries.node(session, row.node_id)
    rights.may_change(actor, node.chain.unit_id)
    form = ReasonForm()
    again = row.state is PlaceState.REFUSED
    page = {"form": form, "node": node, "chain": node.chain, "name": finding.name_of(session, row.enterprise_id)}
    if request.method == "GET":
        return render_template("chains/off.html", place=row, rules=rules, **page)
    if again:
        placing.take_off(session, actor, place_id, "", now=timing.now())
        return to(node.id)

    def act() -> None:
        placing.take_off(session, actor, place_id, text(form.reason), now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("chains/off.html", place=row, rules=rules, **page), status
    flash(tr("已移出这个环节"), "ok")
    return to(node.id)
