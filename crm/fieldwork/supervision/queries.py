"""Reads of inspections on site and their findings; confidential projects stay out of sight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.files import Attachment
from crm.core.paging import Key, Page, fetch_page
from crm.fieldwork.models import FollowUp
from crm.fieldwork.secrecy import open_to
from crm.fieldwork.supervision.models import SiteFinding, SiteInspection, SiteInspector
from crm.fieldwork.supervision.rules import FindingState

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("inspection.absent", "没有这次督查，或者不在您的查看范围内。")
NO_FINDING = Problem("finding.absent", "没有这个问题，或者不在您的查看范围内。")
NO_PHOTO = Problem("inspection.photo", "没有这张照片，或者不在您的查看范围内。")
PHOTO, SMALL = "site_inspection", "site_inspection_small"


@dataclass(frozen=True, slots=True)
class InspectionFilter:
    """What the list of inspections is narrowed to."""

    unit_id: int | None = None
    enterprise_id: int | None = None
    project_id: int | None = None


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: inspections of units the person may read, or in which the person has a hand; never hidden projects."""
    went = select(SiteInspector.inspection_id).where(SiteInspector.user_id == actor.user_id)
    mends = select(SiteFinding.inspection_id).where(SiteFinding.responsible_id == actor.user_id)
    mine = or_(
        within(SiteInspection.unit_id, actor, Permission.TOUCH_READ),
        SiteInspection.created_by == actor.user_id,
        SiteInspection.id.in_(went),
        SiteInspection.id.in_(mends),
    )
    return mine & open_to(SiteInspection.project_id, actor)


def inspections(
    session: Session, actor: Actor, wanted: InspectionFilter, *, cursor: str | None
) -> Page[SiteInspection]:
    """Return a page of inspections, newest first, with their findings."""
    pairs = (
        (SiteInspection.unit_id, wanted.unit_id),
        (SiteInspection.enterprise_id, wanted.enterprise_id),
        (SiteInspection.project_id, wanted.project_id),
    )
    statement = (
        select(SiteInspection)
        .where(visible_to(actor), *(column == value for column, value in pairs if value is not None))
        .options(
            joinedload(SiteInspection.enterprise),
            joinedload(SiteInspection.unit),
            selectinload(SiteInspection.inspectors),
            selectinload(SiteInspection.findings).joinedload(SiteFinding.follow_up),
        )
    )
    order = (Key(SiteInspection.inspected_at, descending=True), Key(SiteInspection.id, descending=True))
    return fetch_page(session, statement, order, lambda row: (row.inspected_at, row.id), cursor=cursor)


def inspection(session: Session, actor: Actor, inspection_id: int) -> SiteInspection:
    """Return one inspection with all its page shows; not found when it is out of reach."""
    findings = selectinload(SiteInspection.findings)
    statement = (
        select(SiteInspection)
        .where(SiteInspection.id == inspection_id, visible_to(actor))
        .options(
            joinedload(SiteInspection.enterprise),
            joinedload(SiteInspection.unit),
            selectinload(SiteInspection.inspectors),
            findings.joinedload(SiteFinding.follow_up),
            findings.joinedload(SiteFinding.responsible),
            findings.selectinload(SiteFinding.rechecks),
        )
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def finding(session: Session, actor: Actor, finding_id: int) -> SiteFinding:
    """Return one finding with its inspection; not found when that is out of reach or void."""
    statement = _findings(actor).where(SiteFinding.id == finding_id)
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(NO_FINDING)
    return found


def findings(
    session: Session, actor: Actor, state: FindingState | None, today: date, *, mine: bool, cursor: str | None
) -> Page[SiteFinding]:
    """Return a page of findings by deadline; of voided inspections none."""
    statement = _findings(actor)
    if mine:
        statement = statement.where(SiteFinding.responsible_id == actor.user_id)
    if state is not None:
        statement = statement.where(in_state(state, today))
    order = (Key(SiteFinding.due_on), Key(SiteFinding.id))
    return fetch_page(session, statement, order, lambda row: (row.due_on, row.id), cursor=cursor)


def counts(session: Session, actor: Actor, today: date, *, mine: bool) -> dict[FindingState, int]:
    """How many findings are in each state, in one query."""
    parts = [func.count().filter(in_state(state, today)) for state in FindingState]
    statement = (
        select(*parts)
        .select_from(SiteFinding)
        .join(SiteInspection, SiteInspection.id == SiteFinding.inspection_id)
        .join(FollowUp, FollowUp.id == SiteFinding.follow_up_id)
        .where(visible_to(actor), SiteInspection.voided_at.is_(None))
    )
    if mine:
        statement = statement.where(SiteFinding.responsible_id == actor.user_id)
    row = session.execute(statement).one()
    return dict(zip(FindingState, row, strict=True))


def in_state(state: FindingState, today: date) -> ColumnElement[bool]:
    """Condition: the finding is that far."""
    unclosed, undone = SiteFinding.closed_at.is_(None), FollowUp.done_at.is_(None)
    if state is FindingState.CLOSED:
        return SiteFinding.closed_at.is_not(None)
    if state is FindingState.MENDED:
        return unclosed & FollowUp.done_at.is_not(None)
    late = SiteFinding.due_on < today if state is FindingState.OVERDUE else SiteFinding.due_on >= today
    return unclosed & undone & late


def photos(session: Session, inspection_id: int) -> list[Attachment]:
    """Return the photos of an inspection the caller has read, in the order they came."""
    statement = select(Attachment).where(Attachment.subject_type == PHOTO, Attachment.subject_id == inspection_id)
    return list(session.scalars(statement.order_by(Attachment.id)))


def photo(session: Session, actor: Actor, inspection_id: int, name: str, kind: str) -> Attachment:
    """Return one photo, or its thumbnail, of an inspection the person may see; not found otherwise."""
    statement = (
        select(Attachment)
        .join(SiteInspection, SiteInspection.id == Attachment.subject_id)
        .where(
            Attachment.subject_type == kind,
            Attachment.subject_id == inspection_id,
            Attachment.name == name,
            visible_to(actor),
        )
    )
    found = session.scalar(statement.limit(1))
    if found is None:
        raise NotFoundError(NO_PHOTO)
    return found


def _findings(actor: Actor) -> Select[SiteFinding]:
    return (
        select(SiteFinding)
        .join(SiteFinding.inspection)
        .join(SiteFinding.follow_up)
        .where(visible_to(actor), SiteInspection.voided_at.is_(None))
        .options(
            contains_eager(SiteFinding.inspection).joinedload(SiteInspection.enterprise),
            contains_eager(SiteFinding.follow_up),
            joinedload(SiteFinding.responsible),
        )
    )
