"""Pages of targets in trees: the whole tree, one target with pace and milestones, splitting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from crm.assessment import target_tree, targets
from crm.assessment.chart_figures import as_of, course, days_of
from crm.assessment.facts import READ
from crm.assessment.goals import PERIOD_LABELS, SPLIT_LABELS, SplitBy, parts_of, splits_of
from crm.assessment.links import rows_href
from crm.assessment.measures import CHOOSABLE, MEASURES
from crm.assessment.rules import LEVEL_LABELS
from crm.assessment.target_forms import (
    AmountForm,
    SplitInput,
    draft_of,
    new_form,
    read_milestones,
    read_split,
    shown_milestones,
    shown_split,
)
from crm.assessment.target_views import asked_level, asked_year, bp
from crm.assessment.words import target_words, unit_words
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import Form
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.assessment.models import Target
    from crm.assessment.target_tree import Node

__all__ = ["bp"]
P = Permission


class TokenForm(Form):
    """Only the token and the messages; the rows are read by hand."""


@bp.get("/tree")
@requires(P.REPORT_READ)
def tree() -> ResponseReturnValue:
    """Show every target of a year with its parts."""
    year, level = asked_year(), asked_level()
    metric = request.args.get("metric", "")
    metric = metric if metric in MEASURES else ""
    nodes, more = target_tree.forest(db.session(), year, level, now=timing.now(), today=timing.today(), metric=metric)
    return render_template(
        "assessment/tree.html",
        year=year,
        level=level,
        levels=LEVEL_LABELS,
        metric=metric,
        measures=CHOOSABLE,
        nodes=nodes,
        more=more,
        href=_href,
        words=target_words,
        unit_words=unit_words,
        may_edit=current_actor().may(P.TARGET_MANAGE),
    )


@bp.get("/<int:target_id>")
@requires(P.REPORT_READ)
def show(target_id: int) -> ResponseReturnValue:
    """Show one target: how far, how fast, its milestones and its parts."""
    session, today = db.session(), timing.today()
    row = targets.get(session, target_id)
    node, below = target_tree.around(session, row, now=timing.now(), today=today)
    days = days_of(node, today)
    reached = target_tree.course(session, node, [*days, *(one.on for one in row.milestones if one.on <= today)])
    marks = dict(zip([one.on for one in row.milestones if one.on <= today], reached[len(days) :], strict=True))
    return render_template(
        "assessment/target.html",
        node=node,
        below=[one for one in below if one.depth == 1],
        deeper=len(below),
        parent=targets.get(session, row.parent_id) if row.parent_id else None,
        marks=marks,
        figure=course(node, days, reached[: len(days)], today),
        about=as_of(timing.now()),
        may_export=current_actor().may(P.REGISTER_EXPORT),
        href=_href,
        words=target_words,
        unit_words=unit_words,
        splits=[(by, SPLIT_LABELS[by]) for by in splits_of(targets.scope_of(row))],
        levels=LEVEL_LABELS,
        periods=PERIOD_LABELS,
        today=today,
        may_edit=current_actor().may(P.TARGET_MANAGE),
    )


@bp.get("/new")
@requires(P.TARGET_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new target."""
    return _form(new_form(db.session(), timing.today(), year=asked_year(), level=asked_level()), None)


@bp.post("/new")
@requires(P.TARGET_MANAGE)
def create() -> ResponseReturnValue:
    """Set a target."""
    form = new_form(db.session(), timing.today())
    if not form.validate():
        return _form(form, None), 422
    try:
        row = targets.create(db.session(), current_actor(), draft_of(form), now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _form(form, None), error.status
    flash(tr("任务已下达"), "ok")
    return redirect(url_for("targets.show", target_id=row.id))


@bp.get("/<int:target_id>/edit")
@requires(P.TARGET_MANAGE)
def edit_one(target_id: int) -> ResponseReturnValue:
    """Show the form of a target: how much, and a note."""
    row = targets.get(db.session(), target_id)
    return _form(AmountForm(formdata=None, value=row.value, note=row.note or "", version=row.version), row)


@bp.post("/<int:target_id>/edit")
@requires(P.TARGET_MANAGE)
def change(target_id: int) -> ResponseReturnValue:
    """Change how much a target asks for."""
    session = db.session()
    row = targets.get(session, target_id)
    form = AmountForm()
    if not form.validate() or form.value.data is None:
        return _form(form, row), 422
    try:
        targets.change(
            session,
            current_actor(),
            target_id,
            form.value.data,
            str(form.note.data or ""),
            version=form.version.data or 0,
            now=timing.now(),
        )
    except DomainError as error:
        form.refuse(error.problems)
        return _form(form, row), error.status
    flash(tr("任务已保存"), "ok")
    return redirect(url_for("targets.show", target_id=target_id))


@bp.post("/<int:target_id>/remove")
@requires(P.TARGET_MANAGE)
def remove(target_id: int) -> ResponseReturnValue:
    """Take a target back with its parts."""
    session = db.session()
    row = targets.get(session, target_id)
    year, level = row.year, row.level.value
    try:
        targets.remove(session, current_actor(), target_id, now=timing.now())
    except DomainError as error:
        return _refused(error, target_id)
    flash(tr("任务已取消"), "ok")
    return redirect(url_for("targets.tree", year=year, level=level), 303)


@bp.post("/<int:target_id>/unsplit")
@requires(P.TARGET_MANAGE)
def unsplit(target_id: int) -> ResponseReturnValue:
    """Take the parts of a target away."""
    targets.undo_split(db.session(), current_actor(), target_id, now=timing.now())
    flash(tr("分解已撤销"), "ok")
    return redirect(url_for("targets.show", target_id=target_id), 303)


@bp.get("/<int:target_id>/split")
@requires(P.TARGET_MANAGE)
def split(target_id: int) -> ResponseReturnValue:
    """Show the form that splits a target."""
    row = targets.get(db.session(), target_id)
    return _split_form(TokenForm(), row, shown_split(db.session(), row, _by(row), request.args, timing.today()))


@bp.post("/<int:target_id>/split")
@requires(P.TARGET_MANAGE)
def save_split(target_id: int) -> ResponseReturnValue:
    """Split a target into parts that sum to it."""
    session = db.session()
    row = targets.get(session, target_id)
    form, by = TokenForm(), _by(row)
    typed = read_split(session, row, by, request.form, request.args, timing.today())
    if not form.validate() or typed.problems:
        form.refuse(typed.problems)
        return _split_form(form, row, typed), 422
    try:
        targets.decompose(session, current_actor(), target_id, by, typed.parts, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _split_form(form, row, typed), error.status
    flash(tr("任务已分解，各份合计等于总任务"), "ok")
    return redirect(url_for("targets.show", target_id=target_id), 303)


@bp.get("/<int:target_id>/milestones")
@requires(P.TARGET_MANAGE)
def milestones(target_id: int) -> ResponseReturnValue:
    """Show the form of the milestones of a target."""
    row = targets.get(db.session(), target_id)
    return _milestone_form(TokenForm(), row, shown_milestones(row))


@bp.post("/<int:target_id>/milestones")
@requires(P.TARGET_MANAGE)
def save_milestones(target_id: int) -> ResponseReturnValue:
    """Keep the milestones of a target."""
    session = db.session()
    row = targets.get(session, target_id)
    form, (found, typed, problems) = TokenForm(), read_milestones(request.form)
    if not form.validate() or problems:
        form.refuse(problems)
        return _milestone_form(form, row, typed), 422
    try:
        targets.set_milestones(session, current_actor(), target_id, found, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _milestone_form(form, row, typed), error.status
    flash(tr("里程碑已保存"), "ok")
    return redirect(url_for("targets.show", target_id=target_id), 303)


def _href(node: Node) -> str:
    scope = current_actor().scope(READ[node.measure.kind])
    if scope is not None and (node.window.units is None or not node.window.units <= scope):
        return ""
    return rows_href(node.row.metric, node.window)


def _by(row: Target) -> SplitBy:
    asked, possible = request.args.get("by", ""), splits_of(targets.scope_of(row))
    if asked in {one.value for one in possible}:
        return SplitBy(asked)
    return row.split_by or possible[0]


def _form(form: AmountForm, row: Target | None) -> str:
    return render_template(
        "assessment/target_edit.html",
        form=form,
        row=row,
        words=target_words,
        measure=MEASURES.get(row.metric) if row else None,
    )


def _split_form(form: TokenForm, row: Target, typed: SplitInput) -> str:
    scope = targets.scope_of(row)
    return render_template(
        "assessment/split.html",
        form=form,
        row=row,
        measure=MEASURES[row.metric],
        words=target_words,
        unit_words=unit_words,
        typed=typed,
        cuts=parts_of(scope.period),
        periods=PERIOD_LABELS,
        splits=[(by, SPLIT_LABELS[by]) for by in splits_of(scope)],
    )


def _milestone_form(form: TokenForm, row: Target, typed: list[dict[str, str]]) -> str:
    return render_template(
        "assessment/milestones.html", form=form, row=row, measure=MEASURES[row.metric], words=target_words, rows=typed
    )


def _refused(error: DomainError, target_id: int) -> ResponseReturnValue:
    db.session().rollback()
    for problem in error.problems:
        flash(say(problem), "bad")
    return redirect(url_for("targets.show", target_id=target_id), 303)
