"""Posts of a contact over time, and who of us knows the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.enterprises import contacts, posts
from crm.enterprises import queries as enterprises
from crm.enterprises.queries import EnterpriseOption
from crm.register.contact_forms import KnowerForm, PostForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug import Response

    from crm.enterprises.models import Contact, ContactPost

bp = Blueprint("contact_posts", __name__)


@bp.get("/contacts/<int:contact_id>/move")
@requires(Permission.CONTACT_WRITE)
def ask_move(contact_id: int) -> ResponseReturnValue:
    """Ask where the person works now."""
    row = contacts.writable(db.session(), current_actor(), contact_id)
    return _page(PostForm(formdata=None, data={"version": str(row.version)}), row, "move", 200)


@bp.post("/contacts/<int:contact_id>/move")
@requires(Permission.CONTACT_WRITE)
def move(contact_id: int) -> ResponseReturnValue:
    """Note that a person works at another enterprise now."""
    session, actor, form = db.session(), current_actor(), PostForm()
    row = contacts.writable(session, actor, contact_id)
    if form.looking:
        return _page(form, row, "move", 200)
    if form.validate():
        version, draft = number_or_none(text(form.version)), form.draft()
        now, today = timing.now(), timing.today()
        try:
            posts.move_contact(session, actor, contact_id, draft, version=version, now=now, today=today)
        except DomainError as error:
            return _refused(form, row, "move", error)
        flash(tr("已记下“%(name)s”换了单位，原任职保留在任职经历里。", name=row.name), "ok")
        return _back(contact_id)
    return _page(form, row, "move", 422)


@bp.get("/contacts/<int:contact_id>/posts/new")
@requires(Permission.CONTACT_WRITE)
def new(contact_id: int) -> ResponseReturnValue:
    """Ask for an earlier post."""
    row = contacts.writable(db.session(), current_actor(), contact_id)
    return _page(PostForm(formdata=None), row, "add", 200)


@bp.post("/contacts/<int:contact_id>/posts/new")
@requires(Permission.CONTACT_WRITE)
def create(contact_id: int) -> ResponseReturnValue:
    """Add an earlier post."""
    session, actor, form = db.session(), current_actor(), PostForm()
    row = contacts.writable(session, actor, contact_id)
    if form.looking:
        return _page(form, row, "add", 200)
    if form.validate():
        try:
            posts.add_post(session, actor, contact_id, form.draft(), now=timing.now(), today=timing.today())
        except DomainError as error:
            return _refused(form, row, "add", error)
        flash(tr("已添加任职经历。"), "ok")
        return _back(contact_id)
    return _page(form, row, "add", 422)


@bp.get("/contacts/<int:contact_id>/posts/<int:post_id>/edit")
@requires(Permission.CONTACT_WRITE)
def edit(contact_id: int, post_id: int) -> ResponseReturnValue:
    """Show a post for correction."""
    found, row = posts.own_post(db.session(), current_actor(), contact_id, post_id)
    return _page(PostForm.of(found), row, "edit", 200, found)


@bp.post("/contacts/<int:contact_id>/posts/<int:post_id>/edit")
@requires(Permission.CONTACT_WRITE)
def update(contact_id: int, post_id: int) -> ResponseReturnValue:
    """Correct a post."""
    session, actor, form = db.session(), current_actor(), PostForm()
    found, row = posts.own_post(session, actor, contact_id, post_id)
    if form.validate():
        try:
            posts.edit_post(session, actor, post_id, form.draft(), now=timing.now(), today=timing.today())
        except DomainError as error:
            return _refused(form, row, "edit", error, found)
        flash(tr("已保存任职经历。"), "ok")
        return _back(contact_id)
    return _page(form, row, "edit", 422, found)


@bp.post("/contacts/<int:contact_id>/posts/<int:post_id>/remove")
@requires(Permission.CONTACT_WRITE)
def remove(contact_id: int, post_id: int) -> ResponseReturnValue:
    """Take a mistaken post away."""
    posts.own_post(db.session(), current_actor(), contact_id, post_id)
    posts.remove_post(db.session(), current_actor(), post_id, now=timing.now())
    flash(tr("已删除这段任职经历。"), "ok")
    return _back(contact_id)


@bp.post("/contacts/<int:contact_id>/knowers")
@requires(Permission.CONTACT_WRITE)
def know(contact_id: int) -> ResponseReturnValue:
    """Note who of us knows a contact."""
    session, actor, today = db.session(), current_actor(), timing.today()
    mates = people.colleagues(session, frozenset(actor.unit_ids), today)
    form = KnowerForm().offer([(user.id, user.name) for user in mates])
    user_id = number_or_none(text(form.user_id)) or 0
    try:
        posts.set_knower(session, actor, contact_id, user_id, text(form.closeness), now=timing.now(), today=today)
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "bad")
    else:
        flash(tr("已记下谁认识这位联系人。"), "ok")
    return _back(contact_id)


@bp.post("/contacts/<int:contact_id>/knowers/<int:user_id>/remove")
@requires(Permission.CONTACT_WRITE)
def forget(contact_id: int, user_id: int) -> ResponseReturnValue:
    """Take back that somebody knows a contact."""
    posts.remove_knower(db.session(), current_actor(), contact_id, user_id, now=timing.now())
    return _back(contact_id)


def _back(contact_id: int) -> Response:
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


def _refused(
    form: PostForm, row: Contact, task: str, error: DomainError, found: ContactPost | None = None
) -> ResponseReturnValue:
    if error.status not in {ConflictError.status, DomainError.status}:
        raise error
    db.session().rollback()
    form.refuse(error.problems)
    if error.status == ConflictError.status:
        form.version.data = str(row.version)  # the person has been told: the next try counts
    return _page(form, row, task, error.status, found)


def _page(
    form: PostForm, row: Contact, task: str, status: int, found: ContactPost | None = None
) -> ResponseReturnValue:
    options = _options(text(form.q), form.chosen)
    page = render_template("register/contact_post.html", form=form, contact=row, task=task, post=found, options=options)
    return page, status


def _options(query: str, chosen: int | None) -> list[EnterpriseOption]:
    """Enterprises a text finds, and the one that was chosen already."""
    found = enterprises.suggest(db.session(), query) if query else []
    if chosen is None or any(one.id == chosen for one in found):
        return found
    try:
        row = enterprises.enterprise(db.session(), chosen)
    except NotFoundError:
        return found
    return [EnterpriseOption(row.id, row.name, row.region, ()), *found]
