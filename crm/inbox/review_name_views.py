"""Pages of names that no enterprise carries: give them to one, make a new one, or leave them out for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.enterprises.services import DuplicateError
from crm.inbox import review_names as names
from crm.linking import proposals
from crm.linking.answers_models import ProposalState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("names", __name__)
STATES = {
    ProposalState.OPEN: "待处理",
    ProposalState.ALIAS: "已作别名",
    ProposalState.CREATED: "已新建企业",
    ProposalState.IGNORED: "不再提示",
}
FORMS = {"legal": "全称", "declared": "文中自报的简称", "listed": "带股票代码"}
CHOOSE = Problem("names.choose", "请先选一家企业，再点“作为它的别名”。")


@bp.get("/signals/names")
@requires(Permission.SIGNAL_READ)
def index() -> ResponseReturnValue:
    """Show names seen in three stories or more."""
    return _page(200)


@bp.post("/signals/names/<int:proposal_id>/alias")
@requires(Permission.ENTERPRISE_WRITE)
def alias(proposal_id: int) -> ResponseReturnValue:
    """Give a name to an enterprise on record."""
    chosen = request.form.get("instead", type=int) or request.form.get("other_id", type=int)
    if chosen is None:
        return _page(422, say(CHOOSE), proposal_id)
    try:
        row, added = proposals.accept_alias(db.session(), current_actor(), proposal_id, chosen, now=timing.now())
    except DomainError as error:
        return _refused(error, proposal_id)
    words = tr("已把“%(name)s”作为别名，相关报道会重新分析。", name=row.surface)
    if added.ambiguous:
        words += tr("别的企业也可能这样叫，文中要有旁证才认定。")
    return _done(words, proposal_id, undo=True)


@bp.post("/signals/names/<int:proposal_id>/create")
@requires(Permission.ENTERPRISE_WRITE)
def create(proposal_id: int) -> ResponseReturnValue:
    """Add an enterprise of this name."""
    confirmed = request.form.get("confirmed") == "1"
    try:
        row = proposals.create(db.session(), current_actor(), proposal_id, confirmed=confirmed, now=timing.now())
    except DomainError as error:
        return _refused(error, proposal_id)
    flash(tr("已新建“%(name)s”，请补充资料。", name=row.hint or row.surface), "ok")
    return redirect(url_for("register.show", enterprise_id=row.enterprise_id), 303)


@bp.post("/signals/names/<int:proposal_id>/ignore")
@requires(Permission.SIGNAL_TRIAGE)
def ignore(proposal_id: int) -> ResponseReturnValue:
    """Leave a name out for good."""
    row = proposals.ignore(db.session(), current_actor(), proposal_id, now=timing.now())
    return _done(tr("以后不再提示“%(name)s”。", name=row.surface), proposal_id, undo=True)


@bp.post("/signals/names/<int:proposal_id>/undo")
@requires(Permission.SIGNAL_TRIAGE)
def undo(proposal_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    row = proposals.undo(db.session(), current_actor(), proposal_id, now=timing.now())
    return _done(tr("已撤销，“%(name)s”回到待处理。", name=row.surface), proposal_id, undo=False)


def _refused(error: DomainError, proposal_id: int) -> ResponseReturnValue:
    if error.status not in {422, 409}:
        raise error
    asks = proposal_id if isinstance(error, DuplicateError) else None
    return _page(error.status, " ".join(say(problem) for problem in error.problems), proposal_id, asks)


def _done(text: str, proposal_id: int, *, undo: bool) -> ResponseReturnValue:
    back = url_for("names.undo", proposal_id=proposal_id) if undo else ""
    flash({"text": text, "undo": back} if undo else text, "ok")  # type: ignore[arg-type]  # the toast takes both
    return redirect(url_for("names.index"), 303)


def _page(status: int, problem: str = "", at: int | None = None, asks: int | None = None) -> tuple[str, int]:
    session, actor = db.session(), current_actor()
    wanted = request.args.get("state", "")
    state = ProposalState(wanted) if wanted in set(ProposalState) else ProposalState.OPEN
    page = names.names(session, actor, state, cursor=request.args.get("cursor"))
    unknown = names.waiting(session, actor)
    tabs = [
        {"label": tr(label), "href": url_for("names.index", state=value.value), "current": value is state}
        for value, label in STATES.items()
    ]
    context = {"page": page, "state": state.value, "unknown": unknown, "states": tabs, "forms": FORMS}
    return render_template("review/names.html", problem=problem, at=at, asks=asks, **context), status
