"""Pages of complaint cases: the list with its lamps, one case, registering one, who complained, the limits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.aftercare import sections
from crm.aftercare.cases import queries, rules, services, words
from crm.aftercare.cases.forms import CaseForm, CaseStepForm, LimitsForm
from crm.aftercare.cases.queries import CaseFilter
from crm.aftercare.cases.words import CaseKind, CaseStepKind
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError
from crm.core.workdays import knows
from crm.enterprises.queries import enterprise
from crm.enterprises.rules import REVEAL_REASONS, mask_phone
from crm.fieldwork import firm_pick
from crm.pipeline.attempts import attempt
from crm.pipeline.forms import member
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.aftercare.cases.models import ServiceCase

bp = Blueprint("cases", __name__)
bp.add_app_template_global(sections.tabs, "aftercare_tabs")
P = Permission
LABELS = {
    queries.MINE: "等我办的",
    queries.GOING: "在办",
    queries.ACCEPT: "待受理",
    queries.HANDLING: "办理中",
    queries.REPLIED: "待评价",
    queries.ENDED: "已了结",
    queries.ALL: "全部",
}
RATED = {queries.CLOSED: "今年收到已办结的", queries.JUDGED: "今年收到、企业评价过的"}


@bp.get("/cases")
@requires(P.CASE_READ)
def index() -> ResponseReturnValue:
    """List cases: whose turn it is, where they stand, which are late."""
    session, actor, today = db.session(), current_actor(), timing.today()
    asked = request.args.get("view", "")
    wanted = CaseFilter(
        view=asked if asked in queries.VIEWS else queries.ALL,
        kind=member(CaseKind, request.args.get("kind")),
        enterprise_id=request.args.get("enterprise", type=int),
        late=request.args.get("late") == "1",
    )
    page = queries.listing(session, actor, wanted, today, cursor=request.args.get("cursor"))
    return render_template(
        "aftercare/cases/index.html",
        page=page,
        wanted=wanted,
        labels=LABELS,
        rated=RATED,
        sums=queries.sums(session, actor, today, date(today.year, 1, 1)),
        warn=queries.limits(session).warn,
        firm=enterprise(session, wanted.enterprise_id).name if wanted.enterprise_id else "",
        names=_units(),
        today=today,
        rules=rules,
        words=words,
    )


def _units() -> dict[int, str]:
    return {unit.id: unit.name for unit in people.units(db.session(), timing.today())}


@bp.route("/cases/new", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def new() -> ResponseReturnValue:
    """Register a case."""
    session, actor, today = db.session(), current_actor(), timing.today()
    form = CaseForm(received_on=today, channel="phone", enterprise_id=request.args.get("enterprise", "")).offer()
    if request.method == "GET" or request.form.get("find"):
        return _form_page(form, None)
    made: list[ServiceCase] = []

    def act() -> None:
        made.append(services.receive(session, actor, form.draft(), now=timing.now(), today=today))

    status = attempt(form, act)
    if status is not None:
        return _form_page(form, None), status
    flash(tr("已登记，%(day)s前决定是否受理", day=f"{made[0].accept_due:%m-%d}"), "ok")
    return redirect(url_for("cases.show", case_id=made[0].id), 303)


@bp.route("/cases/<int:case_id>/edit", methods=["GET", "POST"])
@requires(P.CASE_WRITE)
def edit(case_id: int) -> ResponseReturnValue:
    """Change what was typed, until somebody decides on it."""
    session, actor = db.session(), current_actor()
    row = queries.get(session, actor, case_id)
    names = ("kind", "title", "body", "topic", "channel", "received_on", "confidential", "enterprise_id", "touch_id")
    form = CaseForm(**{name: getattr(row, name) for name in names}).offer()
    if request.method == "GET":
        return _form_page(form, row)

    def act() -> None:
        services.mend(session, actor, case_id, form.draft(), now=timing.now(), today=timing.today())

    status = attempt(form, act)
    if status is not None:
        return _form_page(form, row), status
    flash(tr("已保存"), "ok")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _form_page(form: CaseForm, row: ServiceCase | None) -> str:
    query, chosen = request.values.get("q", "").strip(), text(form.enterprise_id)
    return render_template(
        "aftercare/cases/form.html",
        form=form,
        row=row,
        picks=[] if row else firm_pick.offered(db.session(), current_actor(), query, chosen),
        q=query,
        chosen=chosen,
    )


@bp.get("/cases/firms")
@requires(P.CASE_WRITE)
def firms() -> ResponseReturnValue:
    """Find firms while a name is typed; a part of a form."""
    query = request.args.get("q", "").strip()
    return render_template("field/_firms.html", picks=firm_pick.found(db.session(), query), q=query, chosen="")


@bp.post("/visits/<int:touch_id>/case")
@requires(P.CASE_WRITE)
def of_visit(touch_id: int) -> ResponseReturnValue:
    """Make what was asked at a visit a case, in one tap."""
    row = services.from_touch(db.session(), current_actor(), touch_id, now=timing.now(), today=timing.today())
    flash(tr("已转为诉求，可以补充内容"), "ok")
    return redirect(url_for("cases.show", case_id=row.id), 303)


@bp.get("/cases/<int:case_id>")
@requires(P.CASE_READ)
def show(case_id: int) -> ResponseReturnValue:
    """Show a case with its steps, and what the person may do next."""
    return _shown(queries.get(db.session(), current_actor(), case_id))


def _shown(row: ServiceCase, typed: CaseStepForm | None = None, seen: bool = False, why: str = "") -> str:  # noqa: FBT001, FBT002 (parts of one page)
    session, actor = db.session(), current_actor()
    names = _units()
    fresh = CaseStepForm(
        formdata=None, lead_id=row.unit_ids[0] if row.units else 0, with_ids=list(row.unit_ids[1:]), due_on=row.due_on
    )
    return render_template(
        "aftercare/cases/show.html",
        row=row,
        steps=queries.steps(session, row.id),
        kinds=rules.steps_for(queries.standing(row), queries.hand(row, actor)),
        fresh=fresh.offer(list(names.items())),
        typed=typed,
        limits=queries.limits(session),
        lamp=rules.lamp(row.state, row.next_due, timing.today(), queries.limits(session).warn),
        names=names,
        may_mend=row.state is words.CaseState.RECEIVED and services.may_mend(row, actor),
        may_reveal=services.may_reveal(row, actor),
        seen=seen,
        why=why,
        reasons=REVEAL_REASONS,
        mask_phone=mask_phone,
        words=words,
        known=row.next_due is None or knows(row.next_due),
    )


@bp.post("/cases/<int:case_id>/steps")
@requires(P.CASE_WRITE, P.CASE_RULE)
def step(case_id: int) -> ResponseReturnValue:
    """Go a step on."""
    session, actor, today = db.session(), current_actor(), timing.today()
    kind = member(CaseStepKind, request.form.get("kind"))
    if kind is None:
        raise NotFoundError(queries.ABSENT)
    form = CaseStepForm().offer(list(_units().items()))

    def act() -> None:
        services.go_on(session, actor, case_id, form.draft(kind), now=timing.now(), today=today)

    status = attempt(form, act)
    if status is not None:
        return _shown(queries.get(session, actor, case_id), form), status
    flash(tr("已登记"), "ok")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/cases/<int:case_id>/reveal")
@requires(P.CASE_WRITE, P.CASE_RULE)
def reveal(case_id: int) -> ResponseReturnValue:
    """Show who complained, for a reason that is on record."""
    session, actor = db.session(), current_actor()
    reason, other = request.form.get("reason", ""), request.form.get("other", "")
    try:
        row = services.reveal(session, actor, case_id, reason=reason, other=other, now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _shown(queries.get(session, actor, case_id), why=say(error.problems[0])), error.status
    return _shown(row, seen=True)


@bp.route("/cases/settings", methods=["GET", "POST"])
@requires(P.CASE_RULE)
def settings() -> ResponseReturnValue:
    """Show the limits and set them."""
    session = db.session()
    form = LimitsForm(obj=queries.limits(session))
    status = None
    if request.method == "POST":

        def act() -> None:
            services.set_limits(session, current_actor(), form.limits(), now=timing.now())

        status = attempt(form, act)
        if status is None:
            flash(tr("已保存，以后收到的诉求按新期限计算"), "ok")
            return redirect(url_for("cases.settings"), 303)
    return render_template("aftercare/cases/settings.html", form=form, labels=rules.LIMIT_LABELS, most=rules.MOST), (
        status or 200
    )
