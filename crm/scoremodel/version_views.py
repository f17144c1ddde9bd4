"""Pages of the versions: edit weights, preview who moves, publish, compare, roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.scoremodel import charts, diffs, previewing, runs, services, versions
from crm.scoremodel.forms import TITLE, TableForm, weights
from crm.scoremodel.models import Purpose
from crm.scoremodel.moves import LABELS
from crm.scoremodel.rules import gate_problems
from crm.scoremodel.sections import shared, title_of
from crm.scoring.models import ModelKind, ModelState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.scoremodel.models import ScoreRun
    from crm.scoring.models import ScoreModel

bp = Blueprint("score_versions", __name__)
OK = 200


@bp.get("/score-model/versions")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show all versions, and who put which in force when and why."""
    session = db.session()
    page = versions.page(session, request.args.get("page", 1, type=int))
    decided = versions.decisions(session)
    ids = [row.created_by_id for row in page.rows] + [one.actor_id for one in decided]
    names = people.names(session, [key for key in ids if key])
    context = shared("score_versions.index", page=page, decisions=decided, names=names, title_of=title_of)
    return render_template("scoremodel/versions.html", **context)


@bp.post("/score-model/versions")
@requires(Permission.SCORE_MANAGE)
def begin() -> ResponseReturnValue:
    """Begin a new version from one that exists."""
    source = request.form.get("source", type=int)
    try:
        model = services.begin(db.session(), current_actor(), source, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "error")
        return redirect(url_for("score_versions.index"), 303)
    return redirect(url_for("score_versions.edit", model_id=model.id), 303)


@bp.get("/score-model/versions/<int:model_id>")
@requires(Permission.ENTERPRISE_READ)
def show(model_id: int) -> ResponseReturnValue:
    """Show a version: what differs, who would move, whether it may go live."""
    return _page(services.get(db.session(), model_id), OK)


@bp.get("/score-model/versions/<int:model_id>/edit")
@requires(Permission.SCORE_MANAGE)
def edit(model_id: int) -> ResponseReturnValue:
    """Show the weights to be changed."""
    model = services.get(db.session(), model_id)
    if model.state is not ModelState.DRAFT or model.kind is ModelKind.FITTED:
        flash(tr("这个版本不能改；可以以它为底稿新建一个版本。"), "info")
        return redirect(url_for("score_versions.show", model_id=model.id), 303)
    return _form(model, TableForm(services.table_of(model), model.label), OK)


@bp.post("/score-model/versions/<int:model_id>/edit")
@requires(Permission.SCORE_MANAGE)
def save(model_id: int) -> ResponseReturnValue:
    """Keep changed weights, and preview who would move when that was asked."""
    session, actor = db.session(), current_actor()
    model = services.get(session, model_id)
    form = TableForm(services.table_of(model), request.form.get(TITLE, ""), request.form.to_dict())
    typed = form.read()
    if form.errors:
        return _form(model, form, 422)
    seen = request.form.get("seen", "")
    try:
        if not _same_again(form, typed, model):
            services.edit(session, actor, model.id, typed, seen=seen, now=timing.now())
        if "preview" in request.form:
            return _preview(model_id)
    except DomainError as error:
        if error.status not in {409, 422}:
            raise
        form.refuse(error.problems)
        return _form(model, form, error.status)
    flash(tr("权重已保存，还没有启用；先预览，再发布。"), "ok")
    return redirect(url_for("score_versions.show", model_id=model_id), 303)


@bp.post("/score-model/versions/<int:model_id>/preview")
@requires(Permission.SCORE_MANAGE)
def preview(model_id: int) -> ResponseReturnValue:
    """Ask who would move."""
    try:
        return _preview(model_id)
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "info")
    return redirect(url_for("score_versions.show", model_id=model_id), 303)


@bp.post("/score-model/versions/<int:model_id>/publish")
@requires(Permission.SCORE_PUBLISH)
def publish(model_id: int) -> ResponseReturnValue:
    """Put a version in force, or an earlier one back."""
    session, note = db.session(), request.form.get("note", "")
    seen = request.form.get("live", type=int)
    try:
        services.publish(session, current_actor(), model_id, note, seen_live=seen, now=timing.now())
    except DomainError as error:
        if error.status not in {409, 422}:
            raise
        session.rollback()
        problems = [say(problem) for problem in error.problems]
        return _page(services.get(session, model_id), error.status, note=note, problems=problems)
    flash(tr("已启用这个版本，所有企业正在按它重新评分。"), "ok")
    return redirect(url_for("score_versions.show", model_id=model_id), 303)


@bp.post("/score-model/versions/<int:model_id>/remove")
@requires(Permission.SCORE_MANAGE)
def remove(model_id: int) -> ResponseReturnValue:
    """Throw away a version that was never in force."""
    services.remove(db.session(), current_actor(), model_id, now=timing.now())
    flash(tr("已删除这个未发布的版本。"), "ok")
    return redirect(url_for("score_versions.index"), 303)


def _preview(model_id: int) -> ResponseReturnValue:
    run = previewing.start(db.session(), current_actor(), model_id, now=timing.now())
    return redirect(url_for("score_model.run", run_id=run.id), 303)


def _same_again(form: TableForm, typed: services.Edit, model: ScoreModel) -> bool:
    """Whether only a preview was asked, with nothing changed."""
    after = diffs.edited(form.table, typed.points, typed.half_lives, typed.grades)
    return "preview" in request.form and typed.label == model.label and not diffs.between(form.table, after)


def _page(model: ScoreModel, status: int, *, note: str = "", problems: Sequence[str] = ()) -> tuple[str, int]:
    session = db.session()
    live = versions.in_force(session)
    other = _other(model, live)
    table = services.table_of(model)
    run = runs.latest(session, (Purpose.PREVIEW, services.subject_of(model)))
    fresh = services.previewed(session, model, live)
    candidate = services.candidate(session, model, live)
    decided = versions.decisions(session, model.id)
    ids = [model.created_by_id, model.published_by_id, *(one.actor_id for one in decided)]
    context = shared("score_versions.index", model=model, table=table, live=live, other=other, run=run, fresh=fresh)
    context |= {"difference": diffs.between(services.table_of(other), table) if other else None}
    context |= {"names": people.names(session, [key for key in ids if key]), "decisions": decided}
    context |= {"note": note, "problems": problems, "title_of": title_of, "candidate": candidate}
    blocked = gate_problems(candidate) if candidate.fitted and not candidate.once_live else []
    context |= {"gate": [say(problem) for problem in blocked], "previewed": candidate.previewed}
    context |= _moves(run) if run and run.result.get("total") is not None else {"moves": None}
    return render_template("scoremodel/version.html", **context), status


def _moves(run: ScoreRun) -> dict[str, Any]:
    moves = run.result
    ids = [row["id"] for row in (*moves["risers"], *moves["fallers"])]
    found = {"moves": moves, "firms": versions.firm_names(db.session(), ids), "steps": LABELS}
    return {**found, "moves_chart": charts.moves_chart(moves["steps"])}


def _other(model: ScoreModel, live: ScoreModel | None) -> ScoreModel | None:
    """The version to compare with: the one asked for, else the one in force, else the one it came from."""
    session, asked = db.session(), request.args.get("against", type=int)
    if asked is not None and asked != model.id:
        return services.get(session, asked)
    if live is not None and live.id != model.id:
        return live
    return services.get(session, model.parent_id) if model.parent_id is not None else None


def _form(model: ScoreModel, form: TableForm, status: int) -> tuple[str, int]:
    context = shared("score_versions.index", model=model, table=form.table, form=form, weights=weights())
    stale = status == ConflictError.status
    seen = request.form.get("seen", "") if status == 422 else diffs.digest(form.table)  # noqa: PLR2004 (the status)
    return render_template("scoremodel/edit.html", **context, seen=seen, stale=stale, title_of=title_of), status
