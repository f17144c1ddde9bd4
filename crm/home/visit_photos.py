"""Photos of a touch: shown to whoever may see the touch, added and removed by whoever may correct it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import filestore
from crm.core.errors import DomainError, NotFoundError
from crm.fieldwork.photos import queries, services
from crm.fieldwork.photos.services import Photo
from crm.home.forms import PhotoOptionForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import FileStorage

    from config import Settings
    from crm.core.files import Attachment
    from crm.fieldwork.models import Touch

bp = Blueprint("visit_photos", __name__)
REFUSED = 422


def folder() -> Path:
    """Return where files are kept."""
    return cast("Settings", current_app.config["SETTINGS"]).files_dir


def attach(touch: Touch, files: Sequence[FileStorage]) -> None:
    """Add the photos that came with the form of a touch.

    Raises DomainError with what is wrong with one of them.
    """
    session, actor = db.session(), current_actor()
    for photo in chosen(files):
        services.add_photo(session, actor, touch.id, photo, folder=folder(), now=timing.now())


def chosen(files: Sequence[FileStorage]) -> list[Photo]:
    """Return the photos of a form, each called by what it holds, so that sending twice is sending once."""
    found = [file.read() for file in files if file.filename]
    return [Photo(hashlib.sha256(data).hexdigest(), data) for data in found]


@bp.get("/visits/<int:touch_id>/photos/<int:photo_id>")
@requires(Permission.TOUCH_READ)
def picture(touch_id: int, photo_id: int) -> ResponseReturnValue:
    """Send a photo."""
    return _send(queries.photo(db.session(), current_actor(), touch_id, photo_id).picture)


@bp.get("/visits/<int:touch_id>/photos/<int:photo_id>/small")
@requires(Permission.TOUCH_READ)
def thumbnail(touch_id: int, photo_id: int) -> ResponseReturnValue:
    """Send the thumbnail of a photo."""
    return _send(queries.photo(db.session(), current_actor(), touch_id, photo_id).thumbnail)


@bp.post("/visits/<int:touch_id>/photos")
@requires(Permission.TOUCH_WRITE)
def add(touch_id: int) -> ResponseReturnValue:
    """Add photos to a touch that is there already: all of them, or none and the reason."""
    session, actor = db.session(), current_actor()
    photos = chosen(request.files.getlist("photos"))
    try:
        for photo in photos:
            services.add_photo(session, actor, touch_id, photo, folder=folder(), now=timing.now())
    except DomainError as error:
        if error.status != REFUSED:
            raise
        session.rollback()
        for problem in error.problems:
            flash(say(problem), "bad")
    else:
        flash(tr("已加%(n)s张照片。", n=len(photos)) if photos else tr("请先选择照片。"), "ok" if photos else "warn")
    return redirect(url_for("visits.show", touch_id=touch_id), 303)


@bp.post("/visits/<int:touch_id>/photos/<int:photo_id>/remove")
@requires(Permission.TOUCH_WRITE)
def remove(touch_id: int, photo_id: int) -> ResponseReturnValue:
    """Take a photo away for good."""
    services.remove_photo(db.session(), current_actor(), touch_id, photo_id, folder=folder(), now=timing.now())
    flash(tr("照片已删除，不能恢复。"), "ok")
    return redirect(url_for("visits.show", touch_id=touch_id), 303)


@bp.get("/visits/settings")
@requires(Permission.PIPELINE_CONFIGURE, Permission.ADMIN_MANAGE)
def settings() -> ResponseReturnValue:
    """Show what the office decided about photos."""
    form = PhotoOptionForm(formdata=None, keep_place=services.keeps_place(db.session()))
    return render_template("home/photo_settings.html", form=form)


@bp.post("/visits/settings")
@requires(Permission.PIPELINE_CONFIGURE, Permission.ADMIN_MANAGE)
def set_settings() -> ResponseReturnValue:
    """Decide whether photos keep where they were taken."""
    form = PhotoOptionForm()
    wanted = bool(form.keep_place.data)
    services.keep_place(db.session(), current_actor(), wanted=wanted, now=timing.now())
    flash(tr("照片设置已保存，今后上传的照片照此处理。"), "ok")
    return redirect(url_for("visit_photos.settings"), 303)


def _send(row: Attachment) -> ResponseReturnValue:
    path = filestore.path_of(folder(), row.sha256)
    if not path.is_file():
        raise NotFoundError(queries.ABSENT)
    return send_file(path, filestore.mime(row.content_type), download_name=row.name)
