"""Pages of enterprises: list, record, add, change, names, picker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.enterprises import queries as enterprises
from crm.enterprises import services
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import ALIAS_LABELS, AliasKind
from crm.fieldwork.rules import due_state
from crm.pipeline.rules import STAGE_LABELS
from crm.register import queries, record
from crm.register.forms import AliasForm, EnterpriseForm
from crm.scoring.display import shown_reasons
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("register", __name__)
LONGEST = 100
GRADES = ("A", "B", "C", "D")
TOUCHED = (("recent", "30天内接触过"), ("never", "从未接触"))


def _arg(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:LONGEST]


@bp.get("/enterprises")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show the register, narrowed and sorted by the address."""
    filters = queries.Filters(**{name: _arg(name) for name in queries.Filters.__slots__ if name != "sort"})
    sort = _arg("sort")
    filters = replace(filters, sort=sort if sort in queries.SORTS else "name")
    session = db.session()
    page, lines, total = queries.page(
        session, current_actor(), filters, cursor=request.args.get("cursor"), now=timing.now()
    )
    lists = {one.key: one.name for one in enterprises.lists(session)}
    return render_template(
        "register/index.html",
        filters=filters,
        page=page,
        lines=lines,
        total=total,
        lists=[(key, tr(name)) for key, name in lists.items()],
        industries=[(value, value) for value in enterprises.used(session, Enterprise.industry)],
        regions=[(value, value) for value in enterprises.used(session, Enterprise.region)],
        grades=[(grade, tr("%(grade)s级", grade=grade)) for grade in GRADES],
        touched=[(key, tr(label)) for key, label in TOUCHED],
        chips=_chips(filters, lists),
    )


def _chips(filters: queries.Filters, lists: dict[str, str]) -> list[tuple[str, str]]:
    """The filters in force as words, each with the address without it."""
    words = {
        "q": f"“{filters.q}”",
        "on_list": tr(lists.get(filters.on_list) or filters.on_list) if filters.on_list else "",
        "industry": filters.industry,
        "region": filters.region,
        "grade": tr("%(grade)s级", grade=filters.grade),
        "signal": tr("有动态"),
        "touched": tr(dict(TOUCHED).get(filters.touched) or "接触"),
    }
    return [(word, filters.href(**{name: ""})) for name, word in words.items() if getattr(filters, name)]


@bp.get("/enterprises/pick")
@requires(Permission.ENTERPRISE_READ)
def pick() -> ResponseReturnValue:
    """Offer enterprises to a form, as buttons; without htmx the list itself."""
    query = _arg("q")
    if "HX-Request" not in request.headers:
        return redirect(url_for("register.index", q=query))
    options = enterprises.suggest(db.session(), query) if query else []
    return render_template("register/_pick.html", options=options, q=query)


@bp.get("/enterprises/new")
@requires(Permission.ENTERPRISE_WRITE)
def new() -> ResponseReturnValue:
    """Show the form for a new enterprise."""
    return _form_page(EnterpriseForm(formdata=None, data={"name": _arg("name")}), None, 200)


@bp.post("/enterprises/new")
@requires(Permission.ENTERPRISE_WRITE)
def create() -> ResponseReturnValue:
    """Add an enterprise."""
    form, existing = EnterpriseForm(), None
    if form.validate():
        try:
            row = services.create_enterprise(db.session(), current_actor(), form.draft(), now=timing.now())
        except services.DuplicateError as error:
            form.refuse(error.problems)
            existing = error.existing_id
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已新增“%(name)s”。下一步：添加联系人或记走访。", name=row.name), "ok")
            return redirect(url_for("register.show", enterprise_id=row.id), 303)
    return _form_page(form, None, 422, existing)


@bp.get("/enterprises/<int:enterprise_id>")
@requires(Permission.ENTERPRISE_READ)
def show(enterprise_id: int) -> ResponseReturnValue:
    """Show one enterprise."""
    return _record_page(enterprise_id, AliasForm(formdata=None), 200)


@bp.get("/enterprises/<int:enterprise_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def edit(enterprise_id: int) -> ResponseReturnValue:
    """Show the form of an enterprise."""
    row = enterprises.enterprise(db.session(), enterprise_id)
    return _form_page(EnterpriseForm(formdata=None, obj=row), row, 200)


@bp.post("/enterprises/<int:enterprise_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def update(enterprise_id: int) -> ResponseReturnValue:
    """Save an enterprise unless somebody else changed it since."""
    form, existing, status = EnterpriseForm(), None, 422
    if form.validate():
        version = number_or_none(text(form.version)) or 0
        try:
            services.update_enterprise(
                db.session(), current_actor(), enterprise_id, form.draft(), version, now=timing.now()
            )
        except services.DuplicateError as error:
            form.refuse(error.problems)
            existing = error.existing_id
        except DomainError as error:
            if error.status not in {DomainError.status, ConflictError.status}:
                raise
            form.refuse(error.problems)
            status = error.status
        else:
            flash(tr("已保存。"), "ok")
            return redirect(url_for("register.show", enterprise_id=enterprise_id), 303)
    row = enterprises.enterprise(db.session(), enterprise_id)
    form.version.data = str(row.version)
    return _form_page(form, row, status, existing)


@bp.post("/enterprises/<int:enterprise_id>/aliases")
@requires(Permission.ENTERPRISE_WRITE)
def add_alias(enterprise_id: int) -> ResponseReturnValue:
    """Add another name."""
    form = AliasForm()
    if form.validate():
        try:
            services.add_alias(
                db.session(),
                current_actor(),
                enterprise_id,
                text(form.alias),
                AliasKind(form.kind.data),
                now=timing.now(),
            )
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已添加别名，新闻和搜索会认得它。"), "ok")
            return redirect(url_for("register.show", enterprise_id=enterprise_id), 303)
    return _record_page(enterprise_id, form, 422)


@bp.post("/enterprises/aliases/<int:alias_id>/remove")
@requires(Permission.ENTERPRISE_WRITE)
def remove_alias(alias_id: int) -> ResponseReturnValue:
    """Take a name away."""
    removed = services.remove_alias(db.session(), current_actor(), alias_id, now=timing.now())
    flash(tr("已删除别名“%(name)s”。", name=removed.alias), "ok")
    return redirect(url_for("register.show", enterprise_id=removed.enterprise_id), 303)


def _form_page(
    form: EnterpriseForm, row: Enterprise | None, status: int, existing: int | None = None
) -> ResponseReturnValue:
    return render_template("register/form.html", form=form, row=row, existing=existing), status


def _record_page(enterprise_id: int, alias_form: AliasForm, status: int) -> ResponseReturnValue:
    found = record.read(db.session(), current_actor(), enterprise_id)
    today = timing.today()
    page = render_template(
        "register/record.html",
        record=found,
        ent=found.enterprise,
        reasons=shown_reasons(found.score.reasons) if found.score else [],
        alias_form=alias_form,
        alias_labels=ALIAS_LABELS,
        stages=STAGE_LABELS,
        due={one.id: due_state(one.due_on, today) for one in found.follow_ups},
    )
    return page, status
