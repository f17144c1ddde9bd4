"""Pages of packs: look at one, take sources over, give one's own away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.news import packs, queries, taking_packs
from crm.news.models import SourceKind
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import Form
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.news.packs import Pack

bp = Blueprint("source_packs", __name__, url_prefix="/sources/packs")


class PackForm(Form):
    """Choose a file."""

    file = FileField(_("信源包文件"), [FileRequired(_("请选择信源包文件（.yaml）。"))])


@bp.get("")
@requires(Permission.SOURCE_MANAGE)
def index() -> ResponseReturnValue:
    """Show our packs and a place to bring one."""
    return _index(PackForm(formdata=None), 200)


@bp.get("/<key>")
@requires(Permission.SOURCE_MANAGE)
def show(key: str) -> ResponseReturnValue:
    """Show what one of our packs holds."""
    pack = packs.shipped(key) or abort(404)
    return _preview(pack, packs.shipped_text(key), 200)


@bp.post("/preview")
@requires(Permission.SOURCE_MANAGE)
def preview() -> ResponseReturnValue:
    """Show what a file holds; nothing is written."""
    form = PackForm()
    if form.validate():
        try:
            text = form.file.data.read(packs.LARGEST + 1).decode("utf-8-sig", errors="replace")
            return _preview(packs.read(text), text, 200)
        except DomainError as error:
            form.refuse(error.problems)
    return _index(form, 422)


@bp.post("/import")
@requires(Permission.SOURCE_MANAGE)
def take() -> ResponseReturnValue:
    """Add the chosen sources of the pack that was shown."""
    text = request.form.get("content", "")
    form = PackForm(formdata=None)
    try:
        pack = packs.read(text)
    except DomainError as error:
        form.refuse(error.problems)
        return _index(form, 422)
    chosen = {number for value in request.form.getlist("chosen") if (number := number_or_none(value)) is not None}
    try:
        rows = taking_packs.take(db.session(), current_actor(), pack, chosen, now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        return _preview(pack, text, 422, form)
    if all(row.kind is SourceKind.EXPORT for row in rows):
        flash(tr("已添加%(n)s个信源，可以上传文件了", n=len(rows)), "ok")
        return redirect(url_for("source_exports.new", source_id=rows[0].id), 303)
    flash(tr("已添加%(n)s个信源，暂未启用：逐个试抓，满意了再启用", n=len(rows)), "ok")
    return redirect(url_for("news.index", state="untested"), 303)


@bp.get("/own.yaml")
@requires(Permission.SOURCE_MANAGE)
def own() -> ResponseReturnValue:
    """Give the office's own sources as a pack."""
    text = packs.write(tr("本办信源"), queries.sources(db.session()))
    headers = {"Content-Disposition": 'attachment; filename="sources.yaml"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


def _index(form: PackForm, status: int) -> ResponseReturnValue:
    shown = [(key, pack) for key in packs.SHIPPED if (pack := packs.shipped(key))]
    return render_template("news/packs.html", form=form, packs=shown), status


def _preview(pack: Pack, content: str, status: int, form: PackForm | None = None) -> ResponseReturnValue:
    rows = taking_packs.standing(db.session(), pack)
    fresh = sum(state == "new" for _entry, state in rows)
    page = render_template(
        "news/pack.html", pack=pack, rows=rows, fresh=fresh, content=content, form=form or PackForm(formdata=None)
    )
    return page, status
