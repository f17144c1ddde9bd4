"""The page of what was learned: figures against the rules alone, what changed, switches, signals the machine doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.inbox.review_words import spoken_evidence
from crm.linking import answers_evidence, answers_names
from crm.linking import answers_learned as learned
from crm.signals import learning, learning_data
from crm.signals import learning_runs as runs
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import visible_to
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.signals.learning_score import Opinion

bp = Blueprint("learning", __name__)
SUBJECTS = {learned.SIGNALS: "动态类型的第二意见", learned.LINKER: "企业名称的判断"}
NEWEST, DOUBTED = 100, 8
HALF = 0.5


@bp.get("/signals/learning")
@requires(Permission.SIGNAL_READ, Permission.SOURCE_MANAGE)
def index() -> ResponseReturnValue:
    """Show what was learned and whether it is used."""
    return _page(200)


@bp.post("/signals/learning/train/<subject>")
@requires(Permission.SOURCE_MANAGE)
def train(subject: str) -> ResponseReturnValue:
    """Ask for a training."""
    try:
        runs.start_training(db.session(), current_actor(), subject, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "info")
    return redirect(url_for("learning.index"), 303)


@bp.post("/signals/learning/options")
@requires(Permission.SOURCE_MANAGE)
def options() -> ResponseReturnValue:
    """Keep what the office wants of learning."""
    wanted = {name: request.form.get(name, 0, type=int) for name in ("least", "never_after")}
    wanted |= {name: int(request.form.get(name) == "1") for name in SUBJECTS}
    try:
        learning.set_options(db.session(), current_actor(), wanted, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _page(422, typed=wanted, problems=[say(problem) for problem in error.problems])
    flash(tr("学习设置已保存。"), "ok")
    return redirect(url_for("learning.index"), 303)


def _page(status: int, *, typed: dict[str, int] | None = None, problems: Sequence[str] = ()) -> tuple[str, int]:
    session, actor = db.session(), current_actor()
    settings = answers_names.settings(session)
    answers = {
        learned.SIGNALS: learning_data.number(session),
        learned.LINKER: answers_evidence.number(session),
    }
    models = {subject: learned.latest(session, subject) for subject in SUBJECTS}
    last = {subject: runs.latest(session, runs.TRAINING, subject) for subject in SUBJECTS}
    doubted = _doubted(session, actor)
    context: dict[str, Any] = {"answers": answers, "models": models, "runs": last, "doubted": doubted}
    context |= {"settings": typed or settings, "problems": problems, "subjects": SUBJECTS, "evidence": spoken_evidence}
    return render_template("review/learning.html", **context), status


def _doubted(session: Session, actor: Actor) -> list[tuple[Signal, Opinion]]:
    """Undecided signals among the newest that the second opinion thinks wrong, the surest first."""
    statement = select(Signal).where(visible_to(actor), Signal.state == SignalState.NEW)
    newest = statement.order_by(Signal.id.desc()).limit(NEWEST).options(joinedload(Signal.enterprise))
    rows = session.scalars(newest).all()
    said = learning.opinions(session, rows)
    pairs = [(row, said[row.id]) for row in rows if row.id in said and said[row.id].chance < HALF]
    return sorted(pairs, key=lambda pair: pair[1].chance)[:DOUBTED]
