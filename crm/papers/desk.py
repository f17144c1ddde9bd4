"""Drafts of papers that wait for a person to number them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from crm.auth.rules import Permission
from crm.core.scheduling import local_day
from crm.notices.desk import Ready, Source
from crm.notices.receivers import holders
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.papers.issues.models import IssueState, PaperIssue
from crm.papers.issues.queries import visible_to
from crm.papers.rules import PAPERS, period_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 10
PAPER = "%(label)s（%(period)s）待定稿"
ASKED = "%(label)s（%(period)s）已拟稿，请审阅定稿。"


def ripe(issue: PaperIssue, today: date) -> bool:
    """Whether a draft may be numbered by now: its period is over and was over when it was made."""
    return issue.start_on == issue.end_on or (today > issue.end_on and issue.dated_on > issue.end_on)


def _waiting(actor: Actor, today: date) -> Select[*tuple[Any, ...]] | None:
    """Ripe drafts of somebody else, for who may number them; the oldest first."""
    if not actor.may(Permission.REPORT_FREEZE):
        return None
    over = (PaperIssue.end_on < today) & (PaperIssue.dated_on > PaperIssue.end_on)
    return (
        select(PaperIssue)
        .where(PaperIssue.state == IssueState.DRAFT, PaperIssue.built_by != actor.user_id, visible_to(actor))
        .where(or_(PaperIssue.start_on == PaperIssue.end_on, over))
        .order_by(PaperIssue.built_at, PaperIssue.id)
        .limit(MOST)
    )


def _told(row: Row[*tuple[Any, ...]]) -> Ready:
    issue = row[0]
    return Ready(PAPER, _link(issue), issue.built_at, _named(issue))


WAITING = Source("papers", _waiting, _told)


def announce(session: Session, issue: PaperIssue, *, before: bool, now: datetime) -> None:
    """Tell who may number a draft that it lies ready: once, not with every new making of it."""
    day = local_day(now)
    if before or not ripe(issue, day):
        return
    told = holders(session, Permission.REPORT_FREEZE, day) - {issue.built_by}
    tell(session, told, NoticeKind.OTHER, ASKED, _link(issue), ("paper_issue", issue.id), now, params=_named(issue))


def _link(issue: PaperIssue) -> str:
    return f"/papers/issues/{issue.id}"


def _named(issue: PaperIssue) -> dict[str, object]:
    kind = PAPERS[issue.kind]
    return {"label": kind.label, "period": period_of(kind.period, issue.start_on).label}
