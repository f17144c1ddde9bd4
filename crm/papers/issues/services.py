"""Writes of issued papers: drafted from figures, numbered and frozen by a second person, sent out, or withdrawn."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.jobs import PAPER_DRAFT
from crm.core.scheduling import local_day
from crm.core.tasks import enqueue
from crm.notices.receivers import holders
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.papers import desk, own
from crm.papers.issues import queries
from crm.papers.issues.content import generated, unpack
from crm.papers.issues.making import make
from crm.papers.issues.models import IssueState, PaperIssue, PaperRows
from crm.papers.printing import Head, print_docx
from crm.papers.rules import PAPERS
from crm.papers.writing import NOTE
from crm.pipeline.confidential import drafts
from crm.word.template import queries as templates

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.papers.rules import PaperKind, Period
    from crm.pipeline.cards import Clock

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
NUMBERED = Problem("issue.numbered", "这个时段的材料已经编号定稿。要重做，请先撤回，再重新拟稿，会用新的期号。")
CHANGED = Problem("issue.changed", "您打开之后有人办过这一期，请刷新页面再看。")
OWN = Problem("issue.own", "拟稿人不能给自己拟的稿定稿，请由另一位有定稿权限的人定稿。")
OWN_WORDS = Problem("issue.own_words", "改写过文字的人不能给这一稿定稿，请由另一位有定稿权限的人定稿。")
MOVED = Problem("issue.moved", "改写过的文字所依据的数字已变，请在标有“数字已变”的各节核对后再保存一次，然后定稿。")
NOT_NOW = Problem("issue.not_now", "这一期现在不能这样办，请刷新页面再看。")
EARLY = Problem("issue.early", "统计时段还没有结束，结束后才能定稿编号。")
STALE = Problem("issue.stale", "这份草稿是在统计时段结束前拟的，请先重新拟稿再定稿。")
SECRET = Problem("issue.secret", "材料里有已转为保密的项目，请重新拟稿后再定稿编号。")
WRITTEN = Problem("issue.secret_written", "改写过的文字里有已转为保密的项目，请删除草稿后重新拟稿。")
SECRET_NUMBERED = Problem("issue.secret_numbered", "材料里有已转为保密的项目，不再显示也不能印发，请撤回后重新拟稿。")
NO_REASON = Problem("issue.reason", "请写明撤回的原因。", "reason")
LONG_REASON = Problem("issue.reason_long", "撤回原因请控制在500字以内。", "reason")
NO_SECTION = Problem("issue.no_section", "这一期没有这一节，请刷新页面再看。")
LONG_TEXT = Problem("issue.text_long", "一节的文字请控制在10000字以内。", "text")
LONGEST_REASON, LONGEST_TEXT = 500, 10_000


def _demand(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise ForbiddenError(FORBIDDEN)


def request(session: Session, actor: Actor, kind: PaperKind, period: Period, *, now: datetime) -> bool:
    """Ask for the draft of a period to be made in the background; False if it is already asked for."""
    _demand(actor, Permission.REPORT_BUILD)
    _draft_of(session, kind, period)
    payload = {"paper": kind.key, "period": period.key, "user_id": actor.user_id}
    key = f"paper:{kind.key}:{period.start.isoformat()}"
    added = enqueue(session, PAPER_DRAFT, payload, now=now, dedupe_key=key)
    audit.record(session, actor.user_id, "paper.request", ("paper_issue", None), now=now, paper=kind.key)
    return added


def build(session: Session, actor: Actor, kind: PaperKind, period: Period, clock: Clock) -> PaperIssue:
    """Make the draft of a period, or make it anew, with every row behind its figures."""
    _demand(actor, Permission.REPORT_BUILD)
    issue = _draft_of(session, kind, period)
    ripe = issue is not None and desk.ripe(issue, clock.today)
    facts, content, pieces = make(session, actor, kind, period, clock)
    if issue is None:
        issue = PaperIssue(kind=kind.key, start_on=period.start, end_on=period.end, year=period.end.year)
        issue.state = IssueState.DRAFT
        session.add(issue)
    else:
        session.execute(delete(PaperRows).where(PaperRows.issue_id == issue.id))
    before = issue.content if issue.id else {}
    kept = {part: {key: one for key, one in before.get(part, {}).items() if key != NOTE} for part in ("own", "signed")}
    issue.issuer, issue.dated_on, issue.content = facts.issuer, clock.today, content | kept
    issue.built_by, issue.built_at = actor.user_id, clock.now
    session.flush()
    session.add_all(
        PaperRows(issue_id=issue.id, key=key, piece=number, rows=rows)
        for key, some in pieces.items()
        for number, rows in enumerate(some)
    )
    session.flush()
    audit.record(session, actor.user_id, "paper.build", ("paper_issue", issue.id), now=clock.now, paper=kind.key)
    desk.announce(session, issue, before=ripe, now=clock.now)
    return issue


def put(
    session: Session, actor: Actor, issue_id: int, version: int, heading: str, text: str, *, now: datetime
) -> PaperIssue:
    """Put a person's words in place of a section's sentences; none, or the program's own, takes them back.

    Saving the same words again says that they hold for the numbers of now.
    """
    _demand(actor, Permission.REPORT_BUILD)
    issue = queries.get(session, actor, issue_id, lock=True)
    _check(issue, version, IssueState.DRAFT)
    written = own.written(generated(issue.kind, issue.content).paper)
    if heading not in written:
        raise NotFoundError(NO_SECTION)
    said = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    if len(said) > LONGEST_TEXT:
        raise DomainError(LONG_TEXT)
    texts, signed = dict(issue.content.get("own", {})), dict(issue.content.get("signed", {}))
    before, by = texts.pop(heading, written[heading]), signed.pop(heading, {})
    if said and said != written[heading]:
        texts[heading], signed[heading] = said, own.signed(by, actor.user_id, written[heading])
    issue.content = issue.content | {"own": texts, "signed": signed}
    session.flush()
    audit.record(
        session, actor.user_id, "paper.edit", ("paper_issue", issue.id), now=now, paper=issue.kind, section=heading,
        before=before, after=texts.get(heading, written[heading]),
    )  # fmt: skip
    return issue


def moved(issue: PaperIssue) -> list[str]:
    """Headings whose own words were written over numbers that are others now."""
    return own.moved(issue.content, own.written(generated(issue.kind, issue.content).paper))


def _draft_of(session: Session, kind: PaperKind, period: Period) -> PaperIssue | None:
    issue = queries.living(session, kind.key, period)
    if issue is not None and issue.state is not IssueState.DRAFT:
        raise ConflictError(NUMBERED)
    return issue


def render(session: Session, issue: PaperIssue, template_id: int | None) -> bytes:
    """Make the Word file of an issue from its own row and a template (None: the built-in)."""
    head = Head(issue.issuer, issue.dated_on, (issue.issue_no, issue.total_no))
    return print_docx(session, unpack(issue.kind, issue.content), head, template_id)


def freeze_problems(actor: Actor, issue: PaperIssue, today: date) -> list[Problem]:
    """Reasons why a draft cannot be numbered by this person today."""
    problems = [OWN] if issue.built_by == actor.user_id else []
    if actor.user_id in own.writers(issue.content):
        problems.append(OWN_WORDS)
    if moved(issue):
        problems.append(MOVED)
    if issue.start_on != issue.end_on and today <= issue.end_on:
        problems.append(EARLY)
    elif issue.start_on != issue.end_on and issue.dated_on <= issue.end_on:
        problems.append(STALE)
    return problems


def secrets(session: Session, issue: PaperIssue) -> list[Problem]:
    """Why a paper that is not out yet may neither be read nor go on: it may tell of what is confidential now."""
    if issue.issued_at is not None:
        return []
    outdated = drafts.outdated(session, issue.content)
    if not outdated and not drafts.named(session, issue.content.get("own", {}).values()):
        return []
    if issue.issue_no is not None:
        return [SECRET_NUMBERED]
    return [SECRET if outdated else WRITTEN]


def freeze(session: Session, actor: Actor, issue_id: int, version: int, *, now: datetime) -> PaperIssue:
    """Number a draft and freeze its file: 第N期 of the kind within the year, 总第M期 over all years."""
    _demand(actor, Permission.REPORT_FREEZE)
    queries.hold(session, queries.get(session, actor, issue_id).kind)
    issue = _step(session, actor, issue_id, version, IssueState.DRAFT)
    problems = freeze_problems(actor, issue, local_day(now))
    theirs = [one for one in problems if one in (OWN, OWN_WORDS)]
    if theirs:
        raise ForbiddenError(*theirs)
    problems += secrets(session, issue)
    if problems:
        raise DomainError(*problems)
    last = queries.last_numbers(session, issue.kind, issue.year)
    template = templates.active(session, issue.kind)
    with session.no_autoflush:
        issue.issue_no, issue.total_no = last[0] + 1, last[1] + 1
        issue.template_id = template.id if template else None
        issue.document = render(session, issue, issue.template_id)
        issue.digest = hashlib.sha256(issue.document).hexdigest()
        issue.state, issue.frozen_by, issue.frozen_at = IssueState.FROZEN, actor.user_id, now
    session.flush()
    _record(session, actor, "paper.freeze", issue, now)
    return issue


def made_again(session: Session, issue: PaperIssue) -> bool:
    """Whether a numbered paper, made again from its own row, is the file that was frozen, byte for byte."""
    return hashlib.sha256(render(session, issue, issue.template_id)).hexdigest() == issue.digest


def send(session: Session, actor: Actor, issue_id: int, version: int, *, now: datetime) -> PaperIssue:
    """Send a frozen paper out: from now on all who read reports may open it, and they are told."""
    issue = _step(session, actor, issue_id, version, IssueState.FROZEN)
    problems = secrets(session, issue)
    if problems:
        raise DomainError(*problems)
    issue.state, issue.issued_by, issue.issued_at = IssueState.ISSUED, actor.user_id, now
    session.flush()
    told = holders(session, Permission.REPORT_READ, local_day(now)) - {actor.user_id}
    _tell(session, told, issue, "%(label)s第%(issue)s期（总第%(total)s期）已印发，请阅。", now)
    _record(session, actor, "paper.issue", issue, now)
    return issue


def withdraw(session: Session, actor: Actor, issue_id: int, version: int, reason: str, *, now: datetime) -> PaperIssue:
    """Withdraw a numbered paper: its number is never given again; what comes instead gets a new one."""
    words = reason.strip()
    if not words:
        raise DomainError(NO_REASON)
    if len(words) > LONGEST_REASON:
        raise DomainError(LONG_REASON)
    issue = _step(session, actor, issue_id, version, IssueState.FROZEN, IssueState.ISSUED)
    was_out = issue.state is IssueState.ISSUED
    issue.state, issue.withdrawn_by, issue.withdrawn_at = IssueState.WITHDRAWN, actor.user_id, now
    issue.reason = words
    session.flush()
    if was_out:
        told = holders(session, Permission.REPORT_READ, local_day(now)) - {actor.user_id}
        _tell(session, told, issue, "%(label)s第%(issue)s期（总第%(total)s期）已撤回，请勿使用。", now)
    _record(session, actor, "paper.withdraw", issue, now)
    return issue


def discard(session: Session, actor: Actor, issue_id: int, version: int, *, now: datetime) -> None:
    """Throw a draft away; it had no number."""
    _demand(actor, Permission.REPORT_BUILD)
    issue = queries.get(session, actor, issue_id, lock=True)
    _check(issue, version, IssueState.DRAFT)
    audit.record(session, actor.user_id, "paper.discard", ("paper_issue", issue.id), now=now, paper=issue.kind)
    session.delete(issue)
    session.flush()


def _step(session: Session, actor: Actor, issue_id: int, version: int, *states: IssueState) -> PaperIssue:
    _demand(actor, Permission.REPORT_FREEZE)
    issue = queries.get(session, actor, issue_id, lock=True)
    _check(issue, version, *states)
    return issue


def _check(issue: PaperIssue, version: int, *states: IssueState) -> None:
    if issue.state not in states:
        raise ConflictError(NOT_NOW)
    if issue.version != version:
        raise ConflictError(CHANGED)


def _tell(session: Session, told: set[int], issue: PaperIssue, text: str, now: datetime) -> None:
    params = {"label": PAPERS[issue.kind].label, "issue": issue.issue_no, "total": issue.total_no}
    link, subject = f"/papers/issues/{issue.id}", ("paper_issue", issue.id)
    tell(session, told, NoticeKind.OTHER, text, link, subject, now, params=params)


def _record(session: Session, actor: Actor, verb: str, issue: PaperIssue, now: datetime) -> None:
    subject = ("paper_issue", issue.id)
    audit.record(
        session, actor.user_id, verb, subject, now=now, paper=issue.kind, issue_no=issue.issue_no,
        total_no=issue.total_no,
    )  # fmt: skip
