"""Rows that papers list, as the person who makes them may see them; confidential projects are in no paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.assessment.books import queries as books
from crm.assessment.books.rules import lamp
from crm.auth.models import OrgUnit
from crm.auth.rules import Permission
from crm.core.lamps import LAMP_LABELS
from crm.meetings import queries as meetings
from crm.papers.facts import Late, Matter, Slip, StalledProject
from crm.pipeline.admission.models import ReviewCase
from crm.pipeline.admission.rules import CaseState
from crm.pipeline.cards import card_from, select_rows
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import ExceptionState
from crm.pipeline.instructions import queries as instructions
from crm.pipeline.instructions.rules import InstructionState
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import IDLE_DAYS, STAGE_LABELS, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.paging import Page
    from crm.pipeline.cards import Clock

MOST_PAGES, ASKED, MOST = 7, 1000, 200
REASON = 80


def _walk(fetch: Callable[[str | None], Page[Any]]) -> Iterator[Any]:
    """Yield rows of a paged list, a bounded number of pages."""
    cursor = None
    for _page in range(MOST_PAGES):
        page = fetch(cursor)
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return


def _secret(session: Session, project_ids: Iterable[int | None]) -> frozenset[int]:
    """Which of these projects are confidential."""
    ids = {one for one in project_ids if one is not None}
    if not ids:
        return frozenset()
    return frozenset(session.scalars(select(Project.id).where(Project.id.in_(ids), Project.confidential)))


def stalled(session: Session, actor: Actor, clock: Clock) -> tuple[StalledProject, ...]:
    """Projects without progress for longer than their stage allows, the longest first."""
    open_ones = (visible_to(actor), Project.confidential.is_(False), Project.exit_kind.is_(None))
    statement = select_rows().where(*open_ones, Project.stage.in_(list(IDLE_DAYS)))
    rows = session.execute(statement.order_by(Project.stage_since, Project.id).limit(ASKED))
    cards = sorted(
        (card for card in (card_from(row, clock) for row in rows) if card.stale), key=lambda card: -card.idle
    )
    return tuple(
        StalledProject(
            card.name,
            card.enterprise,
            card.unit,
            card.owner or "",
            STAGE_LABELS[Stage(card.stage)],
            card.idle,
            IDLE_DAYS[Stage(card.stage)],
        )
        for card in cards[:MOST]
    )


def late_instructions(session: Session, actor: Actor, today: date) -> tuple[Late, ...]:
    """Instructions past their day that nobody reported done."""
    rows = []
    for row in _walk(lambda at: instructions.page(session, actor, mine=instructions.ALL, closed=False, cursor=at)):
        if row[0].due_on >= today:
            break
        rows.append(row)
    secret = _secret(session, (row[0].project_id for row in rows))
    return tuple(
        Late(subject, row.body, unit, person or "", row.due_on)
        for row, subject, _leader, unit, person in rows
        if row.state is InstructionState.OPEN and row.project_id not in secret
    )


def late_decisions(session: Session, actor: Actor, today: date) -> tuple[Late, ...]:
    """Decisions of meetings past their day."""
    rows = []
    for one in _walk(lambda at: meetings.decisions_page(session, actor, mine=False, closed=False, cursor=at)):
        if one.row.due_on >= today:
            break
        rows.append(one)
    secret = _secret(session, (one.row.project_id for one in rows))
    return tuple(
        Late(f"{one.row.meeting.title} {one.number}".strip(), one.row.text, one.unit, one.owner, one.row.due_on)
        for one in rows
        if one.row.project_id not in secret
    )


def slips(session: Session, actor: Actor, today: date) -> tuple[Slip, ...]:
    """Supervision slips that are not closed, of units the person reads."""
    scope = actor.scope(Permission.REPORT_READ)
    units = None if scope is None else sorted(scope)
    found = _walk(lambda at: books.slips(session, at, closed=False, unit_ids=units))
    return tuple(
        Slip(
            f"督办〔{row.year}〕{row.number}号",
            row.unit.name,
            row.demand,
            row.due_on,
            row.reply or "",
            LAMP_LABELS[lamp(row.state, row.due_on, today)],
        )
        for row in found
    )


def matters(session: Session, actor: Actor) -> tuple[Matter, ...]:
    """What waits for a decision: exceptions asked for, reviews that are open."""
    known = (visible_to(actor), Project.confidential.is_(False))
    asked = (
        select(Project.name, OrgUnit.name, GateException.reason)
        .join(Project, Project.id == GateException.project_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .where(GateException.state == ExceptionState.ASKED, *known)
        .order_by(GateException.id)
        .limit(MOST)
    )
    open_ones = (
        select(Project.name, OrgUnit.name)
        .join(ReviewCase, ReviewCase.project_id == Project.id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .where(ReviewCase.state == CaseState.OPEN, Project.exit_kind.is_(None), *known)
        .order_by(ReviewCase.opened_at, ReviewCase.id)
        .limit(MOST)
    )
    exceptions = [
        Matter("待批的例外", name, f"{unit}：{' '.join(reason.split())[:REASON]}")
        for name, unit, reason in session.execute(asked)
    ]
    reviews = [Matter("待定的评审", name, unit) for name, unit in session.execute(open_ones)]
    return (*exceptions, *reviews)
