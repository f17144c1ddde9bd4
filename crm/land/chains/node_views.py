"""Pages of a node: what it calls for and why, who is on it, who may be, and what a person decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.land.chains import finding, gathering, words
from crm.land.chains.forms import NodeForm, OverrideForm
from crm.pipeline.attempts import attempt
from crm.pipeline.rules import STAGE_LABELS
from crm.resources.chains import judging, queries, rights, rules, services
from crm.resources.chains.rules import GAPS, Side
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from typing import Any

    from flask.typing import ResponseReturnValue

    from crm.land.chains.finding import Proposal
    from crm.resources.chains.models import IndustryNode
    from crm.resources.chains.queries import Whole

bp = Blueprint("industry_nodes", __name__)
P = Permission
PLACE = "/industry-chains/nodes/<int:node_id>"
VIEWS = {"": "环节概况", "targets": "推荐目标企业", "locals": "推荐本地企业"}


@bp.get(PLACE)
@requires(P.RESOURCE_READ)
def show(node_id: int) -> ResponseReturnValue:
    """Show a node: why it calls for something, firms here, targets; or the enterprises proposed for it."""
    session, actor = db.session(), current_actor()
    node = queries.node(session, node_id)
    whole = queries.whole(session, node.chain_id)
    asked = request.args.get("view", "")
    view = asked if asked in VIEWS else ""
    targets = whole.of(node.id, Side.TARGET)
    past = [] if view else queries.past_verdicts(session, node.id)
    ids = {row.recorded_by for row in past if row.recorded_by}
    return render_template(
        "chains/node.html",
        **_head(whole, node, view),
        proposals=_proposals(whole, node, view),
        locals=whole.of(node.id, Side.LOCAL),
        targets=targets,
        refused=[one for one in whole.placed.get(node.id, ()) if one.place.state is rules.PlaceState.REFUSED],
        talks=gathering.talks(session, actor, [one.place.enterprise_id for one in targets]),
        past=past,
        names=people.names(session, sorted(ids)),
        home=finding.home(session),
    )


def _head(whole: Whole, node: IndustryNode, view: str) -> dict[str, Any]:
    actor = current_actor()
    steps = {one.id: one for one in whole.nodes}
    verdict = whole.verdicts.get(node.id)
    may_lead = verdict is not None and verdict.call in GAPS and actor.may(P.PROJECT_WRITE)
    tabs = [
        {"label": tr(label), "href": url_for("industry_nodes.show", node_id=node.id, view=key or None),
         "current": key == view}
        for key, label in VIEWS.items()
    ]  # fmt: skip
    return {
        "whole": whole,
        "chain": whole.chain,
        "node": node,
        "verdict": verdict,
        "suppliers": [steps[one] for one in whole.suppliers(node.id)],
        "customers": [steps[one] for one in whole.customers(node.id)],
        "may_change": rights.may(actor, whole.chain.unit_id),
        "may_lead": may_lead,
        "view": view,
        "tabs": tabs,
        "rules": rules,
        "words": words,
        "stages": STAGE_LABELS,
    }


def _proposals(whole: Whole, node: IndustryNode, view: str) -> list[Proposal]:
    session, actor, now = db.session(), current_actor(), timing.now()
    if view == "targets":
        return finding.targets(session, actor, whole, node, now=now)
    return finding.locals_(session, actor, whole, node, now=now) if view == "locals" else []


@bp.route("/industry-chains/<int:chain_id>/nodes/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def new(chain_id: int) -> ResponseReturnValue:
    """Add a node."""
    session, actor = db.session(), current_actor()
    chain = queries.chain(session, chain_id)
    rights.may_change(actor, chain.unit_id)
    form = NodeForm().offer(queries.nodes(session, chain.id))
    if request.method == "GET":
        form.tier.data = request.args.get("tier", form.tier.data)
        return render_template("chains/node_form.html", form=form, chain=chain, node=None)

    def act() -> None:
        services.add_node(session, actor, chain.id, form.draft(), now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("chains/node_form.html", form=form, chain=chain, node=None), status
    flash(tr("已添加环节"), "ok")
    return redirect(url_for("industry.show", chain_id=chain.id), 303)


@bp.route(f"{PLACE}/edit", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def edit(node_id: int) -> ResponseReturnValue:
    """Change a node and what it supplies."""
    session, actor = db.session(), current_actor()
    node = queries.node(session, node_id)
    rights.may_change(actor, node.chain.unit_id)
    others = [one for one in queries.nodes(session, node.chain_id) if one.id != node.id]
    page = {"chain": node.chain, "node": node}
    if request.method == "GET":
        links = queries.links(session, [node.id, *(one.id for one in others)])
        supplies = [second for first, second in links if first == node.id]
        form = NodeForm(formdata=None).offer(others).show(node, supplies)
        return render_template("chains/node_form.html", form=form, **page)
    form = NodeForm().offer(others)
    seen = text(form.version)
    version = int(seen) if seen.isdecimal() else 0

    def act() -> None:
        services.change_node(session, actor, node_id, form.draft(), version=version, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("chains/node_form.html", form=form, **page), status
    flash(tr("已保存"), "ok")
    return to(node_id)


@bp.post(f"{PLACE}/remove")
@requires(P.RESOURCE_MANAGE)
def remove(node_id: int) -> ResponseReturnValue:
    """Take a node off its chain."""
    chain = services.remove_node(db.session(), current_actor(), node_id, now=timing.now())
    flash(tr("已删去环节，经过留在变更记录里。"), "ok")
    return redirect(url_for("industry.show", chain_id=chain.id), 303)


@bp.route(f"{PLACE}/call", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def override(node_id: int) -> ResponseReturnValue:
    """Say what a node calls for, with a reason."""
    session, actor = db.session(), current_actor()
    node = queries.node(session, node_id)
    rights.may_change(actor, node.chain.unit_id)
    verdict = queries.verdicts(session, [node.id]).get(node.id)
    form = OverrideForm().offer()
    page = {"node": node, "chain": node.chain, "verdict": verdict, "rules": rules, "words": words}
    if request.method == "GET":
        form.call.data = verdict.call.value if verdict else None
        return render_template("chains/override.html", form=form, **page)

    def act() -> None:
        judging.override(session, actor, node_id, form.chosen, text(form.reason), now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("chains/override.html", form=form, **page), status
    flash(tr("已改判，理由会显示在环节页上。"), "ok")
    return to(node_id)


@bp.post(f"{PLACE}/follow-rule")
@requires(P.RESOURCE_MANAGE)
def follow_rule(node_id: int) -> ResponseReturnValue:
    """Let the rule speak again."""
    judging.follow_rule(db.session(), current_actor(), node_id, now=timing.now())
    flash(tr("已恢复按规则判断"), "ok")
    return to(node_id)


def to(node_id: int, view: str | None = None) -> ResponseReturnValue:
    """Go back to a node."""
    return redirect(url_for("industry_nodes.show", node_id=node_id, view=view or None), 303)
