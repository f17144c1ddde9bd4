"""Pages of catalogues: the versions, one of them as a page, as .docx and as a workbook."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.units import office_name
from crm.auth.workbooks import hand_out
from crm.bank import editions, queries
from crm.bank.edition_paper import paper_of, sheaf_of, shown, version_text
from crm.bank.rules import BankState
from crm.core import audit
from crm.core.filestore import DOCX
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from config import Settings

bp = Blueprint("bank_editions", __name__)
P = Permission


def office() -> str:
    """Say what the office calls itself."""
    return office_name(db.session(), cast("Settings", current_app.config["SETTINGS"]).office_name)


@bp.get("/bank/editions")
@requires(P.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """List the versions."""
    session, actor = db.session(), current_actor()
    page = editions.listing(session, actor, request.args.get("cursor"))
    return render_template(
        "bank/editions.html",
        page=page,
        names=people.names(session, [row.created_by for row in page.rows]),
        ready=queries.by_state(session, actor).get(BankState.PUBLISHED, 0),
        may_govern=queries.may_govern(actor),
    )


@bp.post("/bank/editions")
@requires(P.RESOURCE_MANAGE)
def freeze() -> ResponseReturnValue:
    """Keep what is published as the next version."""
    row = editions.freeze(db.session(), current_actor(), office(), now=timing.now(), today=timing.today())
    flash(tr("已编成第%(n)s版，内容从此不变", n=row.number), "ok")
    return redirect(url_for("bank_editions.show", edition_id=row.id), 303)


@bp.get("/bank/editions/<int:edition_id>")
@requires(P.RESOURCE_READ)
def show(edition_id: int) -> ResponseReturnValue:
    """Show a version as it was frozen."""
    row = editions.get(db.session(), current_actor(), edition_id)
    return render_template(
        "bank/edition.html",
        row=row,
        shown=shown,
        whole=editions.digest_of(row.body) == row.digest,
        may_govern=queries.may_govern(current_actor()),
        may_export=current_actor().may(P.REGISTER_EXPORT),
    )


@bp.get("/bank/editions/<int:edition_id>.docx")
@requires(P.RESOURCE_READ)
def paper(edition_id: int) -> ResponseReturnValue:
    """Send a version as .docx; who took it is on record."""
    actor = current_actor()
    row = editions.get(db.session(), actor, edition_id)
    with db.writing() as writing:
        detail = {"number": row.number}
        audit.record(
            writing, actor.user_id, "bank.edition_docx", (editions.SUBJECT, row.id), now=timing.now(), **detail
        )
    name = f"{row.title}{version_text(row.body)}.docx"
    return send_file(BytesIO(paper_of(row.body)), mimetype=DOCX, as_attachment=True, download_name=name)


@bp.get("/bank/editions/<int:edition_id>.xlsx")
@requires(P.REGISTER_EXPORT)
def book(edition_id: int) -> ResponseReturnValue:
    """Hand out a version as a workbook, watermarked and on record."""
    row = editions.get(db.session(), current_actor(), edition_id)
    return hand_out(sheaf_of(row.body), "bank.edition_xlsx", editions.SUBJECT, number=row.number)
