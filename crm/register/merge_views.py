"""Pages of merging: choose the other record, see what will happen, do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact
from crm.register import duplicates, merge_fields, merge_log, merging, unmerging
from crm.register.merge_fields import CONTACT, ENTERPRISE
from crm.register.merging import Choice
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

bp = Blueprint("merging", __name__)
AREAS = {ENTERPRISE: "enterprises", CONTACT: "contacts"}
LONGEST = 200
TAKE, LOSER = "take_", "loser"
WORDS = frozenset({"source_kind", "known_through", "legal_basis", "do_not_contact"})
RIGHTS = (Permission.REGISTER_MERGE, Permission.CONTACT_WRITE)


@bp.get("/enterprises/<int:record_id>/merge")
@requires(Permission.REGISTER_MERGE)
def choose_enterprise(record_id: int) -> ResponseReturnValue:
    """Choose which enterprise is the same as this one."""
    return _choose(ENTERPRISE, record_id)


@bp.get("/contacts/<int:record_id>/merge")
@requires(*RIGHTS)
def choose_contact(record_id: int) -> ResponseReturnValue:
    """Choose which contact is the same as this one."""
    return _choose(CONTACT, record_id)


@bp.get("/enterprises/<int:winner_id>/merge/<int:loser_id>")
@requires(Permission.REGISTER_MERGE)
def preview_enterprises(winner_id: int, loser_id: int) -> ResponseReturnValue:
    """Show what a merge of two enterprises would do."""
    return _page(ENTERPRISE, winner_id, loser_id, Choice(), (), 200)


@bp.get("/contacts/<int:winner_id>/merge/<int:loser_id>")
@requires(*RIGHTS)
def preview_contacts(winner_id: int, loser_id: int) -> ResponseReturnValue:
    """Show what a merge of two contacts would do."""
    return _page(CONTACT, winner_id, loser_id, Choice(), (), 200)


@bp.post("/enterprises/<int:winner_id>/merge/<int:loser_id>")
@requires(Permission.REGISTER_MERGE)
def merge_enterprises(winner_id: int, loser_id: int) -> ResponseReturnValue:
    """Merge two enterprises."""
    return _merge(ENTERPRISE, winner_id, loser_id)


@bp.post("/contacts/<int:winner_id>/merge/<int:loser_id>")
@requires(*RIGHTS)
def merge_contacts(winner_id: int, loser_id: int) -> ResponseReturnValue:
    """Merge two contacts."""
    return _merge(CONTACT, winner_id, loser_id)


def spoken(field: str, value: str) -> str:
    """Write a shown value in the person's language where it is a word of ours."""
    return tr(value) if field in WORDS and value else value


def _choose(kind: str, record_id: int) -> ResponseReturnValue:
    """Show likely doubles with reasons, or any found by name."""
    session, actor = db.session(), current_actor()
    row = merging.record(session, actor, kind, record_id)
    query = request.args.get("q", "").strip()[:LONGEST]
    return render_template(
        "register/merge_choose.html",
        area=AREAS[kind],
        kind=kind,
        row=row,
        found=duplicates.candidates(session, actor, kind, record_id),
        q=query,
        options=_search(kind, query) if query else (),
    )


def _merge(kind: str, winner_id: int, loser_id: int) -> ResponseReturnValue:
    """Merge; a second press finds it done."""
    session, choice = db.session(), _choice()
    try:
        log = merging.merge(session, current_actor(), kind, winner_id, loser_id, choice, now=timing.now())
    except NotFoundError:
        done = merge_log.standing(session, kind, winner_id, loser_id)
        if done is None:
            raise
        unmerging.get(session, current_actor(), done)
        return redirect(url_for("merges.show", log_id=done), 303)
    except DomainError as error:
        if error.status not in {DomainError.status, ConflictError.status} or winner_id == loser_id:
            raise
        session.rollback()
        problems = [say(problem) for problem in error.problems]
        return _page(kind, winner_id, loser_id, choice, problems, error.status)
    toast = {
        "text": tr("已把“%(loser)s”并入“%(winner)s”。", loser=log.snapshot["name"], winner=_name(kind, winner_id)),
        "href": url_for("merges.show", log_id=log.id),
        "label": tr("合并记录"),
        "undo": url_for("merges.undo", log_id=log.id),
        "undo_label": tr("撤销合并"),
    }
    flash(toast, "ok")  # type: ignore[arg-type]  # the toast macro takes text with a link and an undo
    return redirect(f"/{AREAS[kind]}/{winner_id}", 303)


def _choice() -> Choice:
    form = request.form
    asked = [name.removeprefix(TAKE) for name in form if name.startswith(TAKE)]
    take = frozenset(name for name in asked if form.get(TAKE + name) == LOSER)
    reason = form.get("reason", "").strip()[:LONGEST] or None
    return Choice(
        take=take, versions=form.get("versions") or None, confirmed=form.get("confirmed") == "1", reason=reason
    )


def _page(
    kind: str, winner_id: int, loser_id: int, choice: Choice, problems: Sequence[str], status: int
) -> ResponseReturnValue:
    session = db.session()
    seen = merging.preview(session, current_actor(), kind, winner_id, loser_id)
    pair = [one for one in (seen.winner, seen.loser) if isinstance(one, Contact)]
    page = render_template(
        "register/merge.html",
        kind=kind,
        area=AREAS[kind],
        seen=seen,
        choice=choice,
        problems=problems,
        warnings=[(one.key, say(one)) for one in seen.warnings],
        units=people.unit_names(session, [one.unit_id for one in pair]) if pair else {},
        spoken=spoken,
        pair_id=duplicates.open_pair(session, kind, winner_id, loser_id),
    )
    return page, status


def _search(kind: str, query: str) -> Sequence[Any]:
    session, actor = db.session(), current_actor()
    if kind == ENTERPRISE:
        return enterprises.suggest(session, query)
    return duplicates.people_called(session, actor, query)


def _name(kind: str, record_id: int) -> str:
    model: Any = merge_fields.MODELS[kind]
    return str(db.session().get_one(model, record_id).name)
