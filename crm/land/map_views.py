"""The map of carriers with the table of the same carriers, and the files of outlines drawn on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.land import mapping
from crm.land.carrier_views import wanted
from crm.pipeline.attempts import attempt
from crm.pipeline.papers import upload
from crm.resources.carriers import queries as carriers
from crm.resources.carriers import rules as carrying
from crm.resources.sheets import queries, rules, services
from crm.web import db, security, timing
from crm.web.access import requires
from crm.web.forms import Form
from crm.web.i18n import say, tr
from crm.web.inputs import asked

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from config import Settings

bp = Blueprint("carrier_map", __name__)
P = Permission


class SheetForm(Form):
    """A file of outlines."""

    file = FileField(_("轮廓文件（GeoJSON）"))


@bp.get("/carriers/map")
@requires(P.RESOURCE_READ)
def show() -> ResponseReturnValue:
    """Draw the carriers the filters of the list leave, with the same in a table."""
    session, today = db.session(), timing.today()
    narrowed, day = wanted()
    rows = carriers.chosen(session, narrowed, day, most=mapping.DRAWN + 1)
    more, rows = len(rows) > mapping.DRAWN, rows[: mapping.DRAWN]
    drawn = mapping.drawn(rows, None if day == today else day)
    settings = cast("Settings", current_app.config["SETTINGS"])
    base = queries.base(session)
    page = render_template(
        "land/carriers/map.html",
        rows=rows,
        more=more,
        picture=drawn,
        data={"features": drawn.features, "base": base, "tiles": settings.map_tiles},
        credit=settings.map_credit,
        wanted=narrowed,
        day=day,
        today=today,
        args=asked("cursor"),
        units={unit.id: unit.name for unit in people.units(session, today)},
        parks=carriers.parks(session),
        may_bring=current_actor().may(P.RESOURCE_MANAGE),
        state_of=mapping.state_of,
        most=mapping.DRAWN,
        rules=carrying,
    )
    return security.with_images(make_response(page), settings.map_tiles)


@bp.route("/carriers/map/outlines", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def outlines() -> ResponseReturnValue:
    """List the files put to use; a POST brings one, to be looked at first."""
    session, actor, form = db.session(), current_actor(), SheetForm()
    status: int | None = None
    kept: list[int] = []
    if request.method == "POST":

        def act() -> None:
            file = upload(form.file.data)
            name, content = (file.name, file.data) if file is not None else ("", b"")
            kept.append(services.bring(session, actor, name, content, now=timing.now()).id)

        status = attempt(form, act)
        if status is None:
            return redirect(url_for("carrier_map.outline", sheet_id=kept[0]), 303)
    page = render_template(
        "land/carriers/outlines.html",
        form=form,
        page=queries.listing(session, actor, cursor=request.args.get("cursor")),
        last=queries.last(session),
        whole=queries.keeps_all(actor),
        rules=rules,
    )
    return page, status or 200


@bp.get("/carriers/map/outlines/<int:sheet_id>")
@requires(P.RESOURCE_MANAGE)
def outline(sheet_id: int) -> ResponseReturnValue:
    """Show which feature of a file is which carrier, before it is put to use and after."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, sheet_id)
    found = queries.matches(session, actor, row) if row.applied_at is None else []
    return render_template(
        "land/carriers/outline.html",
        row=row,
        found=found,
        usable=[one for one in found if one.fate in {rules.Fate.NEW, rules.Fate.REPLACE, rules.Fate.BASE}],
        last=queries.last(session),
        rules=rules,
    )


@bp.post("/carriers/map/outlines/<int:sheet_id>/<any(apply, undo):how>")
@requires(P.RESOURCE_MANAGE)
def change(sheet_id: int, how: str) -> ResponseReturnValue:
    """Put a file to use, or take the last one back."""
    session, actor = db.session(), current_actor()
    try:
        if how == "apply":
            services.apply(session, actor, sheet_id, now=timing.now())
        else:
            services.undo(session, actor, sheet_id, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash("；".join(say(problem) for problem in error.problems), "error")
        return redirect(url_for("carrier_map.outline", sheet_id=sheet_id), 303)
    if how == "apply":
        undo = url_for("carrier_map.change", sheet_id=sheet_id, how="undo")
        flash({"text": tr("轮廓已画到地图上"), "undo": undo}, "ok")  # type: ignore[arg-type]  # a toast with undo
        return redirect(url_for("carrier_map.show"), 303)
    flash(tr("已撤销，载体恢复原来的轮廓"), "ok")
    return redirect(url_for("carrier_map.outlines"), 303)
