"""Who am I, and how does this interface work: for any token."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, jsonify

from crm.api import document, door
from crm.api.fields import Answer
from crm.api.operations import ANY_TOKEN, group, operation
from crm.web.access import signed_in

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask import Response

bp = group("basics", "basics")


class Unit(Answer):
    """A unit the person belongs to."""

    id: int
    name: str


class Me(Answer):
    """Whom the token acts for, what it may be used for and until when."""

    user_id: int
    name: str
    units: list[Unit]
    scopes: list[str]
    permissions: list[str]
    expires_at: datetime
    per_minute: int


@operation(bp, "GET", "/me", ANY_TOKEN, Me)
def me() -> Me:
    """Say whom this token acts for."""
    caller = door.caller()
    actor = caller.actor
    return Me(
        user_id=actor.user_id,
        name=actor.name,
        units=[Unit(id=unit_id, name=name) for unit_id, name in actor.unit_names.items()],
        scopes=sorted(caller.scopes),
        permissions=sorted(one for one in actor.only or () if actor.may(one)),
        expires_at=caller.expires_at,
        per_minute=current_app.config["SETTINGS"].api_per_minute,
    )


@bp.get("/openapi.json")
@bp.doc(hide=True)
@signed_in
def openapi() -> Response:
    """Give the description of the interface."""
    made: Any = document.described(cast("APIFlask", current_app))
    return jsonify(made)
