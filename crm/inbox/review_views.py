"""Pages of names that wait for a person: is it this enterprise, another one, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.inbox import review_queries as queries
from crm.inbox.review_words import spoken_reasons
from crm.linking import answers_names as names
from crm.linking.answers_models import Verdict
from crm.signals import answers
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.linking.answers import Said

bp = Blueprint("review", __name__)
WORDS = {"yes": "已确认", "no": "已标为不是这家企业", "other": "已改到另一家企业"}
VERDICTS = {Verdict.ALWAYS: "以后见到就认定", Verdict.CUE: "有旁证才认定", Verdict.NEVER: "以后不再认定"}
CHOOSE = Problem("review.choose", "请先从名录里选一家企业，或点“不是”。")
GONE = Problem("review.gone", "这些名称刚刚已有人判断过，请刷新页面。")
LONGEST = 200


@bp.app_context_processor
def _words() -> dict[str, object]:
    return {"mention_reasons": spoken_reasons, "verdict_words": VERDICTS}


@bp.get("/signals/review")
@requires(Permission.SIGNAL_READ)
def index() -> ResponseReturnValue:
    """Show the names that wait, one card for a name of an enterprise."""
    session, actor = db.session(), current_actor()
    return render_template(
        "review/queue.html",
        page=queries.queue(session, actor, cursor=request.args.get("cursor")),
        waiting=queries.waiting(session, actor),
    )


@bp.post("/signals/review")
@requires(Permission.SIGNAL_TRIAGE)
def answer() -> ResponseReturnValue:
    """Answer one place, or all places of a name."""
    verb, chosen = _verb()
    if verb == "other" and chosen is None:
        return _refused(CHOOSE, 422)
    session, actor, name = db.session(), current_actor(), _name()
    one = request.form.get("mention", type=int)
    ids = [one] if one else queries.mention_ids(session, actor, name)
    try:
        said = answers.answer_all(session, actor, ids, right=verb == "yes", enterprise_id=chosen, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _refused(error.problems[0], 422)
    if not said:
        return _refused(GONE, 409)
    return _done(verb, said, name)


@bp.post("/signals/review/undo")
@requires(Permission.SIGNAL_TRIAGE)
def undo() -> ResponseReturnValue:
    """Take answers back."""
    session, actor = db.session(), current_actor()
    ids = [found for text in request.form.get("answers", "").split(",") if (found := number_or_none(text)) is not None]
    for answer_id in ids[: queries.MOST_IN_GROUP]:
        answers.undo(session, actor, answer_id, now=timing.now())
    flash(tr("已撤销，名称回到待确认。"), "ok")
    return redirect(url_for("review.index"), 303)


@bp.post("/signals/review/verdict")
@requires(Permission.SIGNAL_TRIAGE)
def decree() -> ResponseReturnValue:
    """Say how a name is always to be read."""
    enterprise_id, surface = _name()
    wanted = request.form.get("verdict", "")
    if wanted not in set(Verdict):
        return _refused(CHOOSE, 422)
    row = answers.decree(db.session(), current_actor(), enterprise_id, surface, Verdict(wanted), now=timing.now())
    flash(tr("已记住：“%(name)s”%(verdict)s。", name=surface, verdict=tr(VERDICTS[row.verdict])), "ok")
    return redirect(url_for("review.index"), 303)


@bp.get("/signals/review/known")
@requires(Permission.SIGNAL_READ)
def known() -> ResponseReturnValue:
    """Show what the office has decided of names as such."""
    return render_template("review/known.html", rows=names.verdicts(db.session()))


@bp.post("/signals/review/known/<int:verdict_id>/revoke")
@requires(Permission.SIGNAL_TRIAGE)
def revoke(verdict_id: int) -> ResponseReturnValue:
    """Take a verdict back."""
    answers.revoke(db.session(), current_actor(), verdict_id, now=timing.now())
    flash(tr("已取消，这个名称以后按上下文判断。"), "ok")
    return redirect(url_for("review.known"), 303)


def _verb() -> tuple[str, int | None]:
    """Read what was pressed: yes, no, or another enterprise."""
    said = request.form.get("say", "other")
    if said in {"yes", "no"}:
        return said, None
    return "other", request.form.get("instead", type=int) or request.form.get("other_id", type=int)


def _name() -> tuple[int, str]:
    return request.form.get("enterprise_id", 0, type=int), request.form.get("surface", "")[:LONGEST]


def _done(verb: str, said: Sequence[Said], name: tuple[int, str]) -> ResponseReturnValue:
    text = tr(WORDS[verb]) + tr("：“%(name)s”，%(count)s 处", name=name[1] or said[0].answer.surface, count=len(said))
    ids = ",".join(str(one.answer.id) for one in said)
    if "HX-Request" in request.headers:
        return render_template("review/_answered.html", text=text, ids=ids)
    flash(text, "ok")
    return redirect(url_for("review.index"), 303)


def _refused(problem: Problem, status: int) -> ResponseReturnValue:
    """Say on the page what to do; nothing is lost, since the queue keeps what waits."""
    if "HX-Request" in request.headers:
        return render_template("review/_refused.html", text=say(problem)), status
    session, actor = db.session(), current_actor()
    page = queries.queue(session, actor, cursor=None)
    waiting = queries.waiting(session, actor)
    return render_template("review/queue.html", page=page, waiting=waiting, problem=say(problem)), status
