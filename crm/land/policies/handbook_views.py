"""The handbook of officers: answers on one phone page, and the same as a Word document."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.filestore import DOCX
from crm.land.policies import handbook
from crm.land.policies.forms import AnswerForm
from crm.land.policies.handbook_paper import paper_of
from crm.pipeline.attempts import attempt
from crm.resources.policies import rules, services
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

bp = Blueprint("handbook", __name__)
P = Permission
MISSING = Problem("answer.missing", "手册里没有这一页。")


@bp.get("/handbook")
@requires(P.RESOURCE_READ)
def show() -> ResponseReturnValue:
    """Show the handbook: what an officer is asked, answered from what the office keeps."""
    actor = current_actor()
    return render_template(
        "policies/handbook.html",
        book=handbook.gather(db.session(), timing.today()),
        titles=handbook.TITLES,
        may_write=actor.may(P.RESOURCE_MANAGE) and actor.scope(P.RESOURCE_MANAGE) is None,
        rules=rules,
    )


@bp.route("/handbook/<key>/edit", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def edit(key: str) -> ResponseReturnValue:
    """Write an answer."""
    if key not in handbook.TITLES:
        raise NotFoundError(MISSING)
    session, actor = db.session(), current_actor()
    form = AnswerForm(data={"body": handbook.answer(session, key)})
    page = {"form": form, "key": key, "title": handbook.TITLES[key]}
    if request.method == "GET":
        return render_template("policies/answer.html", **page)
    status = attempt(form, lambda: services.answer(session, actor, key, text(form.body), now=timing.now()))
    if status is not None:
        return render_template("policies/answer.html", **page), status
    flash(tr("已保存"), "ok")
    return redirect(url_for("handbook.show"), 303)


@bp.get("/handbook.docx")
@requires(P.RESOURCE_READ)
def paper() -> Response:
    """Send the handbook as .docx."""
    book = handbook.gather(db.session(), timing.today())
    content = paper_of(book, timing.today())
    return send_file(BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=f"{tr('招商手册')}.docx")
