"""Pages of issued papers: list, one issue with its figures and rows, draft, number, send out, withdraw, files."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.papers import files, linking, own, pages, rules
from crm.papers.issues import queries, services
from crm.papers.issues.content import generated, unpack
from crm.papers.issues.forms import DraftForm, StepForm, WithdrawForm, WordsForm
from crm.papers.issues.models import IssueState
from crm.papers.printing import Head, print_draft
from crm.papers.refs import unpacked
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.papers.issues.models import PaperIssue

bp = Blueprint("issues", __name__, url_prefix="/papers/issues")
P = Permission
NO_FILE = Problem("issue.no_file", "草稿还没有定稿的文件，请先定稿编号。")
NO_FIGURE = Problem("issue.no_figure", "这一期没有这个数字。")
REFUSED = (409, 422)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List issues, the newest first; those who see all units also see drafts."""
    kind = request.args.get("kind", "")
    kind = kind if kind in rules.PAPERS else ""
    page = queries.page(db.session(), current_actor(), kind, request.args.get("cursor"))
    rows = [
        (issue, rules.PAPERS[issue.kind], rules.period_of(rules.PAPERS[issue.kind].period, issue.start_on), name)
        for issue, name in page.rows
    ]
    live = queries.reads_live(current_actor())
    return render_template("papers/issues.html", rows=rows, page=page, kind=kind, kinds=rules.PAPERS, live=live)


@bp.get("/<int:issue_id>")
@requires(P.REPORT_READ)
def show(issue_id: int) -> ResponseReturnValue:
    """Show an issue as it was made."""
    return _shown(issue_id, WithdrawForm(formdata=None))


def _shown(issue_id: int, form: WithdrawForm, refused: WordsForm | None = None) -> str:
    session, actor = db.session(), current_actor()
    issue = queries.get(session, actor, issue_id)
    kept, program = unpack(issue.kind, issue.content), generated(issue.kind, issue.content).paper
    draft = issue.state is IssueState.DRAFT
    form.version.data = issue.version
    hidden = [say(one) for one in services.secrets(session, issue)]
    blocked = [say(one).rstrip("。") for one in services.freeze_problems(actor, issue, timing.today())]
    return render_template(
        "papers/issue.html",
        issue=issue,
        kind=rules.PAPERS[issue.kind],
        period=kept.period,
        paper=kept.paper,
        figures=kept.figures,
        sections=pages.sections(kept.paper),
        own=issue.content.get("own", {}),
        written=pages.written(program, kept.paper) if _editable(issue) else {},
        moved=services.moved(issue) if draft else [],
        program=own.written(program) if draft and actor.may(P.REPORT_FREEZE) and not _editable(issue) else {},
        refused=refused,
        links=linking.kept(issue.id, unpacked(issue.content.get("refs", {})), {one.key for one in kept.figures}),
        people=queries.names(session, issue.built_by, issue.frozen_by, issue.issued_by, issue.withdrawn_by),
        successor=queries.successor(session, issue) if issue.state is IssueState.WITHDRAWN else None,
        hidden=hidden,
        blocked=[*blocked, *(one.rstrip("。") for one in hidden)],
        late=draft and queries.later_numbered(session, issue),
        may_build=actor.may(P.REPORT_BUILD),
        may_freeze=actor.may(P.REPORT_FREEZE),
        form=form,
    )


def _editable(issue: PaperIssue) -> bool:
    return issue.state is IssueState.DRAFT and current_actor().may(P.REPORT_BUILD)


@bp.post("")
@requires(P.REPORT_BUILD)
def request_draft() -> ResponseReturnValue:
    """Ask for a draft, first or anew; it is made in the background."""
    form = DraftForm()
    kind = rules.PAPERS.get(text(form.key))
    period = rules.read_period(kind.period, text(form.period), timing.today()) if kind else None
    if kind is None or period is None:
        raise NotFoundError(queries.ABSENT)
    try:
        services.request(db.session(), current_actor(), kind, period, now=timing.now())
    except ConflictError as error:
        db.session().rollback()
        flash("；".join(say(problem) for problem in error.problems), "bad")
        return redirect(url_for("papers.show", key=kind.key, period_key=period.key), 303)
    return redirect(url_for("drafts.wait", key=kind.key, period_key=period.key), 303)


@bp.post("/<int:issue_id>/freeze")
@requires(P.REPORT_FREEZE)
def freeze(issue_id: int) -> ResponseReturnValue:
    """Number a draft and freeze its file."""
    return _take(issue_id, services.freeze, tr("已定稿编号，内容、数字和文件不再变"))


@bp.post("/<int:issue_id>/send")
@requires(P.REPORT_FREEZE)
def send(issue_id: int) -> ResponseReturnValue:
    """Send a frozen issue out."""
    return _take(issue_id, services.send, tr("已印发，看报表的人都会收到通知"))


@bp.post("/<int:issue_id>/words")
@requires(P.REPORT_BUILD)
def put(issue_id: int) -> ResponseReturnValue:
    """Put a person's words in place of a section's sentences, or go back to the program's."""
    form = WordsForm()
    read, heading = form.version.data or 0, text(form.heading)
    said = "" if request.form.get("action") == "reset" else text(form.text)
    try:
        services.put(db.session(), current_actor(), issue_id, read, heading, said, now=timing.now())
    except DomainError as error:
        if error.status not in REFUSED:
            raise
        db.session().rollback()
        form.refuse(error.problems)
        return _shown(issue_id, WithdrawForm(formdata=None), form), error.status
    flash(tr("已保存，重新拟稿也不会改掉"), "ok")
    return redirect(url_for("issues.show", issue_id=issue_id), 303)


@bp.post("/<int:issue_id>/discard")
@requires(P.REPORT_BUILD)
def discard(issue_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    return _take(issue_id, services.discard, tr("草稿已删除"), url_for("issues.index"))


def _take(issue_id: int, act: Callable[..., object], said: str, target: str = "") -> ResponseReturnValue:
    form = StepForm()
    here = url_for("issues.show", issue_id=issue_id)
    try:
        act(db.session(), current_actor(), issue_id, form.version.data or 0, now=timing.now())
    except DomainError as error:
        if error.status not in REFUSED:
            raise
        db.session().rollback()
        flash("；".join(say(problem) for problem in error.problems), "bad")
        return redirect(here, 303)
    flash(said, "ok")
    return redirect(target or here, 303)


@bp.post("/<int:issue_id>/withdraw")
@requires(P.REPORT_FREEZE)
def withdraw(issue_id: int) -> ResponseReturnValue:
    """Withdraw a numbered issue with a reason."""
    form = WithdrawForm()
    read = form.version.data or 0
    try:
        services.withdraw(db.session(), current_actor(), issue_id, read, text(form.reason), now=timing.now())
    except DomainError as error:
        if error.status not in REFUSED:
            raise
        db.session().rollback()
        form.refuse(error.problems)
        return _shown(issue_id, form), error.status
    flash(tr("已撤回，期号保留不再使用"), "ok")
    return redirect(url_for("issues.show", issue_id=issue_id), 303)


@bp.post("/<int:issue_id>/compare")
@requires(P.REPORT_READ)
def compare(issue_id: int) -> ResponseReturnValue:
    """Make a numbered issue again from what was kept, and say whether it is the same file."""
    issue = _numbered(issue_id)
    if services.made_again(db.session(), issue):
        flash(tr("按存档内容重新生成，与定稿文件逐字节相同"), "ok")
    else:
        flash(tr("程序升级后生成的文件格式有变化，内容以定稿文件为准"), "bad")
    return redirect(url_for("issues.show", issue_id=issue_id), 303)


@bp.get("/<int:issue_id>/rows/<key>")
@requires(P.REPORT_READ)
def rows(issue_id: int, key: str) -> ResponseReturnValue:
    """List the rows behind a figure as they read when the paper was made, some hundred to a page."""
    session, actor = db.session(), current_actor()
    issue = queries.get(session, actor, issue_id)
    _open(issue)
    kept = unpack(issue.kind, issue.content)
    figure = next((one for one in kept.figures if one.key == key), None)
    if figure is None:
        raise NotFoundError(NO_FIGURE)
    piece = max(request.args.get("piece", 0, type=int), 0)
    unit_id = request.args.get("unit", type=int)
    of_unit = None
    if unit_id is None:
        found, pieces = queries.rows(session, actor, issue, key, piece)
    else:
        found, pieces, of_unit = queries.unit_rows(session, actor, issue, key, unit_id, piece)
    return render_template(
        "papers/issue_rows.html",
        issue=issue,
        kind=rules.PAPERS[issue.kind],
        figure=figure,
        rows=found,
        piece=piece,
        pieces=pieces,
        unit_id=unit_id,
        of_unit=of_unit,
        whole=queries.sees_all(actor),
    )


@bp.get("/<int:issue_id>/paper.docx")
@requires(P.REPORT_READ)
def docx(issue_id: int) -> Response:
    """Give the file that was frozen; of a draft, to who may freeze it, what it would be, called a draft."""
    session, issue = db.session(), queries.get(db.session(), current_actor(), issue_id)
    if issue.state is IssueState.DRAFT and current_actor().may(P.REPORT_FREEZE):
        _open(issue)
        kept, head = unpack(issue.kind, issue.content), Head(issue.issuer, issue.dated_on)
        return _file(issue, print_draft(session, kept, head), WORD, "docx")
    issue = _numbered(issue_id)
    return _file(issue, queries.document(db.session(), issue.id) or b"", WORD, "docx")


@bp.get("/<int:issue_id>/tables.xlsx")
@requires(P.REPORT_READ)
def xlsx(issue_id: int) -> Response:
    """Give the tables of the issue as an Excel file."""
    issue = _numbered(issue_id)
    return _file(issue, files.workbook(unpack(issue.kind, issue.content).paper, issue.dated_on), EXCEL, "xlsx")


def _numbered(issue_id: int) -> PaperIssue:
    issue = queries.get(db.session(), current_actor(), issue_id)
    if issue.issue_no is None:
        raise NotFoundError(NO_FILE)
    _open(issue)
    return issue


def _open(issue: PaperIssue) -> None:
    """Refuse to read a paper that is not out yet and may tell of what is confidential now."""
    problems = services.secrets(db.session(), issue)
    if problems:
        raise ConflictError(*problems)


def _file(issue: PaperIssue, data: bytes, kind: str, ending: str) -> Response:
    """Send it and keep who took it along."""
    subject = ("paper_issue", issue.id)
    with db.writing() as own:
        audit.record(
            own, current_actor().user_id, "paper.download", subject, now=timing.now(), format=ending,
            issue_no=issue.issue_no,
        )  # fmt: skip
    number = f"第{issue.issue_no}期" if issue.issue_no else "（草稿）"
    name = f"{unpack(issue.kind, issue.content).label}{number}.{ending}"
    return send_file(BytesIO(data), kind, as_attachment=True, download_name=name)
