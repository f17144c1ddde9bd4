"""Pages of one's own notices, and of how one wants to hear of things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.notices import choices, reading
from crm.notices.forms import ChoiceForm
from crm.notices.rules import KIND_LABELS, NoticeKind
from crm.web import db, timing
from crm.web.access import signed_in
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.notices.models import Notice

bp = Blueprint("notices", __name__, url_prefix="/notices")
UNREAD, ALL = "unread", "all"
KIND_ICONS = {
    NoticeKind.DUE: "clock",
    NoticeKind.OVERDUE: "alert-circle",
    NoticeKind.RISK: "alert-triangle",
    NoticeKind.HANDOVER: "transfer",
    NoticeKind.LEAD: "bulb",
    NoticeKind.INSTRUCTION: "gavel",
    NoticeKind.OPINION: "writing-sign",
    NoticeKind.ACTION: "checklist",
    NoticeKind.MEETING: "calendar-event",
    NoticeKind.MENTION: "message-circle",
    NoticeKind.SIGNAL: "news",
    NoticeKind.JOB: "file-spreadsheet",
    NoticeKind.OTHER: "bell",
}
MANAGERS = (Permission.PIPELINE_CONFIGURE, Permission.ADMIN_MANAGE)


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Show the person's notices, newest first, unread ones unless asked otherwise."""
    session, actor = db.session(), current_actor()
    kind, show = _kind(), ALL if request.args.get("show") == ALL else UNREAD
    counts = reading.unread_by_kind(session, actor)
    page = reading.page(session, actor, kind=kind, unread=show == UNREAD, cursor=request.args.get("cursor"))
    return render_template(
        "notices/index.html",
        page=page,
        kind=kind,
        show=show,
        total=sum(counts.values()),
        counts=counts,
        kinds=KIND_LABELS,
        icons=KIND_ICONS,
        words=words,
        link=_link,
        manages=any(actor.may(permission) for permission in MANAGERS),
    )


@bp.post("/<int:notice_id>/open")
@signed_in
def open_one(notice_id: int) -> ResponseReturnValue:
    """Take note of a notice and go to what it is about."""
    row = reading.open_one(db.session(), current_actor(), notice_id, now=timing.now())
    return redirect(row.link or url_for("notices.index"), 303)


@bp.post("/read")
@signed_in
def read_all() -> ResponseReturnValue:
    """Take note of all."""
    count = reading.read_all(db.session(), current_actor(), _kind(), now=timing.now())
    flash(tr("已将%(n)s条标为已读", n=count), "ok")
    return redirect(url_for("notices.index"), 303)


@bp.get("/choices")
@signed_in
def choose() -> ResponseReturnValue:
    """Show how the person hears of things."""
    chosen = choices.load(db.session(), current_actor())
    form = ChoiceForm(
        formdata=None,
        email=chosen.email,
        mail_kinds=sorted(chosen.mail_kinds),
        group_kinds=[kind.value for kind in NoticeKind if kind not in chosen.silent_kinds],
        quiet_from=chosen.quiet_from,
        quiet_to=chosen.quiet_to,
        digest_at=chosen.digest_at,
    )
    return _choices(form.offer())


@bp.post("/choices")
@signed_in
def save_choices() -> ResponseReturnValue:
    """Keep how the person wants to hear of things."""
    form = ChoiceForm().offer()
    if form.validate():
        try:
            choices.save(db.session(), current_actor(), form.choice(), now=timing.now())
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已保存提醒方式"), "ok")
            return redirect(url_for("notices.choose"), 303)
    return _choices(form), DomainError.status


def words(notice: Notice) -> str:
    """Say a notice in the person's language."""
    params: dict[str, Any] = notice.params
    try:
        return tr(notice.text) % params if params else tr(notice.text)
    except (KeyError, TypeError, ValueError):
        return notice.text


def _choices(form: ChoiceForm) -> str:
    mail_works = bool(current_app.config["SETTINGS"].mail.host)
    return render_template("notices/choices.html", form=form, kinds=KIND_LABELS, mail_works=mail_works)


def _kind() -> NoticeKind | None:
    asked = request.values.get("kind", "")
    return NoticeKind(asked) if asked in set(NoticeKind) else None


def _link(**changes: str | None) -> str:
    """Return the address of this list with some of its parameters changed; paging starts anew."""
    kept = {key: value for key in ("kind", "show") if (value := request.args.get(key))}
    merged: dict[str, str | None] = {**kept, **changes}
    query = urlencode({key: value for key, value in merged.items() if value})
    return f"{url_for('notices.index')}?{query}" if query else url_for("notices.index")
