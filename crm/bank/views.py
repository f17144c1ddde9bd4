"""Pages of planned projects: the list with the year's progress, one project, writing it, moving it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.bank import queries, rules, services
from crm.bank.forms import BankForm, SettingsForm, StepForm, settings_values, values_of
from crm.bank.queries import Wanted
from crm.bank.rules import BankState
from crm.bank.services import Ending
from crm.core.errors import DomainError, ForbiddenError
from crm.enterprises import queries as register
from crm.land.keeping import kept_units
from crm.pipeline.attempts import attempt
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import asked, number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.bank.models import BankProject

bp = Blueprint("bank", __name__)
P = Permission
FIRST_YEAR, LAST_YEAR = 2000, 2100


@bp.get("/bank")
@requires(P.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """List planned projects, and how the year stands against its target."""
    session, actor, get = db.session(), current_actor(), request.args.get
    year = number_or_none(get("year", ""))
    wanted = Wanted(
        text=get("q", "").strip()[:80],
        state=next((state for state in BankState if state == get("state")), None),
        chain_id=number_or_none(get("chain", "")),
        year=year if year is not None and FIRST_YEAR <= year <= LAST_YEAR else None,
    )
    return render_template(
        "bank/index.html",
        page=queries.listing(session, actor, wanted, cursor=get("cursor")),
        wanted=wanted,
        args=asked("cursor"),
        progress=queries.progress(session, wanted.year or timing.today().year, timing.today()),
        states=queries.by_state(session, actor),
        chains=queries.chains_to_choose(session),
        may_add=bool(kept_units()),
        may_govern=queries.may_govern(actor),
        rules=rules,
    )


@bp.get("/bank/<int:project_id>")
@requires(P.RESOURCE_READ)
def show(project_id: int) -> ResponseReturnValue:
    """Show a planned project, its steps, and what may be done with it."""
    row = queries.get(db.session(), current_actor(), project_id)
    return _page(row, StepForm(formdata=None), ())


def _page(row: BankProject, form: StepForm, refused: tuple[str, ...]) -> str:
    session, actor = db.session(), current_actor()
    return render_template(
        "bank/show.html",
        row=row,
        node=queries.node_name(session, row.node_id),
        carriers=queries.carriers_of(session, [row.id]).get(row.id, []),
        unit=people.unit_names(session, [row.unit_id]).get(row.unit_id, ""),
        steps=queries.steps(session, row.id),
        partner=queries.partner(session, actor, row),
        may=queries.may_manage(actor, row.unit_id),
        own=row.state is BankState.DRAFT and actor.user_id in queries.authors(session, row),
        form=form,
        refused=refused,
        rules=rules,
    )


@bp.post("/bank/<int:project_id>/move")
@requires(P.RESOURCE_MANAGE)
def move(project_id: int) -> ResponseReturnValue:
    """Take a planned project to another state."""
    session, actor, form = db.session(), current_actor(), StepForm()
    row = queries.get(session, actor, project_id)
    to = next((state for state in BankState if state == text(form.to)), row.state)
    firm, project, seen = (number_or_none(text(field)) for field in (form.enterprise, form.project, form.seen))
    ending = Ending(text(form.reason), firm, project, seen)

    def act() -> None:
        services.move(session, actor, project_id, to, ending, now=timing.now(), today=timing.today())

    status = attempt(form, act)
    if status is not None:
        said = (*form.form_errors, *(error for field in form for error in field.errors))
        return _page(row, form, tuple(str(one) for one in said)), status
    flash(tr("已办理：%(state)s", state=tr(rules.STATE_LABELS[to])), "ok")
    return redirect(url_for("bank.show", project_id=project_id), 303)


@bp.get("/bank/<int:project_id>/match")
@requires(P.RESOURCE_MANAGE)
def match(project_id: int) -> ResponseReturnValue:
    """Choose with whom a published project was matched: an enterprise, or one of its projects under way."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, project_id)
    if not queries.may_manage(actor, row.unit_id):
        raise ForbiddenError(services.FORBIDDEN)
    if BankState.MATCHED not in rules.STEPS[row.state]:
        raise DomainError(rules.NO_STEP)
    q = request.args.get("q", "").strip()[:80]
    firms = register.suggest(session, q) if q else []
    return render_template(
        "bank/match.html",
        row=row,
        q=q,
        firms=firms,
        projects=queries.under_way(session, actor, [firm.id for firm in firms]),
        form=StepForm(formdata=None),
    )


@bp.route("/bank/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def new() -> ResponseReturnValue:
    """Begin a planned project."""
    node = number_or_none(request.args.get("node", ""))
    return _save(_offered(BankForm(data={"node_id": str(node or "")})), None)


@bp.route("/bank/<int:project_id>/edit", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def edit(project_id: int) -> ResponseReturnValue:
    """Change a draft."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, project_id)
    if not queries.may_manage(actor, row.unit_id):
        raise ForbiddenError(services.FORBIDDEN)
    if row.state is not BankState.DRAFT:
        raise DomainError(services.CLOSED)
    chosen = [place.id for place in queries.carriers_of(session, [row.id]).get(row.id, [])]
    return _save(_offered(BankForm(data=values_of(row, chosen))), row)


def _offered(form: BankForm) -> BankForm:
    session = db.session()
    return form.offer(kept_units(), queries.nodes_to_choose(session), queries.carriers_to_choose(session))


def _save(form: BankForm, row: BankProject | None) -> ResponseReturnValue:
    session, actor, now = db.session(), current_actor(), timing.now()
    page: dict[str, Any] = {"form": form, "row": row}
    if request.method == "GET":
        return render_template("bank/edit.html", **page)
    kept: list[int] = []

    def act() -> None:
        seen = number_or_none(text(form.seen))
        if row is None:
            saved = services.add(session, actor, form.draft(), now=now)
        else:
            saved = services.change(session, actor, row.id, form.draft(), seen=seen, now=now)
        kept.append(saved.id)

    status = attempt(form, act)
    if status is not None:
        return render_template("bank/edit.html", **page), status
    flash(tr("已保存，请同事评审后发布"), "ok")
    return redirect(url_for("bank.show", project_id=kept[0]), 303)


@bp.route("/bank/settings", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def settings() -> ResponseReturnValue:
    """Set the yearly target and the address for outsiders."""
    session, actor = db.session(), current_actor()
    governs = queries.may_govern(actor)
    form = SettingsForm(data=settings_values(queries.settings(session)))
    if request.method == "GET":
        return render_template("bank/settings.html", form=form, governs=governs)
    if not governs:
        raise ForbiddenError(services.GOVERN)

    def act() -> None:
        services.set_goal(session, actor, form.count.data, form.wan(), text(form.contact), now=timing.now())

    status = attempt(form, act)
    if status is not None:
        return render_template("bank/settings.html", form=form, governs=governs), status
    flash(tr("已保存"), "ok")
    return redirect(url_for("bank.index"), 303)
