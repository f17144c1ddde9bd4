"""What outsiders see (云招商): one frozen version, read-only, without a session, kept out of search engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request

from crm.bank import links
from crm.bank.edition_paper import said, shown
from crm.bank.links import Caller, Guest
from crm.bank.proposal_paper import outward
from crm.web import db, timing
from crm.web.access import public

if TYPE_CHECKING:
    from datetime import timedelta

    from flask.typing import ResponseReturnValue

bp = Blueprint("bank_public", __name__)
GONE, BUSY = 404, 429
HEADERS = {"X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet", "Referrer-Policy": "no-referrer"}


@bp.get("/share/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show what the token opens: a proposal, or the chains of a catalogue."""
    return _page(token, 0)


@bp.get("/share/<token>/<int:part>")
@public
def part(token: str, part: int) -> ResponseReturnValue:
    """Show the projects of one chain of a catalogue."""
    return _page(token, part)


def _page(token: str, number: int) -> ResponseReturnValue:
    now, today = timing.now(), timing.today()
    caller = Caller(request.remote_addr or "", str(current_app.config["SECRET_KEY"]))
    guest = links.look(db.session(), token, caller, now=now, today=today)
    wait = guest.wait
    if wait is None:
        with db.database().transaction() as session:  # not of the request: no trail keeps an outsider's address
            wait = links.note(session, token, number, caller, now=now, today=today)
    if wait is not None:
        return _answer("busy", BUSY, wait=wait)
    if not isinstance(guest, Guest):
        return _answer("gone", GONE)
    if number and (guest.kind != "edition" or number > len(guest.body["chains"])):
        return _answer("gone", GONE)
    chain = guest.body["chains"][number - 1] if number else None
    return _answer(guest.kind, 200, guest=guest, body=guest.body, token=token, chain=chain, number=number)


def _answer(name: str, status: int, *, wait: timedelta | None = None, **values: Any) -> Response:  # noqa: ANN401 (values of a template)
    """Draw a page from these values alone: nothing of a session, a person or the rail enters it."""
    template = current_app.jinja_env.get_template(f"bank/public/{name}.html")
    words = template.render(said=said, shown=shown, why=outward, **values)
    found = Response(words, status, HEADERS)
    if wait is not None:
        found.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return found
