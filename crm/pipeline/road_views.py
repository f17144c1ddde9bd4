"""Pages of a project's road: moving, leaving, coming back, agreements and their scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.pipeline import board, decisions, limits, queries, record, rules, services
from crm.pipeline.counting.views import recognition_page
from crm.pipeline.exits import queries as ways_out
from crm.pipeline.exits import services as exits
from crm.pipeline.facts import facts_of
from crm.pipeline.forms import ExitForm, RecognitionForm, filter_labels, member
from crm.pipeline.mending.forms import offer
from crm.pipeline.moves import NO_NOTE, HandOver
from crm.pipeline.rules import Stage
from crm.pipeline.views import clock, is_fragment
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.pipeline.mending.forms import MendForm
    from crm.pipeline.models import Project

bp = Blueprint("road", __name__, url_prefix="/projects")
P = Permission
UNKNOWN = Problem("stage.unknown", "没有这个阶段，请从页面上的按钮进入。")
FILE_ABSENT = Problem("file.absent", "没有这个文件。")


def target_of(project: Project, wanted: str | None) -> Stage:
    """Read a stage; the group after signing means the next stage after signing."""
    if wanted == board.AFTER:
        following = rules.next_stage(project.stage)
        wanted = following if following and board.lane_of(following) == board.AFTER else str(Stage.REGISTERED)
    stage = member(Stage, wanted)
    if stage is None:
        raise DomainError(UNKNOWN)
    return stage


@bp.get("/<int:project_id>/move")
@requires(P.PROJECT_MOVE)
def gate(project_id: int) -> ResponseReturnValue:
    """Show what the gate of a stage demands, and the form for what can be typed."""
    project = queries.get_for(db.session(), current_actor(), project_id, P.PROJECT_MOVE)
    return show_gate(project, target_of(project, request.args.get("stage")), ())


@bp.post("/<int:project_id>/move")
@requires(P.PROJECT_MOVE)
def move(project_id: int) -> ResponseReturnValue:
    """Move a project; a refusal lists what is missing and where to supply it."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.PROJECT_MOVE)
    target = target_of(project, request.form.get("stage"))
    version = request.form.get("version", 0, type=int)
    reason = request.form.get("reason", "")[:20_000]
    note = HandOver(request.form.get("takes_over", "")[:200], request.form.get("promised", "")[:20_000])
    try:
        services.move(session, actor, project_id, target, reason=reason, version=version, now=timing.now(), note=note)
    except DomainError as error:
        if error.status != limits.REFUSED:
            raise
        return show_gate(project, target, error.problems, reason, note=note), limits.REFUSED
    return moved(project_id, target)


def moved(project_id: int, target: Stage) -> ResponseReturnValue:
    """Answer a move: the board gets the card anew, a plain form the page it came from."""
    if is_fragment():
        row = board.card(db.session(), current_actor(), project_id, clock())
        return render_template("pipeline/_moved.html", row=row, labels=filter_labels())
    words = tr("已到“%(stage)s”阶段", stage=tr(rules.STAGE_LABELS[target]))
    undo = {"href": url_for("exits.show", project_id=project_id), "label": tr("点错了？撤销")}
    flash({"text": words, **undo}, "ok")  # type: ignore[arg-type]  # the toast macro takes text with a link
    if request.form.get("back") == "board":
        return redirect(url_for("pipeline.index"), 303)
    return _to_record(project_id)


def show_gate(
    project: Project,
    target: Stage,
    problems: Sequence[Problem],
    reason: str = "",
    *,
    note: HandOver = NO_NOTE,
    mend: MendForm | None = None,
) -> str:
    """Render a gate: its checklist, and the form for what can be typed."""
    session, actor = db.session(), current_actor()
    facts = facts_of(session, project, evidence=reason, now=timing.now())
    may_return = queries.may_return(actor, project.unit_id)
    steps = rules.ORDER.index(target) - rules.ORDER.index(project.stage)
    checks = rules.checklist(facts, target) if steps == 1 or (steps > 1 and may_return) else ()
    missing = {demand.key for demand, met in checks if not met}
    if request.method == "GET" and ((steps > 1 and not may_return) or steps < 0):
        problems = [one for one in rules.move_problems(facts, target, may_return=may_return) if one.field is None]
    blocked = steps < 0 and any(problem.field is None for problem in problems)
    back = request.form.get("back") or ("board" if is_fragment() else "")
    return render_template(
        "pipeline/_gate.html" if is_fragment() else "pipeline/gate.html",
        project=project,
        target=target,
        rules=rules,
        facts=facts,
        checks=checks,
        # What the checklist shows is not said twice.
        problems=[say(problem) for problem in problems if not problem.key.startswith("gate.") and not problem.field],
        refused=[say(problem) for problem in problems if problem.field == "reason" and "reason" in request.form],
        handover=[say(problem) for problem in problems if problem.field in {"takes_over", "promised"}],
        asks=_asks(steps, missing, may_return=may_return),
        reason=reason,
        note=note,
        mend=mend or offer(actor, project, target, missing, back=back),
        unreported=queries.unreported_inspection(session, project.id) if "inspection_report" in missing else None,
        may={permission: actor.reaches(permission, project.unit_id) for permission in Permission},
        may_return=may_return and not blocked,
        back=back,
    )


def _asks(steps: int, missing: set[str], *, may_return: bool) -> str:
    """What the form of a gate asks for: nothing while something else is missing."""
    if steps < 0:
        return "back"
    if steps > 1:
        return "skip" if may_return and missing <= {"evidence"} else ""
    return "evidence" if steps == 1 and missing <= {"evidence"} else ""


@bp.route("/<int:project_id>/exit", methods=["GET", "POST"])
@requires(P.PROJECT_MOVE)
def leave(project_id: int) -> ResponseReturnValue:
    """Take a project off the road."""
    project = queries.get_for(db.session(), current_actor(), project_id, P.PROJECT_MOVE)
    form = ExitForm(version=project.version).offer(
        ways_out.mergeable(db.session(), current_actor(), project),
        ways_out.other_units(db.session(), project, timing.today()),
    )
    facts = facts_of(db.session(), project, now=timing.now())
    page = {"project": project, "form": form, "bound": facts.bound, "agreed": rules.SIGNED_EXIT.passes(facts)}
    if request.method == "GET":
        return render_template("pipeline/exit.html", **page)
    if not form.validate():
        return render_template("pipeline/exit.html", **page), limits.REFUSED
    try:
        exits.leave(
            db.session(),
            current_actor(),
            project_id,
            form.leaving(),
            version=form.version.data or 0,
            now=timing.now(),
            today=timing.today(),
        )
    except DomainError as error:
        form.refuse(error.problems)
        return render_template("pipeline/exit.html", **page), error.status
    words = tr("“%(name)s”已退出：%(kind)s", name=project.name, kind=tr(rules.EXIT_LABELS[form.leaving().kind]))
    flash(words, "ok")  # coming back is one button on the page, which carries the renewed version
    return _to_record(project_id)


@bp.post("/<int:project_id>/restore")
@requires(P.PROJECT_MOVE)
def restore(project_id: int) -> ResponseReturnValue:
    """Put a project that left back on the road."""
    version = request.form.get("version", 0, type=int)
    exits.restore(db.session(), current_actor(), project_id, version=version, now=timing.now())
    flash(tr("项目已恢复"), "ok")
    return _to_record(project_id)


@bp.route("/<int:project_id>/agreements/<int:agreement_id>/recognize", methods=["GET", "POST"])
@requires(P.AGREEMENT_RECOGNIZE)
def recognize(project_id: int, agreement_id: int) -> ResponseReturnValue:
    """Recognise a reported contract (认定)."""
    session, actor = db.session(), current_actor()
    project = queries.get_for(session, actor, project_id, P.AGREEMENT_RECOGNIZE)
    if request.method == "GET":
        return recognition_page(project, agreement_id)
    form = RecognitionForm()
    if not form.validate():
        return recognition_page(project, agreement_id, form), limits.REFUSED
    amount, reason = form.amount.data, text(form.reason)
    try:
        decisions.recognize_agreement(
            session, actor, project_id, agreement_id, amount=amount, reason=reason, now=timing.now()
        )
    except (ForbiddenError, ConflictError):
        raise
    except DomainError as error:
        form.refuse(error.problems)
        return recognition_page(project, agreement_id, form), error.status
    flash(tr("已认定"), "ok")
    return _to_record(project_id)


@bp.get("/<int:project_id>/agreements/<int:agreement_id>/files/<int:file_id>")
@requires(P.PROJECT_READ)
def download(project_id: int, agreement_id: int, file_id: int) -> Response:
    """Send a scan under its sender's name; never shown inside our pages."""
    session = db.session()
    project = queries.get(session, current_actor(), project_id)
    agreement = queries.get_agreement(session, project.id, agreement_id)
    row = record.scan(session, agreement.id, file_id)
    path = filestore.path_of(_settings().files_dir, row.sha256) if row else None
    if row is None or path is None or not path.is_file():
        raise NotFoundError(FILE_ABSENT)
    return send_file(path, filestore.mime(row.content_type), as_attachment=True, download_name=row.name)


def _settings() -> Settings:
    return cast("Settings", current_app.config["SETTINGS"])


def _to_record(project_id: int) -> ResponseReturnValue:
    return redirect(url_for("pipeline.show", project_id=project_id), 303)
