"""Pages of posts (驻点): the list with one's own check-in on top, one post, its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.field import posting_pages as pages
from crm.field.posting_forms import AbsenceForm, EndForm, PostForm, SendForm, of_post
from crm.fieldwork.postings import queries, services
from crm.fieldwork.postings.queries import PostFilter
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("postings", __name__, url_prefix="/postings")
REFUSED = 422
LONGEST = 40


@bp.get("")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List posts; whoever is posted today signs here with one tap."""
    session, actor, today = db.session(), current_actor(), timing.today()
    wanted = PostFilter(
        query=request.args.get("q", "").strip()[:LONGEST],
        region=request.args.get("region", ""),
        unit_id=request.args.get("unit", type=int),
        closed=request.args.get("state") == "closed",
    )
    page = queries.posts(session, actor, wanted, today, cursor=request.args.get("cursor"))
    return render_template(
        "field/postings.html",
        page=page,
        wanted=wanted,
        regions=queries.regions(session, actor),
        strength=queries.strength(session, page.rows, today),
        mine=pages.my_turns(session, actor),
        words=pages.WORDS,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.STAFF_MANAGE)
def new() -> ResponseReturnValue:
    """Open a post."""
    session, actor, today = db.session(), current_actor(), timing.today()
    units = _units()
    if request.method == "GET":
        form = PostForm(formdata=None, opened_on=today, target_people=3, target_rank="deputy_section").offer(units)
        return render_template("field/posting_form.html", form=form, row=None)
    form = PostForm().offer(units)
    if form.validate():
        try:
            row = services.open_post(session, actor, form.draft(today), now=timing.now(), today=today)
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("驻点“%(name)s”已设立，接着安排人员。", name=row.name), "ok")
            return redirect(url_for("postings.show", post_id=row.id), 303)
    return render_template("field/posting_form.html", form=form, row=None), REFUSED


@bp.route("/<int:post_id>/edit", methods=["GET", "POST"])
@requires(Permission.STAFF_MANAGE)
def edit(post_id: int) -> ResponseReturnValue:
    """Change what is written of a post."""
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.post(session, actor, post_id)
    if request.method == "GET":
        return render_template("field/posting_form.html", form=of_post(row, _units()), row=row)
    form = PostForm().offer(_units())
    if form.validate():
        try:
            services.change_post(session, actor, post_id, form.draft(today), now=timing.now(), today=today)
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("驻点资料已更新。"), "ok")
            return redirect(url_for("postings.show", post_id=post_id), 303)
    return render_template("field/posting_form.html", form=form, row=row), REFUSED


@bp.get("/<int:post_id>")
@requires(Permission.TOUCH_READ)
def show(post_id: int) -> ResponseReturnValue:
    """Show one post: people, who is there, who was there before."""
    return _page(post_id)


@bp.post("/<int:post_id>/close")
@requires(Permission.STAFF_MANAGE)
def close(post_id: int) -> ResponseReturnValue:
    """Close a post on a day."""
    form = EndForm(prefix="close")
    if form.validate():
        day = form.day.data or timing.today()
        try:
            row = services.close_post(db.session(), current_actor(), post_id, day, text(form.reason), now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已定于%(day)s撤销“%(name)s”，记录都保留。", day=day.isoformat(), name=row.name), "ok")
            return redirect(url_for("postings.show", post_id=post_id), 303)
    db.session().rollback()
    return _page(post_id, close=form), REFUSED


@bp.post("/<int:post_id>/people")
@requires(Permission.STAFF_MANAGE)
def send(post_id: int) -> ResponseReturnValue:
    """Put a person on the roster."""
    session, today = db.session(), timing.today()
    form = SendForm().offer(_people())
    if form.validate():
        try:
            services.send(session, current_actor(), post_id, form.draft(today), now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已安排到点。"), "ok")
            return redirect(url_for("postings.show", post_id=post_id), 303)
    return _page(post_id, send=form), REFUSED


@bp.route("/people/<int:posting_id>", methods=["GET", "POST"])
@requires(Permission.STAFF_MANAGE)
def end(posting_id: int) -> ResponseReturnValue:
    """Call a person back on a day."""
    session, actor = db.session(), current_actor()
    row = queries.posting(session, actor, posting_id)
    if request.method == "GET":
        form = EndForm(formdata=None, day=timing.today())
        return render_template("field/posting_end.html", row=row, form=form)
    form = EndForm()
    if form.validate():
        day = form.day.data or timing.today()
        try:
            services.call_back(session, actor, posting_id, day, text(form.reason), now=timing.now())
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已结束%(name)s的驻点安排。", name=row.user.name), "ok")
            return redirect(url_for("postings.show", post_id=row.post_id), 303)
    return render_template("field/posting_end.html", row=row, form=form), REFUSED


def _page(post_id: int, *, send: SendForm | None = None, close: EndForm | None = None) -> str:
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.post(session, actor, post_id)
    manages = actor.may(Permission.STAFF_MANAGE)
    if send is None and manages:
        send = SendForm(formdata=None, role="member", valid_from=today, full_time=True).offer(_people())
    return render_template(
        "field/posting.html",
        post=row,
        **pages.post_page(session, actor, row),
        manages=manages,
        send_form=send,
        close_form=close or EndForm(formdata=None, prefix="close", day=today),
        absence_form=AbsenceForm(formdata=None, from_day=today, to_day=today).offer(),
        words=pages.WORDS,
        today=today,
    )


def _units() -> list[tuple[int, str]]:
    return [(unit.id, unit.name) for unit in people.units(db.session(), timing.today())]


def _people() -> list[tuple[int, str]]:
    found = people.colleagues(db.session(), None, timing.today())
    return [(user.id, f"{user.name} · {user.title}" if user.title else user.name) for user in found]
