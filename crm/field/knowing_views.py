"""谁认识谁: a colleague's circle, and who knows people at an enterprise. No number or address is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import CLOSENESS, KNOWN_LABELS
from crm.fieldwork import knowing
from crm.web import db
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("knowing", __name__, url_prefix="/acquaintances")
NO_PERSON = Problem("staff.absent", "没有这位同事。")
NO_FIRM = Problem("enterprise.absent", "没有这家企业，可能已被合并或删除。")


@bp.get("")
@requires(Permission.CONTACT_READ)
def index() -> ResponseReturnValue:
    """List colleagues with how many contacts each knows."""
    page = knowing.circles(db.session(), current_actor(), cursor=request.args.get("cursor"))
    return render_template("field/circles.html", page=page)


@bp.get("/people/<int:user_id>")
@requires(Permission.CONTACT_READ)
def of_person(user_id: int) -> ResponseReturnValue:
    """Show whom a colleague knows, and through what."""
    session, actor = db.session(), current_actor()
    person = session.get(User, user_id)
    if person is None:
        raise NotFoundError(NO_PERSON)
    page = knowing.known_by(session, actor, user_id, cursor=request.args.get("cursor"))
    found = knowing.ties(session, actor, [row.id for row in page.rows], user_id)
    return render_template(
        "field/circle.html",
        person=person,
        page=page,
        ties={contact: some[0] for contact, some in found.items()},
        closeness=CLOSENESS,
        through=KNOWN_LABELS,
    )


@bp.get("/enterprises/<int:enterprise_id>")
@requires(Permission.CONTACT_READ)
def of_enterprise(enterprise_id: int) -> ResponseReturnValue:
    """Show who of us knows which people at an enterprise."""
    session, actor = db.session(), current_actor()
    firm = session.get(Enterprise, enterprise_id)
    if firm is None or firm.merged_into_id is not None:
        raise NotFoundError(NO_FIRM)
    rows = knowing.contacts_at(session, actor, enterprise_id)
    found = knowing.ties(session, actor, [row.id for row in rows])
    names = people.names(session, [tie.user_id for some in found.values() for tie in some])
    return render_template(
        "field/firm_circle.html",
        firm=firm,
        rows=rows,
        ties=found,
        names=names,
        closeness=CLOSENESS,
        through=KNOWN_LABELS,
    )
