"""Pages of policies: the list, one with its versions and clauses, drafting and publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ForbiddenError, NotFoundError
from crm.land.keeping import kept_units
from crm.land.policies.forms import VersionForm, version_values
from crm.matching.fitting import draft_of
from crm.pipeline.attempts import attempt
from crm.resources.policies import queries, rules, services
from crm.resources.policies.queries import Wanted
from crm.resources.policies.rules import PolicyLevel, Standing
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import asked, number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.resources.policies.models import PolicyVersion

bp = Blueprint("policies", __name__)
P = Permission


@bp.get("/policies")
@requires(P.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """List policies by their latest version."""
    session, actor, get = db.session(), current_actor(), request.args.get
    wanted = Wanted(
        text=get("q", "").strip()[:80],
        level=next((level for level in PolicyLevel if level == get("level")), None),
        state=next((state for state in Standing if state == get("state")), None),
    )
    return render_template(
        "policies/index.html",
        page=queries.listing(session, actor, wanted, timing.today(), cursor=get("cursor")),
        wanted=wanted,
        args=asked("cursor"),
        ending=queries.ending(session, timing.today()),
        units={unit.id: unit.name for unit in people.units(session, timing.today())},
        may_add=bool(kept_units()),
        rules=rules,
    )


@bp.get("/policies/<int:policy_id>")
@requires(P.RESOURCE_READ)
def show(policy_id: int) -> ResponseReturnValue:
    """Show a policy: the version asked for, its clauses with their review, all versions."""
    session, actor, day = db.session(), current_actor(), timing.today()
    policy = queries.policy(session, policy_id)
    versions = queries.versions(session, actor, policy)
    number = number_or_none(request.args.get("version", ""))
    row = next((one for one in versions if one.number == number), None) if number else versions[0]
    if row is None:
        raise NotFoundError(queries.MISSING)
    clauses = queries.clauses(session, row.id)
    may = queries.may_manage(actor, policy.unit_id)
    return render_template(
        "policies/show.html",
        policy=policy,
        row=row,
        versions=versions,
        states={one.id: queries.state_of(one, day) for one in versions},
        clauses=clauses,
        drafts={clause.id: draft_of(clause) for clause in clauses},
        unit=people.unit_names(session, [policy.unit_id]).get(policy.unit_id, ""),
        may=may,
        rules=rules,
    )


@bp.route("/policies/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def new() -> ResponseReturnValue:
    """Begin a policy."""
    form = VersionForm(data={"level": str(PolicyLevel.COUNTY), "valid_from": timing.today()}).offer(kept_units())
    return _save(form, None)


@bp.route("/policies/versions/<int:version_id>/edit", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def edit(version_id: int) -> ResponseReturnValue:
    """Change the head of a draft."""
    session = db.session()
    row = queries.version(session, version_id)
    policy = queries.policy(session, row.policy_id)
    if not queries.may_manage(current_actor(), policy.unit_id):
        raise ForbiddenError(services.FORBIDDEN)
    units = [unit for unit in kept_units() if unit.id == policy.unit_id]
    return _save(VersionForm(data=version_values(row, policy.unit_id)).offer(units), row)


def _save(form: VersionForm, row: PolicyVersion | None) -> ResponseReturnValue:
    session, actor, now = db.session(), current_actor(), timing.now()
    page: dict[str, Any] = {"form": form, "row": row}
    if request.method == "GET":
        return render_template("policies/edit.html", **page)
    kept: list[int] = []

    def act() -> None:
        if row is None:
            saved = services.add(session, actor, form.draft(), now=now)
        else:
            saved = services.change(session, actor, row.id, form.draft(), seen=number_or_none(text(form.seen)), now=now)
        kept.append(saved.policy_id)

    status = attempt(form, act)
    if status is not None:
        return render_template("policies/edit.html", **page), status
    flash(tr("已保存草稿，接着添加条款") if row is None else tr("已保存"), "ok")
    return redirect(url_for("policies.show", policy_id=kept[0]), 303)


@bp.post("/policies/<int:policy_id>/next")
@requires(P.RESOURCE_MANAGE)
def next_version(policy_id: int) -> ResponseReturnValue:
    """Begin the next version."""
    row = services.next_version(db.session(), current_actor(), policy_id, now=timing.now())
    flash(tr("已建立第%(n)s版草稿，条款照抄上一版，要重新审查", n=row.number), "ok")
    return redirect(url_for("policies.show", policy_id=policy_id), 303)


@bp.post("/policies/versions/<int:version_id>/publish")
@requires(P.RESOURCE_MANAGE)
def publish(version_id: int) -> ResponseReturnValue:
    """Publish a draft."""
    row = services.publish(db.session(), current_actor(), version_id, now=timing.now())
    flash(tr("已发布第%(n)s版", n=row.number), "ok")
    return redirect(url_for("policies.show", policy_id=row.policy_id), 303)


@bp.post("/policies/versions/<int:version_id>/drop")
@requires(P.RESOURCE_MANAGE)
def drop(version_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    session = db.session()
    policy_id = queries.version(session, version_id).policy_id
    left = services.drop(session, current_actor(), version_id, now=timing.now())
    flash(tr("已删除草稿"), "ok")
    return redirect(url_for("policies.show", policy_id=policy_id) if left else url_for("policies.index"), 303)
