"""A person's data: show a number with a reason, hand everything out, erase."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises import contact_privacy
from crm.enterprises import queries as enterprises
from crm.register import contact_data, erasure
from crm.register.contact_forms import EraseForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import Contact
    from crm.register.erasure import Plan

bp = Blueprint("contact_privacy", __name__)


@bp.post("/contacts/<int:contact_id>/reveal")
@requires(Permission.CONTACT_REVEAL)
def reveal(contact_id: int) -> ResponseReturnValue:
    """Show phone and mail of one contact for a reason; the look and the reason are on record."""
    session, actor = db.session(), current_actor()
    reason, other = request.form.get("reason", ""), request.form.get("other", "")
    template = "register/_reveal.html" if "HX-Request" in request.headers else "register/reveal.html"
    try:
        row = contact_privacy.reveal_contact(session, actor, contact_id, reason=reason, other=other, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        row = enterprises.contact(session, actor, contact_id)
        why = say(error.problems[0])
        return render_template(template, contact=row, shown=False, why=why, reason=reason, other=other), error.status
    return render_template(template, contact=row, shown=True)


@bp.post("/contacts/<int:contact_id>/data")
@requires(Permission.CONTACT_ERASE)
def data(contact_id: int) -> ResponseReturnValue:
    """Hand out everything held about a person as a JSON file; the download is on record."""
    held = contact_data.export_contact(db.session(), current_actor(), contact_id, now=timing.now(), zone=timing.zone())
    body = json.dumps(held, ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="contact-{contact_id}.json"'}
    return Response(body, content_type="application/json; charset=utf-8", headers=headers)


@bp.get("/contacts/<int:contact_id>/erase")
@requires(Permission.CONTACT_ERASE)
def ask(contact_id: int) -> ResponseReturnValue:
    """Say what erasing means, what it cannot reach, and ask for the name and the reason."""
    row = contact_privacy.erasable(db.session(), current_actor(), contact_id)
    if row.erased_at is not None:
        return redirect(url_for("contacts.show", contact_id=row.id))
    return _page(EraseForm(formdata=None), erasure.plan(db.session(), current_actor(), contact_id), row, 200)


@bp.post("/contacts/<int:contact_id>/erase")
@requires(Permission.CONTACT_ERASE)
def erase(contact_id: int) -> ResponseReturnValue:
    """Erase a person; there is no way back."""
    session, actor, form = db.session(), current_actor(), EraseForm()
    row, seen = contact_privacy.erasable(session, actor, contact_id), erasure.plan(session, actor, contact_id)
    form.offer(_others(seen))
    if form.validate():
        if text(form.name) != row.name:
            form.refuse([contact_privacy.ERASE_NAME])
        else:
            also, reason = form.also.data or [], text(form.reason)
            erasure.erase_contact(session, actor, row.id, reason=reason, also=also, now=timing.now())
            flash(tr("已删除这位联系人的个人信息；走访次数等统计不变。"), "ok")
            return redirect(url_for("contacts.show", contact_id=row.id), 303)
    return _page(form, seen, row, 422)


def _others(seen: Plan) -> list[tuple[int, str]]:
    units = people.unit_names(db.session(), [one.unit_id for one in seen.others])
    return [(one.id, f"{one.name} · {one.enterprise.name} · {units.get(one.unit_id, '')}") for one in seen.others]


def _page(form: EraseForm, seen: Plan, row: Contact, status: int) -> ResponseReturnValue:
    form.offer(_others(seen))
    return render_template("register/contact_erase.html", form=form, seen=seen, contact=row), status
