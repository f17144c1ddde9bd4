"""Pages of supervision slips: the list with lamps, one slip, its answer, its paper."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.assessment.books import pages, queries, rules, slip_filling, slip_paper, slips
from crm.assessment.books.forms import ReplyForm
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.assessment.books.models import SupervisionSlip

bp = Blueprint("assess_slips", __name__, url_prefix="/assessment/slips")
P = Permission
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _mine() -> list[int] | None:
    """Units whose slips the person sees; None means all."""
    allowed = current_actor().scope(P.REPORT_READ)
    return None if allowed is None else sorted(allowed)


def _get(slip_id: int) -> SupervisionSlip:
    row, mine = queries.slip(db.session(), slip_id), _mine()
    if mine is not None and row.unit_id not in mine:
        raise NotFoundError(queries.NO_SLIP)
    return row


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List slips: open ones by their day, closed ones apart."""
    closed = request.args.get("state") == "closed"
    return render_template(
        "assessment/books/slips.html",
        page=queries.slips(db.session(), request.args.get("cursor"), closed=closed, unit_ids=_mine()),
        closed=closed,
        today=timing.today(),
        rules=rules,
        tabs=pages.tabs("assess_slips.index"),
    )


@bp.get("/<int:slip_id>")
@requires(P.REPORT_READ)
def show(slip_id: int) -> ResponseReturnValue:
    """Show a slip."""
    return _shown(_get(slip_id), ReplyForm(formdata=None))


def _shown(row: SupervisionSlip, form: ReplyForm, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    page = render_template(
        "assessment/books/slip.html",
        row=row,
        form=form,
        today=timing.today(),
        may_reply=actor.reaches(P.TOUCH_WRITE, row.unit_id) and row.state is not rules.SlipState.CLOSED,
        may_close=actor.may(P.TARGET_MANAGE)
        and row.state is rules.SlipState.REPLIED
        and row.replied_by != actor.user_id,
        rules=rules,
    )
    return page, status


@bp.post("/<int:slip_id>/reply")
@requires(P.TOUCH_WRITE)
def reply(slip_id: int) -> ResponseReturnValue:
    """Answer a slip."""
    row, form = _get(slip_id), ReplyForm()
    session, actor = db.session(), current_actor()
    status = attempt(form, lambda: slips.reply(session, actor, slip_id, text=text(form.text), now=timing.now()))
    if status is not None:
        return _shown(row, form, status)
    flash(tr("已回复"), "ok")
    return redirect(url_for("assess_slips.show", slip_id=slip_id), 303)


@bp.post("/<int:slip_id>/close")
@requires(P.TARGET_MANAGE)
def close(slip_id: int) -> ResponseReturnValue:
    """Close a slip."""
    verdict = request.form.get("verdict", "")[:2000]
    slips.close(db.session(), current_actor(), slip_id, verdict=verdict, now=timing.now())
    flash(tr("已销号"), "ok")
    return redirect(url_for("assess_slips.show", slip_id=slip_id), 303)


@bp.get("/<int:slip_id>/paper.docx")
@requires(P.REPORT_READ)
def paper(slip_id: int) -> Response:
    """Give the slip as a Word file."""
    row = _get(slip_id)
    session = db.session()
    member = queries.member(session, row.run_id, row.unit_id)
    slip = slip_paper.read(row, member, queries.issuer(session))
    data = slip_filling.print_docx(session, slip, row.template_id)
    return send_file(BytesIO(data), WORD, as_attachment=True, download_name=f"后进督办单{row.year}-{row.number}.docx")
