"""The page that logs a touch: one short form, phone first, usable without JavaScript."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import bindparam, select

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.services import one_at_a_time
from crm.auth.views import local_path
from crm.core.errors import DomainError, Problem
from crm.enterprises import queries as register
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import EnterpriseDraft
from crm.enterprises.services import DuplicateError, create_enterprise
from crm.fieldwork import overlap, queries
from crm.fieldwork.rules import TOUCH_LABELS, TouchKind, writing_units
from crm.home import fields, newcomers, visit_photos
from crm.home.forms import MORE, NEW_ENTERPRISE, TouchForm, WholeTouchForm
from crm.pipeline import touches
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import locale, say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Select

    from crm.fieldwork.models import Touch

bp = Blueprint("visit_form", __name__)
REFUSED = 422
NOTHING = Problem("touch.enterprise", "请选择企业；库里没有的，可以直接新建。", "enterprise_id")
NAMELESS = Problem("enterprise.name", "请先写企业名称，再新建。", "q")
KNOWN = Problem(
    "enterprise.known", "企业库里已有“%(name)s”，请直接选它；确是另一家时，勾选“确认不是同一家”。", "enterprise_id"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One enterprise on offer."""

    id: int
    name: str
    note: str = ""


@bp.get("/visits/new")
@requires(Permission.TOUCH_WRITE)
def new() -> ResponseReturnValue:
    """Show the form, filled in with what the address names (enterprise, project, kind)."""
    kind = request.args.get("kind", "")
    project_id = request.args.get("project", type=int)
    enterprise_id = request.args.get("enterprise", type=int)
    if project_id is not None and enterprise_id is None:
        enterprise_id = touches.enterprise_of(db.session(), current_actor(), project_id)
    whole = project_id is not None or kind == TouchKind.INSPECTION.value
    form = (WholeTouchForm if whole else TouchForm)(
        formdata=None,
        client_id=secrets.token_hex(16),
        next=_way_back(project_id),
        kind=kind if kind in TOUCH_LABELS else TouchKind.VISIT.value,
        enterprise_id=str(enterprise_id or ""),
        project=str(project_id or ""),
        q=request.args.get("q", ""),
        occurred_at=timing.now(),
    )
    _offer(form)
    return _page(form, blank=_blank(form.whole, locale()))


@bp.post("/visits/new")
@requires(Permission.TOUCH_WRITE)
def save() -> ResponseReturnValue:
    """Save the touch once, however often the button is tapped; a refusal keeps every word."""
    form = sent()
    if "find" in request.form:
        _offer(form)
        return _page(form)
    problems: Sequence[Problem] = ()
    if form.validate():
        try:
            touch = record(form)
            visit_photos.attach(touch, request.files.getlist("photos"))
            return _saved(form, touch)
        except DomainError as error:
            if error.status != REFUSED:
                raise
            problems = error.problems
    db.session().rollback()  # of a refused touch nothing is kept, not even the enterprise typed for it
    before = queries.logged(db.session(), current_actor(), text(form.client_id))
    if before is not None:
        return _saved(form, before)
    _offer(form)
    form.refuse(problems)
    return _page(form), REFUSED


@bp.get("/visits/pick")
@requires(Permission.TOUCH_WRITE)
def pick() -> ResponseReturnValue:
    """Offer enterprises while somebody types; without htmx it is the form itself."""
    query = request.args.get("q", "").strip()
    if "HX-Request" not in request.headers:
        return redirect(url_for("visit_form.new", q=query))
    picks = _found(query) if query else _recent()
    return render_template("home/_picks.html", picks=picks, q=query, chosen="", recent=not query)


@bp.get("/visits/about/<int:enterprise_id>")
@requires(Permission.TOUCH_WRITE)
def about(enterprise_id: int) -> ResponseReturnValue:
    """Offer what is known of an enterprise: its contacts and, when 更多 is there, its open projects."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("visit_form.new", enterprise=enterprise_id))
    form = (WholeTouchForm if "project" in request.args else TouchForm)(formdata=None, enterprise_id=str(enterprise_id))
    _offer(form)
    return render_template("home/_about.html", form=form, swapped=True)


@bp.get("/visits/more")
@requires(Permission.TOUCH_WRITE)
def more() -> ResponseReturnValue:
    """Offer the fields behind 更多 when somebody opens it; most touches never need them."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("visit_form.new"))
    form = WholeTouchForm(formdata=None, enterprise_id=request.args.get("enterprise_id", ""))
    _offer(form)
    return render_template("home/_more.html", form=form)


def sent() -> TouchForm:
    """Read the form as it was sent, with the fields behind 更多 when it has them."""
    wants_more = request.form.get("find") == "more" or not MORE.isdisjoint(request.form)
    return (WholeTouchForm if wants_more else TouchForm)().label()


def _page(form: TouchForm, *, blank: TouchForm | None = None) -> str:
    """Draw the form; of one nobody has typed into, most is drawn from a blank one and kept."""
    found = _found(text(form.q))
    return render_template(
        "home/visit_form.html",
        form=form,
        blank=blank,
        picks=found or _familiar(form),
        recent=not found,
        chosen=text(form.enterprise_id),
        q=text(form.q),
        latest=fields.local_minutes(timing.now()),
        today=timing.today().isoformat(),
        way_out=_way_out(form),
    )


@cache
def _blank(whole: bool, _language: str) -> TouchForm:  # noqa: FBT001 (a key of the cache)
    return (WholeTouchForm if whole else TouchForm)(formdata=None, meta={"csrf": False}).label()


def _offer(form: TouchForm) -> None:
    session, actor = db.session(), current_actor()
    enterprise_id = number_or_none(text(form.enterprise_id))
    form.label().offer_contacts(register.acquaintances(session, actor, enterprise_id) if enterprise_id else [])
    if isinstance(form, WholeTouchForm):
        units = [(unit_id, actor.unit_names[unit_id]) for unit_id in writing_units(actor)]
        form.offer_more(units, touches.choices(session, actor, enterprise_id) if enterprise_id else [])


def _found(query: str) -> list[Choice]:
    found = register.suggest(db.session(), query) if query else []
    return [Choice(row.id, row.name, "、".join(filter(None, (*_places(row), row.region)))) for row in found]


def _places(row: register.EnterpriseOption) -> list[str]:
    return [place.name for place in row.places[:2]]


def _familiar(form: TouchForm) -> list[Choice]:
    """The chosen enterprise first, then those this person touched last."""
    rows = _recent()
    chosen_id = number_or_none(text(form.enterprise_id))
    if chosen_id and chosen_id not in {row.id for row in rows}:
        chosen = db.session().execute(_named(), {"id": chosen_id}).one_or_none()
        rows = [Choice(chosen.id, chosen.name), *rows] if chosen else rows
    return sorted(rows, key=lambda row: row.id != chosen_id)


def _recent() -> list[Choice]:
    return [Choice(row_id, name) for row_id, name in queries.recent_enterprises(db.session(), current_actor())]


@cache
def _named() -> Select[int, str]:
    return select(Enterprise.id, Enterprise.name).where(Enterprise.id == bindparam("id"))


def record(form: TouchForm) -> Touch:
    """Log what a form holds, whichever way it came.

    Raises DomainError with the problems, each by its field.
    """
    session, actor, now = db.session(), current_actor(), timing.now()
    target, draft = form.target(_enterprise(form)), form.draft()
    newcomer = newcomers.add(session, actor, form, target.enterprise_id, now=now)
    if newcomer is not None:
        draft = replace(draft, contact_ids=(*draft.contact_ids, newcomer))
    touch = touches.log(session, actor, draft, target, now=now, today=timing.today())
    newcomers.stay(touch, newcomer)
    return touch


def _enterprise(form: TouchForm) -> int:
    """Return the chosen enterprise, or add the one that was typed."""
    chosen = text(form.enterprise_id)
    if chosen != NEW_ENTERPRISE:
        number = number_or_none(chosen)
        if number is None:
            raise DomainError(NOTHING)
        return number
    if not text(form.q):
        raise DomainError(NAMELESS)
    one_at_a_time(db.session(), current_actor())
    draft = EnterpriseDraft(name=text(form.q), confirmed=bool(form.confirm_new.data))
    try:
        return create_enterprise(db.session(), current_actor(), draft, now=timing.now()).id
    except DuplicateError as error:
        existing = db.session().get_one(Enterprise, error.existing_id)
        raise DomainError(Problem(KNOWN.key, KNOWN.message, KNOWN.field, {"name": existing.name})) from error


def _saved(form: TouchForm, touch: Touch) -> ResponseReturnValue:
    label = tr(TOUCH_LABELS[touch.kind])
    flash(tr("已记%(kind)s：%(name)s", kind=label, name=touch.enterprise.name), "ok")
    for caution in overlap.cautions(db.session(), touch, now=timing.now()):
        flash(say(caution), "warn")
    return redirect(local_path(text(form.next) or f"/visits/{touch.id}"), 303)


def _way_back(project_id: int | None) -> str:
    """Where to go once saved: where the address says, back to the project, else to what was logged."""
    asked = request.args.get("next")
    if asked:
        return local_path(asked)
    return f"/projects/{project_id}" if project_id is not None else ""


def _way_out(form: TouchForm) -> str:
    """Where to go when nothing is to be logged."""
    chosen = number_or_none(text(form.enterprise_id))
    return text(form.next) or (f"/enterprises/{chosen}" if chosen else "/")
