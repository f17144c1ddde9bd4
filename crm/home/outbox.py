"""The outbox of a phone: visits written without a network are sent from here, each exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, jsonify, render_template, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.fieldwork import overlap, queries
from crm.fieldwork.photos import services as photos
from crm.fieldwork.photos.services import Photo
from crm.fieldwork.queries import TOUCH_ABSENT
from crm.fieldwork.rules import INTENTION_LABELS, TOUCH_LABELS
from crm.home import visit_form
from crm.home.visit_photos import folder
from crm.web import db, timing
from crm.web.access import public, requires
from crm.web.forms import text
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.fieldwork.models import Touch
    from crm.home.forms import TouchForm

bp = Blueprint("outbox", __name__)
REFUSED = 422
CONFLICT = 409
KEY_LENGTH = 80
OTHERS = Problem("outbox.owner", "这条草稿是另一个账号写的，请换回那个账号登录后再发送。")
NO_KEY = Problem("outbox.key", "照片缺少编号，请打开草稿重新选择照片。", "photos")


@bp.get("/outbox")
@requires(Permission.TOUCH_WRITE)
def index() -> ResponseReturnValue:
    """Show what waits in this browser; the list itself never leaves it."""
    return render_template("home/outbox.html")


@bp.get("/offline")
@public
def offline() -> ResponseReturnValue:
    """Show the form that works alone: the same for everybody, kept by the service worker."""
    return shell()


def shell() -> str:
    """Write the form that works alone: nothing of a person is in it, only the language differs."""
    return render_template("home/offline.html", kinds=TOUCH_LABELS, intentions=INTENTION_LABELS)


@bp.get("/outbox/session")
@public
def session() -> ResponseReturnValue:
    """Say who is signed in, and hand out a fresh token: asked before anything is sent."""
    if not current_user.is_authenticated:
        return jsonify(user=None)
    actor = current_actor()
    may = actor.may(Permission.TOUCH_WRITE)
    recent = queries.recent_enterprises(db.session(), actor) if may else []
    named = [{"id": firm_id, "name": name} for firm_id, name in recent]
    kept = may and photos.keeps_place(db.session())
    return jsonify(user=actor.user_id, name=actor.name, recent=named, keep_place=kept, token=generate_csrf())


@bp.post("/outbox/touches")
@requires(Permission.TOUCH_WRITE)
def send() -> ResponseReturnValue:
    """Log what waited; the same draft again is answered with the visit it became."""
    if number_or_none(request.form.get("owner", "")) != current_actor().user_id:
        return jsonify(problems=[_told(OTHERS)]), CONFLICT
    form = visit_form.sent()
    problems: Sequence[Problem] = ()
    if form.validate():
        try:
            return _sent(visit_form.record(form))
        except DomainError as error:
            if error.status != REFUSED:
                raise
            problems = error.problems
    db.session().rollback()
    before = queries.logged(db.session(), current_actor(), text(form.client_id))
    if before is not None:
        return _sent(before)
    form.refuse(problems)
    return jsonify(problems=_faults(form)), REFUSED


@bp.post("/outbox/touches/<client_id>/photos")
@requires(Permission.TOUCH_WRITE)
def send_photo(client_id: str) -> ResponseReturnValue:
    """Add one photo to a visit that was sent; the same photo again is the same photo."""
    actor = current_actor()
    touch = queries.logged(db.session(), actor, client_id)
    if touch is None:
        raise NotFoundError(TOUCH_ABSENT)
    key, file = request.form.get("key", ""), request.files.get("photo")
    if not 0 < len(key) <= KEY_LENGTH:
        return jsonify(problems=[_told(NO_KEY)]), REFUSED
    photo = Photo(key, file.read() if file else b"")
    try:
        row = photos.add_photo(db.session(), actor, touch.id, photo, folder=folder(), now=timing.now())
    except DomainError as error:
        if error.status != REFUSED:
            raise
        return jsonify(problems=[_told(problem) for problem in error.problems]), REFUSED
    return jsonify(photo=row.id)


def _sent(touch: Touch) -> ResponseReturnValue:
    label = tr(TOUCH_LABELS[touch.kind])
    words = tr("已记%(kind)s：%(name)s", kind=label, name=touch.enterprise.name)
    cautions = [say(caution) for caution in overlap.cautions(db.session(), touch, now=timing.now())]
    if request.form.get("flash"):
        flash(words, "ok")
        for caution in cautions:
            flash(caution, "warn")
    return jsonify(url=f"/visits/{touch.id}", words=words, cautions=cautions)


def _told(problem: Problem) -> dict[str, Any]:
    return {"field": problem.field, "text": say(problem)}


def _faults(form: TouchForm) -> list[dict[str, Any]]:
    """Say what is wrong, field by field, as the form would."""
    found = [{"field": None, "text": words} for words in form.form_errors]
    for field in form:
        found += [{"field": field.name, "label": str(field.label.text), "text": str(words)} for words in field.errors]
    return found
