"""Pages of claims: the lists, whose a project is, the form of a claim, the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.enterprises.queries import contacts_of
from crm.pipeline import limits, sections
from crm.pipeline import queries as projects
from crm.pipeline.claims import kinds, pages, queries, services
from crm.pipeline.claims.forms import ClaimForm, SettingsForm
from crm.pipeline.claims.kinds import ClaimStatus
from crm.pipeline.repeats import queries as repeats
from crm.pipeline.repeats import rules as likeness
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.core.paging import Page
    from crm.pipeline.models import Project

bp = Blueprint("claims", __name__)
P = Permission
TABS = {"mine": "本单位报备", "all": "全部报备", "soon": "即将到期", "contested": "争议", "transfers": "流转"}
FILE = "file"


@bp.get("/claims")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """Show claims, disputes or transfers, by tab."""
    session, actor, today = db.session(), current_actor(), timing.today()
    first = "mine" if queries.own_units(actor) and not actor.may(P.CLAIM_RULE) else "contested"
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else first
    cursor, closed = request.args.get("cursor"), request.args.get("closed") == "1"
    page: Page[Any]
    if tab == "contested":
        page = pages.disputes(session, actor, closed=closed, cursor=cursor)
    elif tab == "transfers":
        page = pages.transfers(session, actor, cursor=cursor)
    else:
        page = pages.claims(session, actor, tab, today, cursor=cursor)
    found = {"tab": tab, "page": page, "closed": closed, "counts": pages.counts(session, actor, today)}
    return render_template("pipeline/claims/index.html", **found, tabs=_tabs(tab), kinds=kinds, today=today)


def _tabs(tab: str) -> list[dict[str, object]]:
    return [
        {"key": key, "label": tr(label), "href": url_for("claims.index", tab=key), "current": key == tab}
        for key, label in TABS.items()
    ]


@bp.get("/projects/<int:project_id>/ownership")
@requires(P.PROJECT_READ)
def ownership(project_id: int) -> ResponseReturnValue:
    """Show whose a project is: claim, dispute, split, transfers, and likely repeats."""
    session, actor = db.session(), current_actor()
    project = projects.get(session, actor, project_id)
    found = pages.ownership(session, project)
    claim = found.claim
    own = claim is not None and claim.unit_id in queries.own_units(actor)
    return render_template(
        "pipeline/claims/ownership.html",
        project=project,
        found=found,
        intact=claim is not None and services.digest(claim) == claim.content_hash,
        own=own and actor.reaches(P.PROJECT_WRITE, project.unit_id),
        repeats=repeats.of_project(session, actor, project.id),
        likeness=likeness,
        kinds=kinds,
        may={permission: actor.reaches(permission, project.unit_id) for permission in Permission},
        tabs=sections.tabs(actor, project, "claims.ownership"),
        today=timing.today(),
    )


@bp.route("/projects/<int:project_id>/claim", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def claim(project_id: int) -> ResponseReturnValue:
    """Write the draft of a claim, and file it; what is missing is said, what was typed is kept."""
    session, actor = db.session(), current_actor()
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    row = queries.standing(session, project.id)
    if row is not None and row.status is not ClaimStatus.DRAFT:
        return redirect(_ownership(project.id), 303)
    people = [
        (one.id, f"{one.name}（{one.post}）" if one.post else one.name)
        for one in contacts_of(session, actor, project.enterprise_id)
    ]
    form = ClaimForm().offer(people)
    if request.method == "GET":
        return _form(form.start(row, project), project)
    if not form.validate():
        return _form(form, project), limits.REFUSED
    try:
        services.save_draft(session, actor, project.id, form.draft(), now=timing.now())
        if request.form.get("do") != FILE:
            flash(tr("草稿已保存"), "ok")
            return redirect(url_for("claims.claim", project_id=project.id), 303)
        db.commit()  # what was typed is kept even when the claim cannot be filed yet
        made = services.file(session, actor, project.id, now=timing.now(), today=timing.today())
    except ConflictError:
        raise
    except DomainError as error:
        form.refuse(error.problems)
        return _form(form, project, kept=True), error.status
    if made.status is ClaimStatus.ACTIVE:
        flash(tr("已报备，保护到%(day)s", day=f"{made.protection_until:%Y-%m-%d}"), "ok")
    else:
        flash(tr("已报备。这家投资方已有其他单位首报，转为争议，请补充材料。"), "warning")
    return redirect(_ownership(project.id), 303)


@bp.post("/claims/<int:claim_id>/renew")
@requires(P.PROJECT_WRITE)
def renew(claim_id: int) -> ResponseReturnValue:
    """Renew the protection by the newest progress."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, claim_id)
    try:
        made = services.renew(session, actor, claim_id, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        flash(tr(error.problems[0].message), "warning")
    else:
        flash(tr("已续保到%(day)s", day=f"{made.until_after:%Y-%m-%d}"), "ok")
    return redirect(_ownership(row.project_id), 303)


@bp.post("/claims/<int:claim_id>/release")
@requires(P.PROJECT_WRITE)
def release(claim_id: int) -> ResponseReturnValue:
    """Give a claim up, or throw a draft away."""
    session, actor = db.session(), current_actor()
    project_id = queries.get(session, actor, claim_id).project_id
    services.release(session, actor, claim_id, now=timing.now())
    flash(tr("已放弃"), "ok")
    return redirect(_ownership(project_id), 303)


@bp.route("/projects/settings/claims", methods=["GET", "POST"])
@requires(P.PIPELINE_CONFIGURE)
def settings() -> ResponseReturnValue:
    """Set how long claims protect, how long ruling and appeal may take, and what a claim must say."""
    session = db.session()
    stored = queries.settings(session)
    form = SettingsForm(data=stored.stored()).offer()
    if request.method == "POST":
        if not form.validate():
            return render_template("pipeline/claims/settings.html", form=form), limits.REFUSED
        services.change_settings(session, current_actor(), form.settings(), now=timing.now())
        flash(tr("已保存"), "ok")
        return redirect(url_for("claims.settings"), 303)
    return render_template("pipeline/claims/settings.html", form=form)


def _form(form: ClaimForm, project: Project, *, kept: bool = False) -> str:
    required = queries.settings(db.session()).required
    return render_template("pipeline/claims/claim.html", form=form, project=project, required=required, kept=kept)


def _ownership(project_id: int) -> str:
    return url_for("claims.ownership", project_id=project_id)
