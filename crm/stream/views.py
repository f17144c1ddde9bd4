"""The stream of an enterprise and of a project: read, narrow, say something, pin, quote, call people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises.models import Enterprise
from crm.pipeline import sections
from crm.stream import queries, services, subject
from crm.stream.rules import GROUPS, LONGEST
from crm.stream.words import Words, words
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.stream.queries import Stream
    from crm.stream.subject import Subject

bp = Blueprint("stream", __name__)
REFUSED = 422
MOST_OFFERED = 8
READERS = (Permission.ENTERPRISE_READ, Permission.PROJECT_READ)


@bp.get("/enterprises/<int:enterprise_id>/stream")
@requires(Permission.ENTERPRISE_READ)
def of_enterprise(enterprise_id: int) -> ResponseReturnValue:
    """Show all that happened at an enterprise and in its group."""
    row = db.session().get(Enterprise, enterprise_id)
    if row is not None and row.merged_into_id is not None:
        return redirect(url_for("stream.of_enterprise", enterprise_id=row.merged_into_id))
    return _page(_enterprise(enterprise_id))


@bp.post("/enterprises/<int:enterprise_id>/stream")
@requires(Permission.ENTERPRISE_READ)
def say_of_enterprise(enterprise_id: int) -> ResponseReturnValue:
    """Add a comment on an enterprise."""
    return _say(_enterprise(enterprise_id))


@bp.get("/projects/<int:project_id>/stream")
@requires(Permission.PROJECT_READ)
def of_project(project_id: int) -> ResponseReturnValue:
    """Show all that happened to a project."""
    return _page(_project(project_id))


@bp.post("/projects/<int:project_id>/stream")
@requires(Permission.PROJECT_READ)
def say_of_project(project_id: int) -> ResponseReturnValue:
    """Add a comment on a project."""
    return _say(_project(project_id))


@bp.get("/enterprises/<int:enterprise_id>/stream/people")
@requires(Permission.ENTERPRISE_READ)
def people_of_enterprise(enterprise_id: int) -> ResponseReturnValue:
    """Offer people whom a comment on an enterprise may call."""
    return _people(_enterprise(enterprise_id))


@bp.get("/projects/<int:project_id>/stream/people")
@requires(Permission.PROJECT_READ)
def people_of_project(project_id: int) -> ResponseReturnValue:
    """Offer people whom a comment on a project may call."""
    return _people(_project(project_id))


@bp.post("/enterprises/<int:enterprise_id>/stream/pins")
@requires(Permission.ENTERPRISE_WRITE)
def pin_on_enterprise(enterprise_id: int) -> ResponseReturnValue:
    """Pin a line, or take its pin away."""
    return _pin(_enterprise(enterprise_id))


@bp.post("/projects/<int:project_id>/stream/pins")
@requires(Permission.PROJECT_WRITE)
def pin_on_project(project_id: int) -> ResponseReturnValue:
    """Pin a line, or take its pin away."""
    return _pin(_project(project_id))


@bp.get("/comments/<int:comment_id>/edit")
@requires(*READERS)
def edit(comment_id: int) -> ResponseReturnValue:
    """Show one's own comment for changing."""
    row, about = services.own(db.session(), current_actor(), comment_id)
    return _edit_page(about, comment_id, row.body)


@bp.post("/comments/<int:comment_id>/edit")
@requires(*READERS)
def rewrite(comment_id: int) -> ResponseReturnValue:
    """Change one's own comment."""
    session, actor, body = db.session(), current_actor(), request.form.get("body", "")
    try:
        services.rewrite(session, actor, comment_id, body, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != REFUSED:
            raise
        about = queries.comment(session, actor, comment_id)[1]
        return _edit_page(about, comment_id, body, [say(one) for one in error.problems]), REFUSED
    about = queries.comment(session, actor, comment_id)[1]
    flash(tr("已修改，并注明“已修改”。"), "ok")
    return redirect(f"{about.href}#comment-{comment_id}", 303)


@bp.post("/comments/<int:comment_id>/delete")
@requires(*READERS)
def take_back(comment_id: int) -> ResponseReturnValue:
    """Delete one's own comment, with a way back."""
    about = services.take_back(db.session(), current_actor(), comment_id, now=timing.now())[1]
    undo = url_for("stream.put_back", comment_id=comment_id)
    flash({"text": tr("评论已删除。"), "undo": undo}, "ok")  # type: ignore[arg-type]  # a toast with undo
    return redirect(about.href, 303)


@bp.post("/comments/<int:comment_id>/restore")
@requires(*READERS)
def put_back(comment_id: int) -> ResponseReturnValue:
    """Take a deletion back."""
    about = services.put_back(db.session(), current_actor(), comment_id, now=timing.now())[1]
    flash(tr("评论已恢复。"), "ok")
    return redirect(f"{about.href}#comment-{comment_id}", 303)


def _enterprise(enterprise_id: int) -> Subject:
    return subject.of_enterprise(db.session(), current_actor(), enterprise_id)


def _project(project_id: int) -> Subject:
    return subject.of_project(db.session(), current_actor(), project_id)


def _page(about: Subject, body: str = "", problems: list[str] | None = None) -> str:
    session, actor = db.session(), current_actor()
    group = request.args.get("kind", "")
    cursor = request.args.get("cursor") if request.method == "GET" else None
    found = queries.read(session, actor, about, group=group if group in GROUPS else "", cursor=cursor)
    scrolled = "HX-Request" in request.headers and cursor
    template = "stream/_lines.html" if scrolled else "stream/index.html"
    quotes = request.values.get("quotes", "")
    return render_template(
        template,
        **_shown(about, found),
        **_head(about),
        group=group if group in GROUPS else "",
        groups=GROUPS,
        cursor=cursor,
        quotes=_quote(about, quotes),
        body=body,
        problems=problems or [],
        longest=LONGEST,
    )


def _shown(about: Subject, found: Stream) -> dict[str, Any]:
    rows = [*found.page.rows, *found.quoted.values()]
    said = {(row.kind, row.id): words(row, found.changed.get((row.kind, row.id), ())) for row in rows}
    quoting = {row.id: ref for row in found.page.rows if (ref := queries.quoted_by(row))}
    return {
        "about": about,
        "rows": found.page.rows,
        "pinned": found.pinned,
        "words": said,
        "quoted": {key: (found.quoted.get(ref), said.get(ref)) for key, ref in quoting.items()},
        "more": _address(about, cursor=found.page.next) if found.page.next else "",
        "may_pin": services.may_pin(current_actor(), about),
    }


def _head(about: Subject) -> dict[str, Any]:
    tabs = sections.tabs(current_actor(), about.project, "stream.of_project") if about.project else []
    return {"tabs": tabs, "ent": about.enterprise, "project": about.project}


def _address(about: Subject, **query: str) -> str:
    kept = {"kind": request.args.get("kind", ""), **query}
    return f"{about.href}?{urlencode({key: value for key, value in kept.items() if value})}"


def _quote(about: Subject, text: str) -> tuple[str, Words] | None:
    """Return the line that is about to be quoted; nothing if it is not there for this person."""
    ref = queries.read_ref(text)
    if ref is None:
        return None
    try:
        row = queries.find(db.session(), current_actor(), about, ref)
    except DomainError:
        return None
    return text, words(row)


def _say(about: Subject) -> ResponseReturnValue:
    body, quotes = request.form.get("body", ""), queries.read_ref(request.form.get("quotes", ""))
    try:
        row = services.say(
            db.session(), current_actor(), about, body, quotes=quotes, now=timing.now(), today=timing.today()
        )
    except DomainError as error:
        if error.status != REFUSED:
            raise
        return _page(about, body, [say(one) for one in error.problems]), REFUSED
    flash(tr("评论已发出。"), "ok")
    return redirect(f"{about.href}#comment-{row.id}", 303)


def _people(about: Subject) -> ResponseReturnValue:
    q = request.args.get("q", "").strip()[:30]
    found = subject.hearers(db.session(), about, timing.today(), q, limit=4 * MOST_OFFERED)
    return render_template("stream/_people.html", people=found[:MOST_OFFERED], q=q)


def _pin(about: Subject) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    ref = queries.read_ref(request.form.get("line", ""))
    if ref is None:
        flash(tr("这条动态已经没有了，请刷新页面。"), "warn")
    elif "off" in request.form:
        services.unpin(session, actor, about, ref)
        flash(tr("已取消置顶。"), "ok")
    else:
        try:
            services.pin(session, actor, about, ref, now=timing.now())
            flash(tr("已置顶，能看到这条动态的人都会先看到它。"), "ok")
        except DomainError as error:
            if error.status != REFUSED:
                raise
            flash(say(error.problems[0]), "warn")
    return redirect(about.href, 303)


def _edit_page(about: Subject, comment_id: int, body: str, problems: list[str] | None = None) -> str:
    return render_template(
        "stream/edit.html",
        about=about,
        comment_id=comment_id,
        body=body,
        problems=problems or [],
        longest=LONGEST,
        **_head(about),
    )
