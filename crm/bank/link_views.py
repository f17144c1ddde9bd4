"""Pages of public links for the office: all of them, making one, who opened it, ending it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.bank import editions, link_reads, links, proposals, queries
from crm.bank.forms import LinkForm
from crm.bank.links import Subject
from crm.core.errors import NotFoundError
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("bank_links", __name__)
P = Permission
USUAL = timedelta(days=90)


@bp.get("/bank/links")
@requires(P.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """List public links: what each shows, until when, how often it was opened."""
    session, actor = db.session(), current_actor()
    page = link_reads.listing(session, actor, request.args.get("cursor"))
    return render_template(
        "bank/links.html",
        page=page,
        titles=link_reads.titles(session, actor, page.rows),
        names=people.names(session, [row.created_by for row in page.rows]),
        today=timing.today(),
        alive=links.alive,
        contact=queries.settings(session).contact,
        may_govern=queries.may_govern(actor),
    )


@bp.route("/bank/links/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def new() -> ResponseReturnValue:
    """Make a link to a version; its address is shown this once."""
    session, actor = db.session(), current_actor()
    subject, title = _subject()
    links.check(session, actor, subject)
    form = LinkForm(data={"expires_on": timing.today() + USUAL})
    page = {"form": form, "title": title}
    if request.method == "GET":
        return render_template("bank/link_new.html", **page)
    made: list[str] = []

    def act() -> None:
        day = form.expires_on.data
        made.append(
            links.make(session, actor, subject, text(form.label), day, now=timing.now(), today=timing.today())[1]
        )

    status = attempt(form, act)
    if status is not None:
        return render_template("bank/link_new.html", **page), status
    site = str(current_app.config["SETTINGS"].public_url or request.url_root).rstrip("/")
    address = f"{site}{url_for('bank_public.show', token=made[0])}"
    return render_template("bank/link_made.html", address=address, title=title, label=text(form.label))


def _subject() -> tuple[Subject, str]:
    """Read what is to be published from the address: a version of the catalogue, or of a proposal."""
    session, get = db.session(), request.args.get
    edition, proposal = number_or_none(get("edition", "")), number_or_none(get("proposal", ""))
    if edition is not None:
        row = editions.get(session, current_actor(), edition)
        return Subject(edition_id=row.id), f"{row.title} {tr('第%(n)s版', n=row.number)}"
    if proposal is None:
        raise NotFoundError(links.NOTHING)
    found = proposals.get(session, current_actor(), proposal)
    last = proposals.latest(session, found.id, number_or_none(get("version", "")))
    return Subject(text_id=last.id), last.title


@bp.get("/bank/links/<int:link_id>")
@requires(P.RESOURCE_READ)
def show(link_id: int) -> ResponseReturnValue:
    """Show a link and its visits."""
    session, actor = db.session(), current_actor()
    row = links.get(session, actor, link_id)
    return render_template(
        "bank/link.html",
        row=row,
        title=link_reads.titles(session, actor, [row])[row.id],
        name=people.names(session, [row.created_by])[row.created_by],
        page=link_reads.visits(session, row.id, request.args.get("cursor")),
        holds=links.alive(row, timing.today()),
        may=links.may_revoke(actor, row),
        most=links.MOST_VISITS,
    )


@bp.post("/bank/links/<int:link_id>/revoke")
@requires(P.RESOURCE_MANAGE)
def revoke(link_id: int) -> ResponseReturnValue:
    """End a link."""
    links.revoke(db.session(), current_actor(), link_id, now=timing.now())
    flash(tr("链接已撤回，马上打不开"), "ok")
    return redirect(url_for("bank_links.show", link_id=link_id), 303)
