"""Pages of tailored proposals: the list, what can be offered and why, one proposal, changing it, its .docx."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.bank import gathering, proposals, queries
from crm.bank.edition_views import office
from crm.bank.forms import TitleForm
from crm.bank.proposal_draft import stored
from crm.bank.proposal_paper import paper_of
from crm.core import audit
from crm.core.errors import ForbiddenError
from crm.core.filestore import DOCX
from crm.core.scheduling import local_day
from crm.enterprises import queries as register
from crm.land.chains import words
from crm.pipeline.attempts import attempt
from crm.resources.chains.rules import CALL_LABELS, CALL_TONES
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("bank_proposals", __name__)
P = Permission


@bp.get("/bank/proposals")
@requires(P.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List proposals; with ``enterprise`` those for one enterprise."""
    session, actor = db.session(), current_actor()
    firm = number_or_none(request.args.get("enterprise", ""))
    return render_template(
        "bank/proposals.html",
        page=proposals.listing(session, actor, firm, request.args.get("cursor")),
        firm=firm,
        may_make=actor.may(P.PROJECT_WRITE),
    )


@bp.get("/bank/proposals/new")
@requires(P.PROJECT_WRITE)
def new() -> ResponseReturnValue:
    """Choose an enterprise, then show what can be offered to it and why."""
    session, actor, get = db.session(), current_actor(), request.args.get
    firm, project = number_or_none(get("enterprise", "")), number_or_none(get("project", ""))
    q = get("q", "").strip()[:80]
    found = None
    if firm is not None or project is not None:
        found = gathering.gather(session, actor, firm or 0, project, now=timing.now(), today=timing.today())
    return render_template(
        "bank/proposal_new.html",
        found=found,
        q=q,
        firms=register.suggest(session, q) if q else [],
        projects=queries.under_way(session, actor, [found.firm.id]).get(found.firm.id, []) if found else [],
        calls=CALL_LABELS,
        tones=CALL_TONES,
        stored=stored,
        words=words,
    )


@bp.post("/bank/proposals")
@requires(P.PROJECT_WRITE)
def make() -> ResponseReturnValue:
    """Make a proposal out of what was found."""
    firm, project = number_or_none(request.form.get("enterprise", "")), number_or_none(request.form.get("project", ""))
    now, today = timing.now(), timing.today()
    row = proposals.make(db.session(), current_actor(), firm or 0, project, office(), now=now, today=today)
    flash(tr("已生成专案，改好文字、去掉不合适的再下载"), "ok")
    return redirect(url_for("bank_proposals.show", proposal_id=row.id), 303)


@bp.get("/bank/proposals/<int:proposal_id>")
@requires(P.PROJECT_READ)
def show(proposal_id: int) -> ResponseReturnValue:
    """Show a version of a proposal with its reasons, and all versions with who and when."""
    session, actor = db.session(), current_actor()
    row = proposals.get(session, actor, proposal_id)
    last = proposals.latest(session, row.id, number_or_none(request.args.get("version", "")))
    return render_template(
        "bank/proposal.html",
        row=row,
        text=last,
        texts=proposals.texts(session, row.id),
        may_change=proposals.may_change(actor, row),
        may_publish=queries.may_manage(actor, row.unit_id),
        words=words,
    )


@bp.route("/bank/proposals/<int:proposal_id>/edit", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def edit(proposal_id: int) -> ResponseReturnValue:
    """Change texts, strike rows out; what is saved is a further version."""
    session, actor = db.session(), current_actor()
    row = proposals.get(session, actor, proposal_id)
    if not proposals.may_change(actor, row):
        raise ForbiddenError(proposals.FORBIDDEN)
    last = proposals.latest(session, row.id)
    form = TitleForm(data={"title": last.title, "seen": last.number})
    if request.method == "GET":
        return render_template("bank/proposal_edit.html", row=row, body=last.body, form=form, words=words)
    typed, seen = request.form.to_dict(), number_or_none(text(form.seen)) or 0

    def act() -> None:
        proposals.change(session, actor, row.id, text(form.title), typed, seen=seen, now=timing.now())

    status = attempt(form, act)
    if status is not None:
        body = proposals.changed(last.body, typed)
        return render_template("bank/proposal_edit.html", row=row, body=body, form=form, words=words), status
    flash(tr("已存为新版本"), "ok")
    return redirect(url_for("bank_proposals.show", proposal_id=row.id), 303)


@bp.get("/bank/proposals/<int:proposal_id>.docx")
@requires(P.PROJECT_READ)
def paper(proposal_id: int) -> ResponseReturnValue:
    """Send a version of a proposal as .docx; who took it is on record."""
    session, actor = db.session(), current_actor()
    row = proposals.get(session, actor, proposal_id)
    last = proposals.latest(session, row.id, number_or_none(request.args.get("version", "")))
    with db.writing() as writing:
        subject, detail = (proposals.SUBJECT, row.id), {"number": last.number}
        audit.record(writing, actor.user_id, "bank.proposal_docx", subject, now=timing.now(), **detail)
    content = paper_of(last.title, last.body, local_day(last.at))
    return send_file(BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=f"{last.title}.docx")
