"""Reads of issued papers: the list, one issue, its rows, the last numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from crm.assessment.periods.queries import hidden_projects
from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.jobs import PAPER_DRAFT
from crm.core.paging import Key, Page, fetch_page
from crm.core.tasks import Task
from crm.papers.issues.models import IssueState, PaperIssue, PaperRows

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.papers.rules import Period

ABSENT = Problem("issue.absent", "没有这一期，或者还没有印发。")
RECENT_TASKS = 50
PIECE, READ_AT_ONCE = 300, 8


def sees_all(actor: Actor) -> bool:
    """Whether the person's reading covers all units: they see what is not issued yet."""
    return actor.may(Permission.REPORT_READ) and actor.scope(Permission.REPORT_READ) is None


def reads_live(actor: Actor) -> bool:
    """Whether the person reads papers as they stand now, with figures of all units: who makes them, or sees all."""
    return actor.may(Permission.REPORT_BUILD) or sees_all(actor)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: what was issued is for everybody who reads reports, the rest for those who see all units."""
    if sees_all(actor):
        return PaperIssue.id.is_not(None)
    return PaperIssue.issued_at.is_not(None)


def shows(actor: Actor, issue: PaperIssue) -> bool:
    """The same of one that was read: whether the person may open it."""
    return sees_all(actor) or issue.issued_at is not None


def page(session: Session, actor: Actor, kind: str, cursor: str | None) -> Page[tuple[PaperIssue, str]]:
    """Issues with the name of who made them, the newest first."""
    conditions = [visible_to(actor), *([PaperIssue.kind == kind] if kind else [])]
    statement = select(PaperIssue, User.name).join(User, User.id == PaperIssue.built_by).where(*conditions)
    order = [Key(PaperIssue.built_at, descending=True), Key(PaperIssue.id, descending=True)]
    found = cast("Select[Any]", statement)
    return fetch_page(session, found, order, lambda row: [row[0].built_at, row[0].id], cursor=cursor)


def get(session: Session, actor: Actor, issue_id: int, *, lock: bool = False) -> PaperIssue:
    """One issue with what it says, or not found."""
    statement = select(PaperIssue).where(PaperIssue.id == issue_id, visible_to(actor))
    statement = statement.options(undefer(PaperIssue.content))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: PaperIssue | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def document(session: Session, issue_id: int) -> bytes | None:
    """The file that was frozen."""
    return session.scalar(select(PaperIssue.document).where(PaperIssue.id == issue_id))


def living(session: Session, kind: str, period: Period) -> PaperIssue | None:
    """The issue or draft of a period that was not withdrawn."""
    statement = select(PaperIssue).where(
        PaperIssue.kind == kind, PaperIssue.start_on == period.start, PaperIssue.state != IssueState.WITHDRAWN
    )
    return session.scalar(statement)


def out(session: Session, starts: Collection[date]) -> dict[tuple[str, date], int]:
    """Issues that are out for periods that begin on these days, by kind and day."""
    statement = select(PaperIssue.kind, PaperIssue.start_on, PaperIssue.id).where(
        PaperIssue.state == IssueState.ISSUED, PaperIssue.start_on.in_(starts)
    )
    return {(kind, start_on): issue_id for kind, start_on, issue_id in session.execute(statement)}


def later_numbered(session: Session, issue: PaperIssue) -> bool:
    """Whether a later period of the kind has a number that counts: this one would be numbered out of turn."""
    later = select(PaperIssue.id).where(
        PaperIssue.kind == issue.kind, PaperIssue.start_on > issue.start_on,
        PaperIssue.state.in_([IssueState.FROZEN, IssueState.ISSUED]),
    )  # fmt: skip
    return session.scalar(later.limit(1)) is not None


def hold(session: Session, kind: str) -> None:
    """Make others who number a paper of this kind wait; call it before any single row of the kind is locked."""
    session.execute(select(PaperIssue.id).where(PaperIssue.kind == kind).order_by(PaperIssue.id).with_for_update())


def last_numbers(session: Session, kind: str, year: int) -> tuple[int, int]:
    """The last number of a kind in a year and over all years, for who holds the kind."""
    issue = select(func.max(PaperIssue.issue_no)).where(PaperIssue.kind == kind, PaperIssue.year == year)
    total = select(func.max(PaperIssue.total_no)).where(PaperIssue.kind == kind)
    return session.scalar(issue) or 0, session.scalar(total) or 0


def successor(session: Session, issue: PaperIssue) -> PaperIssue | None:
    """The issue that stands in for a withdrawn one."""
    statement = (
        select(PaperIssue)
        .where(PaperIssue.kind == issue.kind, PaperIssue.start_on == issue.start_on)
        .where(PaperIssue.state == IssueState.ISSUED, PaperIssue.total_no > (issue.total_no or 0))
        .order_by(PaperIssue.total_no)
        .limit(1)
    )
    return session.scalar(statement)


@dataclass(frozen=True, slots=True)
class UnitRows:
    """What a figure is for one unit: its name, how many rows, their sum."""

    name: str
    count: int
    amount: Decimal


def rows(session: Session, actor: Actor, issue: PaperIssue, key: str, piece: int) -> tuple[list[dict[str, Any]], int]:
    """One piece of the rows behind a figure, as far as the person sees them, and how many pieces there are."""
    here = (PaperRows.issue_id == issue.id, PaperRows.key == key)
    pieces = session.scalar(select(func.count()).select_from(PaperRows).where(*here)) or 0
    kept = session.scalar(select(PaperRows.rows).where(*here, PaperRows.piece == piece)) or []
    return _seen(session, actor, kept), pieces


def unit_rows(
    session: Session, actor: Actor, issue: PaperIssue, key: str, unit_id: int, piece: int
) -> tuple[list[dict[str, Any]], int, UnitRows]:
    """One piece of the rows of one unit behind a figure, how many pieces there are, and what they come to."""
    here = (PaperRows.issue_id == issue.id, PaperRows.key == key)
    statement = select(PaperRows.rows).where(*here).order_by(PaperRows.piece)
    kept = session.scalars(statement.execution_options(yield_per=READ_AT_ONCE))
    theirs = [row for some in kept for row in some if row["unit_id"] == unit_id]
    scope = actor.scope(Permission.REPORT_READ)
    if scope is not None and unit_id not in scope:
        theirs = []
    amount = sum((Decimal(row["amount"]) for row in theirs), Decimal(0))
    told = UnitRows(theirs[0]["unit"] if theirs else "", len(theirs), amount)
    return _seen(session, actor, theirs[piece * PIECE : (piece + 1) * PIECE]), -(-len(theirs) // PIECE), told


def _seen(session: Session, actor: Actor, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    scope = actor.scope(Permission.REPORT_READ)
    mine = [row for row in kept if scope is None or row["unit_id"] in scope]
    hidden = hidden_projects(session, actor, mine)
    return [row for row in mine if row["project_id"] not in hidden]


def task(session: Session, kind: str, period_key: str) -> Task | None:
    """The latest task that makes the draft of a period."""
    statement = select(Task).where(Task.kind == PAPER_DRAFT).order_by(Task.id.desc()).limit(RECENT_TASKS)
    return next(
        (
            one
            for one in session.scalars(statement)
            if (one.payload.get("paper"), one.payload.get("period")) == (kind, period_key)
        ),
        None,
    )


def names(session: Session, *user_ids: int | None) -> dict[int, str]:
    """Names of people."""
    ids = [one for one in user_ids if one is not None]
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
