"""Pages of one contested ticket: both sides, their evidence, ruling, appeal, decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import filestore
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.core.filestore import Upload
from crm.pipeline import limits
from crm.pipeline.claims import disputes, kinds, pages, queries, rules
from crm.pipeline.claims.forms import EvidenceForm, RulingForm
from crm.pipeline.claims.kinds import DisputeState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import FileStorage

    from config import Settings
    from crm.pipeline.claims.queries import Ticket

bp = Blueprint("disputes", __name__, url_prefix="/claims/disputes")
P = Permission
FILE_ABSENT = Problem("file.absent", "没有这个文件。")


@bp.get("/<int:dispute_id>")
@requires(P.PROJECT_READ)
def show(dispute_id: int) -> ResponseReturnValue:
    """Show a dispute."""
    found = queries.ticket(db.session(), current_actor(), dispute_id)
    return _page(found)


@bp.post("/<int:dispute_id>/evidence")
@requires(P.PROJECT_WRITE)
def evidence(dispute_id: int) -> ResponseReturnValue:
    """File what one side says."""
    session, actor = db.session(), current_actor()
    found = queries.ticket(session, actor, dispute_id)
    form = EvidenceForm()
    if not form.validate():
        return _page(found, evidence=form), limits.REFUSED
    try:
        disputes.add_evidence(
            session,
            actor,
            dispute_id,
            form.claim_id.data,
            text(form.body),
            now=timing.now(),
            upload=_upload(form.file.data),
            folder=_settings().files_dir,
        )
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        form.refuse(error.problems)
        return _page(found, evidence=form), limits.REFUSED
    flash(tr("材料已提交，提交后不能修改"), "ok")
    return _back(dispute_id)


@bp.post("/<int:dispute_id>/rule")
@requires(P.CLAIM_RULE)
def rule(dispute_id: int) -> ResponseReturnValue:
    """Rule on a dispute."""
    return _decide(dispute_id, final=False)


@bp.post("/<int:dispute_id>/decide")
@requires(P.CLAIM_DECIDE)
def decide(dispute_id: int) -> ResponseReturnValue:
    """Decide an appeal."""
    return _decide(dispute_id, final=True)


@bp.post("/<int:dispute_id>/appeal")
@requires(P.PROJECT_WRITE)
def appeal(dispute_id: int) -> ResponseReturnValue:
    """Appeal a ruling."""
    session, actor = db.session(), current_actor()
    body, claim_id = request.form.get("body", "")[:20_000], request.form.get("claim_id", 0, type=int)
    try:
        disputes.appeal(session, actor, dispute_id, claim_id, body, now=timing.now(), today=timing.today())
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        found = queries.ticket(session, actor, dispute_id)
        return _page(found, appeal=body, appeal_problem=say(error.problems[0])), limits.REFUSED
    flash(tr("申诉已提交，由领导决定"), "ok")
    return _back(dispute_id)


@bp.post("/<int:dispute_id>/give-in")
@requires(P.PROJECT_WRITE)
def give_in(dispute_id: int) -> ResponseReturnValue:
    """Let the other side have the investor."""
    claim_id = request.form.get("claim_id", 0, type=int)
    args = {"now": timing.now(), "today": timing.today()}
    disputes.give_in(db.session(), current_actor(), dispute_id, claim_id, **args)  # type: ignore[arg-type]  # as named
    flash(tr("争议已了结"), "ok")
    return _back(dispute_id)


@bp.get("/<int:dispute_id>/files/<int:file_id>")
@requires(P.PROJECT_READ)
def download(dispute_id: int, file_id: int) -> Response:
    """Send a file of the evidence under its sender's name."""
    session = db.session()
    found = queries.ticket(session, current_actor(), dispute_id)
    row = pages.file(session, found, file_id)
    path = filestore.path_of(_settings().files_dir, row.sha256) if row else None
    if row is None or path is None or not path.is_file():
        raise NotFoundError(FILE_ABSENT)
    return send_file(path, filestore.mime(row.content_type), as_attachment=True, download_name=row.name)


def _decide(dispute_id: int, *, final: bool) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    found = queries.ticket(session, actor, dispute_id)
    form = RulingForm().offer()
    if not form.validate():
        return _page(found, ruling=form), limits.REFUSED
    outcome, share = form.chosen()
    act = disputes.decide if final else disputes.rule
    version, now, today = form.version.data or 0, timing.now(), timing.today()
    try:
        act(session, actor, dispute_id, outcome, share, text(form.reason), version=version, now=now, today=today)
    except DomainError as error:
        form.refuse(error.problems)
        return _page(found, ruling=form), error.status
    flash(tr("申诉已决定") if final else tr("已裁定，申诉期过后生效"), "ok")
    return _back(dispute_id)


def _page(found: Ticket, **forms: object) -> str:
    session, actor, row = db.session(), current_actor(), found.dispute
    speaks = pages.may_speak_for(actor, found)
    rules_now = row.state is DisputeState.OPEN and actor.may(P.CLAIM_RULE)
    decides_now = row.state is DisputeState.APPEALED and actor.may(P.CLAIM_DECIDE)
    barred = queries.bars(actor, found, ruled_by=row.ruled_by if decides_now else None)
    losers = rules.losing(row.outcome) if row.state is DisputeState.RULED and row.outcome else frozenset()
    sides = {"first": found.first, "second": found.second}
    known = found.known()
    involved = [row.ruled_by, row.decided_by, *(claim.filed_by for claim in known)]
    involved += [row.appealed_by] if not found.hidden or row.appealed_by == actor.user_id else []
    return render_template(
        "pipeline/claims/dispute.html",
        found=found,
        row=row,
        kinds=kinds,
        known=known,
        units=people.unit_names(session, [claim.unit_id for claim in known]),
        names=people.names(session, [one for one in involved if one]),
        projects=queries.project_names(session, actor, [claim.project_id for claim in sides.values()]),
        said=pages.evidence(session, found),
        speaks=speaks,
        losers=[claim for side, claim in sides.items() if side in losers and claim in speaks],
        rules_now=rules_now,
        decides_now=decides_now,
        barred=[say(problem) for problem in barred] if rules_now or decides_now else [],
        **{"evidence": EvidenceForm(), "ruling": _ruling(row.version), "appeal": "", "appeal_problem": "", **forms},
        today=timing.today(),
    )


def _ruling(version: int) -> RulingForm:
    form = RulingForm().offer()
    form.version.data, form.version.raw_data = version, None
    return form


def _back(dispute_id: int) -> ResponseReturnValue:
    return redirect(url_for("disputes.show", dispute_id=dispute_id), 303)


def _upload(sent: FileStorage | None) -> Upload | None:
    return Upload(sent.filename, sent.read()) if sent is not None and sent.filename else None


def _settings() -> Settings:
    return cast("Settings", current_app.config["SETTINGS"])
