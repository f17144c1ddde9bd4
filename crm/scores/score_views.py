"""The page of one score: reasons that add up, trend, what would change it, why it moved, points set by people."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError
from crm.scores import explaining, words
from crm.scores.override_form import OverrideForm
from crm.scoring import services as scoring
from crm.scoring.badge import own_of, trend
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("scores", __name__, url_prefix="/enterprises/<int:enterprise_id>/score")
SHOWN = 15


@bp.get("")
@requires(Permission.ENTERPRISE_READ)
def show(enterprise_id: int) -> ResponseReturnValue:
    """Show where the score comes from."""
    return _page(enterprise_id, OverrideForm(formdata=None), 200)


@bp.get("/moved")
@requires(Permission.ENTERPRISE_READ)
def moved(enterprise_id: int) -> ResponseReturnValue:
    """Show why the score moved between two rows of its history."""
    before, after = (number_or_none(request.args.get(name, "")) for name in ("from", "to"))
    if before is None or after is None:
        raise NotFoundError(explaining.NO_EVENT)
    found = explaining.compare(db.session(), current_actor(), enterprise_id, before, after)
    return render_template(
        "scores/moved.html",
        found=found,
        ent=found.enterprise,
        rows=words.moved(found.moves, found.tables, found.hrefs),
        change=words.signed(found.after.points - found.before.points),
        cause=words.cause(found.after),
        other_table=found.before.table_version != found.after.table_version,
    )


@bp.post("/override")
@requires(Permission.SCORE_OVERRIDE)
def override(enterprise_id: int) -> ResponseReturnValue:
    """Set points instead of the automatic ones for a time."""
    form = OverrideForm()
    if form.validate():
        last = timing.today() + timedelta(days=int(form.days.data))
        expires_at = datetime.combine(last + timedelta(days=1), time(), tzinfo=timing.zone())
        try:
            scoring.set_override(
                db.session(), current_actor(), enterprise_id,
                points=form.points.data, reason=text(form.reason), expires_at=expires_at, now=timing.now(),
            )  # fmt: skip
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已改为%(points)s分，到期自动恢复系统评分", points=form.points.data), "ok")
            return redirect(url_for("scores.show", enterprise_id=enterprise_id), 303)
    return _page(enterprise_id, form, DomainError.status)


@bp.post("/override/end")
@requires(Permission.SCORE_OVERRIDE)
def end(enterprise_id: int) -> ResponseReturnValue:
    """Let the automatic score count again."""
    scoring.end_override(db.session(), current_actor(), enterprise_id, now=timing.now())
    flash(tr("已恢复系统评分"), "ok")
    return redirect(url_for("scores.show", enterprise_id=enterprise_id), 303)


def _page(enterprise_id: int, form: OverrideForm, status: int) -> ResponseReturnValue:
    found = explaining.explain(db.session(), current_actor(), enterprise_id, now=timing.now())
    page = render_template(
        "scores/score.html",
        found=found,
        ent=found.enterprise,
        score=found.score,
        own=own_of(found.override) if found.override else None,
        past=words.history(found.events, found.hrefs)[:SHOWN],
        form=form,
        tab="score",
        **(_of_score(found) if found.score else {}),
    )
    return page, status


def _of_score(found: explaining.Explained) -> dict[str, object]:
    score = found.score
    if score is None:
        return {}
    return {
        "parts": words.parts(score, found.table, found.hrefs),
        "chance": words.chance(score, found.table),
        "trend": trend(score),
        "answers": words.answers(found.outcomes),
        "chart": words.chart(found.events, score),
    }
