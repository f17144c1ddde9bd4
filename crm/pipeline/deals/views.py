"""Pages of a project's agreements: reporting one, what it binds to, deposits, scans; intentions that grow old."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.core.filestore import Upload
from crm.pipeline import decisions, limits, queries, record, sections
from crm.pipeline.deals import covenants, setting
from crm.pipeline.deals import queries as deals
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.forms import AgreementForm, PaymentForm, PromiseForm, ScanForm, SettleForm
from crm.pipeline.deals.rules import CURRENCY_LABELS, OBLIGATION_LABELS, SIDE_LABELS, Payment
from crm.pipeline.forms import member
from crm.pipeline.words import AGREEMENT_LABELS, AREA_LABELS, AgreementKind
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import FileStorage

    from config import Settings
    from crm.pipeline.models import Project

bp = Blueprint("deals", __name__, url_prefix="/projects")
P = Permission
LABELS = {
    "area": AREA_LABELS,
    "kind": AGREEMENT_LABELS,
    "currency": CURRENCY_LABELS,
    "side": SIDE_LABELS,
    "obligation": OBLIGATION_LABELS,
}
NO_SCAN = Problem("scan.none", "请先选择文件。", "scan")


@bp.get("/intents")
@requires(P.PROJECT_READ)
def ageing() -> ResponseReturnValue:
    """List intentions and framework agreements that have gone without a contract for too long."""
    months = setting.current(db.session()).ageing_months
    found = deals.ageing(db.session(), current_actor(), months, timing.today())
    return render_template("pipeline/deals/ageing.html", found=found, months=months, labels=LABELS)


@bp.get("/<int:project_id>/agreements")
@requires(P.PROJECT_READ)
def index(project_id: int) -> ResponseReturnValue:
    """List a project's agreements by kind; only contracts add up to what is signed."""
    session, actor = db.session(), current_actor()
    project = queries.get(session, actor, project_id)
    filed = record.all_filed(session, project.id)
    months = setting.current(session).ageing_months
    return render_template(
        "pipeline/deals/index.html",
        project=project,
        tabs=sections.tabs(actor, project, "deals.index"),
        filed=filed,
        signed=sum((row.agreement.amount for row in filed if row.agreement.kind == "contract"), start=Decimal(0)),
        standings=deals.standings(session, project.id, timing.today()),
        aged=deals.aged_ids((entry.agreement for entry in filed), months, timing.today()),
        months=months,
        labels=LABELS,
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id) and project.exit_kind is None,
    )


@bp.route("/<int:project_id>/agreements/new", methods=["GET", "POST"])
@requires(P.PROJECT_WRITE)
def new(project_id: int) -> ResponseReturnValue:
    """Report an agreement (上报) with its scan."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    wanted = member(AgreementKind, request.args.get("kind")) or AgreementKind.CONTRACT
    form = AgreementForm(kind=str(wanted)).offer(setting.current(session).currencies)
    page = {"project": project, "form": form, "megabytes": (request.max_content_length or 0) // 1024 // 1024}
    if request.method == "GET":
        return render_template("pipeline/agreement.html", **page)
    if not form.validate():
        return render_template("pipeline/agreement.html", **page), limits.REFUSED
    try:
        decisions.add_agreement(
            session,
            actor,
            project_id,
            form.draft(),
            now=timing.now(),
            today=timing.today(),
            scan=_upload(form.scan.data),
            folder=_settings().files_dir,
        )
    except DomainError as error:
        form.refuse(error.problems)
        return render_template("pipeline/agreement.html", **page), error.status
    flash(tr("协议已上报，等待认定"), "ok")
    return redirect(url_for("pipeline.show", project_id=project_id), 303)


@bp.get("/<int:project_id>/agreements/<int:agreement_id>")
@requires(P.PROJECT_READ)
def show(project_id: int, agreement_id: int) -> ResponseReturnValue:
    """Show an agreement: money, obligations, deposit and scans."""
    return _page(queries.get(db.session(), current_actor(), project_id), agreement_id)


@bp.post("/<int:project_id>/agreements/<int:agreement_id>/obligations")
@requires(P.PROJECT_WRITE)
def promise(project_id: int, agreement_id: int) -> ResponseReturnValue:
    """Add an obligation."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = PromiseForm().offer()
    if not form.validate():
        return _page(project, agreement_id, promise=form), limits.REFUSED
    try:
        covenants.add_promise(session, actor, project_id, agreement_id, form.promise(), now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _page(project, agreement_id, promise=form), error.status
    flash(tr("已添加义务"), "ok")
    return _back(project_id, agreement_id)


@bp.post("/<int:project_id>/agreements/<int:agreement_id>/obligations/<int:obligation_id>")
@requires(P.PROJECT_WRITE)
def settle(project_id: int, agreement_id: int, obligation_id: int) -> ResponseReturnValue:
    """Write down that an obligation was kept or broken."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = SettleForm().offer()
    if not form.validate():
        return _page(project, agreement_id, settled=(obligation_id, form)), limits.REFUSED
    try:
        evidence = text(form.evidence)
        kind = member(Duty, text(form.kind))
        covenants.settle(
            session, actor, project_id, obligation_id, form.settled(), evidence=evidence, now=timing.now(), kind=kind
        )
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _page(project, agreement_id, settled=(obligation_id, form)), error.status
    flash(tr("已登记履行结果"), "ok")
    return _back(project_id, agreement_id)


@bp.post("/<int:project_id>/agreements/<int:agreement_id>/deposits/<int:deposit_id>")
@requires(P.PROJECT_WRITE)
def pay(project_id: int, agreement_id: int, deposit_id: int) -> ResponseReturnValue:
    """Write down that an instalment of the deposit arrived."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = PaymentForm()
    if not form.validate():
        return _page(project, agreement_id, paid=(deposit_id, form)), limits.REFUSED
    payment = Payment(form.paid_on.data, text(form.voucher))
    try:
        covenants.pay(session, actor, project_id, deposit_id, payment, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _page(project, agreement_id, paid=(deposit_id, form)), error.status
    flash(tr("保证金到账已登记"), "ok")
    return _back(project_id, agreement_id)


@bp.post("/<int:project_id>/agreements/<int:agreement_id>/scans")
@requires(P.PROJECT_WRITE)
def scan(project_id: int, agreement_id: int) -> ResponseReturnValue:
    """Add a scan."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_WRITE)
    form = ScanForm()
    upload = _upload(form.scan.data)
    if upload is None:
        return _page(project, agreement_id, problem=say(NO_SCAN)), limits.REFUSED
    try:
        covenants.add_scan(session, actor, project_id, agreement_id, upload, _settings().files_dir, now=timing.now())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        return _page(project, agreement_id, problem=say(error.problems[0])), error.status
    flash(tr("已添加扫描件"), "ok")
    return _back(project_id, agreement_id)


def _page(project: Project, agreement_id: int, **shown: object) -> str:
    session, actor = db.session(), current_actor()
    entry = record.filed(session, project.id, agreement_id)
    found = deals.obligations(session, agreement_id)
    months = setting.current(session).ageing_months
    return render_template(
        "pipeline/deals/show.html",
        project=project,
        tabs=sections.tabs(actor, project, "deals.index"),
        entry=entry,
        agreement=entry.agreement,
        obligations=found,
        deposits=deals.deposits(session, agreement_id),
        twins=deals.twins(session, actor, agreement_id),
        aged=agreement_id in deals.aged_ids([entry.agreement], months, timing.today()),
        months=months,
        labels=LABELS,
        today=timing.today(),
        may_write=actor.reaches(P.PROJECT_WRITE, project.unit_id),
        may_recognize=actor.reaches(P.AGREEMENT_RECOGNIZE, project.unit_id),
        blank={
            "promise": PromiseForm(formdata=None).offer(),
            "settle": SettleForm(formdata=None).offer(),
            "pay": PaymentForm(formdata=None),
        },
        **shown,
    )


def _upload(given: FileStorage | None) -> Upload | None:
    """Return the uploaded file, None when no file was chosen."""
    if given is None or not given.filename:
        return None
    return Upload(given.filename, given.read())


def _settings() -> Settings:
    return cast("Settings", current_app.config["SETTINGS"])


def _back(project_id: int, agreement_id: int) -> ResponseReturnValue:
    return redirect(url_for("deals.show", project_id=project_id, agreement_id=agreement_id), 303)
