"""What people do with one signal: forms that open in a dialog or as a page, and answers that renew its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.core.workdays import add_workdays
from crm.enterprises import queries as enterprises
from crm.inbox import leads
from crm.inbox.answering import chosen_day, form, offered_days, renewed
from crm.pipeline import fromsignals
from crm.pipeline.leadnames import suggested_name
from crm.signals import answers, deciding, queries, triage
from crm.signals.kinds import KIND_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.filters import day as day_words
from crm.web.i18n import tr
from crm.web.inputs import day_or_none, number_or_none

if TYPE_CHECKING:
    from datetime import date

    from flask.typing import ResponseReturnValue

bp = Blueprint("triage", __name__)
FIRST_STEP_DAYS, FOUND = 3, 8
NO_ANSWER = Problem("kind.none", "请选正确的类型，或选“不算动态”。", "kind")
NO_FIRM = Problem("company.none", "请选一家企业，或选“名录里没有这家企业”。", "enterprise_id")
NO_DAY = Problem("snooze.day", "请选一个日期，例如明天。", "until")


@bp.post("/signals/<int:signal_id>/accept")
@requires(Permission.SIGNAL_TRIAGE)
def accept(signal_id: int) -> ResponseReturnValue:
    """Take a signal up without a lead."""
    deciding.accept(db.session(), current_actor(), signal_id, now=timing.now())
    return renewed([signal_id], tr("已采用这条动态"), undo=url_for("triage.undo", signal_id=signal_id))


@bp.post("/signals/<int:signal_id>/reject")
@requires(Permission.SIGNAL_TRIAGE)
def reject(signal_id: int) -> ResponseReturnValue:
    """Put a signal aside at once."""
    deciding.reject(db.session(), current_actor(), signal_id, now=timing.now())
    words = tr("已标为不采用，不再计入评分")
    return renewed([signal_id], words, undo=url_for("triage.undo", signal_id=signal_id))


@bp.post("/signals/<int:signal_id>/undo")
@requires(Permission.SIGNAL_TRIAGE)
def undo(signal_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    fromsignals.undo_signal(db.session(), current_actor(), signal_id, now=timing.now())
    return renewed([signal_id], tr("已撤销，这条动态回到待处理"))


@bp.get("/signals/<int:signal_id>/dismiss")
@requires(Permission.SIGNAL_TRIAGE)
def dismiss_form(signal_id: int) -> ResponseReturnValue:
    """Ask why a signal is put aside."""
    return form("dismiss", signal_id)


@bp.post("/signals/<int:signal_id>/dismiss")
@requires(Permission.SIGNAL_TRIAGE)
def dismiss(signal_id: int) -> ResponseReturnValue:
    """Put a signal aside with a reason."""
    why, note = request.form.get("why", ""), request.form.get("note", "")
    try:
        deciding.dismiss(db.session(), current_actor(), signal_id, why, note, now=timing.now())
    except DomainError as error:
        return form("dismiss", signal_id, error)
    words = tr("已标为不采用，不再计入评分")
    return renewed([signal_id], words, undo=url_for("triage.undo", signal_id=signal_id))


@bp.get("/signals/<int:signal_id>/snooze")
@requires(Permission.SIGNAL_TRIAGE)
def snooze_form(signal_id: int) -> ResponseReturnValue:
    """Ask until when a signal is put off."""
    return form("snooze", signal_id, offered=offered_days(timing.today()))


@bp.post("/signals/<int:signal_id>/snooze")
@requires(Permission.SIGNAL_TRIAGE)
def snooze(signal_id: int) -> ResponseReturnValue:
    """Put a signal off for oneself."""
    try:
        until = _day()
        triage.snooze(db.session(), current_actor(), signal_id, until, now=timing.now(), today=timing.today())
    except DomainError as error:
        return form("snooze", signal_id, error, offered=offered_days(timing.today()))
    words = tr("已推迟，%(day)s早上回到待处理", day=day_words(until))
    return renewed([signal_id], words, undo=url_for("triage.wake", signal_id=signal_id))


@bp.post("/signals/<int:signal_id>/wake")
@requires(Permission.SIGNAL_TRIAGE)
def wake(signal_id: int) -> ResponseReturnValue:
    """Have a signal come back at once."""
    triage.wake(db.session(), current_actor(), signal_id, now=timing.now())
    return renewed([signal_id], tr("已放回待处理"))


@bp.get("/signals/<int:signal_id>/kind")
@requires(Permission.SIGNAL_TRIAGE)
def kind_form(signal_id: int) -> ResponseReturnValue:
    """Ask which kind is right."""
    return form("kind", signal_id, kinds=list(KIND_LABELS))


@bp.post("/signals/<int:signal_id>/kind")
@requires(Permission.SIGNAL_TRIAGE)
def kind(signal_id: int) -> ResponseReturnValue:
    """Correct the kind; the new signals stand where the old one stood."""
    try:
        row, made = triage.correct_kind(db.session(), current_actor(), signal_id, _kinds(), now=timing.now())
    except DomainError as error:
        return form("kind", signal_id, error, kinds=list(KIND_LABELS))
    words = tr("已改正类型，谢谢；机器会照此学习") if made else tr("已标为不算动态，谢谢；机器会照此学习")
    return renewed([row.id, *made], words, undo=url_for("triage.undo", signal_id=row.id))


@bp.get("/signals/<int:signal_id>/company")
@requires(Permission.SIGNAL_TRIAGE)
def company_form(signal_id: int) -> ResponseReturnValue:
    """Ask which company is right."""
    return _company(signal_id)


@bp.post("/signals/<int:signal_id>/company")
@requires(Permission.SIGNAL_TRIAGE)
def company(signal_id: int) -> ResponseReturnValue:
    """Correct the company; other signals of the story follow."""
    session, actor = db.session(), current_actor()
    try:
        right = _firm()
        said = triage.correct_company(session, actor, signal_id, right, now=timing.now())
    except DomainError as error:
        return _company(signal_id, error)
    back = url_for("triage.company_undo", answer_id=said.answer.id)
    if right is None:
        return renewed([], tr("已标为不是这家企业，谢谢；机器会照此学习"), undo=back, gone=[signal_id])
    left = [one.id for one in queries.of_ids(session, actor, [signal_id])]
    gone = [] if left else [signal_id]
    return renewed(left, tr("已改到另一家企业，谢谢；机器会照此学习"), undo=back, gone=gone)


@bp.post("/signals/company/<int:answer_id>/undo")
@requires(Permission.SIGNAL_TRIAGE)
def company_undo(answer_id: int) -> ResponseReturnValue:
    """Take the answer on a company back; the story is read again."""
    answers.undo(db.session(), current_actor(), answer_id, now=timing.now())
    return renewed([], tr("已撤销，报道正在重新读取，稍后回到待处理"))


@bp.get("/signals/<int:signal_id>/lead")
@requires(Permission.PROJECT_WRITE)
def lead_form(signal_id: int) -> ResponseReturnValue:
    """Ask who takes the lead, and what comes first until when."""
    return _lead(signal_id)


@bp.post("/signals/<int:signal_id>/lead")
@requires(Permission.PROJECT_WRITE)
def lead(signal_id: int) -> ResponseReturnValue:
    """Make a lead of a signal, or write it into a project that goes on."""
    session, actor = db.session(), current_actor()
    try:
        if request.form.get("into") == "project":
            row = queries.signal(session, actor, signal_id)
            project = leads.append(session, actor, row, request.form.get("project", 0, type=int), now=timing.now())
            words = tr("已记入项目“%(name)s”", name=project.name)
        else:
            project = leads.take_up(session, actor, signal_id, _wish(), now=timing.now(), today=timing.today())
            words = tr("已转为线索“%(name)s”", name=project.name)
    except DomainError as error:
        if error.status not in {DomainError.status, 409}:
            raise
        return _lead(signal_id, error)
    return renewed([signal_id], words, link=url_for("pipeline.show", project_id=project.id))


def _day() -> date:
    until = chosen_day(timing.today())
    if until is None:
        raise DomainError(NO_DAY)
    return until


def _kinds() -> list[str]:
    right, none = request.form.getlist("kind"), request.form.get("none") == "1"
    if not right and not none:
        raise DomainError(NO_ANSWER)
    return [] if none else right


def _firm() -> int | None:
    chosen = request.form.get("enterprise_id", "")
    right = number_or_none(chosen)
    if right is None and chosen != "none":
        raise DomainError(NO_FIRM)
    return right


def _wish() -> leads.Wish:
    unit, _slash, user = request.form.get("owner", "").partition("-")
    return leads.Wish(
        name=request.form.get("name", ""),
        owner=(number_or_none(user) or 0, number_or_none(unit) or 0),
        title=request.form.get("title", ""),
        due_on=day_or_none(request.form.get("due_on", "").strip()),
    )


def _lead(signal_id: int, error: DomainError | None = None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    row = queries.signal(session, actor, signal_id)
    return form(
        "lead",
        signal_id,
        error,
        seats=leads.seats(session, actor, timing.today()),
        projects=leads.open_projects(session, actor, row.enterprise_id),
        suggested=suggested_name(row, row.enterprise),
        first_step=tr("核实动态并联系%(firm)s", firm=row.enterprise.name)[:200],
        due_on=add_workdays(timing.today(), FIRST_STEP_DAYS),
    )


def _company(signal_id: int, error: DomainError | None = None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    row = queries.signal(session, actor, signal_id)
    typed = request.values.get("q", "").strip()
    near = queries.relatives(session, row.enterprise) | queries.enterprise_names(session, triage.rivals(session, row))
    found = enterprises.suggest(session, typed, FOUND) if typed else []
    near |= {one.id: one.name for one in found}
    near.pop(row.enterprise_id, None)
    return form("company", signal_id, error, near=near, q=typed)
