"""The page that takes exported 公众号 articles in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # older stubs
from wtforms.validators import Length

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.news import uploading
from crm.news.sources import LONGEST_NAME
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.news.models import Source

bp = Blueprint("source_exports", __name__, url_prefix="/sources/exports")
NO_PLACE = Problem("export.source", "请选择一个信源，或者填新信源的名称。", "name")


class ExportForm(Form):
    """A file of articles and where they go."""

    file = FileField(_("导出的文件"), [FileRequired(_("请选择导出的文件（zip、html、json 或 csv）。"))])
    source_id = SelectField(_("放到哪个信源"))
    name = StringField(_("新信源名称"), [Length(max=LONGEST_NAME, message=_("名称不超过80个字。"))])

    def fill(self, places: Sequence[Source]) -> None:
        """Offer the sources uploads may go to."""
        known = [SelectChoice(str(place.id), place.name) for place in places]
        self.source_id.choices = [*known, *choices([("", "新建一个")])]


@bp.get("/new")
@requires(Permission.SOURCE_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form."""
    known = uploading.places(db.session())
    first = str(known[0].id) if known else ""
    form = ExportForm(formdata=None, source_id=request.args.get("source_id", first))
    form.fill(known)
    return render_template("news/export.html", form=form)


@bp.post("")
@requires(Permission.SOURCE_MANAGE)
def create() -> ResponseReturnValue:
    """Check a file and have it read in the background."""
    form = ExportForm()
    form.fill(uploading.places(db.session()))
    status = 422
    if form.validate():
        try:
            return _taken(form)
        except DomainError as error:
            form.refuse(error.problems)
            status = error.status
    return render_template("news/export.html", form=form), status


def _taken(form: ExportForm) -> ResponseReturnValue:
    chosen, name = number_or_none(text(form.source_id)), text(form.name)
    if chosen is None and not name:
        raise DomainError(NO_PLACE)
    folder = cast("Settings", current_app.config["SETTINGS"]).files_dir
    upload = (form.file.data.filename or "", form.file.data.read())
    run = uploading.take(
        db.session(), current_actor(), name if chosen is None else chosen, upload, folder, now=timing.now()
    )
    flash(tr("已收到文件，正在后台读取，可以离开本页"), "ok")
    return redirect(url_for("news.source", source_id=run.source_id, run=run.id), 303)
