"""Pages of history: every change of an enterprise or a contact, with a way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.changes import CREATED, SEALED_FIELDS, opened
from crm.core.errors import DomainError
from crm.enterprises import contacts, history
from crm.enterprises import queries as enterprises
from crm.enterprises.contact_words import CONTACT_LABELS, plain
from crm.enterprises.fields import LABELS
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.enterprises.posts import MOVED
from crm.enterprises.rules import mask_email, mask_phone
from crm.enterprises.services import DuplicateError
from crm.register.editing import shown
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.core.changes import FieldChange
    from crm.core.errors import Problem
    from crm.enterprises.models import Contact

bp = Blueprint("register_history", __name__)
SHORT_VALUE = 300
CHOSEN = ("known_through", "legal_basis")
EVENTS: dict[str, str] = {
    CREATED: "新增",
    history.DELETED: "回收站",
    "parent_id": "上级企业",
    "*merged": "合并",
    "*erased": "删除个人信息",
    MOVED: "换单位",
}
OTHER = "其他资料"


@dataclass(frozen=True, slots=True)
class Line:
    """One change as the page shows it; ``undo`` is where a restore is sent, blank when there is none."""

    change: FieldChange
    label: str
    before: str
    after: str
    undo: str = ""


@bp.get("/enterprises/<int:enterprise_id>/history")
@requires(Permission.ENTERPRISE_READ)
def enterprise(enterprise_id: int) -> ResponseReturnValue:
    """Show what was changed of an enterprise."""
    return _enterprise_page(enterprise_id, 200)


@bp.post("/enterprises/<int:enterprise_id>/history/<int:change_id>/restore")
@requires(Permission.ENTERPRISE_WRITE)
def restore(enterprise_id: int, change_id: int) -> ResponseReturnValue:
    """Put an old value back, or say why it no longer fits."""
    try:
        history.restore(db.session(), current_actor(), enterprise_id, change_id, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        existing = error.existing_id if isinstance(error, DuplicateError) else None
        return _enterprise_page(enterprise_id, 422, error.problems, existing)
    flash(tr("已恢复旧值，这次恢复也记在历史里。"), "ok")
    return redirect(url_for("register_history.enterprise", enterprise_id=enterprise_id), 303)


@bp.get("/contacts/<int:contact_id>/history")
@requires(Permission.CONTACT_READ)
def contact(contact_id: int) -> ResponseReturnValue:
    """Show what was changed of a contact; phone and mail stay masked."""
    return _contact_page(enterprises.contact(db.session(), current_actor(), contact_id), 200)


@bp.post("/contacts/<int:contact_id>/history/<int:change_id>/restore")
@requires(Permission.CONTACT_WRITE)
def restore_contact(contact_id: int, change_id: int) -> ResponseReturnValue:
    """Put an old value of a contact back."""
    row = enterprises.contact(db.session(), current_actor(), contact_id)
    try:
        contacts.restore_field(db.session(), current_actor(), contact_id, change_id, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _contact_page(row, 422, error.problems)
    flash(tr("已恢复旧值，这次恢复也记在历史里。"), "ok")
    return redirect(url_for("register_history.contact", contact_id=contact_id), 303)


def _enterprise_page(
    enterprise_id: int, status: int, problems: tuple[Problem, ...] = (), existing: int | None = None
) -> ResponseReturnValue:
    row = enterprises.enterprise(db.session(), enterprise_id)
    base = url_for("register_history.enterprise", enterprise_id=row.id)
    undo = base if current_actor().may(Permission.ENTERPRISE_WRITE) else ""
    return _page((ENTERPRISE, row.id), base, undo, {"firm": row, "contact": None}, status, (problems, existing))


def _contact_page(row: Contact, status: int, problems: tuple[Problem, ...] = ()) -> ResponseReturnValue:
    base = url_for("register_history.contact", contact_id=row.id)
    undo = base if current_actor().reaches(Permission.CONTACT_WRITE, row.unit_id) and row.erased_at is None else ""
    return _page((CONTACT, row.id), base, undo, {"firm": row.enterprise, "contact": row}, status, (problems, None))


def _page(
    subject: tuple[str, int],
    base: str,
    undo: str,
    heads: dict[str, Any],
    status: int,
    refusal: tuple[tuple[Problem, ...], int | None],
) -> ResponseReturnValue:
    session = db.session()
    found = history.page(session, subject, cursor=request.args.get("cursor"))
    lines = [_line(subject[0], one, undo) for one in found.rows]
    names = people.names(session, [one.by for one in found.rows if one.by])
    page = render_template(
        "register/history.html",
        lines=lines,
        page=found,
        base=base,
        names=names,
        doors=history.VIA_LABELS,
        reasons=[say(problem) for problem in refusal[0]],
        existing=refusal[1],
        **heads,
    )
    return page, status


def _line(kind: str, row: FieldChange, undo: str) -> Line:
    if kind == ENTERPRISE:
        labels, possible = LABELS, history.restorable(row)
        before, after = shown(row.field, row.before), shown(row.field, row.after)
    else:
        labels, possible = CONTACT_LABELS, row.field in CONTACT_LABELS and row.field in contacts.FIELDS
        before, after = _masked(row.field, row.before), _masked(row.field, row.after)
    label = labels.get(row.field) or EVENTS.get(row.field, OTHER)
    if row.field == history.DELETED:
        before, after = ("", tr("放进回收站")) if row.after else (tr("放进回收站"), tr("已恢复"))
    where = f"{undo}/{row.id}/restore" if undo and possible else ""
    return Line(row, label, _short(before), _short(after), where)


def _masked(field: str, value: Any) -> str:  # noqa: ANN401 (a kept JSON value)
    """Write a value of a contact for people: phone and mail masked, kinds by their names."""
    if field in SEALED_FIELDS and value:
        text = str(opened(field, value))
        return mask_phone(text) if field == "phone" else mask_email(text)
    words = plain(field, value)
    return tr(words) if field in CHOSEN or isinstance(value, bool) else words


def _short(text: str) -> str:
    return text if len(text) <= SHORT_VALUE else text[:SHORT_VALUE] + "…"
