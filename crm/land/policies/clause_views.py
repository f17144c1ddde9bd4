"""Pages of clauses: adding, changing, taking out, recording the fair-competition review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, ForbiddenError
from crm.land.policies.forms import ClauseForm, ReviewForm, clause_values
from crm.pipeline.attempts import attempt
from crm.resources.policies import queries, rules, services
from crm.resources.policies.rules import ClauseKind
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.resources.policies.models import PolicyClause, PolicyVersion

bp = Blueprint("policy_clauses", __name__)
P = Permission


def _kept(version_id: int) -> PolicyVersion:
    session = db.session()
    row = queries.version(session, version_id)
    if not queries.may_manage(current_actor(), queries.policy(session, row.policy_id).unit_id):
        raise ForbiddenError(services.FORBIDDEN)
    return row


def _to(row: PolicyVersion) -> ResponseReturnValue:
    return redirect(url_for("policies.show", policy_id=row.policy_id, version=row.number), 303)


@bp.route("/policies/versions/<int:version_id>/clauses/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def new(version_id: int) -> ResponseReturnValue:
    """Add a clause to a draft."""
    return _save(_kept(version_id), None, ClauseForm(data={"kind": str(ClauseKind.INVESTMENT)}).offer())


@bp.route("/policies/clauses/<int:clause_id>/edit", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def edit(clause_id: int) -> ResponseReturnValue:
    """Change a clause of a draft."""
    row = queries.clause(db.session(), clause_id)
    return _save(_kept(row.version_id), row, ClauseForm(data=clause_values(row)).offer())


def _save(version: PolicyVersion, row: PolicyClause | None, form: ClauseForm) -> ResponseReturnValue:
    page: dict[str, Any] = {"form": form, "row": row, "version": version}
    if version.published_at is not None:
        raise ConflictError(services.PUBLISHED)
    if request.method == "GET":
        return render_template("policies/clause.html", **page)
    session, actor = db.session(), current_actor()

    def act() -> None:
        key = None if row is None else row.id
        services.save_clause(session, actor, version.id, form.draft(), clause_id=key, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("policies/clause.html", **page), status
    flash(tr("已保存条款，审查通过后才能对外承诺"), "ok")
    return _to(version)


@bp.post("/policies/clauses/<int:clause_id>/remove")
@requires(P.RESOURCE_MANAGE)
def remove(clause_id: int) -> ResponseReturnValue:
    """Take a clause out of a draft."""
    version = services.remove_clause(db.session(), current_actor(), clause_id, now=timing.now())
    flash(tr("已删除条款"), "ok")
    return _to(version)


@bp.route("/policies/clauses/<int:clause_id>/review", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def review(clause_id: int) -> ResponseReturnValue:
    """Record the fair-competition review of a clause."""
    session, actor = db.session(), current_actor()
    row = queries.clause(session, clause_id)
    version, form = _kept(row.version_id), ReviewForm(on=timing.today()).offer()
    page: dict[str, Any] = {"form": form, "row": row, "version": version, "rules": rules}
    if request.method == "GET":
        return render_template("policies/review.html", **page)

    def act() -> None:
        services.review(session, actor, clause_id, form.draft(), now=timing.now(), today=timing.today())

    status = attempt(form, act)
    if status is not None:
        return render_template("policies/review.html", **page), status
    flash(tr("已登记审查结果"), "ok")
    return _to(version)
